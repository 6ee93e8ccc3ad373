import Platform
import TaskKit

/// `--lake`, for tasks that work on a lake.
public struct LakeOptions: OptionDeclarations {
  /// `--lake` as it was given; see ``lake()``.
  @Option("lake", environment: "DISCOGS_DATA_LAKE", help: "The lake's folder. Required.", valueName: "DIR")
  public var lakePath: String?

  /// Every option at its default.
  public init() {}

  /// The lake.
  /// - Throws: `TaskError`: `usage` if it was not named, `noInput` if there is no such folder.
  public func lake() throws -> Lake {
    guard let lakePath, !lakePath.isEmpty else {
      throw TaskError(.usage, "no lake is named", advice: "give --lake DIR or set DISCOGS_DATA_LAKE")
    }
    let lake = Lake(path: lakePath)
    if let absence = lake.absence { throw absence }
    return lake
  }
}

/// `--lake` and `--run-id`, for tasks that work on one run.
public struct RunOptions: OptionDeclarations {
  /// `--lake`
  @OptionGroup public var lakeOptions: LakeOptions

  /// `--run-id`; nil only until `validate()` has asked for it.
  @Option(
    "run-id", environment: "run_id", help: "The run, as preflight printed it. Required.",
    valueName: "YYYY-MM__YYYYMMDD_HHMMSS")
  public var runID: RunID?

  /// Every option at its default.
  public init() {}

  /// Checks that a run was named.
  /// - Throws: `TaskError` (`usage`).
  public func validate() throws {
    guard runID != nil else {
      throw TaskError(
        .usage, "no run is named", advice: "give --run-id ID or set run_id; preflight prints it")
    }
  }

  /// The lake that holds the run.
  /// - Throws: as `LakeOptions.lake()`.
  public func lake() throws -> Lake { try lakeOptions.lake() }

  /// The run's folder, which must exist.
  /// - Throws: `TaskError`: `usage` or `noInput`.
  public func existingRun() throws -> RunFolder { try lake().existingRun(requiredRunID()) }

  /// The run's folder, which need not exist: a task makes it with what it puts there, so that one that refuses leaves none.
  /// One that is not there is warned of.
  /// - Throws: `TaskError`; `SystemError`.
  public func run(_ log: Log) throws -> RunFolder {
    let run = try lake().run(requiredRunID())
    try run.warnOfAbsence(log)
    return run
  }

  private func requiredRunID() throws -> RunID {
    try validate()
    return runID!
  }
}

/// `--force`, for tasks that know when they are done.
public struct ForceOption: OptionDeclarations {
  /// Whether to do again what is done.
  @Flag(
    "force", environment: "force",
    help: "Do it again into the same run; datasets of a promoted run stay as they are.")
  public var force: Bool

  /// Every option at its default.
  public init() {}
}
