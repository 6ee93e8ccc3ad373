import Catalog
import Lake
import Platform
import SQL
import Schema

/// The one table that tells whether a schema shows a run.
enum Sentinel {
  /// Required of every run, and the table of most rows that is.
  static let dataset = Dataset.releases

  /// The sentinel of a schema.
  static func table(in schema: String) -> TableName { TableName(schema, dataset.table) }

  /// What keeps an engine's catalog from showing each of these runs, in words; nothing of those that it shows.
  ///
  /// The active run may be shown by the schema `discogs` as well.
  /// - Throws: `SQLError` when the engine cannot be asked.
  static func faults(
    of runs: [RunFolder], active: RunID? = nil, _ engine: any SQLEngine
  ) throws -> [RunID: String] {
    try showings(of: runs, active: active, engine).compactMapValues(\.fault)
  }

  /// How a run is shown.
  struct Showing {
    /// The schema that shows it; nil if none does.
    var schema: String?
    /// Why its own schema does not show it, where nothing does.
    var fault: String?
  }

  /// The schema that shows each of these runs: its own, else for the active one `discogs`.
  /// - Throws: `SQLError` when the engine cannot be asked.
  static func showings(
    of runs: [RunFolder], active: RunID? = nil, _ engine: any SQLEngine
  ) throws -> [RunID: Showing] {
    func candidates(_ run: RunFolder) -> [String] {
      [run.id.schemaName] + (run.id == active ? [RunCatalog.activeSchema] : [])
    }
    let present = try engine.tables(in: runs.flatMap(candidates))
    func isPresent(_ schema: String) -> Bool { present[schema]?.contains(dataset.table) == true }
    let folders = try engine.locations(
      of: runs.flatMap(candidates).filter(isPresent).map { table(in: $0) })
    var showings: [RunID: Showing] = [:]
    for run in runs {
      var showing = Showing(schema: nil, fault: "\(table(in: run.id.schemaName)) is missing")
      for schema in candidates(run).reversed() where isPresent(schema) {
        // The catalog of a lake that was copied shows the original's runs.
        if let folder = run.dataset(dataset), let seen = folders[table(in: schema)],
          !Files.isSame(seen, folder)
        {
          if schema == run.id.schemaName, showing.schema == nil {
            showing.fault = "\(table(in: schema)) reads files that are not the run's"
          }
        } else {
          showing = Showing(schema: schema, fault: nil)
        }
      }
      showings[run.id] = showing
    }
    return showings
  }
}
