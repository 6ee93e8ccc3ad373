import Platform
import Schema
import TaskKit

/// The folder of one run, and every path in it.
public struct RunFolder: Sendable, Hashable {
  /// The lake that holds it.
  public let lake: Lake
  /// The run's id, which is the folder's name.
  public let id: RunID

  /// `<lake>/_runs/<run_id>`, absolute.
  public var path: String { Files.join(lake.runsFolder, id.text) }
  /// `_state`
  public var stateFolder: String { Files.join(path, "_state") }
  /// `_reports`
  public var reportsFolder: String { Files.join(path, "_reports") }
  /// `_manifest.json`
  public var manifestFile: String { Files.join(path, "_manifest.json") }

  /// `_state/<task>.json`
  public func stateFile(_ task: String) -> String { Files.join(path, RunFolder.stateName(task)) }

  /// `_state/<task>.json`, relative to the run's folder.
  public static func stateName(_ task: String) -> String { "_state/\(task).json" }

  /// The task whose state file, relative to the run's folder, this is; nil if it is none.
  public static func task(ofStateName name: String) -> String? {
    guard name.hasPrefix("_state/"), name.hasSuffix(".json") else { return nil }
    return String(name.dropFirst("_state/".count).dropLast(".json".count))
  }

  /// `_rejects/<entity>.jsonl`, relative to the run's folder.
  public static func rejectsName(_ entity: Entity) -> String { "_rejects/\(entity.rawValue).jsonl" }

  /// `_rejects/<entity>.jsonl`
  public func rejectsFile(_ entity: Entity) -> String { Files.join(path, RunFolder.rejectsName(entity)) }

  /// `part-NNNNN-<run_id>.parquet`: the run id keeps a reader that listed files through `active` before a promotion
  /// from opening another run's file.
  public func partName(_ number: Int) -> String { "part-\(padded(number, 5))-\(id).parquet" }

  /// Where a dataset of this run is made: `<run>/<dataset>`.
  public func datasetFolder(_ dataset: Dataset) -> String { Files.join(path, dataset.name) }

  /// Warns where the run is not there yet: preflight makes runs, and an id may have a slip in it.
  /// - Throws: `SystemError`.
  public func warnOfAbsence(_ log: Log) throws {
    guard try Files.found(path) == nil else { return }
    log.warning(
      "there was no run \(id) in \(lake.runsFolder): preflight, which makes runs, has not looked whether it can start"
    )
  }

  /// The existing folder of a dataset: `<run>/<dataset>`, or `<run>/warehouse_discogs/<dataset>` as older lakes have
  /// the derived ones; nil if there is neither. Of both the one that has files: an empty folder is no dataset.
  public func dataset(_ dataset: Dataset) -> String? {
    let folders = [datasetFolder(dataset), Files.join(Files.join(path, "warehouse_discogs"), dataset.name)]
      // What cannot be looked at is not absent for all one knows; whoever reads it says what is wrong.
      .filter { (try? Files.found($0) == .directory) ?? true }
    guard folders.count > 1 else { return folders.first }
    // A folder that cannot be listed is not empty for all one knows; whoever reads it says what is wrong.
    return folders.first { (try? !Self.entries(of: $0).files.isEmpty) ?? true } ?? folders.first
  }

  /// The paths of a dataset's Parquet files, in the order of their names; empty if the dataset does not exist.
  ///
  /// These are all files but hidden ones: in older lakes some were named by Trino, which adds no extension.
  /// - Throws: `SystemError`.
  public func parquetFiles(of dataset: Dataset) throws -> [String] {
    try self.dataset(dataset).map { try Self.entries(of: $0).files } ?? []
  }

  /// The bytes of these datasets' Parquet files together.
  /// - Throws: `SystemError`.
  public func bytes(of datasets: [Dataset]) throws -> Int {
    try datasets.flatMap(parquetFiles).map(Files.size).reduce(0, +)
  }

  /// The paths of what lies among a dataset's files and is none, hidden entries left out: folders, links that lead
  /// nowhere, and pipes, which would keep a reader waiting for ever.
  public func nonFiles(of dataset: Dataset) throws -> [String] {
    try self.dataset(dataset).map { try Self.entries(of: $0).others } ?? []
  }

