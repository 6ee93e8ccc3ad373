import Glibc
import Platform
import TaskKit

/// The embedded engine: DuckDB's command line shell with the lake's catalog attached as `hive`.
///
/// Tables are views over the lake's Parquet files. The catalog's file holds them, so that a person can open it with
/// `duckdb` and query them at once. DuckDB lets one process write to it or many read from it; who finds it taken waits.
///
/// An error of the engine ends its session; the next call starts another, with the schemas and views of a
/// ``Catalog/scratch`` catalog made again. After ``cancel()`` none is started any more.
///
/// A statement for which memory did not suffice is tried again with half the threads, down to one, and then with twice
/// the memory, up to ``Settings/memoryCeiling``; one that a signal interrupted, or that found no files where there are
/// some, is tried again as it is. Within ``together(_:)`` it is all statements that are tried again; nothing is once rows
/// were handed over.
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
    /// The megabytes that a statement may be given for which that does not suffice.
    public var memoryCeiling: Int
    /// How many threads it may use.
    public var threads: Int
    /// An existing folder for what does not fit into memory; nil if nothing may be written.
    public var spillParent: String?
    /// How long to wait for a catalog that another process has opened.
    public var catalogWait: Duration
    /// Called with who has it open when the catalog has to be waited for, and every few seconds while it is.
    public var onCatalogWait: @Sendable (String) -> Void
    /// Called when a statement is tried again, with the reason and with what it may use now.
    public var onAnotherTry: @Sendable (String) -> Void
    /// Runs the start of a shell, which may take long on a busy machine, and shows meanwhile what is waited for.
    public var whileStarting: @Sendable (() throws -> Void) throws -> Void = { try $0() }

    /// - Parameters:
    ///   - memoryMegabytes: DuckDB's `memory_limit`, in MiB.
    ///   - memoryCeiling: nil for no more than that.
    ///   - threads: nil for one on each processor.
    ///   - spillParent: an existing folder; one of this engine's own is made in it.
    public init(
      executable: String, catalog: Catalog, memoryMegabytes: Int = 512, memoryCeiling: Int? = nil,
      threads: Int? = nil, spillParent: String? = nil, catalogWait: Duration = .seconds(600),
      onCatalogWait: @escaping @Sendable (String) -> Void = { _ in },
      onAnotherTry: @escaping @Sendable (String) -> Void = { _ in }
    ) {
      self.executable = executable
      self.catalog = catalog
      self.memoryMegabytes = memoryMegabytes
      self.memoryCeiling = max(memoryCeiling ?? memoryMegabytes, memoryMegabytes)
      self.threads = max(threads ?? SystemThread.processorCount, 1)
      self.spillParent = spillParent
      self.catalogWait = catalogWait
      self.onCatalogWait = onCatalogWait
      self.onAnotherTry = onAnotherTry
    }
  }

  /// `duckdb`
  public var name: EngineName { .duckdb }

  private let settings: Settings
  private let spill: SpillFolder?
  private let session: Monitor<Session>

  private struct Session {
    var shell: DuckDBShell?
    var isCancelled = false
    var isInTransaction = false
    /// What a new shell may use.
    var memoryMegabytes: Int
    var threads: Int
    /// How many of them pay for what is read.
    var usefulThreads = Int.max
    var usedThreads: Int { min(threads, usefulThreads) }
    /// The statements that made what is in a scratch catalog.
    var made: [String] = []
  }

  /// - Throws: `SystemError` when the spill folder cannot be made. The shell starts with the first statement.
  public init(_ settings: Settings) throws {
    self.settings = settings
    session = Monitor(Session(memoryMegabytes: settings.memoryMegabytes, threads: settings.threads))
    spill = try settings.spillParent.map { try SpillFolder(in: $0) }
  }

  deinit { close() }

  /// Hands the statements to the shell one by one.
  /// - Throws: ``SQLError``; `SystemError` when the shell cannot be started.
  public func run(_ script: String) throws {
    for statement in try SQLScript.statements(script) {
      try tryingAgain { try inSession { shell in try shell.run(statement) } }
      remember(statement)
    }
  }

  /// A session that takes the place of this one has to find the same schemas and views.
  private func remember(_ statement: String) {
    guard case .scratch = settings.catalog else { return }
    let kinds = ["CREATE SCHEMA", "CREATE OR REPLACE VIEW", "DROP VIEW", "DROP SCHEMA"]
    guard kinds.contains(where: statement.hasPrefix) else { return }
    session.update { $0.made.append(statement) }
  }

  /// Streams the rows (`COPY … TO '/dev/stdout'`), each with the types of its values before them: to ask for the types
  /// first would have every file of a query's views opened twice.
  /// - Throws: ``SQLError``, also when it is not just one statement; `SystemError` when the shell cannot be
  ///   started; what `row` throws.
  public func query(_ sql: String, row: ([SQLValue]) throws -> Void) throws {
    let statement = try SQLScript.statements(sql)
    guard statement.count == 1 else {
      throw SQLError(
        engine: .duckdb, name: "Parser Error", message: "a query is one statement: \(sql.prefix(200))")
    }
    let typed = "SELECT typeof(COLUMNS(*)), * FROM (\(statement[0])\n) AS answer"
    var types: [ResultType]?
    func hasBegun() -> Bool { types != nil }
    try tryingAgain(unless: hasBegun) {
      try inSession { shell in
        try shell.copy(typed) { fields in
          let (names, texts) = (fields[..<(fields.count / 2)], fields[(fields.count / 2)...])
          let known = types ?? names.map { ResultType($0 ?? "") }
          types = known
          var values: [SQLValue] = []
          values.reserveCapacity(known.count)
          for (text, type) in zip(texts, known) { values.append(try type.value(text)) }
          try row(values)
        }
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
    try tryingAgain {
      try inSession { shell in try Self.columns(shell.lines("DESCRIBE \(table.sql)")) }
    }
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
  public func files(of tables: [TableName]) throws -> [TableName: Set<String>]? {
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
  public func createTable(
    _ table: TableName, columns: [TableColumn], over folder: ParquetFolder, comment: String
  ) throws {
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
    try self.comment(on: table, comment, columns: columns.map { ($0.name, $0.comment) })
  }

  /// Sends all comments at once: there are many, and each would wait for the shell's answer.
  /// - Throws: ``SQLError``; `SystemError` when the shell cannot be started.
  public func comment(on view: TableName, _ comment: String, columns: [(name: String, comment: String)])
    throws
  {
    let statements = commentStatements(on: view, comment, columns: columns)
    guard !statements.isEmpty else { return }
    try inSession { shell in try shell.run(statements.joined(separator: ";\n")) }
  }

  /// Runs `body` in a transaction, which is rolled back if it throws; again after an error that need not come again.
  /// - Throws: ``SQLError``; `SystemError` when the shell cannot be started; what `body` throws.
  public func together(_ body: () throws -> Void) throws {
    try tryingAgain {
      try run("BEGIN")
      session.update { $0.isInTransaction = true }
      defer { session.update { $0.isInTransaction = false } }
      // An error of the engine ends its session, which rolls back; any other leaves this to us.
      do { try body() } catch {
        if hasSession { try? run("ROLLBACK") }
        throw error
      }
      try run("COMMIT")
    }
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
    _ select: String, as table: TableName, columns: [TableColumn], orderedBy order: RowOrder,
    to folder: String,
    keyValues: [(key: String, value: String)]
  ) throws {
    try Files.createDirectory(folder)
    let statement = try SQLScript.statements(select).joined()
    let values = columns.map {
      "CAST(\(SQLText.identifier($0.name)) AS \($0.type)) AS \(SQLText.identifier($0.name))"
    }
    let metadata = keyValues.map { "\(SQLText.identifier($0.key)): \(SQLText.literal($0.value))" }
    try run(
      """
      COPY (\(order.sorted(statement, selecting: values)))
      TO \(SQLText.literal(Files.join(folder, "part-00000.parquet")))
      (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 122880\
      \(metadata.isEmpty ? "" : ", KV_METADATA {\(metadata.joined(separator: ", "))}"))
      """)
    try createTable(table, columns: columns, over: ParquetFolder(folder))
  }

  /// One thread more for each 16 MB: the rows of a few small files make no work for a second one, and threads that wait
  /// for each other cost more than half of the time that such a query takes.
  /// - Throws: ``SQLError``.
  public func expectReading(bytes: Int) throws {
    let (shell, before, after) = session.update { session in
      let before = session.usedThreads
      session.usefulThreads = 1 + bytes / 16_000_000
      return (session.shell, before, session.usedThreads)
    }
    guard shell != nil, before != after else { return }
    try run("SET threads = \(after)")
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
    if shell != nil, case .writing(let path) = settings.catalog { takeInLog(of: path) }
    spill?.remove()
  }

  /// Has what DuckDB wrote beside the catalog taken into its file. It does so itself when it ends, unless the system kept
  /// it from looking whether there is anything.
  private func takeInLog(of catalog: String) {
    guard Files.exists(catalog + ".wal"), let shell = try? DuckDBShell(executable: settings.executable) else {
      return
    }
    // Whoever opens the catalog next finds it all the same.
    try? shell.run("ATTACH \(SQLText.literal(catalog)) AS hive")
    shell.close()
  }

  /// Runs `body`, and again after an error that need not come again.
  /// - Parameter isTooLate: whether what `body` has done cannot be done twice.
  private func tryingAgain<Result>(
    unless isTooLate: () -> Bool = { false }, _ body: () throws -> Result
  ) throws -> Result {
    var interruptions = 0
    while true {
      do { return try body() } catch let error as SQLError {
        if isTooLate() || session.update({ $0.isInTransaction || $0.isCancelled }) { throw error }
        let missed = try missedFiles(error)
        if missed != nil || error.wasInterrupted, interruptions < 10 {
          interruptions += 1
        } else if let missed {
          throw SQLError(
            engine: .duckdb, name: "NOT_LISTED", message: "DuckDB does not find \(missed), which is there")
        } else if !error.isOutOfMemory || !makeDo() {
          throw error
        }
      }
    }
  }

  /// The pattern for which DuckDB found no files, if there are some: it takes a folder that it cannot list for an empty
  /// one.
  /// - Throws: `SystemError` when we cannot list it either.
  private func missedFiles(_ error: SQLError) throws -> String? {
    guard let pattern = error.patternWithoutFiles else { return nil }
    return try ParquetFolder.hasFiles(like: pattern) ? pattern : nil
  }

  /// Has the next session make do with fewer threads, which share its memory, or else gives it more memory.
  /// - Returns: false where neither is left.
  private func makeDo() -> Bool {
    let ceiling = settings.memoryCeiling
    let words: String? = session.update { session in
      if session.usedThreads > 1 {
        session.threads = session.usedThreads / 2
      } else if session.memoryMegabytes < ceiling {
        session.memoryMegabytes = min(session.memoryMegabytes * 2, ceiling)
      } else {
        return nil
      }
      let threads = counted(session.threads, "thread")
      return "memory did not suffice: trying again with \(threads) and \(session.memoryMegabytes) MB"
    }
    if let words { settings.onAnotherTry(words) }
    return words != nil
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
    var waiting = WaitingWord()
    var pause: UInt32 = 50_000
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
        try settings.whileStarting { try prepare(shell) }
        return shell
      } catch let error as SQLError where error.reason.contains("Could not set lock on file") {
        session.update { $0.shell = nil }
        let holder = error.holderOfCatalog
        guard waiting.time < settings.catalogWait else {
          throw SQLError(engine: .duckdb, name: "CATALOG_LOCKED", message: holder)
        }
        if let words = waiting.words(holder) { settings.onCatalogWait(words) }
        usleep(pause)
        pause = min(pause * 2, 1_000_000)
      }
    }
  }

  /// Gives a new shell its limits and its catalog.
  private func prepare(_ shell: DuckDBShell) throws {
    let (memory, threads, made) = session.update { ($0.memoryMegabytes, $0.usedThreads, $0.made) }
    try shell.run("SET memory_limit = '\(memory)MiB'")
    try shell.run("SET threads = \(threads)")
    try shell.run("SET temp_directory = \(SQLText.literal(spill?.path ?? ""))")
    // Nothing is loaded from the network behind the user's back.
    try shell.run("SET autoinstall_known_extensions = false")
    switch settings.catalog {
    case .writing(let path):
      try DuckDBCatalogFile.complete(path) { try shell.run($0) }
      try shell.run("ATTACH \(SQLText.literal(path)) AS hive")
      try checkFunctions(shell, path)
    case .reading(let path) where try DuckDBCatalogFile.isComplete(path):
      try shell.run("ATTACH \(SQLText.literal(path)) AS hive (READ_ONLY)")
      try checkFunctions(shell, path)
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
    for statement in made { try shell.run(statement) }
  }

  /// The catalog's own macros would come before the engine's functions of the same name; this pipeline makes none.
  private func checkFunctions(_ shell: DuckDBShell, _ path: String) throws {
    let names = try shell.lines(
      "SELECT DISTINCT function_name FROM duckdb_functions() WHERE database_name = 'hive' ORDER BY ALL LIMIT 3"
    )
    guard !names.isEmpty else { return }
    let list = names.compactMap { $0["function_name"]?.string }.joined(separator: ", ")
    throw SQLError(
      engine: .duckdb, name: "FOREIGN_FUNCTIONS",
      message: "\(path) holds functions that this pipeline did not make, such as \(list)")
  }
}
