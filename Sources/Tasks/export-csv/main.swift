import History
import Lake
import TaskKit

/// Writes the history as CSV files.
struct ExportCSV: TaskCommand {
  static let configuration = TaskConfiguration(
    name: "export-csv", summary: "Writes the history as CSV files and prints their paths.",
    discussion: """
      history_kpis_long_latest.csv has a line for each run and KPI, history_kpis_wide_latest.csv a line for each run \
      and a column for each KPI, history_kpis_dim_latest.csv a line for each run, KPI and value of its dimension, \
      history_growth_latest.csv each KPI beside that of the previous run, history_changes_latest.csv how many records \
      are new, gone, changed and the same. Text that a spreadsheet would take for a formula has a ' before it.
      """)

  @OptionGroup var options: HistoryOptions
  @OptionGroup var reports: ReportsOptions

  func run(_ context: TaskContext) throws {
    let history = try HistorySession(options, context, .upToDateIfWritable)
    defer { history.close() }
    let activeRun = options.includeActive ? nil : try history.lake.activeRun()
    if let activeRun, options.onlyRunID == nil || options.onlyRunID == activeRun {
      context.log.info(
        "left out: it is the active run; --include-active (include_active=true) exports it",
        ["run_id": activeRun.text])
      if options.onlyRunID != nil { return }
    }
    let figures = try HistoryFigures(
      from: history.engine, onlyRunID: options.onlyRunID, leavingOut: activeRun)
    // Whole reports must not give way to empty ones because of a run id that is mistyped.
    if let only = options.onlyRunID, figures.isEmpty {
      throw TaskError(
        .noInput, "the history has no KPI values of run \(only)",
        advice: "check --only-run-id; compute-kpis makes them")
    }
    if figures.isEmpty {
      context.log.warning(
        activeRun == nil
          ? "there are no KPI values to export; compute-kpis makes them"
          : "there are no KPI values of other runs than the active one, which --include-active takes in")
    }
    let folder = reports.folder(of: history.lake)
    for path in try HistoryExport(of: figures).write(to: folder, stamp: reports.stamp) {
      context.print(path)
    }
  }
}

ExportCSV.main()
