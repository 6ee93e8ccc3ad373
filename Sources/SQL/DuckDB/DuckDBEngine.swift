import Glibc
import Platform

/// The embedded engine: DuckDB's command line shell with the lake's catalog attached as `hive`.
///
/// Tables are views over the lake's Parquet files. The catalog's file holds them, so that a person can open it with
/// `duckdb` and query them at once. DuckDB lets one process write to it or many read from it; who finds it taken waits.
///
/// An error of the engine ends its session; the next call starts another, without the temporary and, with a
/// ``Catalog/scratch`` catalog, without any table of the one before. After ``cancel()`` none is started any more.
public final class DuckDBEngine: SQLEngine, @unchecked Sendable {
  /// Where schemas and views live.
  public enum Catalog: Sendable {
    /// In this file, shared with other processes that read; an empty one if it does not exist yet.
    case reading(String)
    /// In this file, for this process alone.
    case writing(String)
    /// In memory, for this session alone.
    case scratch
  }

  /// How the shell is found, what it opens, and what it may use.
  public struct Settings: Sendable {
    /// The command line shell; a plain name is looked for in `PATH`.
    public var executable: String
    /// Where schemas and views live.
    public var catalog: Catalog
    /// The megabytes that DuckDB may use before it spills to disk.
    public var memoryMegabytes: Int
    /// How many threads it may use; nil for one on each processor.
    public var threads: Int?
    /// An existing folder for what does not fit into memory; nil if nothing may be written.
    public var spillParent: String?
    /// How long to wait for a catalog that another process has opened.
    public var catalogWait: Duration
    /// Called once with DuckDB's words when the catalog has to be waited for.
    public var onCatalogWait: @Sendable (String) -> Void

    /// - Parameters:
    ///   - memoryMegabytes: DuckDB's `memory_limit`, in MiB.
    ///   - spillParent: an existing folder; one of this engine's own is made in it.
    public init(
      executable: String, catalog: Catalog, memoryMegabytes: Int = 512, threads: Int? = nil,
      spillParent: String? = nil, catalogWait: Duration = .seconds(600),
      onCatalogWait: @escaping @Sendable (String) -> Void = { _ in }
    ) {
      self.executable = executable
      self.catalog = catalog
      self.memoryMegabytes = memoryMegabytes
      self.threads = threads
      self.spillParent = spillParent
      self.catalogWait = catalogWait
      self.onCatalogWait = onCatalogWait
    }
  }

  /// `duckdb`
  public var name: EngineName { .duckdb }

  private let settings: Settings
  private let spill: SpillFolder?
  private let session = Monitor(Session())

  private struct Session {
    var shell: DuckDBShell?
    var isCancelled = false
  }

  /// - Throws: `SystemError` when the spill folder cannot be made. The shell starts with the first statement.
  public init(_ settings: Settings) throws {
    self.settings = settings
    spill = try settings.spillParent.map { try SpillFolder(in: $0) }
  }

  deinit { close() }

  /// Hands the statements to the shell one by one.
  /// - Throws: ``SQLError``; `SystemError` when the shell cannot be started.
  public func run(_ script: String) throws {
    for statement in try SQLScript.statements(script) {
      try inSession { shell in try shell.run(statement) }
    }
  }

  /// Asks for the result's types first (`DESCRIBE`), then streams its rows (`COPY … TO '/dev/stdout'`).
  /// - Throws: ``SQLError``, also when it is not just one statement; `SystemError` when the shell cannot be
  ///   started; what `row` throws.
  public func query(_ sql: String, row: ([SQLValue]) throws -> Void) throws {
    let statement = try SQLScript.statements(sql)
    guard statement.count == 1 else {
      throw SQLError(
        engine: .duckdb, name: "Parser Error", message: "a query is one statement: \(sql.prefix(200))")
    }
    try inSession { shell in
      let types = try Self.columns(shell.lines("DESCRIBE \(statement[0])")).map { ResultType($0.type) }
      try shell.copy(statement[0], width: types.count) { fields in
        var values: [SQLValue] = []
        values.reserveCapacity(fields.count)
        for (field, type) in zip(fields, types) { values.append(try type.value(field)) }
        try row(values)
      }
    }
  }

