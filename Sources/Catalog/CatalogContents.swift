import Lake
import Platform
import SQL
import Schema

/// What the catalog has of many runs, found out in one look at it: with hundreds of runs of dozens of tables each, a look for
/// each would take minutes.
struct CatalogContents {
  private let names: [String: Set<String>]
  private let files: [TableName: Set<String>]

  /// Asks for the tables and views of these runs' schemas.
  /// - Throws: ``SQLError``.
  init(of runs: [RunID], _ engine: any SQLEngine) throws {
    let schemas = runs.map(\.schemaName)
    names = try engine.tables(in: schemas)
    let wanted = Set(Dataset.all.map(\.table))
    files = try engine.files(
      of: names.flatMap { schema, tables in tables.intersection(wanted).map { TableName(schema, $0) } })
  }

  /// Whether a run's schema has a table over exactly the files of each of its datasets, no table of a dataset that it has
  /// not, and every view that these tables could have. No file is opened: where this says no, the run may be registered all
  /// the same.
  /// - Throws: `SystemError`.
  func shows(_ run: RunFolder) throws -> Bool {
    let schema = run.id.schemaName
    guard let present = names[schema] else { return false }
    for dataset in Dataset.all {
      let paths = try run.parquetFiles(of: dataset)
      guard !paths.isEmpty else {
        if present.contains(dataset.table) { return false }
        continue
      }
      guard present.contains(dataset.table), files[TableName(schema, dataset.table)] == Set(paths) else {
        return false
      }
    }
    return CatalogView.all.allSatisfy { present.contains($0.name) || !present.contains($0.source.table) }
  }
}
