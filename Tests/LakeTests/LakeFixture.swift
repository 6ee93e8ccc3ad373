import Platform
import Schema
import TaskKit
import TestSupport

@testable import Lake

let runA = try! RunID(validating: "2026-07__20260701_000000")
let runB = try! RunID(validating: "2026-08__20260801_000000")
let runC = try! RunID(validating: "2026-08__20260802_000000")

let testContext = TaskContext(taskName: "test")

/// Calls `body` with an empty lake that is removed afterwards.
/// - Parameter place: the folder to make it in; by default that of temporary folders.
func withLake<Result>(in place: String? = nil, _ body: (Lake) throws -> Result) throws -> Result {
  if let place {
    let lake = Lake(path: Files.temporaryName(beside: Files.join(place, "discogs-lakehouse-lake")))
    defer { try? Files.removeTree(lake.path) }
    try Files.createDirectory(lake.runsFolder)
    return try body(lake)
  }
  return try withTemporaryFolder { folder in
    try Files.createDirectory(folder.path("lake/_runs"))
    return try body(Lake(path: folder.path("lake")))
  }
}

extension Lake {
  /// Makes a run that sanity found in order, with one file that tells which run it is.
  @discardableResult
  func addRun(_ id: RunID, isSane: Bool = true, dumpDate: String? = nil) throws -> RunFolder {
    let run = run(id)
    try Files.createDirectory(run.datasetFolder(.labels))
    try Files.writeAtomically(Array(id.text.utf8), to: Files.join(run.datasetFolder(.labels), "probe"))
    if let dumpDate {
      try run.updateManifest(toolVersion: "test", log: .none) { $0.dumpDate = dumpDate }
    }
    if isSane { try run.write(TaskState(task: "sanity", runID: id, startedAt: .now, toolVersion: "test")) }
    return run
  }

  /// The targets of the previous pointers, oldest first.
  var previousRuns: [RunID?] { get throws { try previousPointers().map(\.run) } }

  /// What a reader sees through `active`.
  var visible: String? { try? Files.readText(Files.join(activeLink, "labels_v10/probe")) }
}
