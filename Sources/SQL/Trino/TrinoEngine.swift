import Glibc
import Platform
import TaskKit

/// The engine for lakes that one machine does not serve: a Trino server with the Hive connector.
///
/// Tables are external tables over the lake's Parquet files, as the server sees them.
public final class TrinoEngine: SQLEngine, @unchecked Sendable {
  /// `trino`
  public var name: EngineName { .trino }

  private let settings: TrinoSettings
  private let client: TrinoClient
  private let registration: Monitor<Interrupts.Registration?> = Monitor(nil)
  let temporary: TemporarySchemas

  /// - Throws: ``SQLError`` when credentials would go over plain HTTP; `HTTPError` when libcurl cannot be used.
  public init(_ settings: TrinoSettings) throws {
    var settings = settings
    // Event tables hold microseconds; Trino's default would cut them to milliseconds.
    settings.sessionProperties.insert(("\(settings.catalog).timestamp_precision", "MICROSECONDS"), at: 0)
    self.settings = settings
    client = try TrinoClient(settings)
    temporary = TemporarySchemas(settings)
    let (client, temporary, ownSettings) = (client, temporary, settings)
    registration.update {
      $0 = Interrupts.onInterrupt {
        client.cancel()
        Self.remove(temporary, ownSettings)
      }
    }
  }

  deinit { close() }

  /// An engine whose server has shown that it sees the lake as this process does.
  /// - Throws: ``SQLError``, `TaskError` (`configuration`) when it sees another lake.
  public static func opened(_ settings: TrinoSettings) throws -> TrinoEngine {
    let engine = try TrinoEngine(settings)
    do {
      try engine.checkLake()
    } catch {
      engine.close()
      throw error
    }
    return engine
  }

  /// Posts the statements one by one.
  /// - Throws: ``SQLError``.
  public func run(_ script: String) throws {
    for statement in try SQLScript.statements(script) { try client.run(statement) { _ in } }
  }

  /// Hands over the rows page by page, as the server gives them.
  /// - Throws: ``SQLError``, also when it is not just one statement; what `row` throws.
  public func query(_ sql: String, row: ([SQLValue]) throws -> Void) throws {
    let statement = try SQLScript.statements(sql)
    guard statement.count == 1 else {
      throw SQLError(
        engine: .trino, name: "SYNTAX_ERROR", message: "a query is one statement: \(sql.prefix(200))")
    }
    try client.run(statement[0], row: row)
  }

  /// The tables and views of a schema of the session's catalog.
  /// - Throws: ``SQLError``.
  public func tables(in schema: String) throws -> Set<String> {
    try names(
      "SELECT table_name FROM information_schema.tables WHERE table_schema = \(SQLText.literal(schema))")
  }

  /// The tables and views of these schemas of the session's catalog.
  /// - Throws: ``SQLError``.
  public func tables(in schemas: [String]) throws -> [String: Set<String>] {
    guard !schemas.isEmpty else { return [:] }
    return try rows(
      "SELECT table_schema, table_name FROM information_schema.tables"
        + " WHERE table_schema IN (\(SQLText.literals(schemas)))"
    ).tablesBySchema
  }

  /// The catalog's schemas without `information_schema`.
  /// - Throws: ``SQLError``.
  public func schemas() throws -> Set<String> {
    try names(
      "SELECT schema_name FROM information_schema.schemata WHERE schema_name <> 'information_schema'")
  }

  /// As `information_schema.columns` tells them.
  /// - Throws: ``SQLError``.
  public func columns(in schema: String) throws -> [String: [String]] {
    var columns: [String: [String]] = [:]
    try query(
      """
      SELECT table_name, column_name FROM information_schema.columns
      WHERE table_schema = \(SQLText.literal(schema)) ORDER BY table_name, ordinal_position
      """
    ) { row in
      if let table = row[0].string, let column = row[1].string { columns[table, default: []].append(column) }
    }
    return columns
  }

  /// `/` of integers cuts off towards 0; what does not fit is an error, which `TRY` turns into NULL.
  public func basisPoints(of numerator: String, over denominator: String) -> String {
    let (above, below) = ("(\(numerator) * 10000)", "nullif(\(denominator), 0)")
    return "TRY((\(above) - ((\(above) % \(below)) + \(below)) % \(below)) / \(below))"
  }

