import Lake
import SQL
import TaskKit

/// The options of every task of the history.
public struct HistoryOptions: OptionDeclarations {
  @OptionGroup public var lakeOptions: LakeOptions
  @OptionGroup public var engineOptions: EngineOptions

  @Option(
    "only-run-id", environment: "only_run_id", help: "Deal with this run alone.",
    valueName: "YYYY-MM__YYYYMMDD_HHMMSS", defaultHelp: "every run")
  public var onlyRunID: RunID?

  @Flag("include-active", environment: "include_active", help: "Take the run in that active points to.")
  public var includeActive: Bool

  public init() {}
}
