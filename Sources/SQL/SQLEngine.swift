import Platform
import Schema

/// What the pipeline asks of a database: run statements, read typed rows, make external tables and views.
///
/// SQL handed to an engine keeps to what DuckDB and Trino both understand and mean alike. Where they differ, the
/// difference is inside the engine. Tables are named by schema and table; the catalog is the session's.
///
/// An engine serves one caller at a time; only ``cancel()`` may be called from elsewhere meanwhile.
///
/// Whatever an engine refuses, or a server that cannot be reached, is an ``SQLError``. What fails on this machine, such
/// as starting the shell or making a folder, is a `SystemError`, which every throwing method may throw as well.
public protocol SQLEngine: AnyObject, Sendable {
  /// Which engine it is, for messages and the names of reports.
  var name: EngineName { get }

  /// Runs the statements of `script` one after the other; the first that fails ends it.
  /// - Throws: ``SQLError``.
  func run(_ script: String) throws

  /// Runs a query (`SELECT`, `WITH` or `VALUES`) and hands over its rows as they arrive, without gathering them.
  ///
  /// Rows that were handed over stay valid when a later one fails.
  /// - Throws: ``SQLError``, and what `row` throws, which ends the query.
  func query(_ sql: String, row: ([SQLValue]) throws -> Void) throws

  /// The tables and views of a schema; none when there is no such schema.
  /// - Throws: ``SQLError``.
  func tables(in schema: String) throws -> Set<String>

  /// The tables and views of several schemas, in one question; a schema that is not there is left out.
  /// - Throws: ``SQLError``.
  func tables(in schemas: [String]) throws -> [String: Set<String>]

  /// The names of the columns of every table and view of a schema, in their order, as the catalog knows them: no file is
  /// opened.
  /// - Throws: ``SQLError``.
  func columns(in schema: String) throws -> [String: [String]]

  /// The schemas of the catalog, without the engine's own.
  /// - Throws: ``SQLError``.
  func schemas() throws -> Set<String>

  /// The columns of a table or view with the types as this engine names them.
  /// - Throws: ``SQLError`` when there is no such table.
  func describe(_ table: TableName) throws -> [(name: String, type: String)]

  /// The folder of the files that a table reads, as this machine sees it; for a folder outside the lake, what the engine
  /// calls it. Nil when there is no such table, it is no table over one folder's files, or the engine does not tell.
  /// - Throws: ``SQLError`` when the engine cannot be asked.
  func location(of table: TableName) throws -> String?

  /// The folders of the files that several tables read, as ``location(of:)`` tells each; those without one are left out.
  /// - Throws: ``SQLError`` when the engine cannot be asked.
  func locations(of tables: [TableName]) throws -> [TableName: String]

  /// The files that several tables name one by one, in one question; tables that name a folder or a pattern are left out.
  /// Nil where the engine's tables name folders.
  /// - Throws: ``SQLError`` when the engine cannot be asked.
  func files(of tables: [TableName]) throws -> [TableName: Set<String>]?

  /// Throws where tables of a schema show another lake, and must not be made again over this one's files.
  ///
  /// Only where several lakes may share a catalog.
  /// - Parameter tables: those that this pipeline makes; views are left out.
  /// - Throws: `TaskError` (`noPermission`); ``SQLError``.
  func checkOwnership(of schema: String, tables: Set<String>) throws

  /// Makes a table over Parquet files, in place of one of that name.
  ///
  /// Columns are matched with the files' by name. A folder without files makes an empty table.
  /// - Parameters:
  ///   - columns: with the comments that the catalog keeps of them.
  ///   - comment: what the catalog keeps of the table; empty for nothing.
  /// - Throws: ``SQLError``.
  func createTable(_ table: TableName, columns: [TableColumn], over folder: ParquetFolder, comment: String)
    throws

  /// Has the catalog keep what a view and its columns hold.
  /// - Parameter columns: the comments of its columns by their names; empty ones are left out.
  /// - Throws: ``SQLError``.
  func comment(on view: TableName, _ comment: String, columns: [(name: String, comment: String)]) throws

  /// Runs statements that belong together: where the engine can, readers see all of their effects or none. They may be
  /// run more than once, so they must not depend on how often.
  /// - Throws: ``SQLError``, and what `body` throws.
  func together(_ body: () throws -> Void) throws

  /// Takes a table out of the catalog if it is there; files stay.
  /// - Throws: ``SQLError``.
  func drop(_ table: TableName) throws

  /// Makes a schema for the time of a task's work, in which it will make these tables. They are gone when it is
  /// interrupted, too.
  /// - Throws: ``SQLError``.
  func createTemporary(schema: String, tables: [String]) throws

  /// Takes a schema that was made for the time of a task's work out of the catalog, and these of its tables.
  ///
  /// Does nothing where the catalog itself ends with the session.
  /// - Throws: ``SQLError``.
  func dropTemporary(schema: String, tables: [String]) throws

