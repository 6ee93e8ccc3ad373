import Glibc
import Platform
import Schema
import TaskKit
import TestSupport
import Testing

@testable import Lake

extension Lake {
  @discardableResult
  fileprivate func promote(
    _ id: RunID, mode: RunMode = .prod, isAllowed: Bool = true, allowOlder: Bool = false
  ) throws -> Promotion.Outcome {
    try Promotion(of: run(id), testContext).perform(mode: mode, isAllowed: isAllowed, allowOlder: allowOlder)
  }
}

private func refuses(_ exitCode: ExitCode, _ words: String) -> (any Error) -> Bool {
  { error in
    let error = error as? TaskError
    return error?.exitCode == exitCode && error?.message.contains(words) == true && error?.advice != nil
  }
}

@Suite struct PromotionTests {
  @Test func theFirstPromotionMakesARelativeLink() throws {
    try withLake { lake in
      try lake.addRun(runA)
      #expect(try lake.promote(runA) == .promoted)
      #expect(try Files.readLink(lake.activeLink) == "_runs/\(runA)")
      #expect(lake.visible == runA.text)
      #expect(try lake.previousRuns.isEmpty)
      #expect(try lake.run(runA).state("promote")?.status == .succeeded)
    }
  }

  @Test func theNextKeepsThePreviousPointer() throws {
    try withLake { lake in
      for id in [runA, runB] { try lake.addRun(id) }
      try lake.promote(runA)
      try lake.promote(runB)
      #expect(lake.visible == runB.text)
      #expect(try lake.previousRuns == [runA])
      let name = try #require(try lake.previousPointers().first?.name)
      #expect(UTCTime(compact: String(name.dropFirst("active__prev_".count))) != nil)
      #expect(try Files.readLink(Files.join(lake.path, name)) == "_runs/\(runA)")
    }
  }

  /// A session that was begun in dev and promoted later is one of production's, and stays it.
  @Test func aPromotedRunIsOfProduction() throws {
    try withLake { lake in
      let run = try lake.addRun(runA)
      try run.write(
        TaskState(task: "preflight", runID: runA, startedAt: .now, toolVersion: "t", runMode: .dev))
      try run.updateManifest(toolVersion: "t", log: .none) { _ in }
      #expect(try run.manifest()?.runMode == "dev")
      try lake.promote(runA)
      #expect(try run.manifest()?.runMode == "prod")
      #expect(try run.state("promote")?.runMode == .prod)

      try run.updateManifest(toolVersion: "t", log: .none) { _ in }
      #expect(try run.manifest()?.runMode == "prod")
      try Files.remove(run.manifestFile)
      try run.updateManifest(toolVersion: "t", log: .none) { _ in }
      #expect(try run.manifest()?.runMode == "prod", "the states tell it too")
    }
  }

  /// Also one that a tool promoted which did not record it.
  @Test func anActiveRunIsRecordedAsOfProduction() throws {
    try withLake { lake in
      let run = try lake.addRun(runA)
      try run.updateManifest(toolVersion: "t", log: .none) { $0.runMode = "dev" }
      try Files.link(lake.activeLink, to: "_runs/\(runA)")
      try run.write(TaskState(task: "promote", runID: runA, startedAt: .now, toolVersion: "t"))
      #expect(try lake.promote(runA) == .alreadyActive)
      #expect(try run.manifest()?.runMode == "prod")
    }
  }

  @Test func anActiveRunIsNotPromotedAgain() throws {
    try withLake { lake in
      try lake.addRun(runA)
      try lake.promote(runA)
      #expect(try lake.promote(runA) == .alreadyActive)
      #expect(try lake.promote(runA, mode: .dev) == .alreadyActive)
      #expect(try lake.previousRuns.isEmpty)
      #expect(try lake.run(runA).state("promote")?.status == .succeeded)
    }
  }

  @Test func aRunThatWasActiveOnceCanBeAgain() throws {
    try withLake { lake in
      for id in [runB, runC] { try lake.addRun(id) }
      for id in [runB, runC, runB, runC, runB] { #expect(try lake.promote(id) == .promoted) }
      #expect(lake.visible == runB.text)
      #expect(
        try lake.previousRuns == [runB, runC, runB, runC], "each has a name of its own, within one second")
    }
  }

