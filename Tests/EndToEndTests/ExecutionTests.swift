import TestSupport
import Testing

@Suite struct ExecutionTests {
  @Test func programsRunWhereTheyAreToldWithWhatTheyAreGiven() throws {
    try withTemporaryFolder { folder in
      let shell = try execute(
        "/bin/sh", ["-c", "pwd; cat; echo first >&2; echo $run_id >&2; exit 3"],
        environment: ["run_id": "second"], in: folder.path, input: "typed")
      #expect(shell.status == 3)
      #expect(shell.stdout == folder.path + "\ntyped")
      #expect(shell.lastErrorLine == "second")
    }
  }

  @Test func memoryIsTheProgramsOwn() throws {
    let small = try execute("/bin/sleep", ["0.1"])
    #expect(small.peakMemory > 100_000 && small.peakMemory < 10_000_000)
    let large = try execute(
      "/usr/bin/python3", ["-c", "import time; x = b'x' * 50_000_000; time.sleep(0.1)"])
    #expect(large.peakMemory > 50_000_000 && large.peakMemory < 100_000_000)
  }

  @Test func signalsReachTheProgramAndTimeoutsEndIt() throws {
    let sleeper = try RunningProgram("/bin/sleep", ["100"])
    sleeper.signal(15)
    #expect(try sleeper.wait().status == 143)
    #expect(throws: UnexpectedExecution.self) { try execute("/bin/sleep", ["100"], timeout: 0.2) }
  }
}
