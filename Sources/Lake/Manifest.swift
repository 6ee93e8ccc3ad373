import Platform
import Schema
import TaskKit

/// What a run was made from and contains: `_manifest.json`.
public struct Manifest: Codable, Sendable, Hashable {
  /// A dump that the run was made from.
  public struct Dump: Codable, Sendable, Hashable {
    /// What it is a dump of.
    public var entity: Entity
    /// The file's name.
    public var file: String
    /// Its size, compressed.
    public var bytes: Int
    /// Its digest: 64 lower-case hexadecimal digits.
    public var sha256: String

    /// The dump as the task that read it found it.
    public init(entity: Entity, file: String, bytes: Int, sha256: String) {
      self.entity = entity
      self.file = file
      self.bytes = bytes
      self.sha256 = sha256
    }
  }

  /// A dataset that the run contains.
  public struct Contents: Codable, Sendable, Hashable {
    /// The dataset's name, which is its folder's.
    public var dataset: String
    /// The columns of its files, in their order.
    public var columns: [Column]
    /// How many Parquet files it has.
    public var files: Int
    /// How many rows they have together.
    public var rows: Int
    /// How large they are together.
    public var bytes: Int
  }

  /// The run that it is about.
  public var runID: RunID
  /// `2026-08`
  public var dumpMonth: String
  /// `2026-08-01`, once a dump of the run is known.
  public var dumpDate: String?
  /// `dev` or `prod`, as preflight was told; `prod` once the run was promoted.
  public var runMode: String?
  /// The version of the tool that wrote it last.
  public var toolVersion: String
  /// The commit that the tool was built from, where known.
  public var gitSHA: String?
  /// One for each entity that was ingested, by entity.
  public var dumps: [Dump]
  /// Which datasets the run was chosen to have, once preflight has been told.
  public var datasets: DatasetChoice?
  /// What the run contains, in the order in which datasets are documented.
  public var contents: [Contents]

  enum CodingKeys: String, CodingKey {
    case dumps, datasets, contents
    case runID = "run_id"
    case dumpMonth = "dump_month"
    case dumpDate = "dump_date"
    case runMode = "run_mode"
    case toolVersion = "tool_version"
    case gitSHA = "git_sha"
  }

  /// The manifest of a run that contains nothing yet.
  public init(runID: RunID, toolVersion: String) {
    self.runID = runID
    dumpMonth = runID.dumpMonth
    self.toolVersion = toolVersion
    dumps = []
    contents = []
  }

  /// - Throws: `DecodingError`.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    runID = try values.decode(RunID.self, forKey: .runID)
    dumpMonth = try values.decode(String.self, forKey: .dumpMonth)
    dumpDate = try values.decodeIfPresent(String.self, forKey: .dumpDate)
    runMode = try values.decodeIfPresent(String.self, forKey: .runMode)
    toolVersion = try values.decode(String.self, forKey: .toolVersion)
    gitSHA = try values.decodeIfPresent(String.self, forKey: .gitSHA)
    dumps = try values.decode([Dump].self, forKey: .dumps)
    // Version 0.1 gave the contents under the name of the choice, which it did not have.
    if let contents = try? values.decode([Contents].self, forKey: .datasets) {
      self.contents = contents
    } else {
      datasets = try values.decodeIfPresent(DatasetChoice.self, forKey: .datasets)
      contents = try values.decode([Contents].self, forKey: .contents)
    }
  }

  /// Records a dump, in the place of an earlier one of the same entity.
  public mutating func record(_ dump: Dump) {
    dumps.removeAll { $0.entity == dump.entity }
    dumps.append(dump)
    dumps.sort { $0.entity.rawValue < $1.entity.rawValue }
  }

  /// Records what a task made, in the place of earlier entries for the same datasets.
  public mutating func record(_ outputs: [TaskState.Output]) {
    for output in outputs {
      guard let dataset = Dataset.named(output.dataset) else { continue }
      contents.removeAll { $0.dataset == output.dataset }
      contents.append(
        Contents(
          dataset: output.dataset, columns: dataset.columns, files: output.files, rows: output.rows,
          bytes: output.bytes))
    }
    let order = Dataset.all.map(\.name)
    contents.sort {
      order.firstIndex(of: $0.dataset) ?? order.count < order.firstIndex(of: $1.dataset) ?? order.count
    }
  }
}

extension Manifest {
  /// Records what the tasks of the run say that they read and made.
  mutating func record(_ states: [TaskState]) {
    for state in states where state.status == .succeeded {
      // Whatever a run was begun for, it is one of production's when it has been promoted.
      let isSettled = state.task == TaskName.promote && state.runMode != nil
      runMode = (isSettled ? nil : runMode) ?? state.runMode?.rawValue
      if state.task == TaskName.preflight { datasets = datasets ?? state.datasets }
      for entity in Entity.allCases where [TaskName.preflight, TaskName.ingest(entity)].contains(state.task) {
        for input in state.inputs {
          let name = Files.name(of: input.path)
          guard let stamp = DumpFile.stamp(ofName: name, entity) else { continue }
          dumpDate = dumpDate ?? DumpFile.date(ofStamp: stamp)
          // Preflight has only seen the dumps.
          guard state.task != TaskName.preflight, let hash = input.sha256 else { continue }
          record(Dump(entity: entity, file: name, bytes: input.bytes, sha256: hash))
        }
      }
      record(state.outputs)
    }
  }

  /// What these states tell and the manifest does not: names of dumps and datasets, `run_mode`, `dump_date`,
  /// `datasets`.
  public func missing(from states: [TaskState]) -> [String] {
    var whole = self
    whole.record(states)
    return (whole.runMode == runMode ? [] : ["run_mode"])
      + (whole.datasets == datasets ? [] : ["datasets"]) + (whole.dumpDate == dumpDate ? [] : ["dump_date"])
      + whole.dumps.filter { !dumps.contains($0) }.map(\.file)
      + whole.contents.filter { !contents.contains($0) }.map(\.dataset)
  }
}

extension RunFolder {
  /// The run's manifest, or nil if it has none, as runs of older lakes.
  /// - Throws: `TaskError` (`data`) when it cannot be read as one.
  public func manifest() throws -> Manifest? {
    guard try Files.found(manifestFile) != nil else { return nil }
    return try readJSON(
      Manifest.self, manifestFile, advice: "run sanity --run-id \(id): it writes it anew from the state files"
    )
  }

  /// Changes the manifest in one step; tasks of the same run that do so at once take turns.
  ///
  /// What it lacks is added from the state files, so that one that is missing or broken becomes whole again.
  /// - Throws: `SystemError`.
  public func updateManifest(toolVersion: String, log: Log, _ change: (inout Manifest) -> Void) throws {
    let lock = try lake.lock("\(id).manifest", log: log)
    defer { lock.release() }
    var manifest = Manifest(runID: id, toolVersion: toolVersion)
    do { manifest = try self.manifest() ?? manifest } catch let error as TaskError {
      log.warning("\(error.message): writing it anew from the state files")
    }
    manifest.toolVersion = toolVersion
    // A state file that is broken is for its own task and sanity to complain about.
    manifest.record(try finishedTasks().compactMap { try? state($0) })
    change(&manifest)
    try Files.removeTemporaries(beside: manifestFile)
    try Files.writeAtomically(jsonBytes(manifest), to: manifestFile)
  }
}