  @Test(arguments: [
    (RunMode.dev, true, "run_mode is dev, not prod"),
    (.prod, false, "allow_promote is not true"),
    (.dev, false, "run_mode is dev, not prod and allow_promote is not true"),
  ])
  func withoutTheOperatorsWordItSkipsAndSaysWhy(mode: RunMode, isAllowed: Bool, reason: String) throws {
    try withLake { lake in
      try lake.addRun(runA, isSane: false)
      #expect(try lake.promote(runA, mode: mode, isAllowed: isAllowed) == .skipped(reason))
      #expect(try ActivePointer(of: lake).target() == .nothing)
      let state = try #require(try lake.run(runA).state("promote"))
      #expect(state.status == .skipped)
      #expect(state.reason == reason)
    }
  }

  @Test func aRunThatSanityDidNotPassIsRefused() throws {
    try withLake { lake in
      let run = try lake.addRun(runA, isSane: false)
      #expect(performing: { try lake.promote(runA) }, throws: refuses(.noPermission, "no successful sanity"))
      try run.write(
        TaskState(
          task: "sanity", runID: runA, status: .skipped, reason: "x", startedAt: .now, toolVersion: "t"))
      #expect(performing: { try lake.promote(runA) }, throws: refuses(.noPermission, "no successful sanity"))
      #expect(try ActivePointer(of: lake).target() == .nothing)
    }
  }

  @Test func aRunThatChangedAfterSanityIsRefused() throws {
    try withLake { lake in
      let run = try lake.addRun(runA, isSane: false)
      try run.write(TaskState(task: "ingest-labels", runID: runA, startedAt: .now, toolVersion: "1"))
      let probe = TaskState.Input(path: "labels_v10/probe", bytes: runA.text.utf8.count, sha256: nil)
      let inputs = [try run.stateInput("ingest-labels"), probe]
      try run.write(TaskState(task: "sanity", runID: runA, startedAt: .now, inputs: inputs, toolVersion: "t"))
      try run.write(TaskState(task: "ingest-labels", runID: runA, startedAt: .now, toolVersion: "2"))
      #expect(performing: { try lake.promote(runA) }, throws: refuses(.noPermission, "_state/ingest-labels"))
      try run.write(
        TaskState(
          task: "sanity", runID: runA, startedAt: .now, inputs: [try run.stateInput("ingest-labels"), probe],
          toolVersion: "t"))
      try Files.writeAtomically([1], to: run.path + "/labels_v10/probe")
      #expect(performing: { try lake.promote(runA) }, throws: refuses(.noPermission, "labels_v10/probe"))
    }
  }

  @Test func olderDumpsNeedToBeAllowed() throws {
    try withLake { lake in
      for id in [runA, runB] { try lake.addRun(id) }
      try lake.promote(runB)
      #expect(performing: { try lake.promote(runA) }, throws: refuses(.noPermission, "older dumps"))
      #expect(lake.visible == runB.text)
      #expect(try lake.promote(runA, allowOlder: true) == .promoted)
      #expect(lake.visible == runA.text)
    }
  }

  @Test func ofOneMonthTheDumpsDateDecidesNotTheSession() throws {
    try withLake { lake in
      try lake.addRun(runB, dumpDate: "2026-08-15")
      try lake.addRun(runC, dumpDate: "2026-08-01")
      try lake.promote(runB)
      #expect(performing: { try lake.promote(runC) }, throws: refuses(.noPermission, "older dumps"))
    }
    try withLake { lake in
      try lake.addRun(runC, dumpDate: "2026-08-01")
      try lake.addRun(runB)
      try lake.promote(runC)
      #expect(try lake.promote(runB) == .promoted)
    }
  }

