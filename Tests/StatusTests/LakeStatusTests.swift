import Foundation
import Lake
import Platform
import Schema
import TaskKit
import TestSupport
import Testing

@testable import Status

private let log = Log.none

private func id(_ number: Int) throws -> RunID {
  let month = number % 12 + 1
  return try RunID(validating: "20\(10 + number / 12)-\(month < 10 ? "0" : "")\(month)__20260801_000000")
}

private func withLake(_ body: (Lake) throws -> Void) throws {
  try withTemporaryFolder { folder in
    try Files.createDirectory(folder.path("a lake/_runs"))
    try body(Lake(path: folder.path("a lake")))
  }
}

extension Lake {
  /// Makes a run as the tasks leave one, up to a task; files hold a few bytes each.
  @discardableResult
  fileprivate func addRun(_ id: RunID, without missing: Set<String> = []) throws -> RunFolder {
    let run = run(id)
    for (task, datasets) in Entity.allCases.map({ (TaskName.ingest($0), $0.datasets) })
      + [(TaskName.buildXref, Dataset.derived), (TaskName.sanity, [])]
    where !missing.contains(task) {
      var outputs: [TaskState.Output] = []
      for dataset in datasets {
        try Files.createDirectory(run.datasetFolder(dataset))
        let file = Files.join(run.datasetFolder(dataset), run.partName(0))
        try Data(repeating: 7, count: 1000).write(to: URL(fileURLWithPath: file))
        outputs.append(TaskState.Output(dataset: dataset.name, files: 1, rows: 12345, bytes: 1000))
      }
      let state = TaskState(
        task: task, runID: id, startedAt: .now, outputs: outputs, toolVersion: "test")
      try Files.createDirectory(run.stateFolder)
      try Data(jsonBytes(state)).write(to: URL(fileURLWithPath: run.stateFile(task)))
    }
    try run.updateManifest(toolVersion: "test", log: log) { $0.runMode = "prod" }
    return run
  }

  fileprivate func status(keep: Int = 3, rawBefore: String? = nil) throws -> LakeStatus {
    var status = try LakeStatus(of: self, toolVersion: "test")
    status.proposeRemovals(keep: keep, rawBefore: rawBefore, by: .duckDB(shell: "duckdb"))
    return status
  }

  fileprivate func addRaw(_ month: String) throws {
    let folder = Files.join(rawFolder, month)
    try Files.createDirectory(folder)
    let stamp = month.replacingOccurrences(of: "-", with: "") + "01"
    try Files.writeAtomically([1, 2, 3], to: DumpFile(entity: .labels, stamp: stamp, folder: folder).path)
  }
}

@Suite struct LakeStatusTests {
  @Test func anEmptyLakeIsWell() throws {
    try withLake { lake in
      let status = try lake.status()
      #expect(status.runs.isEmpty && status.problems.isEmpty && status.removable.isEmpty)
      #expect(status.text.contains("There are no runs.") && status.text.hasSuffix("All is well."))
      #expect(try Files.list(lake.path) == ["_runs"], "nothing is made")
    }
  }