  /// The tables and views of a schema of the attached catalog.
  /// - Throws: ``SQLError``; `SystemError` when the shell cannot be started.
  public func tables(in schema: String) throws -> Set<String> {
    try names(
      "SELECT table_name FROM information_schema.tables WHERE table_catalog = current_database()"
        + " AND table_schema = \(SQLText.literal(schema))")
  }

  /// The tables and views of these schemas of the attached catalog.
  /// - Throws: ``SQLError``; `SystemError` when the shell cannot be started.
  public func tables(in schemas: [String]) throws -> [String: Set<String>] {
    guard !schemas.isEmpty else { return [:] }
    return try rows(
      "SELECT table_schema, table_name FROM information_schema.tables WHERE table_catalog = current_database()"
        + " AND table_schema IN (\(SQLText.literals(schemas)))"
    ).tablesBySchema
  }

  /// The catalog's schemas without DuckDB's own: `main`, `information_schema` and `pg_catalog`.
  /// - Throws: ``SQLError``; `SystemError` when the shell cannot be started.
  public func schemas() throws -> Set<String> {
    try names(
      "SELECT schema_name FROM information_schema.schemata WHERE catalog_name = current_database()"
        + " AND schema_name NOT IN ('main', 'information_schema', 'pg_catalog')")
  }

  /// The catalog's own list of columns.
  /// - Throws: ``SQLError``; `SystemError` when the shell cannot be started.
  public func columns(in schema: String) throws -> [String: [String]] {
    var columns: [String: [String]] = [:]
    try query(
      """
      SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = current_database()
      AND schema_name = \(SQLText.literal(schema)) ORDER BY table_name, column_index
      """
    ) { row in
      if let table = row[0].string, let column = row[1].string { columns[table, default: []].append(column) }
    }
    return columns
  }

  /// In HUGEINT, which holds every product of a BIGINT and 10000; `/` would make a DOUBLE.
  public func basisPoints(of numerator: String, over denominator: String) -> String {
    let (above, below) = ("(CAST(\(numerator) AS HUGEINT) * 10000)", "nullif(\(denominator), 0)")
    let remainder = "((\(above) % \(below)) + \(below)) % \(below)"
    return "TRY_CAST((\(above) - \(remainder)) // \(below) AS BIGINT)"
  }

  /// DuckDB's own `hash`, of any number of values of any type; the sign bit is taken in.
  public func hash(of values: [(sql: String, type: String)]) -> String {
    "hash(\(values.map(\.sql).joined(separator: ", ")))"
  }

  private func names(_ query: String) throws -> Set<String> {
    Set(try rows(query).compactMap(\.first?.string))
  }

  /// The columns as DuckDB's `DESCRIBE` tells them.
  /// - Throws: ``SQLError`` when there is no such table; `SystemError` when the shell cannot be started.
  public func describe(_ table: TableName) throws -> [(name: String, type: String)] {
    try inSession { shell in try Self.columns(shell.lines("DESCRIBE \(table.sql)")) }
  }

  private static func columns(_ lines: [JSON]) throws -> [(name: String, type: String)] {
    try lines.map { line in
      guard let name = line["column_name"]?.string, let type = line["column_type"]?.string else {
        throw SQLError(engine: .duckdb, name: "PROTOCOL", message: "DESCRIBE gave no columns")
      }
      return (name, type)
    }
  }

  /// Tables are views, and DuckDB keeps the text that made them.
  /// - Throws: ``SQLError``; `SystemError` when the shell cannot be started.
  public func location(of table: TableName) throws -> String? { try locations(of: [table])[table] }

  /// Read from the texts of the views, in one query.
  /// - Throws: ``SQLError``; `SystemError` when the shell cannot be started.
  public func locations(of tables: [TableName]) throws -> [TableName: String] {
    guard !tables.isEmpty else { return [:] }
    let wanted = Set(tables)
    var folders: [TableName: String] = [:]
    try query(
      "SELECT schema_name, view_name, sql FROM duckdb_views() WHERE database_name = current_database()"
        + " AND schema_name IN (\(SQLText.literals(Set(tables.map(\.schema)).sorted())))"
        + " AND view_name IN (\(SQLText.literals(Set(tables.map(\.table)).sorted())))"
    ) { row in
      let table = TableName(row[0].string ?? "", row[1].string ?? "")
      guard wanted.contains(table), let statement = row[2].string else { return }
      folders[table] = ParquetFolder.path(ofDuckDBView: statement)
    }
    return folders
  }