  /// `xxhash64` of one text of all values, in which each is preceded by its length, so that no two rows have the same.
  public func hash(of values: [(sql: String, type: String)]) -> String {
    let parts = values.map { value in
      let text = value.type == "VARCHAR" ? value.sql : "CAST(\(value.sql) AS VARCHAR)"
      return "coalesce(CAST(length(\(text)) AS VARCHAR) || ':' || \(text), '-')"
    }
    return "from_big_endian_64(xxhash64(to_utf8(\(parts.joined(separator: " || ")))))"
  }

  private func names(_ query: String) throws -> Set<String> {
    Set(try rows(query).compactMap(\.first?.string))
  }

  /// The columns as `information_schema.columns` tells them.
  /// - Throws: ``SQLError`` (`TABLE_NOT_FOUND`) when there is no such table.
  public func describe(_ table: TableName) throws -> [(name: String, type: String)] {
    let rows = try rows(
      """
      SELECT column_name, data_type FROM information_schema.columns
      WHERE table_schema = \(SQLText.literal(table.schema)) AND table_name = \(SQLText.literal(table.table))
      ORDER BY ordinal_position
      """)
    guard !rows.isEmpty else {
      throw SQLError(engine: .trino, name: "TABLE_NOT_FOUND", message: "there is no table \(table)")
    }
    return rows.map { ($0[0].string ?? "", $0[1].string ?? "") }
  }

  /// What `SHOW CREATE TABLE` says.
  /// - Throws: ``SQLError``.
  public func location(of table: TableName) throws -> String? { try uri(of: table)?.path(in: settings) }

  private func uri(of table: TableName) throws -> TrinoLocation? {
    let answer: [[SQLValue]]
    // Who may read a table need not be allowed to see how it was made.
    do { answer = try rows("SHOW CREATE TABLE \(table.sql)") } catch let error as SQLError
      where error.isAboutTheQuery
    { return nil }
    return answer.first?.first?.string.flatMap(TrinoLocation.init(ofStatement:))
  }

  /// Refuses to take tables over that show another lake, unless that is asked for, or Trino finds no rows there: the tables
  /// of a lake that was moved, or is gone, are nobody's.
  /// - Throws: `TaskError` (`noPermission`) that names the other lake; ``SQLError``.
  public func checkOwnership(of schema: String, tables: Set<String>) throws {
    guard !settings.takesOver else { return }
    let names = tables.sorted().map { TableName(schema, $0) }
    // All tables of a schema are made together.
    guard let sample = try firstLocation(of: names), !isInLake(sample) else { return }
    for part in stride(from: 0, to: names.count, by: 16) {
      // Files that cannot be read any more are no lake's.
      let files = try someFiles(of: Array(names[part..<min(part + 16, names.count)])) ?? [:]
      guard let file = names.lazy.compactMap({ files[$0] }).first(where: { !isInLake($0) }) else { continue }
      throw TaskError(
        .noPermission,
        "schema \(schema) of catalog \(settings.catalog) shows another lake, \(file.lake)",
        advice: """
          give each lake a catalog of its own and name it with --trino-catalog, or take the schema over with \
          --take-over true
          """)
    }
  }

  private func firstLocation(of tables: [TableName]) throws -> TrinoLocation? {
    for table in tables { if let location = try uri(of: table) { return location } }
    return nil
  }

  /// Whether a place is in this lake, by whatever name.
  private func isInLake(_ location: TrinoLocation) -> Bool {
    let path = location.path(in: settings)
    if path == settings.lakePath || path.hasPrefix(settings.lakePath + "/") { return true }
    return location.lakePath.map { Files.isSame($0, settings.lakePath) } ?? false
  }

  /// How many tables one query names: each is a stage of its plan, of which a server allows 150
  /// (`query.max-stage-count`).
  private static let mostTablesOfAQuery = 100

  /// The folders of files that Trino reads, a hundred tables to a query; of tables without rows, and of all in a query that
  /// fails because of one, what `SHOW CREATE TABLE` says.
  /// - Throws: ``SQLError``.
  public func locations(of tables: [TableName]) throws -> [TableName: String] {
    var folders: [TableName: String] = [:]
    for start in stride(from: 0, to: tables.count, by: Self.mostTablesOfAQuery) {
      let part = Array(tables[start..<min(start + Self.mostTablesOfAQuery, tables.count)])
      let files = try someFiles(of: part) ?? [:]
      for table in part {
        folders[table] =
          try files[table].map { Files.parent(of: $0.path(in: settings)) } ?? location(of: table)
      }
    }
    return folders
  }

