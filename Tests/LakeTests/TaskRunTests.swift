import Glibc
import Platform
import Schema
import TaskKit
import TestSupport
import Testing

@testable import Lake

/// A task that makes two datasets and a file of rejects from one input.
private struct Making {
  let run: RunFolder
  var version = "1"
  var force = false
  var hasRejects = false
  var place = "/dumps"

  static let datasets: [Dataset] = [.labels, .artists]
  static let rejects = RunFolder.rejectsName(.labels)

  var input: TaskState.Input {
    TaskState.Input(path: "\(place)/dump", bytes: 1, sha256: SHA256.of(Array(version.utf8)))
  }

  @discardableResult
  func perform(_ during: (TaskWork) throws -> Void = { _ in }) throws -> TaskRun.Outcome {
    let task = TaskRun(
      "making", of: run, testContext, force: force,
      makes: .datasets(Making.datasets, files: [Making.rejects]))
    let inputs = { [input] }
    return try task.perform(inputs: inputs) { work in
      for dataset in Making.datasets {
        let path = Files.join(work.staged.folder(for: dataset), run.partName(0))
        let file = try OutputFile(creating: path)
        try file.write(Array("\(dataset.name) \(version)".utf8))
        try file.close()
        work.outputs.append(TaskState.Output(dataset: dataset.name, files: 1, rows: 1, bytes: file.offset))
      }
      if hasRejects { try Files.writeAtomically(Array(version.utf8), to: work.staged.file(Making.rejects)) }
      work.inputs = [input]
      work.counters = ["records": 2]
      try during(work)
    }
  }

  /// The versions in place, one for each dataset.
  static func versions(_ run: RunFolder) throws -> [String] {
    try datasets.flatMap { try run.parquetFiles(of: $0) }.map { try String(Files.readText($0).suffix(1)) }
  }
}