  /// Writes a query's rows as Parquet files, and makes a table over them in place of one of that name.
  ///
  /// The names of the files are the engine's; all are whole when this returns. Without rows there may be no file.
  /// - Parameters:
  ///   - select: may say with ``RowOrder/place`` where its rows are sorted best.
  ///   - columns: the columns of the files, in their order, by the names that the query gives them.
  ///   - order: how the rows are sorted, over all files; NULL comes first.
  ///   - folder: an empty or missing folder inside the lake.
  ///   - keyValues: the footers' key-value metadata, where the engine can write it.
  /// - Throws: ``SQLError``.
  func write(
    _ select: String, as table: TableName, columns: [TableColumn], orderedBy order: RowOrder,
    to folder: String,
    keyValues: [(key: String, value: String)]
  ) throws

  /// The expression for one integer over another in basis points: 10000 for equal values, rounded down; NULL where the
  /// denominator is 0 or NULL, and where the result is no BIGINT.
  func basisPoints(of numerator: String, over denominator: String) -> String

  /// The expression for a hash of 64 bits of these values together, NULL being one of them: alike for rows that are alike,
  /// and for others only by chance. Each engine has its own, so no result may hold one.
  /// - Parameter values: expressions with the names of their types, as in ``TableColumn``.
  func hash(of values: [(sql: String, type: String)]) -> String

  /// Says about how much the statements that follow will read, so that the engine uses no more threads for it than pay.
  ///
  /// Until it is told, an engine is ready for much.
  /// - Parameter bytes: those of the files.
  /// - Throws: ``SQLError``.
  func expectReading(bytes: Int) throws

  /// Ends what is running now, from any thread or a signal's clean-up, for good: the call that runs it throws, and so
  /// does every later one.
  func cancel()

  /// Ends the session: locks and temporary files are gone afterwards.
  func close()
}

extension SQLEngine {
  /// Finds nothing wrong and throws nothing: a catalog that is a file of the lake shows no other's.
  public func checkOwnership(of schema: String, tables: Set<String>) throws {}

  /// Does nothing: a server decides for itself.
  public func expectReading(bytes: Int) throws {}

  /// All rows of a query, for results that are small.
  /// - Throws: ``SQLError``.
  public func rows(_ sql: String) throws -> [[SQLValue]] {
    var rows: [[SQLValue]] = []
    try query(sql) { rows.append($0) }
    return rows
  }

  /// Whether the catalog has this table or view.
  /// - Throws: ``SQLError``.
  public func tableExists(_ table: TableName) throws -> Bool {
    try tables(in: table.schema).contains(table.table)
  }

  /// Whether a table reads the files of this folder, by whatever path; nil when the engine does not tell.
  ///
  /// The catalog goes with a lake that is copied or moved, and its tables go on reading the files of the original.
  public func reads(_ table: TableName, from folder: String) throws -> Bool? {
    try location(of: table).map { Files.isSame($0, folder) }
  }

  /// Makes a schema unless it is there.
  /// - Throws: ``SQLError``.
  public func createSchema(_ schema: String) throws {
    try run("CREATE SCHEMA IF NOT EXISTS \(SQLText.identifier(schema))")
  }

  /// Takes a view out of the catalog if it is there.
  /// - Throws: ``SQLError``.
  public func dropView(_ view: TableName) throws { try run("DROP VIEW IF EXISTS \(view.sql)") }

  /// Takes a schema out of the catalog if it is there and empty.
  /// - Throws: ``SQLError``.
  public func dropSchema(_ schema: String) throws {
    try run("DROP SCHEMA IF EXISTS \(SQLText.identifier(schema))")
  }

  /// Makes a table over Parquet files, without a comment.
  /// - Throws: ``SQLError``.
  public func createTable(_ table: TableName, columns: [TableColumn], over folder: ParquetFolder) throws {
    try createTable(table, columns: columns, over: folder, comment: "")
  }

  /// Statements that have a catalog keep what a view and its columns hold; both engines have them.
  func commentStatements(
    on view: TableName, _ comment: String, columns: [(name: String, comment: String)]
  ) -> [String] {
    var statements: [String] = []
    if !comment.isEmpty { statements.append("COMMENT ON VIEW \(view.sql) IS \(SQLText.literal(comment))") }
    for column in columns where !column.comment.isEmpty {
      let name = "\(view.sql).\(SQLText.identifier(column.name))"
      statements.append("COMMENT ON COLUMN \(name) IS \(SQLText.literal(column.comment))")
    }
    return statements
  }

  /// Makes a view, in place of one of that name.
  /// - Throws: ``SQLError``.
  public func createView(_ view: TableName, as select: String) throws {
    try run("CREATE OR REPLACE VIEW \(view.sql) AS \(select)")
  }
}
