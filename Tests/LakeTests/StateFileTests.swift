import Foundation
import Platform
import Schema
import TaskKit
import TestSupport
import Testing

@testable import Lake

@Suite struct StateFileTests {
  private let state = TaskState(
    task: "ingest-labels", runID: runA, status: .succeeded, startedAt: UTCTime("2026-08-01T00:00:00Z")!,
    finishedAt: UTCTime("2026-08-01T00:01:00Z")!,
    inputs: [TaskState.Input(path: "/raw/“d”\n.gz", bytes: 5, sha256: String(repeating: "a", count: 64))],
    outputs: [TaskState.Output(dataset: "labels_v10", files: 1, rows: 2, bytes: 3)],
    counters: ["records": 9_007_199_254_740_993], toolVersion: "1")

  @Test func aStateComesBackAsItWasWritten() throws {
    try withLake { lake in
      let run = lake.run(runA)
      try Files.createDirectory(run.path)
      #expect(try run.state("ingest-labels") == nil)
      try run.write(state)
      #expect(try run.state("ingest-labels") == state)
      #expect(try run.finishedTasks() == ["ingest-labels"])
    }
  }

  @Test func itsKeysAreThoseOthersRelyOn() throws {
    try withLake { lake in
      let run = lake.run(runA)
      try Files.createDirectory(run.path)
      try run.write(state)
      let bytes = Data(try Files.read(run.path + "/_state/ingest-labels.json"))
      let object = try #require(JSONSerialization.jsonObject(with: bytes) as? [String: Any])
      #expect(
        Set(object.keys) == [
          "task", "run_id", "status", "started_at", "finished_at", "inputs", "outputs", "counters",
          "resources", "tool_version",
        ])
      let resources = try #require(object["resources"] as? [String: Any])
      #expect(Set(resources.keys) == ["peak_memory_bytes", "processor_milliseconds", "elapsed_milliseconds"])
      #expect(resources["elapsed_milliseconds"] as? Int == 60_000)
      #expect(object["run_id"] as? String == runA.text)
      #expect(object["status"] as? String == "succeeded")
      #expect(object["started_at"] as? String == "2026-08-01T00:00:00Z")
      let output = try #require((object["outputs"] as? [[String: Any]])?.first)
      #expect(Set(output.keys) == ["dataset", "files", "rows", "bytes"])
      let input = try #require((object["inputs"] as? [[String: Any]])?.first)
      #expect(Set(input.keys) == ["path", "bytes", "sha256"])
    }
  }

  @Test func aStateTellsWhatTheTaskTookWithTheProgramsItStarted() throws {
    let before = TaskState.Resources.soFar
    // 300 MB in another program, and some work on a processor.
    let python = "x = bytearray(300_000_000); print(sum(range(3_000_000)))"
    let outcome = try ChildProcess.run("/usr/bin/env", ["python3", "-c", python])
    #expect(outcome.termination.isSuccess)
    let state = TaskState(task: "x", runID: runA, startedAt: .now, toolVersion: "1")
    let after = try #require(state.resources)
    #expect(after.peakMemoryBytes > 300_000_000)
    #expect(after.peakMemoryBytes < 300_000_000 + before.peakMemoryBytes + 500_000_000)
    #expect(after.processorMilliseconds > before.processorMilliseconds)
  }

  @Test func aStateOfAnEarlierVersionIsRead() throws {
    try withLake { lake in
      let run = lake.run(runA)
      try Files.createDirectory(run.path)
      var old = state
      old.resources = nil
      try run.write(old)
      #expect(try !Files.readText(run.stateFile("ingest-labels")).contains("resources"))
      #expect(try run.state("ingest-labels") == old)
    }
  }

  @Test func aBrokenStateFileIsNamedNotCrashedOn() throws {
    try withLake { lake in
      let run = lake.run(runA)
      try Files.createDirectory(run.stateFolder)
      for text in ["", "{", "[]", #"{"task":1}"#, #"{"task":"x","run_id":"y"}"#, "\u{0}\u{1}"] {
        try Files.writeAtomically(Array(text.utf8), to: run.stateFile("x"))
        #expect {
          try run.state("x")
        } throws: { error in
          (error as? TaskError)?.exitCode == .data
            && (error as? TaskError)?.message.contains("x.json") == true
        }
      }
    }
  }

  @Test func theManifestSumsUpWhatTasksReport() throws {
    try withLake { lake in
      let run = lake.run(runA)
      try Files.createDirectory(run.path)
      let dump = Manifest.Dump(entity: .labels, file: "l.gz", bytes: 5, sha256: "aa")
      for rows in [1, 2] {
        try run.updateManifest(toolVersion: "1", log: .none) { manifest in
          manifest.record(dump)
          manifest.record([TaskState.Output(dataset: "labels_v10", files: 1, rows: rows, bytes: 3)])
          manifest.record([TaskState.Output(dataset: "artists_v1_typed", files: 1, rows: 7, bytes: 3)])
        }
      }
      let manifest = try #require(try run.manifest())
      #expect(manifest.dumpMonth == "2026-07")
      #expect(manifest.dumps == [dump])
      #expect(manifest.contents.map(\.dataset) == ["artists_v1_typed", "labels_v10"])
      #expect(manifest.contents[1].rows == 2)
      #expect(manifest.contents[1].columns == Dataset.labels.columns)
    }
  }

  @Test(arguments: [nil, "", "{"])
  func aManifestThatIsGoneOrBrokenIsMadeAnewFromTheStates(text: String?) throws {
    try withLake { lake in
      let run = lake.run(runA)
      try Files.createDirectory(run.path)
      let dump = TaskState.Input(
        path: "/raw/2026-07/discogs_20260703_labels.xml.gz", bytes: 5,
        sha256: String(repeating: "a", count: 64))
      try run.write(
        TaskState(
          task: "preflight", runID: runA, startedAt: .now, inputs: [dump], toolVersion: "1", runMode: .prod))
      var state = state
      state.inputs = [dump]
      try run.write(state)
      if let text { try Files.writeAtomically(Array(text.utf8), to: run.manifestFile) }
      let output = TaskState.Output(dataset: "artists_v1_typed", files: 1, rows: 7, bytes: 3)
      try run.updateManifest(toolVersion: "1", log: .none) { $0.record([output]) }
      let manifest = try #require(try run.manifest())
      #expect(manifest.contents.map(\.dataset) == ["artists_v1_typed", "labels_v10"])
      #expect(
        manifest.dumps == [
          Manifest.Dump(
            entity: .labels, file: "discogs_20260703_labels.xml.gz", bytes: 5,
            sha256: String(repeating: "a", count: 64))
        ])
      #expect(manifest.dumpDate == "2026-07-03")
      #expect(manifest.runMode == "prod")
    }
  }

  @Test func tasksThatUpdateTheManifestAtOnceLoseNothing() throws {
    try withLake { lake in
      let run = lake.run(runA)
      try Files.createDirectory(run.path)
      let threads = try Dataset.all.map { dataset in
        try SystemThread("task") {
          let output = TaskState.Output(dataset: dataset.name, files: 1, rows: 1, bytes: 1)
          try? run.updateManifest(toolVersion: "1", log: .none) { $0.record([output]) }
        }
      }
      for thread in threads { thread.join() }
      #expect(try run.manifest()?.contents.map(\.dataset) == Dataset.all.map(\.name))
    }
  }
}