  @Test func aRealFolderIsNotMoved() throws {
    try withLake { lake in
      try lake.addRun(runA)
      try Files.createDirectory(lake.activeLink + "/labels_v10")
      #expect(performing: { try lake.promote(runA) }, throws: refuses(.noPermission, "real folder"))
      #expect(Files.isDirectory(lake.activeLink + "/labels_v10"))
      #expect(
        performing: { try Promotion.rollBack(lake, testContext) }, throws: refuses(.noPermission, "real"))
    }
  }

  @Test func aLinkToSomethingElseIsKeptAsItWas() throws {
    try withLake { lake in
      try lake.addRun(runA)
      try Files.link(lake.activeLink, to: "/somewhere/else")
      #expect(try lake.promote(runA) == .promoted)
      let name = try #require(try lake.previousPointers().first?.name)
      #expect(try Files.readLink(Files.join(lake.path, name)) == "/somewhere/else")
      #expect {
        try Promotion.rollBack(lake, testContext)
      } throws: { ($0 as? TaskError)?.exitCode == .noInput }
    }
  }

  @Test func rollingBackGoesToTheNewestPreviousRun() throws {
    try withLake { lake in
      for id in [runA, runB, runC] { try lake.addRun(id) }
      for id in [runA, runB, runC] { try lake.promote(id) }
      #expect(try Promotion.rollBack(lake, testContext) == runB)
      #expect(lake.visible == runB.text)
      #expect(try lake.previousRuns == [runA, runB, runC])
      #expect(try lake.run(runC).state("promote")?.reason == "rolled back to \(runB)")
      #expect(try lake.run(runB).state("promote")?.status == .succeeded)
    }
  }

  @Test func rollingBackPassesOverRunsThatAreGone() throws {
    try withLake { lake in
      for id in [runA, runB, runC] { try lake.addRun(id) }
      for id in [runA, runB, runC] { try lake.promote(id) }
      try Files.removeTree(lake.run(runB).path)
      #expect(try Promotion.rollBack(lake, testContext) == runA)
    }
  }

  @Test func rollingBackFromARunThatIsNotActiveDoesNothing() throws {
    try withLake { lake in
      for id in [runA, runB] { try lake.addRun(id) }
      for id in [runA, runB] { try lake.promote(id) }
      #expect(try Promotion.rollBack(lake, from: runA, testContext) == nil)
      #expect(lake.visible == runB.text)
      #expect(try Promotion.rollBack(lake, from: runB, testContext) == runA)
      #expect(
        try Promotion.rollBack(lake, from: runB, testContext) == nil, "asked again, it does not go back again"
      )
      #expect(lake.visible == runA.text)
    }
  }

  @Test func goingBackHeedsTheRunOfTheOptionAndNotOfTheEnvironment() throws {
    try withLake { lake in
      for id in [runA, runB] { try lake.addRun(id) }
      for id in [runA, runB] { try lake.promote(id) }
      let environment = ["DISCOGS_DATA_LAKE": lake.path, "run_id": runC.text]
      let kept = try task("promote", ["--rollback", "--run-id", runA.text], environment: environment)
      #expect(kept.lastErrorLine.contains("nothing is rolled back"))
      #expect(lake.visible == runB.text)
      try task("promote", ["--rollback"], environment: environment)
      #expect(lake.visible == runA.text)
    }
  }

  @Test func theCommandThatIsProposedForARealFolderIsOneForAShell() throws {
    try withTemporaryFolder { folder in
      let lake = Lake(path: folder.path("a lake's"))
      let advice = try #require(ActivePointer(of: lake).refusal.advice)
      let words = [lake.activeLink, lake.path + "/active__old"].map {
        "'" + $0.replacing("'", with: #"'\''"#) + "'"
      }
      #expect(advice.contains("mv \(words[0]) \(words[1])"))
      let echoed = try execute("/bin/sh", ["-c", "printf %s \(words[1])"])
      #expect(echoed.stdout == lake.path + "/active__old")
    }
  }

  @Test func withoutAPreviousRunThereIsNoWayBack() throws {
    try withLake { lake in
      try lake.addRun(runA)
      try lake.promote(runA)
      #expect {
        try Promotion.rollBack(lake, testContext)
      } throws: { ($0 as? TaskError)?.exitCode == .noInput }
      #expect(lake.visible == runA.text)
    }
  }

  /// Killed at any step, promoting and rolling back leave a pointer to one of the two runs, and the next call ends
  /// where this one would have.
  @Test(arguments: [false, true])
  func killedAtAnyStepItIsCompletedByTheNextCall(isRollback: Bool) throws {
    try withTemporaryFolder { folder in
      let lake = Lake(path: folder.path("lake"))
      for id in [runA, runB] { try lake.addRun(id) }
      try lake.promote(runA)
      if isRollback { try lake.promote(runB) }
      func act(_ lake: Lake) throws {
        if isRollback {
          try Promotion.rollBack(lake, from: runB, testContext)
        } else {
          try lake.promote(runB)
        }
      }
      try Files.createDirectory(folder.path("copies"))
      let copies = try copiesAtEveryStep(of: lake.path, in: folder.path("copies")) { try act(lake) }
      #expect(copies.count > 8)
      let wanted = isRollback ? runA : runB
      for copy in copies {
        let lake = Lake(path: copy)
        #expect([runA.text, runB.text].contains(lake.visible))
        try act(lake)
        #expect(lake.visible == wanted.text)
        #expect(try lake.previousRuns == (isRollback ? [runA, runB] : [runA]))
        #expect(try Files.list(lake.path).allSatisfy { !$0.hasPrefix(".") })
      }
    }
  }

  @Test func failingAtAnyStepItLeavesOneOfTheTwoRunsActive() throws {
    try withLake { lake in
      for id in [runA, runB] { try lake.addRun(id) }
      try lake.promote(runA)
      let steps = try failingAtEveryStep {
        try lake.promote(runB)
      } then: { step in
        #expect([runA.text, runB.text].contains(lake.visible))
        try lake.promote(runB)
        #expect(lake.visible == runB.text)
        #expect(try lake.previousRuns.last == runA)
        try lake.promote(runA, allowOlder: true)
      }
      #expect(steps > 8)
    }
  }

  /// Ten thousand switches back and forth; a reader opens files through `active` all the time.
  @Test func aReaderNeverFindsThePointerMissing() throws {
    // In memory where there is such a place: thirty thousand fsyncs on a disk take a minute and show nothing more.
    try withLake(in: Files.isWritable("/dev/shm") ? "/dev/shm" : nil) { lake in
      for id in [runA, runB] { try lake.addRun(id) }
      let pointer = ActivePointer(of: lake)
      try pointer.move(to: runA)
      let probe = Files.join(lake.activeLink, "labels_v10/probe")
      let expected = [runA.text, runB.text].map { Array($0.utf8) }
      let reader = try ProbingThread { expected.contains(try Files.read(probe)) }
      for round in 0..<10_000 {
        try pointer.move(to: round % 2 == 0 ? runB : runA)
        // Every switch adds a pointer, and looking through thousands of them takes the time of the test.
        if round % 200 == 199 {
          for name in try Files.list(lake.path, prefix: Lake.previousPrefix) {
            try Files.remove(Files.join(lake.path, name))
          }
        }
      }
      let outcome = reader.finish()
      #expect(outcome.failures == 0)
      #expect(outcome.probes > 10_000)
    }
  }

  @Test func twoProcessesThatPromoteAtOnceTakeTurns() throws {
    try withLake { lake in
      for id in [runB, runC] { try lake.addRun(id) }
      try lake.promote(runB)
      let reader = try ProbingThread { [runB.text, runC.text].contains(lake.visible) }
      for _ in 0..<10 {
        let programs = try [runB, runC].map { id in
          try RunningProgram(
            Products.executable("promote"),
            ["--lake", lake.path, "--run-id", id.text, "--run-mode", "prod", "--allow-promote", "true"])
        }
        for program in programs { #expect(try program.wait().status == 0) }
      }
      #expect(reader.finish().failures == 0)
      let previous = try lake.previousRuns
      #expect(previous.count >= 10)
      for (one, next) in zip(previous, previous.dropFirst()) {
        #expect(one != next, "each kept what it replaced")
      }
      #expect(try lake.activeRun() != previous.last)
    }
  }
}
