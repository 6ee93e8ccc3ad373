import Glibc
import TestSupport
import Testing

@testable import Platform

@Suite struct ChildProcessTests {
  @Test func outputErrorsAndStatusArrive() throws {
    let outcome = try ChildProcess.run("sh", ["-c", "echo out; echo err >&2; exit 7"])
    #expect(outcome.termination == .exited(7))
    #expect(outcome.outputText == "out\n")
    #expect(outcome.errorText == "err\n")
    #expect(!outcome.termination.isSuccess)
  }

  @Test func aSignalIsNoExit() throws {
    let outcome = try ChildProcess.run("sh", ["-c", "kill -TERM $$"])
    #expect(outcome.termination == .killed(signal: SIGTERM))
    #expect(outcome.termination.status == 143)
  }

  @Test func fullPipesOnAllSidesDoNotBlock() throws {
    // More than any pipe holds, in both directions at once, on both outputs.
    let input = [UInt8](repeating: UInt8(ascii: "x"), count: 3_000_000)
    let outcome = try ChildProcess.run("sh", ["-c", "tee /dev/stderr"], sending: input)
    #expect(outcome.output == input)
    #expect(outcome.errors == input)
  }

  @Test func aProgramNeedNotReadItsInput() throws {
    let outcome = try ChildProcess.run("true", sending: [UInt8](repeating: 0, count: 1_000_000))
    #expect(outcome.termination.isSuccess)
  }

  @Test func environmentAndFolderAreAsTold() throws {
    try withTemporaryFolder { folder in
      let outcome = try ChildProcess.run(
        "/bin/sh", ["-c", "pwd -P; env; echo \"$1\"", "sh", "two words; $(not run)"],
        environment: ["A": "b c"],
        workingDirectory: folder.path)
      let lines = outcome.outputText.split(separator: "\n")
      #expect(lines.first.map(String.init) == (try Files.resolve(folder.path)))
      #expect(lines.contains("A=b c"))
      #expect(!lines.contains { $0.hasPrefix("HOME=") })
      #expect(lines.last == "two words; $(not run)")
    }
  }

  @Test(arguments: ["no-such-program-anywhere", "/no/such/program", "/etc/passwd"])
  func aProgramThatCannotStartIsAnErrorWithItsName(name: String) {
    #expect {
      try ChildProcess.run(name)
    } throws: { ($0 as? SystemError)?.path == name && ($0 as? SystemError)?.call == "exec" }
  }

  @Test func aFolderThatIsNotThereIsAnError() {
    #expect(throws: SystemError.self) { try ChildProcess.run("true", workingDirectory: "/no/such/folder") }
  }

  @Test func noDescriptorOfOursReachesAChild() throws {
    let held = try (0..<5).map { _ in try InputFile(opening: "/etc/passwd") }
    let outcome = try ChildProcess.run("sh", ["-c", "ls /proc/self/fd | wc -l"])
    withExtendedLifetime(held) {}
    // 0, 1, 2, and the one with which ls reads the folder.
    #expect(outcome.outputText.split(whereSeparator: \.isWhitespace) == ["4"])
  }

  @Test func noDescriptorIsLeftBehind() throws {
    _ = try ChildProcess.run("true")
    let before = try Files.list("/proc/self/fd").count
    for _ in 0..<50 { _ = try ChildProcess.run("true", sending: [1]) }
    // Tests that run at the same time open some too; a leak would be of 150 and more.
    #expect(try Files.list("/proc/self/fd").count < before + 100)
  }

  @Test func terminatingReachesWhatTheProgramStarted() throws {
    let child = try ChildProcess(executable: "sh", arguments: ["-c", "sleep 600 & echo $!; wait"])
    var buffer = [UInt8](repeating: 0, count: 32)
    let count = try buffer.withUnsafeMutableBytes { try child.readOutput(into: $0) }
    let grandchild = try #require(pid_t(String(decoding: buffer[..<(count - 1)], as: UTF8.self)))
    #expect(child.isRunning)
    child.terminate()
    #expect(child.wait() == .killed(signal: SIGTERM))
    #expect(!child.isRunning)
    #expect(isGone(grandchild))
    child.kill()
  }

  @Test func aProgramThatComplainsAtLengthIsNotStuckWhileItsOutputIsRead() throws {
    let child = try ChildProcess(
      executable: "sh", arguments: ["-c", "head -c 300000 /dev/zero | tr '\\0' e >&2; echo done"])
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 32)
    while case let count = try buffer.withUnsafeMutableBytes({ try child.readOutput(into: $0) }), count > 0 {
      output += buffer[..<count]
    }
    var errors = 0
    try child.communicate(onErrors: { errors += $0.count })
    #expect(String(decoding: output, as: UTF8.self) == "done\n")
    #expect(errors == 300_000)
    #expect(child.wait().isSuccess)
  }

  @Test func aProgramThatNobodyWaitsForIsKilled() throws {
    let id: pid_t
    do { id = try ChildProcess(executable: "sleep", arguments: ["600"]).processID }
    #expect(isGone(id))
  }

  @Test func anErrorWhileReadingKillsTheProgram() throws {
    let child = try ChildProcess(executable: "sh", arguments: ["-c", "echo x; sleep 600"])
    #expect(throws: InjectedFault.self) { try child.communicate(onOutput: { _ in throw InjectedFault() }) }
    #expect(child.wait() == .killed(signal: SIGKILL))
  }

  @Test func signalsAreAtTheirDefaultsInAChild() throws {
    let outcome = try ChildProcess.run("sh", ["-c", "grep -E '^Sig(Blk|Ign)' /proc/self/status"])
    let masks = outcome.outputText.split(separator: "\n").map { line in
      UInt(line.split(whereSeparator: \.isWhitespace)[1], radix: 16)
    }
    // Signals 32 and 33 are the C library's own, which lets nobody change them.
    #expect(masks.map { $0.map { $0 & 0x7fff_ffff } } == [0, 0])
  }

  /// The child is started by a thread that ends at once, and its parent is killed, which no clean-up survives.
  @Test func aChildDiesWithItsParentHoweverThatDies() async throws {
    let note = "/tmp/discogs-lakehouse-child-\(getpid())"
    setenv("CHILD_NOTE", note, 1)
    await #expect(processExitsWith: .signal(SIGKILL)) {
      let started = Monitor<ChildProcess?>(nil)
      try SystemThread("starter") {
        let child = try? ChildProcess(executable: "sleep", arguments: ["600"])
        started.update { $0 = child }
      }.join()
      usleep(50_000)
      let child = try #require(started.update { $0 })
      #expect(child.isRunning, "the end of the thread that started it does not matter")
      try Files.writeAtomically(Array("\(child.processID)".utf8), to: Environment["CHILD_NOTE"]!)
      kill(getpid(), SIGKILL)
    }
    let child = try #require(pid_t(try Files.readText(note)))
    try Files.remove(note)
    #expect(isGone(child))
  }
}

/// Whether a process ends within a few seconds, or has; one that is dead but not yet waited for counts.
private func isGone(_ id: pid_t) -> Bool {
  for _ in 0..<500 {
    guard let status = try? Files.readText("/proc/\(id)/stat") else { return true }
    if status.split(separator: ")").last?.hasPrefix(" Z") == true { return true }
    usleep(10_000)
  }
  return false
}
