import Lake
import Platform
import TaskKit
import TestSupport
import Testing

@testable import SQL

/// What DuckDB's errors mean to whoever runs a task.
@Suite(.needs(Tools.duckdb)) struct SQLErrorTests {
  private func error(_ settings: DuckDBEngine.Settings, _ sql: String = "SELECT 1") throws -> SQLError? {
    let engine = try DuckDBEngine(settings)
    defer { engine.close() }
    return #expect(throws: SQLError.self) { try engine.run(sql) }
  }

  @Test(arguments: ["no catalog", "damaged", "cut off"]) func aBrokenCatalogCanBeMadeAgain(_ state: String)
    throws
  {
    try withTemporaryFolder { folder in
      let path = folder.path("catalog.duckdb")
      if state == "no catalog" {
        try folder.write("This is no catalog.", to: "catalog.duckdb")
      } else {
        let engine = try DuckDBEngine(.init(executable: try Tools.duckdb.path(), catalog: .writing(path)))
        try engine.run("CREATE TABLE t AS SELECT range FROM range(100000)")
        engine.close()
        var bytes = try Files.read(path)
        if state == "damaged" {
          for place in 4096..<8192 { bytes[place] ^= 0x55 }
        } else {
          bytes.removeLast(bytes.count - 20_000)
        }
        try folder.write(bytes, to: "catalog.duckdb")
      }
      let error = try error(
        .init(executable: try Tools.duckdb.path(), catalog: .reading(path)), "SELECT * FROM t LIMIT 1")
      #expect(error?.exitCode == .data, "\(String(describing: error))")
      #expect(error?.advice?.contains("register-run-schema --all") == true)
    }
  }

  @Test(arguments: ["/bin/true", "/bin/false", "/bin/sh"])
  func aProgramThatIsNotDuckDBIsAMatterOfConfiguration(_ program: String) throws {
    let error = try error(.init(executable: program, catalog: .scratch))
    #expect(error?.exitCode == .configuration, "\(String(describing: error))")
    #expect(error?.advice?.contains("DUCKDB") == true)
  }

  @Test(arguments: [
    ("No files found that match the pattern \"/x/*.parquet\"", ExitCode.noInput),
    ("Cannot open file \"/x/a.parquet\": Permission denied", .noPermission),
    ("Could not write file \"/x\": No space left on device", .io),
    ("Could not read from file \"/x\": Input/output error", .io),
  ])
  func errorsOfFilesAreToldApart(_ message: String, _ exitCode: ExitCode) {
    #expect(SQLError(engine: .duckdb, name: "IO Error", message: message).exitCode == exitCode)
  }

  /// A commit that fails has no name of its own, but the system's words.
  @Test(arguments: [
    (
      "TransactionContext Error",
      "Failed to commit: Could not write file \"/c.wal\": No space left on device", ExitCode.io
    ),
    ("TransactionContext Error", "Failed to commit: Could not write: Input/output error", .io),
    (
      "TransactionContext Error", "Failed to commit: Cannot open file \"/c.wal\": Permission denied",
      .noPermission
    ),
    ("FATAL Error", "Failed: database has been invalidated", .io),
    ("IO Error", "Cannot open file \"/a\": Too many open files", .io),
    ("Error", "duckdb: error while loading shared libraries: libc.so: Too many open files", .io),
    ("IO Error", "Could not read from file \"/a\": Interrupted system call", .io),
  ])
  func theSystemsWordsCountWhateverDuckDBCallsTheError(
    _ name: String, _ message: String, _ exitCode: ExitCode
  ) {
    let error = SQLError(engine: .duckdb, name: name, message: message)
    #expect(error.exitCode == exitCode)
    #expect(exitCode == .noPermission || name == "FATAL Error" || error.advice != nil)
  }

  /// What lists tables or schemas wraps the words into an error of its own.
  @Test(arguments: [
    ("HIVE_METASTORE_ERROR", "Failed connecting to Hive metastore: [127.0.0.1:9]"),
    (
      "GENERIC_INTERNAL_ERROR",
      "Error listing tables for catalog hive: Failed connecting to Hive metastore: [127.0.0.1:9]"
    ),
    (
      "GENERIC_INTERNAL_ERROR",
      "Error listing schemas for catalog hive: Failed connecting to Hive metastore: [127.0.0.1:9]"
    ),
  ])
  func aMetastoreThatIsDownIsKnownByItsWords(_ name: String, _ message: String) {
    var error = SQLError(engine: .trino, name: name, message: message)
    for kind in [nil, "INTERNAL_ERROR", "EXTERNAL"] {
      error.kind = kind
      #expect(error.exitCode == .unavailable)
      #expect(error.advice?.contains("start the Hive metastore") == true)
      #expect(!error.isAboutTheQuery)
    }
  }

  @Test(arguments: ["/nope", "nope-nowhere", "/etc/passwd"])
  func aProgramThatIsNotThereIsSoughtWhereItWasNamed(_ program: String) throws {
    try withTemporaryFolder { folder in
      let execution = try task(
        "register-run-schema", ["--lake", folder.path, "--all"], environment: ["DUCKDB": program],
        expecting: 78)
      #expect(execution.lastErrorLine.contains("\(program) cannot be used"))
      #expect(execution.lastErrorLine.contains("environment variable DUCKDB"))
    }
  }

  /// DuckDB advises to open the catalog with -readonly, which keeps tasks waiting as well.
  @Test func whoHasTheCatalogOpenIsNamedWithoutDuckDBsAdvice() {
    let words = """
      Could not set lock on file "/l/_meta/catalog.duckdb": Conflicting lock is held in /usr/bin/duckdb (PID 17). However, \
      you would be able to open this database in read-only mode, e.g. by using the -readonly parameter in the CLI. See also https://duckdb.org/docs
      """
    #expect(
      SQLError(engine: .duckdb, name: "IO Error", message: words).holderOfCatalog
        == "Could not set lock on file \"/l/_meta/catalog.duckdb\": Conflicting lock is held in /usr/bin/duckdb (PID 17)"
    )
  }

  /// Off a terminal nobody would else know what a task waits for.
  @Test func aShellThatStartsSlowlyIsWaitedForWithAWord() throws {
    try withTemporaryFolder { folder in
      let slow = try folder.write(
        "#!/bin/sh\nsleep 7\nexec \"\(try Tools.duckdb.path())\" \"$@\"\n", to: "duckdb")
      try Files.setPermissions(of: slow, to: 0o755)
      try Files.createDirectory(folder.path("lake"))
      let execution = try task(
        "reconcile", ["--lake", folder.path("lake")], environment: ["DUCKDB": slow])
      #expect(execution.stderr.contains("1 of 1: starting DuckDB"), "\(execution.stderr)")
    }
  }

  /// DuckDB reads them as part of a pattern or of its own options, wherever a path is taken.
  @Test(arguments: ["what?", "back\\slash"]) func aLakeThatDuckDBCannotReadIsRefused(_ name: String) throws {
    try withTemporaryFolder { folder in
      try Files.createDirectory(folder.path(name))
      let execution = try task(
        "register-run-schema", ["--lake", folder.path(name), "--all"],
        environment: ["DUCKDB": try Tools.duckdb.path()], expecting: 78)
      #expect(execution.lastErrorLine.contains("another name"))
    }
  }
}
