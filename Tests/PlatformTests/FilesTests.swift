import Glibc
import TestSupport
import Testing

@testable import Platform

@Suite struct FilesTests {
  /// What is not there, and what the system cannot tell, are different answers.
  @Test func anErrorOfTheSystemIsNoAbsence() throws {
    try withTemporaryFolder { folder in
      let file = try folder.write("x", to: "file")
      try Files.link(folder.path("to folder"), to: folder.path)
      try Files.link(folder.path("to nothing"), to: "nothing")
      try Files.link(folder.path("to itself"), to: "to itself")
      #expect(try Files.found(file) == .file)
      #expect(try Files.found(folder.path("to folder")) == .directory)
      #expect(try Files.found("/dev/null") == .other)
      for nothing in ["to nothing", "to itself", "none", "none/deeper", "file/deeper"] {
        #expect(try Files.found(folder.path(nothing)) == nil)
      }
      let error = #expect(throws: SystemError.self) {
        try Files.found(folder.path(String(repeating: "n", count: 300)))
      }
      #expect(error?.code == ENAMETOOLONG)
    }
  }

  @Test func anAtomicWriteIsAllOrNothingAtEveryStep() throws {
    try withTemporaryFolder { folder in
      let file = folder.path("file")
      try folder.write("old", to: "file")
      let steps = try failingAtEveryStep {
        try Files.writeAtomically(Array("new".utf8), to: file)
      } then: { step in
        let text = try Files.readText(file)
        // The fifth step makes the new name durable: it is there by then.
        #expect(text == (step.map { $0 < 5 } ?? false ? "old" : "new"))
        #expect(try Files.list(folder.path) == ["file"], "nothing is left beside it")
        try folder.write("old", to: "file")
      }
      #expect(steps == 5, "create, write, fsync, rename, fsync of the folder")
    }
  }

  @Test func readersSeeOldOrNewBytesNeverAMixture() throws {
    try withTemporaryFolder { folder in
      let file = folder.path("file")
      let contents = [UInt8(1), 2].map { [UInt8](repeating: $0, count: 200_000) }
      try Files.writeAtomically(contents[0], to: file)
      let reader = try ProbingThread { contents.contains(try Files.read(file)) }
      for round in 0..<100 { try Files.writeAtomically(contents[round % 2], to: file) }
      let outcome = reader.finish()
      #expect(outcome.probes > 0)
      #expect(outcome.failures == 0)
    }
  }

  @Test func namesAreListedInTheOrderOfTheirBytes() throws {
    try withTemporaryFolder { folder in
      for name in ["b", "B", "é", "a", "e\u{301}", ".hidden", "aa", "..x"] { try folder.write("", to: name) }
      #expect(try Files.list(folder.path) == ["..x", ".hidden", "B", "a", "aa", "b", "e\u{301}", "é"])
      #expect(try Files.list(folder.path, prefix: ".").sorted() == ["..x", ".hidden"])
    }
  }

  @Test func foldersAreMadeWithTheirParentsAndRemovedWithTheirContent() throws {
    try withTemporaryFolder { folder in
      let deep = folder.path("a/b/c")
      try Files.createDirectory(deep)
      try Files.createDirectory(deep)
      try folder.write("x", to: "a/b/c/file")
      try folder.write("x", to: "outside/kept")
      try Files.link(folder.path("a/link"), to: folder.path("outside"))
      #expect(try Files.walk(folder.path) == ["a/b/c/file", "a/link", "outside/kept"])
      try Files.removeTree(folder.path("a"))
      #expect(try Files.walk(folder.path) == ["outside/kept"], "links are removed, not followed")
      try Files.removeTree(folder.path("a"))
      #expect(throws: SystemError.self) { try Files.createDirectory(folder.path("outside/kept/x")) }
    }
  }

  @Test func kindsTellLinksFromWhatTheyLeadTo() throws {
    try withTemporaryFolder { folder in
      try folder.write("x", to: "file")
      try Files.link(folder.path("to-folder"), to: ".")
      try Files.link(folder.path("to-nothing"), to: "nowhere")
      #expect(try Files.kind(folder.path("file")) == .file)
      #expect(try Files.kind(folder.path("to-folder")) == .link)
      #expect(try Files.kind(folder.path("to-nothing")) == .link)
      #expect(try Files.kind(folder.path("none")) == nil)
      #expect(try Files.kind(folder.path) == .directory)
      #expect(Files.isDirectory(folder.path("to-folder")))
      #expect(!Files.exists(folder.path("to-nothing")))
      #expect(try Files.readLink(folder.path("to-nothing")) == "nowhere")
      #expect(try Files.readLink(folder.path("file")) == nil)
    }
  }

  @Test func errorsNameTheFileAndTheReason() {
    #expect {
      try Files.read("/nonexistent/file")
    } throws: { error in
      (error as? SystemError)?.code == ENOENT
        && "\(error)" == "/nonexistent/file: No such file or directory (open)"
    }
  }

  @Test(.enabled(if: getuid() == 0, "mounting a small file system needs root"))
  func aFullDiskIsAnErrorOfWriting() throws {
    try withTemporaryFolder { folder in
      let mounted = try ChildProcess.run("mount", ["-t", "tmpfs", "-o", "size=64k", "none", folder.path])
      #expect(mounted.termination.isSuccess)
      defer { _ = try? ChildProcess.run("umount", ["-l", folder.path]) }
      let full = try OutputFile(creating: folder.path("file"))
      #expect { try full.write([UInt8](repeating: 1, count: 1 << 20)) } throws: {
        ($0 as? SystemError)?.code == ENOSPC
      }
    }
  }

  @Test(arguments: [
    ("/a/b", "/a", "b"), ("/a/b/", "/a", "b"), ("/a", "/", "a"), ("a", ".", "a"), ("a/b", "a", "b"),
    ("/", "/", "/"),
    ("//a//b", "//a", "b"),
  ])
  func pathsComeApart(path: String, parent: String, name: String) {
    #expect(Files.parent(of: path) == parent)
    #expect(Files.name(of: path) == name)
  }

  @Test func absolutePathsHoldNoDots() {
    #expect(Files.absolute("/a/./b/../c//d/") == "/a/c/d")
    #expect(Files.absolute("/../..") == "/")
    #expect(Files.absolute("x") == Files.workingDirectory + "/x")
  }

  @Test func twoDotsLeadOutOfWhereALinkLeads() throws {
    try withTemporaryFolder { folder in
      try Files.createDirectory(folder.path("a/b"))
      try Files.link(folder.path("link"), to: "a/b")
      #expect(Files.absolute(folder.path("link/../c")) == folder.path("a/c"))
      #expect(Files.absolute(folder.path("a/b/../../c")) == folder.path("c"))
      #expect(
        Files.absolute(folder.path("link/c")) == folder.path("link/c"), "the link may be pointed elsewhere")
      #expect(Files.absolute(folder.path("link/missing/../../c")) == folder.path("a/c"))
    }
  }

  @Test func aFileIsReadWholeWhateverItsSizeSays() throws {
    #expect(try Files.readText("/proc/self/status").contains("VmRSS"), "its size is 0")
    try withTemporaryFolder { folder in
      let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
      let full = try folder.write(bytes, to: "f")
      let empty = try folder.write([UInt8](), to: "e")
      #expect(try Files.read(full) == bytes)
      #expect(try Files.read(empty) == [])
    }
  }

  /// On a disk, and on a file system in memory, which may have no such way.
  @Test(arguments: ["", "/dev/shm"])
  func pastTheCacheOrNotTheBytesAreTheSame(parent: String) throws {
    try withTemporaryFolder { folder in
      let path = parent.isEmpty ? folder.path("f") : "\(parent)/discogs-lakehouse-test-\(getpid())"
      defer { try? Files.remove(path) }
      let block = UnsafeMutableRawBufferPointer.allocate(
        byteCount: 1 << 20, alignment: OutputFile.directAlignment)
      defer { block.deallocate() }
      for index in block.indices { block[index] = UInt8(truncatingIfNeeded: index &* 31 >> 3) }
      let file = try OutputFile(creating: path)
      file.bypassCache()
      var expected: [UInt8] = []
      // Aligned in all three, in size only, in nothing, then at the right place again.
      for (start, count) in [
        (0, 1 << 20), (0, 4096), (1, 8192), (4096, 4096), (0, 100), (0, 4096), (10, 3996), (8192, 65536),
        (0, 5),
      ] {
        let piece = UnsafeRawBufferPointer(rebasing: block[start..<(start + count)])
        try file.write(piece)
        expected += piece
      }
      try file.sync()
      try file.close()
      #expect(file.offset == expected.count)
      #expect(try Files.read(path) == expected)
    }
  }

  @Test func resumingCutsOffWhatIsBeyondTheOffset() throws {
    try withTemporaryFolder { folder in
      let path = try folder.write("0123456789", to: "f")
      let file = try OutputFile(resuming: path, at: 4)
      try file.write(Array("abc".utf8))
      try file.close()
      #expect(try Files.readText(path) == "0123abc")
      #expect(file.offset == 7)
      #expect(throws: SystemError.self) { try OutputFile(resuming: path, at: 8) }
    }
  }
}
