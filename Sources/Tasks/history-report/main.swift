import History
import Lake
import Report
import TaskKit

/// Writes the page that shows the history.
struct HistoryReportTask: TaskCommand {
  static let configuration = TaskConfiguration(
    name: "history-report", summary: "Writes the page that shows how Discogs changes, and prints its path.",
    discussion: """
      One HTML file that needs nothing but itself, history_report_latest.html: growth, composition, concentration of \
      labels, data quality, what changed since the run before, every run's state and every KPI, from the same views as \
      the CSV files.
      """)

  @OptionGroup var options: HistoryOptions
  @OptionGroup var reports: ReportsOptions

  func run(_ context: TaskContext) throws {
    let history = try HistorySession(options, context, .upToDateIfWritable)
    defer { history.close() }
    let activeRun = options.includeActive ? nil : try history.lake.activeRun()
    if let activeRun, options.onlyRunID == nil || options.onlyRunID == activeRun {
      context.log.info(
        "left out: it is the active run; --include-active (include_active=true) shows it",
        ["run_id": activeRun.text])
      if options.onlyRunID != nil { return }
    }
    let report = try HistoryReport(
      of: history.lake, from: history.engine, onlyRunID: options.onlyRunID, leavingOut: activeRun)
    // A whole report must not give way to an empty one because of a run id that is mistyped.
    if let only = options.onlyRunID, report.isEmpty {
      throw TaskError(
        .noInput, "the history has no KPI values of run \(only)",
        advice: "check --only-run-id; compute-kpis makes them")
    }
    if report.isEmpty {
      context.log.warning(
        activeRun == nil
          ? "there are no KPI values to show; compute-kpis makes them"
          : "there are no KPI values of other runs than the active one, which --include-active takes in")
    }
    context.print(try report.write(to: reports.folder(of: history.lake), stamp: reports.stamp))
  }
}

HistoryReportTask.main()