  /// A file that Trino reads of each of these tables, in one query; those without rows are left out. Nil where the query
  /// fails because of one of them.
  /// - Throws: ``SQLError`` when the server cannot be asked.
  private func someFiles(of tables: [TableName]) throws -> [TableName: TrinoLocation]? {
    guard !tables.isEmpty else { return [:] }
    let parts = tables.enumerated().map { place, table in
      #"(SELECT \#(place) AS place, "$path" AS path FROM \#(table.sql) LIMIT 1)"#
    }
    var files: [TableName: TrinoLocation] = [:]
    do {
      try query(parts.joined(separator: " UNION ALL ")) { row in
        guard let place = row[0].int64, let path = row[1].string else { return }
        files[tables[Int(place)]] = TrinoLocation(uri: path)
      }
    } catch let error as SQLError where error.isAboutTheQuery { return nil }
    return files
  }

  /// Trino's tables name folders.
  public func files(of tables: [TableName]) throws -> [TableName: Set<String>]? { nil }

  /// Makes an external table over the folder as the server sees it. Trino reads every file there: names and
  /// pattern of the ``ParquetFolder`` do not count.
  /// - Throws: ``SQLError``, of the name `OUTSIDE_LAKE` when the folder is not in the lake.
  public func createTable(
    _ table: TableName, columns: [TableColumn], over folder: ParquetFolder, comment: String
  ) throws {
    try drop(table)
    let definitions = columns.map {
      "\(SQLText.identifier($0.name)) \(Self.type($0.type))\(Self.clause($0.comment))"
    }
    try run(
      """
      CREATE TABLE \(table.sql) (\(definitions.joined(separator: ", ")))\(Self.clause(comment))
      WITH (format = 'PARQUET', external_location = \(SQLText.literal(try location(of: folder.path))))
      """)
  }

  /// Posts the comments one by one.
  /// - Throws: ``SQLError``.
  public func comment(on view: TableName, _ comment: String, columns: [(name: String, comment: String)])
    throws
  {
    for statement in commentStatements(on: view, comment, columns: columns) { try run(statement) }
  }

  private static func clause(_ comment: String) -> String {
    comment.isEmpty ? "" : " COMMENT \(SQLText.literal(comment))"
  }

  /// `TIMESTAMP` alone is of milliseconds in Trino.
  private static func type(_ name: String) -> String { name == "TIMESTAMP" ? "TIMESTAMP(6)" : name }

  /// The Hive connector has no transactions for this: effects are seen as they come.
  /// - Throws: what `body` throws.
  public func together(_ body: () throws -> Void) throws { try body() }

  /// Drops the table; an external table's files stay.
  /// - Throws: ``SQLError``.
  public func drop(_ table: TableName) throws { try run("DROP TABLE IF EXISTS \(table.sql)") }

  /// Notes the schema and the tables in the lake, to drop them if the process is interrupted and to have a later task drop
  /// them if it is killed; then makes the schema.
  /// - Throws: ``SQLError``; `SystemError`.
  public func createTemporary(schema: String, tables: [String]) throws {
    try temporary.begin(schema, tables: tables)
    try createSchema(schema)
  }

  /// Drops the tables and the schema.
  /// - Throws: ``SQLError``.
  public func dropTemporary(schema: String, tables: [String]) throws {
    for statement in Self.removal(of: schema, tables) { try run(statement) }
    temporary.end(schema)
  }

  /// Drops what tasks that were killed have left of temporary schemas.
  /// - Throws: ``SQLError``.
  func removeLeftovers() throws {
    try temporary.removeLeftovers { schema in
      for statement in try Self.removal(of: schema, tables(in: schema).sorted()) { try run(statement) }
      try? Files.removeTree(checkFolder(schema))
    }
  }

  private static func removal(of schema: String, _ tables: [String]) -> [String] {
    tables.map { "DROP TABLE IF EXISTS \(TableName(schema, $0).sql)" }
      + ["DROP SCHEMA IF EXISTS \(SQLText.identifier(schema))"]
  }

