import Lake
import Platform
import Schema
import TaskKit

/// How things stand in a lake, as its folders and state files tell: what `lake-status` shows.
///
/// Nothing is changed, and no engine is asked.
public struct LakeStatus: Encodable, Sendable {
  /// The lake's folder, absolute.
  public var lake: String
  /// The version of the tool that looked.
  public var toolVersion: String
  /// The run that `active` points to, if it points to one.
  public var activeRun: RunID?
  /// Whether there is something at `active` and nobody knows which run it means.
  var activeIsUnclear: Bool
  /// The pointers to runs that were active before, oldest first.
  public var previousPointers: [PreviousPointer]
  /// Every run, oldest first.
  public var runs: [RunStatus]
  /// What lies among the runs and is none.
  public var foreign: [String]
  /// The months whose dumps are in the lake's own folder for them, oldest first.
  public var rawMonths: [RawMonth]
  /// The embedded engine's catalog.
  public var catalog: Catalog
  /// The history's events.
  public var history: History
  /// What an unprivileged process can still write to the lake's file system, in bytes.
  public var freeBytes: Int
  /// What could be removed, with the commands that do so.
  public var removable: [Removal] = []
  /// What is not as it should be; empty if all is well.
  public var problems: [String] = []

  /// A link `active__prev_<time>`.
  public struct PreviousPointer: Encodable, Sendable, Hashable {
    /// The link's name.
    public var name: String
    /// The run that it points to, if it points to one.
    public var runID: RunID?
    /// The run that a link which leads nowhere may have been meant for, by the last part of its path: an absolute one that
    /// was there before the lake was moved.
    var namesake: RunID?

    enum CodingKeys: String, CodingKey {
      case name
      case runID = "run_id"
    }
  }

  /// A folder of dumps.
  public struct RawMonth: Encodable, Sendable, Hashable {
    /// `2026-08`
    public var month: String
    /// How large everything in it is.
    public var bytes: Int
    /// How many dumps there are.
    public var dumps: Int
  }

  /// The file of DuckDB's catalog.
  public struct Catalog: Encodable, Sendable, Hashable {
    /// Where it is, or would be.
    public var path: String
    /// Its size; nil if there is none.
    public var bytes: Int?
  }

  /// The folder of the history.
  public struct History: Encodable, Sendable, Hashable {
    /// How large everything in it is.
    public var bytes: Int
    /// How many files of events each table has, by the table's name.
    public var eventFiles: [String: Int]

    enum CodingKeys: String, CodingKey {
      case bytes
      case eventFiles = "event_files"
    }
  }

  enum CodingKeys: String, CodingKey {
    case lake, runs, foreign, catalog, history, removable, problems
    case toolVersion = "tool_version"
    case activeRun = "active_run"
    case previousPointers = "previous_pointers"
    case rawMonths = "raw_months"
    case freeBytes = "free_bytes"
  }

  /// Looks at a lake.
  /// - Throws: `SystemError` when its folder or that of the runs cannot be read.
  public init(of lake: Lake, toolVersion: String) throws {
    let pointer = ActivePointer(of: lake)
    let target = try pointer.target()
    let active: RunID? = if case .run(let id) = target { id } else { nil }
    let previous = try lake.previousPointers().map { name, run in
      let text = try? Files.readLink(Files.join(lake.path, name))
      return PreviousPointer(
        name: name, runID: run,
        namesake: text.flatMap { $0 }.flatMap { try? RunID(validating: Files.name(of: $0)) })
    }
    let found = try lake.runs()
    let promoted = Set(previous.compactMap(\.runID))
    let runs = found.ids.map { id in
      RunStatus(of: lake.run(id), isActive: id == active, wasActive: promoted.contains(id))
    }
    self.lake = lake.path
    self.toolVersion = toolVersion
    activeRun = active
    activeIsUnclear = target != .nothing && !runs.contains(where: \.isActive)
    previousPointers = previous
    self.runs = runs
    foreign = found.foreign
    rawMonths = LakeStatus.rawMonths(of: lake)
    catalog = Catalog(path: lake.catalogFile, bytes: try? Files.size(lake.catalogFile))
    history = LakeStatus.history(of: lake)
    freeBytes = try Files.freeBytes(at: lake.path)
    problems = problems(target, lake)
  }

