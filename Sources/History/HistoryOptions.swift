import Lake
import SQL
import TaskKit

/// The options of every task of the history.
public struct HistoryOptions: OptionDeclarations {
  /// `--lake`
  @OptionGroup public var lakeOptions: LakeOptions
  /// `--engine` and how it is reached.
  @OptionGroup public var engineOptions: EngineOptions

  /// `--only-run-id`; nil for every run.
  @Option(
    "only-run-id", environment: "only_run_id", help: "Deal with this run alone.",
    valueName: "YYYY-MM__YYYYMMDD_HHMMSS", defaultHelp: "every run")
  public var onlyRunID: RunID?

  /// `--include-active`: whether the run that `active` points to counts too.
  @Flag("include-active", environment: "include_active", help: "Take the run in that active points to.")
  public var includeActive: Bool

  /// Every option at its default.
  public init() {}
}
