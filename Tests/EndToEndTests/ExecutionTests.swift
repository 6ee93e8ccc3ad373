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
      #expect(shell.peakMemory > 100_000)
    }
  }

  @Test func signalsReachTheProgramAndTimeoutsEndIt() throws {
    let sleeper = try RunningProgram("/bin/sleep", ["100"])
    sleeper.signal(15)
    #expect(try sleeper.wait().status == 143)
    #expect(throws: UnexpectedExecution.self) { try execute("/bin/sleep", ["100"], timeout: 0.2) }
  }
}
