import Lake
import Platform
import SQL
import Status
import TaskKit

struct LakeStatusTask: TaskCommand {
  static let configuration = TaskConfiguration(
    name: "lake-status",
    summary: "Shows how things stand in a lake: runs, pointers, dumps, what could be removed.",
    discussion: """
      Only looks: nothing is changed or removed, and no engine is asked. What could be removed are runs but the newest \
      (--keep), the active one and those that an active__prev_* points to, and months of dumps before the active run's \
      (--raw-before); the commands that do so are shown, for each run with the one that drops its schema. Where active leads \
      to no run of the lake, no run is proposed.

      With --check it ends with 65 if something is not as it should be: active or an active__prev_* leads nowhere, a run's \
      files are not as they were made, the active run lacks something or failed its sanity-report, a run is unfinished and no task is at work on it, the disk is too full for another run.
      """)

  enum Format: String, CaseIterable, OptionValue { case table, json }

  @OptionGroup var lakeOptions: LakeOptions
  @Option("format", environment: "status_format", help: "A table for people, or JSON for machines.")
  var format: Format = .table
  @Flag(
    "summary", environment: "status_summary", help: "One line: which run is active, and how --run-id stands.")
  var summary: Bool
  @Flag("check", environment: "status_check", help: "End with 65 if something is not as it should be.")
  var check: Bool
  @Option(
    "keep", environment: "status_keep", help: "How many of the newest runs not to propose for removal.",
    valueName: "N")
  var keep: Int = 3
  @Option(
    "raw-before", environment: "status_raw_before",
    help: "Propose months of dumps before this one for removal.",
    valueName: "YYYY-MM", defaultHelp: "the active run's")
  var rawBefore: String?
  @Option(
    "run-id", environment: "run_id", help: "The run that --summary is about.",
    valueName: "YYYY-MM__YYYYMMDD_HHMMSS")
  var runID: RunID?
  @Option("engine", environment: "sql_engine", help: "Whose commands drop schemas.")
  var engine: EngineName = .duckdb
  @Option(
    "trino-url", environment: "trino_url", help: "Trino's coordinator, for those commands.", valueName: "URL")
  var trinoURL: String = "http://localhost:8080"
  @Option(
    "trino-catalog", environment: "trino_catalog", help: "The catalog, for those commands.", valueName: "NAME"
  )
  var trinoCatalog: String = "hive"

  func validate() throws {
    if keep < 0 { throw TaskError(.usage, "--keep is negative", advice: "give 0 or more") }
    if let rawBefore, !Preflight.isMonth(rawBefore) {
      throw TaskError(.usage, "--raw-before “\(rawBefore)” is no month", advice: "write it as 2026-08")
    }
  }

  func run(_ context: TaskContext) throws {
    var status = try LakeStatus(of: lakeOptions.lake(), toolVersion: context.toolVersion)
    let schemas: SchemaRemoval =
      switch engine {
      case .duckdb: .duckDB(shell: DuckDBExecutable.find(environment: context.environment) ?? "duckdb")
      case .trino: .trino(url: trinoURL, catalog: trinoCatalog)
      }
    status.proposeRemovals(keep: keep, rawBefore: rawBefore, by: schemas)
    if summary {
      context.print(status.summary(of: runID))
    } else {
      switch format {
      case .table: context.print(status.text)
      case .json: context.print(String(decoding: try jsonBytes(status).dropLast(), as: UTF8.self))
      }
    }
    if check, !status.problems.isEmpty {
      throw TaskError(
        .data, status.problems.joined(separator: "; "), advice: "lake-status shows the whole")
    }
  }
}

LakeStatusTask.main()