  /// What the texts of the views say.
  /// - Throws: ``SQLError``; `SystemError` when the shell cannot be started.
  public func files(of tables: [TableName]) throws -> [TableName: Set<String>] {
    guard !tables.isEmpty else { return [:] }
    let wanted = Set(tables)
    var files: [TableName: Set<String>] = [:]
    try query(
      "SELECT schema_name, view_name, sql FROM duckdb_views() WHERE database_name = current_database()"
        + " AND schema_name IN (\(SQLText.literals(Set(tables.map(\.schema)).sorted())))"
        + " AND view_name IN (\(SQLText.literals(Set(tables.map(\.table)).sorted())))"
    ) { row in
      let table = TableName(row[0].string ?? "", row[1].string ?? "")
      guard wanted.contains(table), let statement = row[2].string else { return }
      files[table] = ParquetFolder.files(ofDuckDBView: statement)
    }
    return files
  }

  /// Makes a view that reads the files (`read_parquet`) and casts each column to its declared type.
  /// - Throws: ``SQLError``; `SystemError` when the folder cannot be listed or the shell not be started.
  public func createTable(_ table: TableName, columns: [TableColumn], over folder: ParquetFolder) throws {
    let files = try folder.duckDBFiles()
    let select: String
    if files.isEmpty {
      let nothing = columns.map { "CAST(NULL AS \($0.type)) AS \(SQLText.identifier($0.name))" }
      select = "SELECT \(nothing.joined(separator: ", ")) WHERE false"
    } else {
      let values = columns.map {
        "CAST(\(SQLText.identifier($0.name)) AS \($0.type)) AS \(SQLText.identifier($0.name))"
      }
      // A folder's name may look like a partition's (`month=8`), and text need not be annotated as such.
      select = """
        SELECT \(values.joined(separator: ", ")) FROM read_parquet([\(SQLText.literals(files))], \
        hive_partitioning = false, binary_as_string = true, union_by_name = \(folder.filesLackColumns))
        """
    }
    try createView(table, as: select)
  }

  /// Runs `body` in a transaction, which is rolled back if it throws.
  /// - Throws: ``SQLError``; `SystemError` when the shell cannot be started; what `body` throws.
  public func together(_ body: () throws -> Void) throws {
    try run("BEGIN")
    // An error of the engine ends its session, which rolls back; any other leaves this to us.
    do { try body() } catch {
      if hasSession { try? run("ROLLBACK") }
      throw error
    }
    try run("COMMIT")
  }

  private var hasSession: Bool { session.update { $0.shell != nil } }

  /// Tables are views over files here.
  /// - Throws: ``SQLError``; `SystemError` when the shell cannot be started.
  public func drop(_ table: TableName) throws { try dropView(table) }

  /// Makes the schema. A ``Catalog/scratch`` catalog, which building has, ends with the session, and the
  /// schema with it.
  /// - Throws: ``SQLError``; `SystemError` when the shell cannot be started.
  public func createTemporary(schema: String, tables: [String]) throws { try createSchema(schema) }

  /// Drops the views and the schema; nothing to do in a ``Catalog/scratch`` catalog.
  /// - Throws: ``SQLError``; `SystemError` when the shell cannot be started.
  public func dropTemporary(schema: String, tables: [String]) throws {
    if case .scratch = settings.catalog { return }
    for table in tables { try drop(TableName(schema, table)) }
    try dropSchema(schema)
  }

