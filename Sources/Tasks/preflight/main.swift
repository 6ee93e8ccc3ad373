import Lake
import SQL
import TaskKit

struct PreflightTask: TaskCommand {
  static let configuration = TaskConfiguration(
    name: "preflight", summary: "Check that a run can start, and print its id.",
    discussion: """
      Looks at everything at once (parameters, the lake, free space, the month's dumps) and lists all that is wrong. \
      If nothing is, it makes the run's folder with its first state file, and prints the run id on standard output: \
      run_id=$(preflight …).
      """)

  // Texts, so that a wrong one is listed together with whatever else is wrong.
  @Option("lake", environment: "DISCOGS_DATA_LAKE", help: "The lake's folder. Required.", valueName: "DIR")
  var lake: String?
  @Option(
    "run-id", environment: "run_id", help: "The run's id.", valueName: "ID",
    defaultHelp: "<dump month>__<session time>")
  var runID: String?
  @Option(
    "dump-month", environment: "dump_month", help: "The month of the dumps.", valueName: "YYYY-MM",
    defaultHelp: "the run id's, or the session time's")
  var dumpMonth: String?
  @Option(
    "raw-root", environment: "raw_root", help: "Where the dumps lie, in a folder for each month.",
    valueName: "DIR",
    defaultHelp: "<lake>/_raw")
  var rawRoot: String?
  @Option(
    "session-time", environment: "session_time", help: "The session's time, as Digdag has it.",
    valueName: "TIME",
    defaultHelp: "now")
  var sessionTime: String?
  @Option("run-mode", environment: "run_mode", help: "What the run is made for.", valueName: "dev|prod")
  var runMode: String = "dev"
  @Option("do-download", environment: "do_download", help: "Whether the dumps are yet to be downloaded.")
  var doDownload = false
  @Option(
    "min-free-gb", environment: "min_free_gb", help: "The free space to ask for.", valueName: "GB",
    defaultHelp: "estimated from the dumps")
  var minFree: Double?
  @Option(
    "engine", environment: "sql_engine", help: "The engine that later tasks use, to see whether it is there.",
    valueName: "duckdb|trino")
  var engine: String = EngineName.duckdb.rawValue
  @OptionGroup var forceOption: ForceOption

  func run(_ context: TaskContext) throws {
    var parameters = Preflight.Parameters()
    parameters.lake = lake
    parameters.runID = runID
    parameters.dumpMonth = dumpMonth
    parameters.rawRoot = rawRoot
    parameters.sessionTime = sessionTime
    parameters.runMode = runMode
    parameters.willDownload = doDownload
    parameters.neededBytes = minFree.map { Int(exactly: ($0 * 1e9).rounded()) ?? .max }
    // Only a remark: whoever starts the later tasks by hand may give them another engine.
    if engine == EngineName.duckdb.rawValue, DuckDBExecutable.find(environment: context.environment) == nil {
      context.log.warning(
        "DuckDB's command line shell is not found: put duckdb on the PATH, or name it in DUCKDB")
    }
    if EngineName(rawValue: engine) == nil {
      parameters.otherProblems.append(
        TaskError(.usage, "engine “\(engine)” is unknown", advice: "give duckdb or trino"))
    }
    context.print(try Preflight(parameters, context).perform(force: forceOption.force).text)
  }
}

PreflightTask.main()
