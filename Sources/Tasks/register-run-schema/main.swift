import Catalog
import Lake
import SQL
import TaskKit

struct RegisterRunSchema: TaskCommand {
  static let configuration = TaskConfiguration(
    name: "register-run-schema",
    summary: "Makes the schema, tables and views that show a run in SQL.",
    discussion: """
      One run (--run-id) becomes hive.discogs_r_<run id>, the active one (--active) hive.discogs; --all takes every run \
      that has no schema yet. Files are not touched. Doing it again is harmless.
      """)

  @OptionGroup var lakeOptions: LakeOptions
  @OptionGroup var engineOptions: EngineOptions
  @Option("run-id", environment: "run_id", help: "The run.", valueName: "YYYY-MM__YYYYMMDD_HHMMSS")
  var runID: RunID?
  @Flag(
    "active", environment: "register_active",
    help: "The active run, as schema discogs. It need not be that of --run-id; with one, none need be active."
  )
  var active: Bool
  @Flag(
    "all", environment: "register_all", help: "Every run not yet registered; --run-id does not count then.")
  var all: Bool
  @Flag(
    "allow-partial", environment: "allow_partial",
    help: "Register what there is of a run that lacks datasets.")
  var allowPartial: Bool

  func validate() throws {
    guard runID != nil || active || all else {
      throw TaskError(.usage, "no run is named", advice: "give --run-id ID, --active or --all")
    }
  }

  func run(_ context: TaskContext) throws {
    let lake = try lakeOptions.lake()
    let named = active || all ? nil : try runID.map(lake.existingRun)
    let engine = try engineOptions.open(lake: lake, .writing, run: named?.id, context)
    defer { engine.close() }
    let steps = context.steps()
    defer { steps.end() }
    let catalog = RunCatalog(engine: engine, lake: lake, log: context.log, steps: steps)
    if active { try catalog.registerActive(current: runID, allowPartial: allowPartial) }
    if all { try catalog.registerAll(allowPartial: allowPartial) }
    if let named { try catalog.register(named, allowPartial: allowPartial) }
  }
}

RegisterRunSchema.main()
