import Catalog
import Lake
import SQL
import TaskKit

struct PreflightTask: TaskCommand {
  static let configuration = TaskConfiguration(
    name: TaskName.preflight, summary: "Check that a run can start, and print its id.",
    discussion: """
      Looks at everything at once (parameters, the lake, free space, the month's dumps) and lists all that is wrong. \
      If nothing is, it makes the run's folder with its first state file, and prints the run id on standard output: \
      run_id=$(preflight …).
      """)

  // Texts, so that a wrong one is listed together with whatever else is wrong.
  @OptionGroup var lakeOptions: LakeOptions
  @OptionGroup var session: SessionOptions
  @OptionGroup var raw: RawRootOption
  @Option(
    "run-id", environment: "run_id", help: "The run's id.", valueName: "YYYY-MM__YYYYMMDD_HHMMSS",
    defaultHelp: "<dump month>__<session time>")
  var runID: String?
  @Option("run-mode", environment: "run_mode", help: "What the run is made for.", valueName: "dev|prod")
  var runMode: String = "dev"
  @Option(
    "datasets", environment: "datasets",
    help: "Which datasets the run has: the core, or all that the dumps say.", valueName: "core|all")
  var datasets: String = "all"
  @Option(
    "allow-promote", environment: "allow_promote",
    help: "Whether the run may become active, to see whether it can.")
  var allowPromote = false
  @Option("do-download", environment: "do_download", help: "Whether the dumps are yet to be downloaded.")
  var doDownload = false
  @Option(
    "min-free-gb", environment: "min_free_gb", help: "The free space to ask for.", valueName: "GB",
    defaultHelp: "estimated from the dumps")
  var minFree: Double?
  @Option(
    "engine", environment: "sql_engine",
    help: "The engine that later tasks use, to see whether it is there; Trino, whether it sees the lake.",
    valueName: "duckdb|trino")
  var engine: String = EngineName.duckdb.rawValue
  @Option(
    "memory-mb", environment: "memory_mb", help: "The megabytes that later tasks let DuckDB use.",
    defaultHelp: "as there")
  var memoryMegabytes: Int?
  @OptionGroup var trino: TrinoOptions
  @OptionGroup var forceOption: ForceOption

  func run(_ context: TaskContext) throws {
    var parameters = Preflight.Parameters()
    parameters.lake = lakeOptions.lakePath
    parameters.runID = runID
    parameters.dumpMonth = session.dumpMonth
    parameters.rawRoot = raw.rawRoot
    // An id that is given as an option counts more than a time that lies about in the environment.
    let isOverruled = $runID == .commandLine && !session.isSessionTimeGiven
    parameters.sessionTime = isOverruled ? nil : session.sessionTime
    parameters.runMode = runMode
    parameters.datasets = datasets
    parameters.allowPromote = allowPromote
    parameters.willDownload = doDownload
    parameters.neededBytes = minFree.map { Int(exactly: ($0 * 1e9).rounded()) ?? .max }
    if let engine = EngineName(rawValue: engine) {
      if let objection = engine.objection(toLakePath: Lake(path: lakeOptions.lakePath ?? "").path) {
        parameters.otherProblems.append(objection)
      }
      if engine == .duckdb {
        parameters.engineMemoryBytes = EngineOptions.peakBytes(memoryMegabytes: memoryMegabytes)
      }
      if engine == .duckdb,
        let objection = DuckDBExecutable.objection(environment: context.environment)
      {
        parameters.otherProblems.append(objection)
      }
      if engine == .trino {
        let mayBecomeActive = allowPromote && runMode == RunMode.prod.rawValue
        parameters.lakeCheck = { [trino] lake in
          let engine = try trino.open(lake: lake, context)
          defer { engine.close() }
          do {
            try RunCatalog(engine: engine, lake: lake, log: context.log).checkOwnershipOfActive()
          } catch let error as TaskError {
            // Where no run is active, and none becomes so, nothing is registered that could meet those tables.
            guard try mayBecomeActive || lake.activeRun() != nil else {
              return context.log.warning(
                "\(error.message): promote and what follows it will not work like this")
            }
            throw error
          }
        }
      }
    } else {
      parameters.otherProblems.append(
        TaskError(.usage, "engine “\(engine)” is unknown", advice: "give duckdb or trino"))
    }
    context.print(try Preflight(parameters, context).perform(force: forceOption.force).text)
  }
}

PreflightTask.main()
