import Lake
import Platform
import SQL
import TaskKit

/// Something that could be removed, and how: the commands are for a person to run, or not.
public struct Removal: Encodable, Sendable, Hashable {
  /// What kind of thing it is.
  public enum Kind: String, Encodable, Sendable {
    case run
    case rawMonth = "raw_month"
  }

  /// What kind of thing it is.
  public var kind: Kind
  /// The run's id, or the month.
  public var name: String
  /// How much room it takes.
  public var bytes: Int
  /// Why it can go.
  public var reason: String
  /// Lines for a shell, in their order.
  public var commands: [String]
}

/// How the schemas of runs are dropped.
public enum SchemaRemoval: Sendable {
  /// By DuckDB's shell, at this path or by this name.
  case duckDB(shell: String)
  /// By Trino's command line.
  case trino(url: String, catalog: String)

  /// The command that drops a run's schema with its tables and views; files stay. Nil where there is no catalog.
  func command(_ run: RunID, _ status: LakeStatus) -> String? {
    let schema = SQLText.identifier(run.schemaName)
    switch self {
    case .duckDB(let shell):
      guard status.catalog.bytes != nil else { return nil }
      let words = [shell, status.catalog.path, "-c", "DROP SCHEMA IF EXISTS \(schema) CASCADE"]
      return words.map(ShellText.word).joined(separator: " ")
    case .trino(let url, let catalog):
      let name = "\(SQLText.identifier(catalog)).\(schema)"
      let words = ["trino", "--server", url, "--execute", "DROP SCHEMA IF EXISTS \(name) CASCADE"]
      return words.map(ShellText.word).joined(separator: " ")
    }
  }
}

extension LakeStatus {
  /// Finds what could be removed: all runs but the newest, the active one, those that were active before, and those that
  /// a task is at work on; and the months of dumps before the active run's. Where nobody knows which run is active, no run.
  ///
  /// - Parameters:
  ///   - keep: how many of the newest runs stay.
  ///   - rawBefore: the months of dumps before this one can go, `2026-08`; nil for the active run's month. A month that
  ///     an unfinished run is made from stays.
  public mutating func proposeRemovals(keep: Int, rawBefore: String?, by schemas: SchemaRemoval) {
    removable = []
    let lake = Lake(path: self.lake)
    let protected = Set(
      previousPointers.flatMap { [$0.runID, $0.namesake].compactMap { $0 } } + [activeRun].compactMap { $0 })
    for run in activeIsUnclear ? [] : runs.dropLast(keep)
    where !protected.contains(run.runID) && run.state != .running {
      let folder = ShellText.word(lake.run(run.runID).path)
      removable.append(
        Removal(
          kind: .run, name: run.runID.text, bytes: run.bytes,
          reason: "\(run.state.rawValue)\(Self.rank(keep))",
          commands: [schemas.command(run.runID, self), "rm -r \(folder)"].compactMap { $0 }))
    }
    guard let before = rawBefore ?? activeRun?.dumpMonth else { return }
    let needed = Set(runs.filter { $0.state == .running || $0.state == .unfinished }.map(\.dumpMonth))
    for month in rawMonths where month.month < before && !needed.contains(month.month) {
      removable.append(
        Removal(
          kind: .rawMonth, name: month.month, bytes: month.bytes,
          reason: "dumps of a month before \(before)",
          commands: ["rm -r \(ShellText.word(Files.join(lake.rawFolder, month.month)))"]))
    }
  }

  /// Why a run need not stay.
  private static func rank(_ keep: Int) -> String {
    switch keep {
    case 0: ""
    case 1: ", and not the newest run"
    default: ", and not one of the newest \(keep) runs"
    }
  }
}
