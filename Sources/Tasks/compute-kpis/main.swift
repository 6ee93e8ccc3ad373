import History
import Lake
import Platform
import TaskKit

/// Computes the KPIs of runs.
struct ComputeKPIsTask: TaskCommand {
  static let configuration = TaskConfiguration(
    name: "compute-kpis", summary: "Computes the KPIs of the runs whose latest status is ok.",
    discussion: """
      A run never changes: a KPI that has a value is not computed again. The values go to \
      hive.discogs_history.kpi_snapshot_events, those of one execution together; kpi_snapshot_latest shows the newest.
      """)

  @OptionGroup var options: HistoryOptions
  @Option(
    "kpi", environment: "kpi", help: "Compute this KPI alone; may be repeated.", valueName: "NAME",
    defaultHelp: "every KPI")
  var kpiNames: [KPIName]
  @Flag("strict", environment: "strict", help: "Fail with the first KPI whose query fails.")
  var isStrict: Bool
  @Flag("force", environment: "force", help: "Compute known values again.") var force: Bool

  func run(_ context: TaskContext) throws {
    // What another execution is computing is known when it ends.
    let lock = try options.lakeOptions.lake().lock(Self.configuration.name, log: context.log)
    defer { lock.release() }
    let history = try HistorySession(options, context, .upToDate)
    defer { history.close() }
    var computation = ComputeKPIs(lake: history.lake, engine: history.engine, log: context.log)
    computation.kpis = kpiNames.isEmpty ? KPI.all : KPI.all.filter { kpiNames.map(\.kpi).contains($0) }
    computation.onlyRunID = options.onlyRunID
    computation.includeActive = options.includeActive
    computation.isStrict = isStrict
    computation.ignoresKnown = force
    let steps = context.steps()
    defer { steps.end() }
    computation.steps = steps
    let result = try computation.result()
    steps.end()
    let file = try history.tables.append(result.events)
    try history.tables.append(result.dimensionEvents)
    var fields: Log.Fields = ["runs": result.runs, "left_out": result.runsLeftOut, "events": result.count]
    fields["file"] = file
    context.log.info(
      "\(counted(result.runs, "run")) looked at, \(result.runsLeftOut) left out, \(counted(result.count, "event")) recorded",
      fields)
    if let failure = result.failure { throw failure }
  }
}

ComputeKPIsTask.main()
