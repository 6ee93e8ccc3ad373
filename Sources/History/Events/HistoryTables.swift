import Lake
import Platform
import SQL
import TaskKit

/// The tables and views of the history in an engine's catalog, over the event folders of a lake.
public struct HistoryTables: Sendable {
  private let lake: Lake
  private let log: Log

  /// Names the lake; nothing is read or made yet. The log is told of files that are left out.
  public init(of lake: Lake, log: Log) {
    self.lake = lake
    self.log = log
  }

  /// Adds the events of one execution, which appear together or not at all.
  /// - Returns: the file that holds them; nil when there are none.
  /// - Throws: `SystemError`.
  @discardableResult
  public func append<E: Event>(_ events: [E]) throws -> String? {
    let now = UTCTime.now
    let moment = EventTime(now)
    return try folder(E.table).append(events.map { $0.values(at: moment) }, at: now)
  }

  /// Begins a file of records that changed between two runs, to be added by ``append(_:_:at:)``.
  /// - Precondition: The caller holds the lock of the task that compares runs.
  /// - Throws: `SystemError`, `ParquetError`.
  func draftOfChanges() throws -> EventFile.Draft { try folder(.entityChanges).draft() }

  /// Adds what a comparison of two runs found: the counts, and the records that they count. Both appear together or not
  /// at all, and bear the same moment.
  /// - Parameter changes: finished; nil when no record changed.
  /// - Returns: the file that holds the counts.
  /// - Throws: `SystemError`, `ParquetError`.
  func append(_ counts: [RunChangeEvent], _ changes: EventFile.Draft?, at now: UTCTime) throws -> String {
    let moment = EventTime(now)
    return try folder(.entityChanges).append(
      changes, countedBy: counts.map { $0.values(at: moment) }, in: folder(.runChanges), at: now)
  }

  /// Brings what the engines read up to date and names the files that are no event files.
  /// - Returns: how many events each table has.
  /// - Throws: `SystemError`.
  public func refreshFiles() throws -> [EventTable: Int] {
    var rows: [EventTable: Int] = [:]
    for table in EventTable.all {
      let contents = try folder(table).refresh()
      for file in contents.foreign {
        log.warning("left out: no event file", ["file": file.path, "reason": file.reason])
      }
      rows[table] = contents.rows
    }
    return rows
  }

  /// The bytes of the files that the engines read.
  /// - Throws: `SystemError`.
  func readableBytes() throws -> Int {
    try EventTable.all.map { try folder($0).readableBytes() }.reduce(0, +)
  }

  /// Whether the engine has every table and view, with all columns, over this lake's files.
  ///
  /// A table stays in the catalog when a lake is moved or copied; then it shows nothing, or the original's events.
  /// - Parameter events: how many each table had when the files were refreshed.
  /// - Throws: `SQLError` when the engine cannot be asked at all; `SystemError`.
  public func arePresent(in engine: any SQLEngine, with events: [EventTable: Int]) throws -> Bool {
    let present = try engine.columns(in: EventTable.schema)
    guard EventTable.all.allSatisfy({ present[$0.name] == $0.columns.map(\.name) }),
      HistoryView.all.allSatisfy({ present[$0.name] == $0.columns.map(\.name) })
    else { return false }
    return try EventTable.all.allSatisfy { table in
      guard try engine.reads(table.tableName, from: folder(table).readablePath) != false,
        let seen = try rows(of: table, in: engine)
      else {
        return false
      }
      // More than before may be events that another task has added meanwhile.
      let before = events[table] ?? 0
      return try seen == before || seen > before && seen <= folder(table).refresh().rows
    }
  }

  /// Throws unless the engine has every table and view, over this lake's files.
  /// - Throws: `TaskError` (`noInput`); `SQLError`.
  func checkPresence(in engine: any SQLEngine) throws {
    let present = try engine.tables(in: EventTable.schema)
    let missing = (EventTable.all.map(\.name) + HistoryView.all.map(\.name)).filter { !present.contains($0) }
    let advice = "run reconcile or compute-kpis once as a user who may write to the lake"
    guard missing.isEmpty else {
      throw TaskError(
        .noInput, "the catalog has no \(missing.joined(separator: ", ")) in \(EventTable.schema)",
        advice: advice)
    }
    for table in EventTable.all
    where try engine.reads(table.tableName, from: folder(table).readablePath) == false {
      throw TaskError(.noInput, "\(table.tableName) shows the events of another lake", advice: advice)
    }
  }

  /// Makes the schema, tables and views, in place of those that are there.
  ///
  /// The files must have been refreshed: DuckDB makes no view over an empty folder.
  /// - Throws: `TaskError` (`noPermission`) where they show another lake and must not be taken over; `SQLError`.
  public func create(in engine: any SQLEngine) throws {
    let present = try engine.tables(in: EventTable.schema)
    try engine.checkOwnership(
      of: EventTable.schema, tables: present.intersection(EventTable.all.map(\.name)))
    try engine.together {
      try engine.createSchema(EventTable.schema)
      for table in EventTable.all {
        let columns = table.columns.map { TableColumn($0) }
        // Files of earlier versions lack the columns that came later.
        try engine.createTable(
          table.tableName, columns: columns,
          over: ParquetFolder(folder(table).readablePath, filesLackColumns: true), comment: table.comment)
      }
      for view in HistoryView.all {
        try engine.createView(view.viewName, as: view.select(engine))
        try engine.comment(
          on: view.viewName, view.comment, columns: view.columns.map { ($0.name, $0.comment) })
      }
    }
  }

  private func folder(_ table: EventTable) -> EventFolder { EventFolder(table, in: lake, log: log) }

  /// The events that the engine sees; nil when it cannot read them.
  private func rows(of table: EventTable, in engine: any SQLEngine) throws -> Int? {
    do {
      return try engine.rows("SELECT count(*) FROM \(table.tableName.sql)").first?.first?.int64.map {
        Int($0)
      }
    } catch let error as SQLError where error.isAboutTheQuery { return nil }
  }
}