  // MARK: What lies beside the runs

  private static func rawMonths(of lake: Lake) -> [RawMonth] {
    let names = (try? Files.list(lake.rawFolder)) ?? []
    return names.filter(Preflight.isMonth).map { month in
      let dumps = (try? DumpFile.all(rawRoot: lake.rawFolder, month: month)) ?? []
      return RawMonth(
        month: month, bytes: Files.sizeOfTree(Files.join(lake.rawFolder, month)), dumps: dumps.count)
    }
  }

  private static func history(of lake: Lake) -> History {
    var counts: [String: Int] = [:]
    for folder in ["registry", "kpi", "changes"] {
      let path = Files.join(lake.historyFolder, folder)
      for table in (try? Files.list(path)) ?? [] {
        let files = (try? Files.list(Files.join(path, table))) ?? []
        counts[table] = files.count { $0.hasSuffix(".parquet") && !$0.hasPrefix(".") && !$0.hasPrefix("_") }
      }
    }
    return History(bytes: Files.sizeOfTree(lake.historyFolder), eventFiles: counts)
  }

  // MARK: What is wrong

  private func problems(_ target: ActivePointer.Target, _ lake: Lake) -> [String] {
    var problems: [String] = []
    switch target {
    case .nothing:
      if runs.contains(where: \.wasActive) {
        problems.append("no run is active: there is no \(lake.activeLink)")
      }
    case .run(let id):
      if !runs.contains(where: { $0.runID == id }) {
        problems.append("active points to run \(id), which is not there: promote another, or roll back")
      }
    case .other(let path):
      problems.append(
        "active points to \(path), which is no run of this lake: point it to one (ln -sfn _runs/… \(ShellText.word(lake.activeLink)))"
      )
    case .notALink: problems.append("\(lake.activeLink) is no link: promote refuses until it is moved away")
    }
    for pointer in previousPointers {
      if let id = pointer.runID, !runs.contains(where: { $0.runID == id }) {
        problems.append(
          "\(pointer.name) points to run \(id), which is not there: if it is gone for good, \(removal(of: pointer, lake))"
        )
      } else if pointer.runID == nil {
        problems.append(
          "\(pointer.name) leads to no run of this lake: if nobody needs it, \(removal(of: pointer, lake))")
      }
    }
    for run in runs {
      let missing = run.damages.filter { !run.lacks.contains($0.dataset.name) }.map(\.words)
      if !missing.isEmpty {
        problems.append(
          "\(run.isActive ? "the active run" : "run") \(run.runID) is damaged: \(missing.joined(separator: ", "))"
        )
      }
      if run.state == .unfinished {
        problems.append("run \(run.runID) is unfinished: it lacks \(run.lacks.joined(separator: ", "))")
      } else if run.isActive, !run.lacks.isEmpty {
        problems.append("the active run \(run.runID) lacks \(run.lacks.joined(separator: ", "))")
      }
      if run.isActive, run.failedReport {
        problems.append(
          "the active run \(run.runID) failed its sanity-report: see \(lake.run(run.runID).reportsFolder)")
      }
    }
    if let bytes = runs.last(where: { $0.state != .unfinished && $0.state != .running })?.bytes,
      freeBytes < bytes
    {
      problems.append(
        "\(amount(freeBytes)) are free, and a run like the last one takes \(amount(bytes))")
    }
    return problems
  }

  private func removal(of pointer: PreviousPointer, _ lake: Lake) -> String {
    "rm \(ShellText.word(Files.join(lake.path, pointer.name)))"
  }
}