@Suite struct TaskRunTests {
  @Test func whatWasMadeIsInPlaceWithStateAndManifest() throws {
    try withLake { lake in
      let run = lake.run(runA)
      let outcome = try Making(run: run, hasRejects: true).perform()
      #expect(outcome == .done)
      #expect(try Making.versions(run) == ["1", "1"])
      #expect(try Files.readText(run.rejectsFile(.labels)) == "1")
      #expect(try run.state("making")?.counters == ["records": 2])
      #expect(try run.manifest()?.contents.map(\.dataset) == ["artists_v1_typed", "labels_v10"])
      #expect(
        try Files.list(run.path) == [
          "_manifest.json", "_rejects", "_state", "artists_v1_typed", "labels_v10",
        ])
      #expect(try Files.list(lake.locksFolder).isEmpty)
    }
  }

  @Test func aDoneTaskIsNotDoneAgain() throws {
    try withLake { lake in
      let making = Making(run: lake.run(runA))
      try making.perform()
      #expect(try making.perform { _ in Issue.record("not again") } == .alreadyDone)
    }
  }

  /// The guardrail holds at the moment of the commit, not only when the work begins.
  @Test func aRunThatIsPromotedMeanwhileDoesNotChange() throws {
    try withLake { lake in
      let run = lake.run(runA)
      try Making(run: run).perform()
      #expect {
        try Making(run: run, version: "2", force: true).perform { _ in
          try Files.link(lake.activeLink, to: "_runs/\(runA)")
        }
      } throws: { ($0 as? TaskError)?.exitCode == .noPermission }
      #expect(try Making.versions(run) == ["1", "1"])
      #expect(try run.state("making")?.status == .succeeded)
      #expect(try Files.list(run.path).allSatisfy { !$0.hasPrefix(".staging") })
    }
  }

  @Test func aDoneTaskIsDoneAgainWhenWhatItMadeIsGone() throws {
    try withLake { lake in
      let run = lake.run(runA)
      let making = Making(run: run)
      try making.perform()
      try Files.removeTree(run.datasetFolder(.artists))
      #expect(try making.perform() == .done)
      #expect(try Making.versions(run) == ["1", "1"])
      try Files.writeAtomically([1, 2], to: Files.join(run.datasetFolder(.artists), run.partName(0)))
      #expect(try making.perform() == .done)
      #expect(try Making.versions(run) == ["1", "1"])
    }
  }

  /// An upgrade in the middle of a session: the version before knew only one of the datasets.
  @Test func aDoneTaskIsDoneAgainWhenItShouldHaveMadeMore() throws {
    try withLake { lake in
      let run = lake.run(runA)
      let making = Making(run: run)
      try making.perform()
      func forget() throws {
        var state = try #require(try run.state("making"))
        state.outputs.removeAll { $0.dataset == Dataset.artists.name }
        try run.write(state)
        try Files.removeTree(run.datasetFolder(.artists))
      }
      try forget()
      #expect(try making.perform() == .done)
      #expect(try Making.versions(run) == ["1", "1"])
      // What came to its end with the version before stays as it is, promoted or not.
      try forget()
      try run.write(
        TaskState(task: "promote", runID: runA, status: .skipped, startedAt: .now, toolVersion: "test"))
      #expect(try making.perform() == .alreadyDone)
      try Files.remove(run.stateFile("promote"))
      try Files.link(lake.activeLink, to: "_runs/\(runA)")
      #expect(try making.perform() == .alreadyDone)
    }
  }

  @Test func otherInputsAreRefusedWithoutForceAndTakenWithIt() throws {
    try withLake { lake in
      let run = lake.run(runA)
      try Making(run: run, hasRejects: true).perform()
      #expect {
        try Making(run: run, version: "2").perform()
      } throws: { ($0 as? TaskError)?.exitCode == .noPermission }
      #expect(try Making(run: run, version: "2", force: true).perform() == .done)
      #expect(try Making.versions(run) == ["2", "2"])
      #expect(!Files.exists(run.path + "/_rejects"), "the rejects of the first time are gone with it")
    }
  }

  @Test func theSameInputInAnotherPlaceIsTheSame() throws {
    try withLake { lake in
      let run = lake.run(runA)
      try Making(run: run).perform()
      #expect(try Making(run: run, place: "/moved/here").perform() == .alreadyDone)
      #expect {
        try Making(run: run, version: "2", place: "/moved/here").perform()
      } throws: { ($0 as? TaskError)?.exitCode == .noPermission }
    }
  }

  /// What later tasks look for where findings say that it was seen is looked for again in its new place.
  @Test func findingsAboutAnInputInAnotherPlaceAreMadeAgain() throws {
    try withLake { lake in
      let run = try lake.addRun(runA)
      func look(_ path: String) throws -> TaskRun.Outcome {
        let input = TaskState.Input(path: path, bytes: 1, sha256: "aa")
        return try TaskRun("look", of: run, testContext, force: false, makes: .findings)
          .perform(inputs: { [input] }) { $0.inputs = [input] }
      }
      #expect(try look("/one/dump") == .done)
      #expect(try look("/other/dump") == .done)
      #expect(try look("/other/dump") == .alreadyDone)
    }
  }

  @Test func whatIsMadeFromTheRunItselfFollowsItUntilTheRunIsPromoted() throws {
    try withLake { lake in
      let run = lake.run(runA)
      func derive() throws -> TaskRun.Outcome {
        let inputs = { [try run.stateInput("making")] }
        return try TaskRun("deriving", of: run, testContext, force: false, makes: .datasets([.artistNameMap]))
          .perform(inputs: inputs) {
            $0.inputs = try inputs()
            try Files.writeAtomically(
              [1], to: Files.join($0.staged.folder(for: .artistNameMap), run.partName(0)))
            $0.outputs = [TaskState.Output(dataset: Dataset.artistNameMap.name, files: 1, rows: 1, bytes: 1)]
          }
      }
      try Making(run: run).perform()
      #expect(try derive() == .done)
      try Making(run: run, force: true, place: "/moved/here").perform()
      #expect(try derive() == .alreadyDone, "the same work done again is no other input")
      try Making(run: run, version: "2", force: true).perform()
      #expect(try derive() == .done)
      #expect(try derive() == .alreadyDone)
      try Making(run: run, version: "3", force: true).perform()
      try ActivePointer(of: lake).move(to: runA)
      #expect {
        try derive()
      } throws: { ($0 as? TaskError)?.exitCode == .noPermission }
    }
  }

  @Test func aPromotedRunDoesNotChangeEvenWithForce() throws {
    try withLake { lake in
      let run = lake.run(runA)
      try Making(run: run).perform()
      try lake.addRun(runB)
      for active in [runA, runB] {
        try ActivePointer(of: lake).move(to: active)
        #expect {
          try Making(run: run, version: "2", force: true).perform()
        } throws: { ($0 as? TaskError)?.exitCode == .noPermission }
        #expect(try Making(run: run).perform() == .alreadyDone)
        #expect(try Making.versions(run) == ["1", "1"])
      }
    }
  }

  @Test func aPromotedRunWithoutStateFilesDoesNotChangeEither() throws {
    try withLake { lake in
      let run = try lake.addRun(runA, isSane: false)
      try ActivePointer(of: lake).move(to: runA)
      #expect {
        try Making(run: run).perform()
      } throws: { ($0 as? TaskError)?.exitCode == .noPermission }
      #expect(lake.visible == runA.text)
    }
  }

  @Test func findingsMayBeAddedToAPromotedRunAlsoWithForce() throws {
    try withLake { lake in
      let run = try lake.addRun(runA)
      try ActivePointer(of: lake).move(to: runA)
      func look(_ bytes: Int, force: Bool = false) throws -> TaskRun.Outcome {
        let input = TaskState.Input(path: "x", bytes: bytes, sha256: nil)
        return try TaskRun("look", of: run, testContext, force: force, makes: .findings)
          .perform(inputs: { [input] }) { $0.inputs = [input] }
      }
      #expect(try look(1) == .done)
      #expect(try look(1) == .alreadyDone)
      #expect(try look(2) == .done, "findings about other inputs are looked for again")
      #expect(try look(2, force: true) == .done)
    }
  }

  @Test func aFailureLeavesNothingBehindButWhatWasPublished() throws {
    try withLake { lake in
      let run = lake.run(runA)
      #expect(throws: InjectedFault.self) {
        try Making(run: run, hasRejects: true).perform { work in
          try work.staged.publish(Making.rejects)
          throw InjectedFault()
        }
      }
      let left = try Files.walk(run.path)
      #expect(left == [Making.rejects, "_reports/.failed-making.json"])
      #expect(try run.failure("making")?.exitCode == ExitCode.software.rawValue)
      try Making(run: run).perform()
      #expect(try run.failure("making") == nil)
      #expect(try Files.found(run.reportsFolder) == nil)
    }
  }

  @Test func whatAFailurePublishesLeavesAloneWhatBelongsToTheDatasetsInPlace() throws {
    try withLake { lake in
      let run = lake.run(runA)
      try Making(run: run, hasRejects: true).perform()
      var published = ""
      #expect(throws: InjectedFault.self) {
        try Making(run: run, version: "2", force: true, hasRejects: true).perform { work in
          published = try work.staged.publish(Making.rejects)
          throw InjectedFault()
        }
      }
      #expect(try Files.readText(run.rejectsFile(.labels)) == "1")
      #expect(try Files.readText(published) == "2")
      #expect(published.hasPrefix(run.reportsFolder + "/rejects_labels_"))
      #expect(published.hasSuffix(".jsonl"))
    }
  }

  @Test func anEarlierTaskDoneAgainWithAnotherOutcomeIsAnotherInput() throws {
    try withLake { lake in
      let run = lake.run(runA)
      try Making(run: run).perform()
      let before = try run.stateInput("making")
      try Making(run: run, version: "2", force: true).perform()
      #expect(try run.stateInput("making") != before)
      #expect {
        try run.stateInput("other")
      } throws: { ($0 as? TaskError)?.exitCode == .noInput }
    }
  }

  @Test func twoOfATaskDoTheWorkOnce() throws {
    try withLake { lake in
      let run = lake.run(runA)
      let bodies = Monitor(0)
      let threads = try (0..<4).map { _ in
        try SystemThread("task") {
          _ = try? Making(run: run).perform { _ in
            bodies.update { $0 += 1 }
            usleep(20_000)
          }
        }
      }
      for thread in threads { thread.join() }
      #expect(bodies.update { $0 } == 1)
      #expect(try Making.versions(run) == ["1", "1"])
    }
  }

  /// Killed at any step, the first time or while it does its work again, a task leaves a run in which the state file
  /// tells the truth, and the next try completes the work.
  @Test(arguments: [false, true])
  func killedAtAnyStepItIsCompletedByTheNextTry(isSecondTime: Bool) throws {
    try withTemporaryFolder { folder in
      let lake = Lake(path: folder.path("lake"))
      let run = lake.run(runA)
      try Files.createDirectory(folder.path("copies"))
      if isSecondTime { try Making(run: run, version: "1", hasRejects: true).perform() }
      let wanted = isSecondTime ? "2" : "1"
      let copies = try copiesAtEveryStep(of: lake.path, in: folder.path("copies")) {
        try Making(run: run, version: wanted, force: isSecondTime).perform()
      }
      #expect(copies.count > 15)
      for copy in copies {
        let run = Lake(path: copy).run(runA)
        if let state = try run.state("making"), state.status == .succeeded {
          let version = state.hasInputs([Making(run: run, version: "2").input]) ? "2" : "1"
          #expect(
            try Making.versions(run) == [version, version], "\(copy): the state tells what is in place")
        }
        try Making(run: run, version: wanted, force: isSecondTime).perform()
        #expect(try Making.versions(run) == [wanted, wanted])
        #expect(
          try Files.list(run.path).filter { $0 != "_rejects" }
            == ["_manifest.json", "_state", "artists_v1_typed", "labels_v10"])
      }
    }
  }

  @Test func failingAtAnyStepItIsCompletedByTheNextTry() throws {
    try withLake { lake in
      let run = lake.run(runA)
      var number = 0
      try failingAtEveryStep {
        number += 1
        try Making(run: run, version: "1", force: true).perform()
      } then: { step in
        let state = try run.state("making")
        if state != nil { #expect(try Making.versions(run) == ["1", "1"]) }
        #expect(!Files.exists(run.path + "/.staging-making") || step != nil)
        try Making(run: run, version: "1").perform()
        #expect(try Making.versions(run) == ["1", "1"])
        try Files.removeTree(run.path)
      }
      #expect(number > 15)
    }
  }
}