  @Test func eachRunIsShownWithItsStateAndWhatItLacks() throws {
    try withLake { lake in
      for number in 0..<3 { try lake.addRun(id(number)) }
      try lake.addRun(id(3), without: [TaskName.ingest(.releases), TaskName.buildXref, TaskName.sanity])
      try lake.addRun(id(4), without: [TaskName.sanity])
      try ActivePointer(of: lake).move(to: id(0))
      try ActivePointer(of: lake).move(to: id(1))
      let status = try lake.status()
      #expect(status.runs.map(\.state) == [.previous, .active, .checked, .unfinished, .unfinished])
      #expect(status.activeRun == (try id(1)))
      #expect(status.runs[3].lacks == ["ingest-releases", "build-xref", "sanity"])
      #expect(status.runs[4].lacks == ["sanity"])
      #expect(
        status.runs[0].rows == [
          "artists_v1_typed": 12345, "labels_v10": 12345, "masters_v1_typed": 12345, "releases_v6": 12345,
        ])
      #expect(status.runs[3].rows["releases_v6"] == nil)
      #expect(status.runs[0].bytes == Files.sizeOfTree(lake.run(try id(0)).path))
      #expect(status.runs[0].bytes > Dataset.all.count * 1000)
      #expect(status.problems.count == 2)
      let row = try #require(status.text.split(separator: "\n").first { $0.contains("\(try! id(3))") })
      #expect(row.contains("unfinished") && row.hasSuffix("ingest-releases, build-xref, sanity"))
      #expect(row.contains(" 12,345 ") && row.contains(" - "))
    }
  }

  @Test func aRunThatATaskIsAtWorkOnIsNoFault() throws {
    try withLake { lake in
      try lake.addRun(id(0), without: [TaskName.sanity])
      let lock = try lake.lock("\(id(0)).sanity", log: log)
      #expect(try lake.status(keep: 0).runs.map(\.state) == [.running])
      #expect(try lake.status(keep: 0).problems.isEmpty)
      #expect(try lake.status(keep: 0).removable.isEmpty)
      lock.release()
      #expect(try lake.status(keep: 0).runs.map(\.state) == [.unfinished])
      // What a task that was killed leaves.
      try Files.writeAtomically(Array("1\n".utf8), to: Files.join(lake.locksFolder, "\(id(0)).sanity.lock"))
      #expect(try lake.status(keep: 0).runs.map(\.state) == [.unfinished])
    }
  }

  @Test func whatIsWrongWithActiveIsSaid() throws {
    try withLake { lake in
      func problems() throws -> String { try lake.status().problems.joined(separator: "\n") }
      try lake.addRun(id(0))
      #expect(try problems() == "", "a run that was never promoted need not be")
      try Files.link(lake.activeLink, to: "_runs/\(id(5))")
      #expect(try problems().contains("active points to run \(id(5)), which is not there"))
      try Files.remove(lake.activeLink)
      try Files.link(lake.activeLink, to: "elsewhere")
      #expect(try problems().contains("active points to elsewhere"))
      try Files.remove(lake.activeLink)
      try Files.createDirectory(lake.activeLink)
      #expect(try problems().contains("is no link"))
      try Files.removeTree(lake.activeLink)
      try ActivePointer(of: lake).move(to: id(0))
      #expect(try problems() == "")
      try Files.remove(lake.run(id(0)).stateFile(TaskName.sanity))
      #expect(try problems() == "the active run \(id(0)) lacks sanity")
    }
  }

  @Test func aReportThatFailedIsAFaultUntilOneSucceeds() throws {
    try withLake { lake in
      let run = try lake.addRun(id(0))
      try ActivePointer(of: lake).move(to: id(0))
      let report = try run.newReport("duckdb_sanity_active", at: UTCTime("2026-08-01T10:00:00Z")!)
      try Files.writeAtomically([], to: report)
      func state(_ time: String) -> TaskState {
        TaskState(
          task: TaskName.sanityReport, runID: run.id, startedAt: UTCTime(time)!, finishedAt: UTCTime(time)!,
          toolVersion: "test")
      }
      #expect(try lake.status().problems.count == 1)
      try run.write(state("2026-08-01T09:00:00Z"))
      #expect(try lake.status().problems.count == 1)
      try run.write(state("2026-08-01T10:00:01Z"))
      #expect(try lake.status().problems.isEmpty)
    }
  }

  @Test func whatCouldGoIsNeitherActiveNorWasNorNew() throws {
    try withLake { lake in
      for number in 0..<8 { try lake.addRun(id(number)) }
      try ActivePointer(of: lake).move(to: id(1))
      try ActivePointer(of: lake).move(to: id(3))
      for number in 0..<8 { try lake.addRaw(id(number).dumpMonth) }
      try Files.createDirectory(lake.metaFolder)
      try Files.writeAtomically([1], to: lake.catalogFile)
      let before = try Files.walk(lake.path)
      func names(_ keep: Int, _ before: String? = nil, _ kind: Removal.Kind = .run) throws -> [String] {
        try lake.status(keep: keep, rawBefore: before).removable.filter { $0.kind == kind }.map(\.name)
      }
      #expect(try names(3) == [id(0), id(2), id(4)].map(\.text))
      #expect(try names(0) == [id(0), id(2), id(4), id(5), id(6), id(7)].map(\.text))
      #expect(try names(100) == [])
      #expect(try names(3, nil, .rawMonth) == (0..<3).map { try id($0).dumpMonth })
      #expect(try names(3, id(1).dumpMonth, .rawMonth) == [id(0).dumpMonth])
      #expect(try Files.walk(lake.path) == before, "nothing is removed")
    }
  }

  @Test func theCommandsRemoveARunAndItsSchemaAndNothingElse() throws {
    try withLake { lake in
      for number in 0..<2 { try lake.addRun(id(number)) }
      try Files.createDirectory(lake.metaFolder)
      try Files.writeAtomically([1], to: lake.catalogFile)
      let removal = try #require(try lake.status(keep: 1).removable.first)
      #expect(
        removal.commands == [
          "duckdb '\(lake.catalogFile)' -c 'DROP SCHEMA IF EXISTS \"\(try id(0).schemaName)\" CASCADE'",
          "rm -r '\(lake.run(try id(0)).path)'",
        ])
      let shell = "duckdb() { echo \"$#:$1:$3\"; }\n" + removal.commands.joined(separator: "\n")
      let outcome = try execute("/bin/sh", ["-euc", shell])
      #expect(outcome.status == 0 && outcome.stdout.hasPrefix("3:\(lake.catalogFile):DROP SCHEMA"))
      #expect(try lake.runs().ids == [id(1)])
      var status = try lake.status()
      try lake.addRun(id(0))
      status = try LakeStatus(of: lake, toolVersion: "test")
      status.proposeRemovals(keep: 1, rawBefore: nil, by: .trino(url: "http://t:1", catalog: "hive"))
      #expect(
        status.removable[0].commands[0]
          == "trino --server 'http://t:1' --execute 'DROP SCHEMA IF EXISTS \"hive\".\"\(try id(0).schemaName)\" CASCADE'"
      )
    }
  }

  @Test func theActiveRunIsFoundByWayOfAnotherLink() throws {
    try withLake { lake in
      for number in 0..<3 { try lake.addRun(id(number)) }
      try Files.link(lake.path + "/current", to: "_runs/\(id(1))")
      try Files.link(lake.activeLink, to: "current")
      try Files.link(lake.path + "/active__prev_20260101_000000", to: "older")
      try Files.link(lake.path + "/older", to: "\(lake.path)/_runs/\(id(0))")
      let status = try lake.status(keep: 0)
      #expect(status.activeRun == (try id(1)) && status.problems.isEmpty)
      #expect(status.removable.filter { $0.kind == .run }.map(\.name) == [try id(2).text])
      #expect(try (0..<3).map { try lake.isProtected(id($0)) } == [true, true, false])
      // The other link may lead elsewhere tomorrow.
      try ActivePointer(of: lake).move(to: id(2))
      #expect(try lake.previousPointers().last?.run == id(1))
      try Files.remove(lake.path + "/current")
      #expect(try lake.previousPointers().last?.run == id(1))
    }
  }

  @Test func noRunIsProposedWhereNobodyKnowsWhichIsActive() throws {
    for target in ["nowhere", "/elsewhere/_runs/\(try id(0))", "active", "_raw"] {
      try withLake { lake in
        for number in 0..<3 { try lake.addRun(id(number)) }
        try lake.addRaw(id(0).dumpMonth)
        try Files.link(lake.activeLink, to: target)
        let status = try lake.status(keep: 0)
        #expect(status.activeRun == nil && status.problems.count == 1, "\(target)")
        #expect(status.removable.isEmpty, "\(target)")
        #expect(status.text.contains("active   not known"), "\(target)")
        try Files.remove(lake.activeLink)
        #expect(try lake.status(keep: 0).removable.count == 3)
      }
    }
  }

  @Test func noRunIsProposedWhereTheActiveOneIsGone() throws {
    try withLake { lake in
      for number in 0..<2 { try lake.addRun(id(number)) }
      try ActivePointer(of: lake).move(to: id(2))
      let status = try lake.status(keep: 0)
      #expect(status.problems.count == 1 && status.removable.isEmpty)
    }
  }

  @Test func aRunThatALinkOfAMovedLakeMeansIsNotProposed() throws {
    try withLake { lake in
      for number in 0..<3 { try lake.addRun(id(number)) }
      try ActivePointer(of: lake).move(to: id(2))
      try Files.link(lake.path + "/active__prev_20260101_000000", to: "/elsewhere/_runs/\(id(0))")
      let status = try lake.status(keep: 0)
      #expect(status.removable.map(\.name) == [try id(1).text])
      #expect(status.problems.count == 1 && status.problems[0].contains("leads to no run of this lake"))
    }
  }

  @Test func whatBecameOfTheFilesIsSeen() throws {
    try withLake { lake in
      for number in 0..<2 { try lake.addRun(id(number)) }
      try ActivePointer(of: lake).move(to: id(0))
      try ActivePointer(of: lake).move(to: id(1))
      #expect(try lake.status().problems.isEmpty)
      let (old, active) = (lake.run(try id(0)), lake.run(try id(1)))
      func part(_ dataset: Dataset) -> String {
        Files.join(active.datasetFolder(dataset), active.partName(0))
      }
      try Data(repeating: 7, count: 999).write(to: URL(fileURLWithPath: part(.labels)))
      try Files.removeTree(active.datasetFolder(.masterDetails))
      #expect(
        try lake.status().problems == [
          "the active run \(active.id) is damaged: labels_v10 has 1 file with 999 bytes, and was made as 1 with 1000, master_details_v1_typed is gone"
        ])
      // What every run must have is said once.
      try Files.removeTree(active.datasetFolder(.labels))
      #expect(try lake.status().problems.joined().contains("master_details_v1_typed is gone"))
      #expect(try !lake.status().problems.joined().contains("labels_v10 is gone"))
      #expect(try lake.status().problems.joined().contains("lacks labels_v10"))
      try Files.removeTree(active.path)
      try lake.addRun(active.id)
      try Files.removeTree(old.path)
      let problems = try lake.status().problems
      #expect(problems.count == 1)
      #expect(problems.first?.contains("points to run \(old.id), which is not there") == true)
      #expect(
        try task("lake-status", ["--lake", lake.path, "--check"], expecting: 65).stdout.contains("rm "))
    }
  }

  @Test func theNewestPointersAreNamedAndTheOthersCounted() throws {
    try withLake { lake in
      for number in 0..<24 {
        try lake.addRun(id(number))
        try ActivePointer(of: lake).move(to: id(number))
      }
      try Files.createDirectory(lake.runsFolder + "/junk")
      let text = try lake.status().text
      let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("before") })
      let newest = try id(22).text
      #expect(line.hasSuffix(", and 20 older") && line.contains(" -> \(newest), "))
      #expect(line.count < 250)
      #expect(text.contains("besides  junk in _runs, which is no run"))
    }
  }

  @Test func dumpsThatAnUnfinishedRunNeedsStay() throws {
    try withLake { lake in
      try lake.addRun(id(0), without: [TaskName.buildXref])
      for number in 0..<2 { try lake.addRaw(id(number).dumpMonth) }
      #expect(try lake.status(keep: 9, rawBefore: "2026-08").removable.map(\.name) == [id(1).dumpMonth])
    }
  }

  @Test func aRunOfAnOlderLakeIsTakenAsItIs() throws {
    try withLake { lake in
      let run = lake.run(try id(0))
      for dataset in Dataset.required {
        try Files.createDirectory(run.datasetFolder(dataset))
        try Files.writeAtomically([1], to: Files.join(run.datasetFolder(dataset), "20260801_x"))
      }
      #expect(try lake.status().runs.map(\.state) == [.older])
      try Files.removeTree(run.datasetFolder(.labels))
      #expect(try lake.status().runs[0].lacks == ["labels_v10"])
      #expect(try lake.status().runs.map(\.state) == [.unfinished])
    }
  }

  @Test func theTaskTellsMachinesAndMonitors() throws {
    try withLake { lake in
      try lake.addRun(id(0))
      try lake.addRun(id(1), without: [TaskName.buildXref])
      try ActivePointer(of: lake).move(to: id(0))
      let json = try task("lake-status", ["--lake", lake.path, "--format", "json"]).stdout
      let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
      #expect(object["active_run"] as? String == (try id(0).text))
      #expect(
        (object["runs"] as? [[String: Any]])?.map { $0["state"] as? String } == ["active", "unfinished"])
      let checked = try task("lake-status", ["--lake", lake.path, "--check"], expecting: 65)
      #expect(checked.stdout.contains("Not well: run \(try id(1)) is unfinished: it lacks build-xref"))
      try Files.removeTree(lake.run(id(1)).path)
      #expect(try task("lake-status", ["--lake", lake.path, "--check"]).stdout.hasSuffix("All is well.\n"))
      let summary = try task("lake-status", ["--lake", lake.path, "--summary"]).stdout
      #expect(summary == "lake \(lake.path): run \(try id(0)) is active\n")
    }
  }

  /// Debug builds are several times as slow, and so is a busy machine: what counts is work on a processor.
  @Test func twoHundredRunsAreShownAtOnce() throws {
    try withLake { lake in
      for number in 0..<200 { try lake.addRun(id(number)) }
      let shown = try execute(Products.executable("lake-status"), ["--lake", lake.path])
      #expect(shown.status == 0)
      #expect(shown.stdout.split(separator: "\n").count { $0.contains(" checked ") } == 200)
      #expect(shown.processorSeconds < 5, "\(shown.processorSeconds) s")
    }
  }
}
