import Lake
import Platform
import SQL
import TaskKit
import TestSupport
import Testing

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
