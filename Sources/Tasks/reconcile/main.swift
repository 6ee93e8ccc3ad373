import History
import Lake
import Platform
import TaskKit

/// Records what state each run of a lake is in.
struct ReconcileTask: TaskCommand {
  static let configuration = TaskConfiguration(
    name: "reconcile", summary: "Looks at the runs of a lake and records what state each is in.",
    discussion: """
      One event for each run goes to hive.discogs_history.run_registry_events; run_registry_latest shows the newest. \
      The active run is recorded as skipped_active, or with --include-active by its real status. Nothing is changed in \
      the runs, and no tables are made for them; views that a registered run lacks are made.
      """)

  @OptionGroup var options: HistoryOptions
  @Option(
    "action", environment: "reconcile_action", help: "What to record as the reason: the workflow's name.")
  var action =
    "reconcile_register"
  @Flag(
    "dry-run", environment: "reconcile_dry_run",
    help: "Show run, status and details on standard output and record nothing.") var isDryRun: Bool

  func run(_ context: TaskContext) throws {
    let history = try HistorySession(options, context, isDryRun ? .untouched : .upToDate)
    defer { history.close() }
    let reconcile = Reconcile(
      lake: history.lake, engine: history.engine, log: context.log, action: action,
      onlyRunID: options.onlyRunID, includeActive: options.includeActive)
    let events = try reconcile.events()
    if isDryRun {
      for event in events {
        context.print("\(event.runID)\t\(event.status.rawValue)\t\(event.details ?? "")")
      }
      return
    }
    let file = try history.tables.append(events)
    for event in events {
      context.log.info(
        "run \(event.runID) is \(event.status.rawValue)\(event.details.map { ": \($0)" } ?? "")",
        ["run_id": event.runID])
    }
    var fields: Log.Fields = ["runs": events.count]
    fields["file"] = file
    context.log.info("\(counted(events.count, "run")) recorded", fields)
    try history.createViews(of: reconcile.runsWithoutViews(events))
  }
}

ReconcileTask.main()
