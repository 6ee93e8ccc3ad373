import Glibc
import TestSupport
import Testing

@testable import Platform

/// Somebody else who may write to a folder puts something there that is not what it seems.
@Suite struct PlantedFilesTests {
  @Test func aLinkInPlaceOfAnOutputIsReplacedAndItsTargetStays() throws {
    try withTemporaryFolder { folder in
      try folder.write("precious", to: "target")
      let planted = folder.path("output")
      try Files.link(planted, to: folder.path("target"))
      let file = try OutputFile(creating: planted)
      try file.write(Array("ours".utf8))
      try file.close()
      #expect(try Files.kind(planted) == .file)
      #expect(try Files.readText(planted) == "ours")
      #expect(try Files.readText(folder.path("target")) == "precious")
    }
  }

  @Test func aFileThatHasAnotherNameIsReplacedAndNotWrittenThrough() throws {
    try withTemporaryFolder { folder in
      try folder.write("precious", to: "target")
      #expect(Glibc.link(folder.path("target"), folder.path("output")) == 0)
      try OutputFile(creating: folder.path("output")).close()
      #expect(try Files.readText(folder.path("target")) == "precious")
    }
  }

  @Test(arguments: ["/dev/null", "/tmp"])
  func aDeviceOrFolderInPlaceOfAnOutputStays(path: String) throws {
    let kind = try Files.kind(path)
    let error = #expect(throws: SystemError.self) { try OutputFile(creating: path) }
    #expect(error?.path == path)
    #expect(try Files.kind(path) == kind)
  }

  @Test(arguments: ["symbolic", "hard", "pipe", "folder"])
  func nothingIsResumedOrLockedThroughWhatIsNoFileOfOurs(kind: String) throws {
    try withTemporaryFolder { folder in
      try folder.write("precious", to: "target")
      let planted = folder.path("planted")
      switch kind {
      case "symbolic": try Files.link(planted, to: folder.path("target"))
      case "hard": #expect(Glibc.link(folder.path("target"), planted) == 0)
      case "pipe": #expect(mkfifo(planted, 0o600) == 0)
      default: try Files.createDirectory(planted)
      }
      #expect(throws: SystemError.self) { try OutputFile(resuming: planted, at: 0) }
      let error = #expect(throws: SystemError.self) { try FileLock.acquire(planted, wait: .zero) }
      #expect(error?.path == planted)
      #expect(try Files.readText(folder.path("target")) == "precious")
    }
  }

  /// Opening a pipe to read waits for a writer, for ever if none comes.
  @Test func aPipeFolderOrDeviceIsRefusedAtOnceWithItsName() throws {
    try withTemporaryFolder { folder in
      let pipe = folder.path("pipe")
      #expect(mkfifo(pipe, 0o600) == 0)
      for path in [pipe, folder.path, "/dev/zero"] {
        let read = #expect(throws: SystemError.self) { try Files.read(path) }
        #expect(read?.isAboutKindOrSize == true)
        #expect(read?.description.hasPrefix(path + ": ") == true)
        #expect(throws: SystemError.self) { try InputFile(opening: path) }
      }
    }
  }

  @Test func aFileBeyondItsLimitIsNotRead() throws {
    try withTemporaryFolder { folder in
      try folder.write("12345", to: "file")
      #expect(try Files.read(folder.path("file"), limit: 5).count == 5)
      let error = #expect(throws: SystemError.self) { try Files.read(folder.path("file"), limit: 4) }
      #expect(error?.isAboutKindOrSize == true)
    }
  }

  @Test func temporaryNamesCannotBeForeseen() {
    let names = (0..<100).map { _ in Files.temporaryName(beside: "/a/b") }
    #expect(Set(names).count == 100)
    #expect(
      names.allSatisfy { $0.hasPrefix("/a/.b.") && $0.hasSuffix(".tmp") && !$0.contains("\(getpid())-") })
  }
}