  /// Removes what an interrupted engine has left, over a connection of its own, while the process ends.
  private static func remove(_ schemas: TemporarySchemas, _ settings: TrinoSettings) {
    var settings = settings
    settings.wait = .seconds(2)
    let unfinished = schemas.unfinished
    guard !unfinished.isEmpty, let client = try? TrinoClient(settings) else { return }
    for (schema, tables) in unfinished {
      let isRemoved = removal(of: schema, tables).allSatisfy { statement in
        (try? client.run(statement) { _ in }) != nil
      }
      if isRemoved { schemas.end(schema) }
    }
  }

  /// Has the server write (`CREATE TABLE AS`) into a folder of its own below `folder`, moves the files up,
  /// and makes the table over them. The key-value metadata are left out.
  ///
  /// Rows in an order go into a table of one sorted bucket, which is one file: `ORDER BY` counts for nothing where a
  /// table is made. Without an order there may be several files.
  /// - Throws: ``SQLError``; `SystemError` when folder or files cannot be made or moved.
  public func write(
    _ select: String, as table: TableName, columns: [TableColumn], orderedBy order: RowOrder,
    to folder: String,
    keyValues: [(key: String, value: String)]
  ) throws {
    // CREATE TABLE AS takes no folder that exists, and Trino may run as another user: it makes a folder of its own in
    // ours, and gives everyone access to that.
    try Files.createDirectory(folder)
    let mode = try Files.permissions(of: folder)
    try Files.setPermissions(of: folder, to: 0o777)
    defer { try? Files.setPermissions(of: folder, to: mode) }
    let written = Files.join(folder, "trino")
    let statement = try SQLScript.statements(select).joined().replacing(RowOrder.place, with: "")
    let values = columns.map {
      "CAST(\(SQLText.identifier($0.name)) AS \(Self.type($0.type))) AS \(SQLText.identifier($0.name))"
    }
    try drop(table)
    do {
      try run(
        """
        CREATE TABLE \(table.sql)
        WITH (format = 'PARQUET', external_location = \(SQLText.literal(try location(of: written)))\
        \(Self.bucket(order)))
        AS SELECT \(values.joined(separator: ", ")) FROM (\(statement))
        """)
    } catch let error as SQLError where error.name == "HIVE_METASTORE_ERROR" && !Files.exists(written) {
      // Without rows nothing makes the folder, and a metastore may refuse a table whose folder is missing.
      guard try rows("SELECT 1 FROM (\(statement)) LIMIT 1").isEmpty else { throw error }
    }
    // Hidden files are checksums, which Hadoop's local file system puts beside.
    for name in try Files.found(written) != nil ? Files.list(written) : [] where !name.hasPrefix(".") {
      try Files.rename(Files.join(written, name), to: Files.join(folder, name))
    }
    try Files.removeTree(written)
    try createTable(table, columns: columns, over: ParquetFolder(folder))
  }

  /// The properties of a table whose rows lie in one file in this order; NULL comes first in it. Columns stand in them as
  /// text, without the quotes of an identifier.
  private static func bucket(_ order: RowOrder) -> String {
    guard let first = order.columns.first else { return "" }
    return
      ", bucketed_by = ARRAY[\(SQLText.literal(first))], bucket_count = 1, sorted_by = ARRAY[\(SQLText.literals(order.columns))]"
  }

  /// Cancels the running statement on the server; it and every later one fail with `CANCELLED`.
  public func cancel() { client.cancel() }

  /// Takes back what was to be done at an interrupt; temporary schemas that are still there stay for a later task to
  /// remove.
  public func close() {
    temporary.leave()
    registration.update { registration in
      registration?.cancel()
      registration = nil
    }
  }

  /// The lake's path on this machine.
  var lakePath: String { settings.lakePath }

  /// The URI under which Trino sees a path of the lake.
  func location(of path: String) throws -> String {
    guard path == settings.lakePath || path.hasPrefix(settings.lakePath + "/") else {
      throw SQLError(
        engine: .trino, name: "OUTSIDE_LAKE", message: "\(path) is not inside the lake \(settings.lakePath)")
    }
    var base = settings.lakeURI
    while base.hasSuffix("/") && !base.hasSuffix(":///") { base.removeLast() }
    return base + String(decoding: path.utf8.dropFirst(settings.lakePath.utf8.count), as: UTF8.self)
  }
}
