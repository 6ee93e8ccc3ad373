import Lake
import Parquet
import Platform
import Schema
import TaskKit

/// How things stand with one run.
public struct RunStatus: Encodable, Sendable {
  /// How far a run has come.
  public enum State: String, Encodable, Sendable {
    /// `active` points to it.
    case active
    /// Whole, checked, and active once: an `active__prev_*` points to it.
    case previous
    /// Whole and checked, and never active.
    case checked
    /// A task is at work on it.
    case running
    /// It lacks something, and nobody is at work on it.
    case unfinished
    /// Made before there were state files; it has what every run must have.
    case older
  }

  /// The run's id.
  public var runID: RunID
  /// `2026-08`
  public var dumpMonth: String
  /// `2026-08-01`, where known.
  public var dumpDate: String?
  /// How far it has come.
  public var state: State
  /// Whether `active` points to it.
  public var isActive: Bool
  /// Whether an `active__prev_*` points to it.
  public var wasActive: Bool
  /// `dev` or `prod`, where known.
  public var runMode: String?
  /// How large everything in it is.
  public var bytes: Int
  /// The rows of the main datasets, by dataset; without those that are not there.
  public var rows: [String: Int]
  /// The tasks that have not succeeded, and for a run without states the datasets that it lacks.
  public var lacks: [String]
  /// The datasets that are not as they were made; not looked for while a task is at work.
  var damages: [DatasetDamage]
  /// Whether the last look at the active run's tables found something critical.
  var failedReport: Bool

  enum CodingKeys: String, CodingKey {
    case state, bytes, rows, lacks
    case runID = "run_id"
    case dumpMonth = "dump_month"
    case dumpDate = "dump_date"
    case isActive = "is_active"
    case wasActive = "was_active"
    case runMode = "run_mode"
  }

  /// The datasets whose rows are shown: the one of each entity that has a row for each record.
  static let mainDatasets: [Dataset] = [.artists, .labels, .masters, .releases]

  /// Looks at a run. What cannot be read of it counts as missing.
  init(of run: RunFolder, isActive: Bool, wasActive: Bool) {
    let manifest = try? run.manifest()
    let states = (try? run.finishedTasks()) ?? []
    func hasSucceeded(_ task: String) -> Bool {
      states.contains(task) && (try? run.state(task))?.status == .succeeded
    }
    let missing = ((try? run.missingRequired()) ?? Dataset.required).map(\.name)
    let isOlder = (try? run.isOlder()) ?? false
    if isOlder {
      lacks = missing
    } else {
      lacks = (TaskName.makers + [TaskName.sanity]).filter { !hasSucceeded($0) }
      // What tasks have made and somebody has taken away.
      if lacks.isEmpty { lacks = missing }
    }
    if !lacks.isEmpty, RunStatus.isBusy(run) {
      state = .running
    } else if isActive {
      state = .active
    } else if !lacks.isEmpty {
      state = .unfinished
    } else {
      state = wasActive ? .previous : isOlder ? .older : .checked
    }
    damages = state == .running ? [] : (try? run.damages()) ?? []
    runID = run.id
    dumpMonth = run.id.dumpMonth
    dumpDate = manifest?.dumpDate
    self.isActive = isActive
    self.wasActive = wasActive
    runMode = manifest?.runMode
    bytes = Files.sizeOfTree(run.path)
    rows = [:]
    for dataset in RunStatus.mainDatasets {
      rows[dataset.name] =
        manifest?.contents.first { $0.dataset == dataset.name }?.rows
        ?? RunStatus.rowsOfFiles(dataset, run)
    }
    failedReport = isActive && RunStatus.hasFailedReport(run)
  }

  /// Whether some task holds a lock of the run.
  private static func isBusy(_ run: RunFolder) -> Bool {
    let folder = run.lake.locksFolder
    let locks = (try? Files.list(folder, prefix: "\(run.id).")) ?? []
    return locks.contains { FileLock.isHeld(Files.join(folder, $0)) }
  }

  /// The rows as the files' footers say; nil without files.
  private static func rowsOfFiles(_ dataset: Dataset, _ run: RunFolder) -> Int? {
    guard let files = try? run.parquetFiles(of: dataset), !files.isEmpty else { return nil }
    return try? files.reduce(0) { try $0 + ParquetFooter(path: $1).rowCount }
  }

  /// sanity-report writes its report before it fails, and its state only if it does not.
  private static func hasFailedReport(_ run: RunFolder) -> Bool {
    let reports = ((try? Files.list(run.reportsFolder)) ?? []).filter { $0.contains("_sanity_active_") }
    let newest = reports.map { $0.suffix("YYYYMMDD_HHMMSS.csv".count).dropLast(".csv".count) }.max()
    guard let newest, let time = UTCTime(compact: String(newest)) else { return false }
    guard let state = try? run.state(TaskName.sanityReport), state.status == .succeeded else { return true }
    return state.finishedAt < time
  }
}
