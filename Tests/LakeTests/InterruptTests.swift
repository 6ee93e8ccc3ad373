import Glibc
import Platform
import TestSupport
import Testing

@testable import Lake

/// A task that waits for a lock which the test holds.
private func withWaitingTask(_ body: (RunningProgram, Lake) throws -> Void) throws {
  try withLake { lake in
    try lake.addRun(runA)
    let lock = try lake.lock("promote", log: .none)
    defer { lock.release() }
    let program = try RunningProgram(
      Products.executable("promote"),
      ["--lake", lake.path, "--run-id", runA.text, "--run-mode", "prod", "--allow-promote", "true"])
    while !program.stderrSoFar.contains("waiting") { usleep(5000) }
    try body(program, lake)
  }
}

@Suite struct InterruptTests {
  @Test(arguments: [(SIGTERM, "SIGTERM"), (SIGINT, "SIGINT")])
  func aSignalEndsATaskAtOnceAndSaysSo(signal: Int32, name: String) throws {
    try withWaitingTask { program, lake in
      let start = ContinuousClock.now
      program.signal(signal)
      let outcome = try program.wait()
      #expect(outcome.status == 128 + signal)
      #expect(outcome.lastErrorLine.hasPrefix("error: stopped by \(name); "))
      #expect(ContinuousClock.now - start < .seconds(30))
      #expect(try ActivePointer(of: lake).target() == .nothing)
    }
  }

  @Test func whoWaitsForALockGoesOnWhenItIsFree() throws {
    try withLake { lake in
      try lake.addRun(runA)
      let lock = try lake.lock("promote", log: .none)
      let program = try RunningProgram(
        Products.executable("promote"),
        ["--lake", lake.path, "--run-id", runA.text, "--run-mode", "prod", "--allow-promote", "true"])
      while !program.stderrSoFar.contains("waiting") { usleep(5000) }
      lock.release()
      #expect(try program.wait().status == 0)
      #expect(lake.visible == runA.text)
    }
  }
}
