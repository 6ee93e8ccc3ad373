import Lake
import Platform
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

/// The options of the tasks that write the history's reports.
public struct ReportsOptions: OptionDeclarations {
  @Option(
    "out-dir", environment: "out_dir", help: "The folder for what is written.", valueName: "DIR",
    defaultHelp: "<lake>/_meta/discogs_history/reports")
  private var outputFolder: String?

  @Option(
    "with-timestamp", environment: "with_timestamp", help: "Add _YYYYMMDD_HHMMSS (UTC) to the files' names.")
  private var withTimestamp = false

  /// Every option at its default.
  public init() {}

  /// `--out-dir`: the folder for what is written.
  public func folder(of lake: Lake) -> String { outputFolder ?? Files.join(lake.historyFolder, "reports") }

  /// `--with-timestamp`: text for the files' names; nil for none.
  public var stamp: UTCTime? { withTimestamp ? .now : nil }
}