/// Reports of an execution: one for each outcome, whenever it was killed.
@Suite struct ReportsOfTaskRunsTests {
  private func find(_ run: RunFolder, fails: Bool = false) throws -> TaskRun.Outcome {
    let task = TaskRun("finding", of: run, testContext, force: false, makes: .findings)
    let nothing: () -> [TaskState.Input] = { [] }
    return try task.perform(inputs: nothing) { work in
      let path = try work.report("findings", Array("found".utf8))
      #expect(!Files.exists(path), "it appears when the work has ended")
      if fails { throw TaskError(.data, "not in order") }
    }
  }

  private func reports(_ run: RunFolder) throws -> [String] {
    Files.isDirectory(run.reportsFolder) ? try Files.list(run.reportsFolder) : []
  }

  @Test func aFailedExecutionLeavesItsReport() throws {
    try withLake { lake in
      let run = lake.run(runA)
      #expect(throws: TaskError.self) { _ = try find(run, fails: true) }
      #expect(try reports(run).count == 1)
      let outcome = try find(run)
      #expect(outcome == .done)
      #expect(try reports(run).allSatisfy { $0.hasPrefix("findings_") })
      #expect(try reports(run).count == 2)
    }
  }

  @Test func killedAtAnyStepAndDoneAgainThereIsOneReport() throws {
    try withLake { lake in
      try Files.createDirectory(lake.run(runA).path)
      try withTemporaryFolder { folder in
        let copies = try copiesAtEveryStep(of: lake.path, in: folder.path) { _ = try find(lake.run(runA)) }
        #expect(copies.count > 8)
        for (step, path) in copies.enumerated() {
          let run = Lake(path: path).run(runA)
          _ = try find(run)
          #expect(try reports(run).count == 1, "step \(step + 1) of \(copies.count)")
          #expect(try reports(run) == (run.state("finding")?.reports ?? []), "step \(step + 1)")
        }
      }
    }
  }
}
