import Lake
import Platform
import SQL
import Schema
import TaskKit

/// The schemas that show runs in SQL: `discogs_r_…` for each, and `discogs` for the active one.
public struct RunCatalog {
  /// The schema of the active run.
  public static let activeSchema = "discogs"

  let engine: any SQLEngine
  let lake: Lake
  let log: Log
  var steps: Steps?

  /// - Parameters:
  ///   - engine: opened for writing to register; reading is enough for ``isRegistered(_:)``.
  ///   - steps: told which run, or which table of a run, is registered.
  public init(engine: any SQLEngine, lake: Lake, log: Log, steps: Steps? = nil) {
    self.steps = steps
    self.engine = engine
    self.lake = lake
    self.log = log
  }

  /// Makes the schema, tables and views of a run, in place of those that are there.
  /// - Parameter allowPartial: whether to register what there is of a run that is not complete.
  /// - Throws: `TaskError`: `data`, with the list, when datasets are missing or files do not fit together;
  ///   `SQLError`; `SystemError`.
  public func register(_ run: RunFolder, allowPartial: Bool = false) throws {
    try register(RunTables(of: run), as: run.id.schemaName, allowPartial: allowPartial) { $0.files }
  }

  /// Makes the schema `discogs` over the run that `active` points to, in place of what is there.
  ///
  /// The tables' files are named through `active`, so that after a promotion the same tables show the new run, if it
  /// has the same columns.
  /// - Parameter current: the run that the caller is about, if there is one: when it is not active, it is no fault that
  ///   none is, or that `active` leads nowhere.
  /// - Throws: as ``register(_:allowPartial:)``, and `noInput` when no run is active.
  public func registerActive(current: RunID? = nil, allowPartial: Bool = false) throws {
    let active = try lake.activeRun()
    guard let id = active, try Files.found(lake.run(id).path) == .directory else {
      let reason = try absenceOfActiveRun()
      guard current == nil || current == active else {
        return log.info("nothing to register: \(reason)", ["schema": Self.activeSchema])
      }
      throw TaskError(.noInput, reason, advice: "promote a run first")
    }
    if let current, current != id {
      log.info("run \(current) is not the active one; schema \(Self.activeSchema) shows \(id)")
    }
    let run = lake.run(id)
    try register(RunTables(of: run), as: Self.activeSchema, allowPartial: allowPartial) { table in
      var files = table.files
      files.path = lake.activeLink + files.path.dropFirst(run.path.count)
      // Any file of that folder, so that a promotion needs no new tables, if the usual pattern names just these.
      if table.isWholeFolder { files.files = nil }
      return files
    }
  }

  /// Why there is no active run to register.
  private func absenceOfActiveRun() throws -> String {
    switch try ActivePointer(of: lake).target() {
    case .nothing: "no run is active: there is no \(lake.activeLink)"
    case .run(let id): "no run is active: \(lake.activeLink) points to \(id), which is not there"
    case .other(let path): "no run is active: \(lake.activeLink) points to \(path)"
    case .notALink: "no run is active: \(lake.activeLink) is no link"
    }
  }

  /// Whether the run's schema has every table and view that its files can make, over these very files, and no table of a
  /// dataset that it has no files of.
  ///
  /// A lake that was moved or copied keeps its catalog, whose tables then point to where the files were.
  /// - Throws: `SQLError`; `SystemError`.
  public func isRegistered(_ run: RunFolder) throws -> Bool {
    let schema = run.id.schemaName
    let present = try engine.tables(in: schema)
    guard !present.isEmpty else { return false }
    let tables = try RunTables(of: run)
    guard present.isSuperset(of: tables.names(in: schema)),
      present.isDisjoint(with: (tables.missingRequired + tables.missingOptional).map(\.table))
    else { return false }
    // They are made in this order, not everywhere in one step: when the last is in its place, all are.
    guard let last = tables.tables.last else { return true }
    let table = TableName(schema, last.dataset.table)
    if try engine.reads(table, from: last.files.path) == false { return false }
    do { return try !engine.describe(table).isEmpty } catch let error as SQLError where error.isAboutTheQuery
    {
      return false
    }
  }

  /// Refuses to have the active run's tables take the place of another lake's.
  /// - Throws: `TaskError` (`noPermission`) that names the other lake; `SQLError`.
  public func checkOwnershipOfActive() throws { try checkOwnership(of: Self.activeSchema) }

  private func checkOwnership(of schema: String) throws {
    let tables = Set(Dataset.all.map(\.table))
    try engine.checkOwnership(of: schema, tables: engine.tables(in: schema).intersection(tables))
  }

  private func register(
    _ found: RunTables, as schema: String, allowPartial: Bool, locate: (RunTables.Table) -> ParquetFolder
  ) throws {
    let run = found.run.id
    let faults = found.missingRequired.map { "\($0.name) is missing" } + found.conflicts
    for path in found.nonFiles { log.warning("left out: \(path) is no file", ["run_id": run.text]) }
    for remark in found.remarks { log.warning("files disagree: \(remark)", ["run_id": run.text]) }
    if !faults.isEmpty {
      let list = faults.joined(separator: "; ")
      guard allowPartial else {
        if let error = found.systemError {
          throw TaskError(
            error.exitCode, "run \(run) cannot be registered: \(list)",
            advice: error.advice ?? "see to it that its files can be read, and run this again")
        }
        throw TaskError(
          .data, "run \(run) is not complete: \(list)",
          advice: "make it again, or register what there is with --allow-partial")
      }
      log.warning("registered without what is at fault: \(list)", ["run_id": run.text])
    }
    if !found.missingOptional.isEmpty {
      let names = found.missingOptional.map(\.name).joined(separator: ", ")
      log.info("the run has no \(names)", ["run_id": run.text])
    }
    let lock = try lake.lock("register-\(schema)", log: log)
    defer { lock.release() }
    try checkOwnership(of: schema)
    try engine.together {
      try engine.createSchema(schema)
      let present = try engine.tables(in: schema)
      // What an earlier run of this name had and this one lacks; first the views, which stand on the tables.
      for view in CatalogView.all
      where present.contains(view.name) && found.select(of: view, in: schema) == nil {
        try engine.dropView(TableName(schema, view.name))
      }
      let made = Set(found.tables.map(\.dataset))
      for dataset in Dataset.all where present.contains(dataset.table) && !made.contains(dataset) {
        try engine.drop(TableName(schema, dataset.table))
      }
      steps?.expect(found.tables.count)
      for table in found.tables {
        steps?.begin("\(schema).\(table.dataset.table)")
        try engine.createTable(
          TableName(schema, table.dataset.table), columns: table.columns, over: locate(table),
          comment: table.dataset.comment)
      }
      for view in CatalogView.all {
        guard let table = found.tables.first(where: { $0.dataset == view.source }) else { continue }
        try view.create(in: schema, tableColumns: table.columns.map(\.name), engine)
      }
    }
    log.info("registered \(schema)", ["run_id": run.text, "tables": found.tables.count])
  }
}