  private static func entries(of folder: String) throws -> (files: [String], others: [String]) {
    var entries: (files: [String], others: [String]) = ([], [])
    for name in try Files.list(folder) where !name.hasPrefix(".") && !name.hasPrefix("_") {
      let path = Files.join(folder, name)
      if try Files.found(path) == .file {
        entries.files.append(path)
      } else {
        entries.others.append(path)
      }
    }
    return entries
  }

  /// How a task is started, by the name of its state: a program, and for `ingest-<entity>` the entity.
  public static func command(for task: String) -> String {
    let entity = Entity.allCases.first { task == TaskName.ingest($0) }
    return entity.map { "ingest-entity --entity \($0)" } ?? task
  }

  /// Where the run's dumps are, or go: what preflight was told, or else the lake's own folder.
  /// - Throws: `TaskError` (`data`) when preflight's state cannot be read.
  public func rawRoot() throws -> String { try state(TaskName.preflight)?.rawRoot ?? lake.rawFolder }

  /// Which datasets the run has or is to have: what preflight was told. Its state of an earlier version says nothing, and
  /// means `core`. Where there is no such state, a run with datasets of dumps but no detail among them has the core.
  /// - Throws: `TaskError` (`data`) when preflight's state cannot be read.
  public func datasetChoice() throws -> DatasetChoice {
    if let state = try state(TaskName.preflight) { return state.datasets ?? .core }
    let present = Dataset.all.filter { $0.origin != .derived && dataset($0) != nil }
    return present.isEmpty || present.contains(where: \.isDetail) ? .all : .core
  }

  /// The state that a task left, or nil if it has not finished.
  /// - Throws: `TaskError` (`data`) when the file is there but cannot be read as one.
  public func state(_ task: String) throws -> TaskState? {
    let file = stateFile(task)
    guard try Files.found(file) != nil else { return nil }
    return try readJSON(
      TaskState.self, file, advice: "remove it and run \(RunFolder.command(for: task)) again")
  }

  /// The names of the tasks that left a state, sorted.
  /// - Throws: `SystemError`.
  public func finishedTasks() throws -> [String] {
    guard try Files.found(stateFolder) != nil else { return [] }
    return try Files.list(stateFolder).filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }
      .map { String($0.dropLast(5)) }
  }

  /// Whether nothing in the run tells that this pipeline made it: no manifest, and no state but of those tasks that look
  /// at finished runs, and so leave theirs in older ones too.
  /// - Throws: `SystemError`.
  public func isOlder() throws -> Bool {
    let onlookers = [TaskName.sanity, TaskName.promote, TaskName.sanityReport, TaskName.runReport]
    return try Files.found(manifestFile) == nil && finishedTasks().allSatisfy(onlookers.contains)
  }

  /// The required datasets of which the run has no file, in the order in which they are documented.
  /// - Throws: `SystemError`.
  public func missingRequired() throws -> [Dataset] {
    try Dataset.required.filter { try parquetFiles(of: $0).isEmpty }
  }

  /// A task's state file as the input of a later task: when the earlier task is done again with another outcome, the
  /// later one's inputs have changed.
  /// - Throws: `TaskError` (`noInput`) if that task has not succeeded.
  public func stateInput(_ task: String) throws -> TaskState.Input {
    guard let state = try state(task), state.status == .succeeded else {
      throw TaskError(
        .noInput, "\(task) has not succeeded for run \(id)",
        advice: "run \(RunFolder.command(for: task)) --run-id \(id) first")
    }
    return try state.asInput()
  }

  /// Writes a state file, the last thing a task does, while it holds its lock.
  /// - Throws: `SystemError`.
  public func write(_ state: TaskState) throws {
    try Files.createDirectory(stateFolder)
    try Files.removeTemporaries(beside: stateFile(state.task))
    try Files.writeAtomically(jsonBytes(state), to: stateFile(state.task))
    try Files.syncDirectory(path)
  }

  /// The path for a new report: `_reports/<name>_<timestamp>.<extension>`; its folder is made.
  /// - Throws: `SystemError`.
  public func newReport(
    _ name: String, extension pathExtension: String = "csv", at time: UTCTime = .now
  ) throws -> String {
    try Files.createDirectory(reportsFolder)
    // Two reports within one second must not share a name.
    var time = time
    while true {
      let file = Files.join(reportsFolder, "\(name)_\(time.compact).\(pathExtension)")
      if try Files.found(file) == nil { return file }
      time = time.adding(seconds: 1)
    }
  }
}
