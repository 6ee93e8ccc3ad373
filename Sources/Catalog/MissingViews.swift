import Lake
import SQL
import TaskKit

/// A view that a schema lacks though its table is there.
public struct MissingView {
  /// The view.
  public let name: TableName
  let view: CatalogView
  let tableColumns: [String]
}

extension RunCatalog {
  /// The views that a run's schema lacks though their tables are there.
  /// - Throws: `SQLError` when the engine cannot be asked.
  public func missingViews(of run: RunFolder) throws -> [MissingView] {
    let schema = run.id.schemaName
    let present = try engine.tables(in: schema)
    return try CatalogView.all.compactMap { view in
      guard !present.contains(view.name), present.contains(view.source.table) else { return nil }
      let columns: [String]
      do { columns = try engine.describe(TableName(schema, view.source.table)).map(\.name) } catch let error
        as SQLError where error.isAboutTheQuery
      {
        // A table that cannot be read is for others to tell.
        return nil
      }
      guard view.shown(of: columns) != nil else { return nil }
      return MissingView(name: TableName(schema, view.name), view: view, tableColumns: columns)
    }
  }

  /// Those of these runs whose schemas lack views though the tables are there, found out in one look at the catalog.
  /// - Throws: `SQLError` when the engine cannot be asked.
  public func runsWithoutViews(_ runs: [RunFolder]) throws -> [RunFolder] {
    let present = try engine.tables(in: runs.map(\.id.schemaName))
    return try runs.filter { run in
      let names = present[run.id.schemaName] ?? []
      let mayLack = CatalogView.all.contains { !names.contains($0.name) && names.contains($0.source.table) }
      return try mayLack && !missingViews(of: run).isEmpty
    }
  }

  /// Makes the views that a run's schema lacks; its tables stay as they are.
  /// - Throws: `SQLError`; `SystemError`.
  public func createMissingViews(of run: RunFolder) throws {
    let schema = run.id.schemaName
    let lock = try lake.lock("register-\(schema)", log: log)
    defer { lock.release() }
    let views = try missingViews(of: run)
    guard !views.isEmpty else { return }
    try engine.together {
      for missing in views {
        try missing.view.create(in: schema, tableColumns: missing.tableColumns, engine)
      }
    }
    log.info(
      "views made: \(views.map(\.name.table).joined(separator: ", "))", ["run_id": run.id.text])
  }
}
