import Lake
import Platform
import SQL
import Schema

/// What the catalog has of many runs, found out in one look at it: with hundreds of runs of dozens of tables each, a look for
/// each would take minutes.
struct CatalogContents {
  private let names: [String: Set<String>]
  private let files: [TableName: Set<String>]?
  /// Of the table that is made last of each schema, where the engine does not tell the files of tables.
  private let folders: [TableName: String]

  /// Asks for the tables and views of these runs' schemas.
  /// - Throws: ``SQLError``.
  init(of runs: [RunID], _ engine: any SQLEngine) throws {
    let schemas = runs.map(\.schemaName)
    names = try engine.tables(in: schemas)
    let wanted = Set(Dataset.all.map(\.table))
    files = try engine.files(
      of: names.flatMap { schema, tables in tables.intersection(wanted).map { TableName(schema, $0) } })
    folders =
      try files == nil
      ? engine.locations(
        of: names.compactMap { schema, tables in
          Dataset.all.last { tables.contains($0.table) }.map { TableName(schema, $0.table) }
        }) : [:]
  }

  /// Whether a run's schema has a table over exactly the files of each of its datasets, no table of a dataset that it has
  /// not, and every view that these tables could have. No file is opened: where this says no, the run may be registered all
  /// the same.
  ///
  /// Of an engine whose tables name folders, the last table stands for all: they are made in their order.
  /// - Throws: `SystemError`.
  func shows(_ run: RunFolder) throws -> Bool {
    let schema = run.id.schemaName
    guard let present = names[schema] else { return false }
    var last: Dataset?
    for dataset in Dataset.all {
      let paths = try run.parquetFiles(of: dataset)
      guard !paths.isEmpty else {
        if present.contains(dataset.table) { return false }
        continue
      }
      guard present.contains(dataset.table) else { return false }
      last = dataset
      if let files, files[TableName(schema, dataset.table)] != Set(paths) { return false }
    }
    if files == nil, let last {
      guard let folder = run.dataset(last), let seen = folders[TableName(schema, last.table)],
        Files.isSame(seen, folder)
      else { return false }
    }
    return CatalogView.all.allSatisfy { present.contains($0.name) || !present.contains($0.source.table) }
  }
}