  /// Writes one file, `part-00000.parquet`, sorted, with Zstandard and row groups of 122,880 rows, and with
  /// the key-value metadata.
  /// - Throws: ``SQLError``; `SystemError` when the folder cannot be made or the shell not be started.
  public func write(
    _ select: String, as table: TableName, columns: [TableColumn], orderedBy order: [String],
    to folder: String,
    keyValues: [(key: String, value: String)]
  ) throws {
    try Files.createDirectory(folder)
    let statement = try SQLScript.statements(select).joined()
    let values = columns.map {
      "CAST(\(SQLText.identifier($0.name)) AS \($0.type)) AS \(SQLText.identifier($0.name))"
    }
    let sorting = order.isEmpty ? "" : " ORDER BY \(order.map(SQLText.identifier).joined(separator: ", "))"
    let metadata = keyValues.map { "\(SQLText.identifier($0.key)): \(SQLText.literal($0.value))" }
    try run(
      """
      COPY (SELECT \(values.joined(separator: ", ")) FROM (\(statement))\(sorting))
      TO \(SQLText.literal(Files.join(folder, "part-00000.parquet")))
      (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880\
      \(metadata.isEmpty ? "" : ", KV_METADATA {\(metadata.joined(separator: ", "))}"))
      """)
    try createTable(table, columns: columns, over: ParquetFolder(folder))
  }

  /// Kills the shell: the statement that it runs fails with `CANCELLED`, and so does every later one.
  public func cancel() {
    session.update { session in
      session.isCancelled = true
      session.shell?.kill()
    }
  }

  /// Ends the shell in order, which frees the catalog, and removes the spill folder; later calls do nothing.
  public func close() {
    let shell = session.update { session in
      defer { session.shell = nil }
      return session.shell
    }
    shell?.close()
    spill?.remove()
  }

  /// Runs `body` with the session's shell. Whatever goes wrong, what the shell still has to say belongs to nobody, so
  /// it is ended.
  private func inSession<Result>(_ body: (DuckDBShell) throws -> Result) throws -> Result {
    do {
      return try body(try currentShell())
    } catch {
      let (shell, isCancelled) = session.update { session in
        defer { session.shell = nil }
        return (session.shell, session.isCancelled)
      }
      shell?.kill()
      shell?.close()
      throw isCancelled ? SQLError.cancelled(.duckdb) : error
    }
  }

  private func currentShell() throws -> DuckDBShell {
    if let shell = session.update({ $0.shell }) { return shell }
    let start = ContinuousClock.now
    var pause: UInt32 = 50_000
    var hasTold = false
    while true {
      if session.update({ $0.isCancelled }) { throw SQLError.cancelled(.duckdb) }
      let shell = try DuckDBShell(executable: settings.executable)
      // From here on `cancel()` reaches it, also while it waits; one that came meanwhile holds for it too.
      let isCancelled = session.update { session in
        session.shell = shell
        return session.isCancelled
      }
      if isCancelled { throw SQLError.cancelled(.duckdb) }
      do {
        try prepare(shell)
        return shell
      } catch let error as SQLError where error.reason.contains("Could not set lock on file") {
        session.update { $0.shell = nil }
        guard ContinuousClock.now - start < settings.catalogWait else {
          throw SQLError(engine: .duckdb, name: "CATALOG_LOCKED", message: error.reason)
        }
        if !hasTold { settings.onCatalogWait(error.reason) }
        hasTold = true
        usleep(pause)
        pause = min(pause * 2, 1_000_000)
      }
    }
  }

  /// Gives a new shell its limits and its catalog.
  private func prepare(_ shell: DuckDBShell) throws {
    try shell.run("SET memory_limit = '\(settings.memoryMegabytes)MiB'")
    if let threads = settings.threads { try shell.run("SET threads = \(threads)") }
    try shell.run("SET temp_directory = \(SQLText.literal(spill?.path ?? ""))")
    // Nothing is loaded from the network behind the user's back.
    try shell.run("SET autoinstall_known_extensions = false")
    switch settings.catalog {
    case .writing(let path):
      try shell.run("ATTACH \(SQLText.literal(path)) AS hive")
    case .reading(let path) where Files.exists(path):
      try shell.run("ATTACH \(SQLText.literal(path)) AS hive (READ_ONLY)")
    case .reading, .scratch:
      try shell.run("ATTACH ':memory:' AS hive")
    }
    try shell.run("USE hive")
    // Standard SQL says regexp_like, and that all matches are replaced. The session's own macros come before the
    // engine's functions; views that are to outlive the session cannot use them.
    try shell.run("CREATE TEMP MACRO regexp_like(text, pattern) AS regexp_matches(text, pattern)")
    try shell.run(
      """
      CREATE TEMP MACRO regexp_replace(text, pattern, replacement) AS
      system.main.regexp_replace(text, pattern, replacement, 'g')
      """)
  }
}
