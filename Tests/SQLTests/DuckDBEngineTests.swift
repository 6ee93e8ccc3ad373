import Foundation
import Platform
import Synchronization
import TaskKit
import TestSupport
import Testing

@testable import SQL

/// A DuckDB engine without a catalog file.
func scratchEngine(memoryMegabytes: Int = 512, spillParent: String? = nil, threads: Int? = nil) throws
  -> DuckDBEngine
{
  try DuckDBEngine(
    .init(
      executable: try Tools.duckdb.path(), catalog: .scratch, memoryMegabytes: memoryMegabytes,
      threads: threads,
      spillParent: spillParent))
}

@Suite(.needs(Tools.duckdb)) struct DuckDBEngineTests {
  @Test func valuesArriveAsTheyAre() throws {
    let engine = try scratchEngine()
    let nasty = "\u{1}é😀\\\"',\r\n\n!done\n.print x\n\u{85}\u{2028}"
    let rows = try engine.rows(
      """
      SELECT 9223372036854775807, -9223372036854775808, NULL, '', \(SQLText.literal(nasty)), \(SQLText.literal("a\0b")),
        CAST(0.1 AS DOUBLE), CAST(1.5 AS DECIMAL(5, 2)), true, CAST('2026-08-01 01:02:03.000004' AS TIMESTAMP),
        sum(1), CAST(NULL AS VARCHAR), 1 AS a, 2 AS a
      """)
    #expect(
      rows == [
        [
          .bigint(.max), .bigint(.min), .null, .varchar(""), .varchar(nasty), .varchar("a\0b"), .double(0.1),
          .double(1.5), .boolean(true), .timestamp("2026-08-01 01:02:03.000004"), .bigint(1), .null,
          .bigint(1),
          .bigint(2),
        ]
      ])
  }

  @Test func rowsOfOneNullAreRows() throws {
    let engine = try scratchEngine()
    let rows = try engine.rows("SELECT * FROM (VALUES (NULL), (''), ('a'), (NULL)) t (a)")
    #expect(rows == [[.null], [.varchar("")], [.varchar("a")], [.null]])
    #expect(try engine.rows("SELECT 1 WHERE false").isEmpty)
    #expect(try engine.rows("SELECT 2 -- and a comment") == [[.bigint(2)]])
  }

  @Test func everyCharacterSurvives() throws {
    let engine = try scratchEngine()
    var codes: [Int64] = []
    try engine.query(
      "SELECT code, chr(CAST(code AS INTEGER)) FROM range(0, 70000) t (code) WHERE code < 55296 OR code > 57343 ORDER BY code"
    ) {
      row in
      let code = try #require(row[0].int64)
      if row[1] != .varchar(String(Unicode.Scalar(UInt32(code))!)) { codes.append(code) }
    }
    #expect(codes == [])
  }

  @Test func aLargeResultIsStreamed() throws {
    let engine = try scratchEngine()
    var count = 0
    var sum: Int64 = 0
    try engine.query("SELECT range, 'some text ' || range FROM range(300000)") { row in
      count += 1
      sum += row[0].int64 ?? 0
    }
    #expect(count == 300_000)
    #expect(sum == 299_999 * 150_000)
  }

  /// DuckDB says the same of a folder that it cannot list and of one without files.
  /// - Parameter times: how often the folder cannot be listed.
  @Test(arguments: [(0, nil as ExitCode?), (1, nil), (10, nil), (11, ExitCode.io)], [false, true])
  func aFolderThatDuckDBCannotListIsNotTakenForAnEmptyOne(
    _ fault: (times: Int, exitCode: ExitCode?), isTogether: Bool
  ) throws {
    try withTemporaryFolder { folder in
      let lake = folder.path("a [la*ke]")
      try Files.createDirectory(lake)
      let duckdb = try Tools.duckdb.path()
      #expect(try execute(duckdb, ["-c", "COPY (SELECT 7 AS n) TO '\(lake)/one.parquet'"]).status == 0)
      let escaped = ParquetFolder.escapingGlob(lake)
      let shell = try folder.write(
        """
        #!/bin/sh
        # Says that it finds no files, the first times; else it is DuckDB.
        tries=$(cat '\(folder.path("tries"))' 2>/dev/null || echo 0)
        [ "$tries" -lt \(fault.times) ] || exec '\(duckdb)' "$@"
        while read -r line; do
          case $line in
          .print*) echo '!done' ;;
          *read_parquet*)
            echo $((tries + 1)) > '\(folder.path("tries"))'
            echo 'IO Error: No files found that match the pattern "\(escaped)/*.parquet"' >&2
            exit 1 ;;
          esac
        done
        """, to: "shell")
      #expect(chmod(shell, 0o755) == 0)
      let engine = try DuckDBEngine(.init(executable: shell, catalog: .scratch))
      defer { engine.close() }
      let table = TableName("s", "t")
      func make() throws {
        try engine.createSchema("s")
        let make = {
          try engine.createTable(
            table, columns: [TableColumn(name: "n", type: "BIGINT")], over: ParquetFolder(lake))
        }
        if isTogether { try engine.together(make) } else { try make() }
      }
      if let exitCode = fault.exitCode {
        let error = #expect(throws: SQLError.self) { try make() }
        #expect(error?.exitCode == exitCode && error?.message.contains("ke]/*.parquet") == true)
      } else {
        try make()
        #expect(try engine.rows("SELECT n FROM s.t") == [[.bigint(7)]])
      }
    }
  }

  /// DuckDB leaves its log when the system kept it from looking for one.
  @Test func nothingIsLeftBesideTheCatalog() throws {
    try withTemporaryFolder { folder in
      let duckdb = try Tools.duckdb.path()
      let shell = try folder.write(
        """
        #!/bin/sh
        [ ! -e '\(folder.path("later"))' ] || exec '\(duckdb)' "$@"
        touch '\(folder.path("later"))'
        exec '\(duckdb)' -cmd 'PRAGMA disable_checkpoint_on_shutdown' "$@"
        """, to: "shell")
      #expect(chmod(shell, 0o755) == 0)
      let catalog = folder.path("catalog.duckdb")
      let engine = try DuckDBEngine(.init(executable: shell, catalog: .writing(catalog)))
      try engine.createSchema("s")
      #expect(Files.exists(catalog + ".wal"))
      engine.close()
      #expect(!Files.exists(catalog + ".wal"))
      let reader = try DuckDBEngine(.init(executable: duckdb, catalog: .reading(catalog)))
      defer { reader.close() }
      #expect(try reader.schemas() == ["s"])
    }
  }

  @Test func filesThatAreNotThereAreMissing() throws {
    try withTemporaryFolder { folder in
      for pattern in [folder.path("*.parquet"), folder.path("none/*.parquet"), folder.path("a.parquet")] {
        let error = #expect(throws: SQLError.self) {
          try scratchEngine().rows("SELECT * FROM read_parquet(\(SQLText.literal(pattern)))")
        }
        #expect(error?.exitCode == .noInput)
      }
    }
  }

  @Test func anErrorHasTheEnginesWordsAndTheNextStatementWorks() throws {
    let engine = try scratchEngine()
    let error = #expect(throws: SQLError.self) { try engine.rows("SELECT * FROM nowhere") }
    #expect(error?.name == "Catalog Error")
    #expect(error?.reason.contains("nowhere") == true)
    #expect(try engine.rows("SELECT 1") == [[.bigint(1)]])
    // The first statement that fails ends the script.
    #expect(throws: SQLError.self) {
      try engine.run("CREATE SCHEMA a; SELECT error('boom'); CREATE SCHEMA b")
    }
    #expect(throws: SQLError.self) { try engine.run(".print hello") }
    #expect(throws: SQLError.self) { try engine.rows("SELECT 1; SELECT 2") }
  }

  @Test func anErrorInTheMiddleOfARowsStreamIsThrown() throws {
    let engine = try scratchEngine()
    #expect(throws: SQLError.self) {
      try engine.rows("SELECT CASE WHEN range = 250000 THEN error('boom') ELSE 'x' END FROM range(300000)")
    }
  }

  @Test func aCallerMayStopInTheMiddle() throws {
    struct Enough: Error {}
    let engine = try scratchEngine()
    var seen = 0
    #expect(throws: Enough.self) {
      try engine.query("SELECT range FROM range(1000000000)") { _ in
        seen += 1
        if seen == 10 { throw Enough() }
      }
    }
    #expect(try engine.rows("SELECT 1") == [[.bigint(1)]])
  }

  @Test func cancelEndsAStatement() throws {
    let engine = try scratchEngine()
    let canceller = Thread {
      Thread.sleep(forTimeInterval: 0.3)
      engine.cancel()
    }
    canceller.start()
    let error = #expect(throws: SQLError.self) {
      try engine.rows("SELECT count(*) FROM range(100000000000) a WHERE hash(range) = 7")
    }
    #expect(error?.name == "CANCELLED")
  }

  @Test func cancelHoldsForWhatHasNotBegun() throws {
    let engine = try scratchEngine()
    engine.cancel()
    for _ in 1...2 {
      let error = #expect(throws: SQLError.self) { try engine.rows("SELECT 1") }
      #expect(error?.name == "CANCELLED")
    }
  }

  @Test func theCatalogIsKeptAndOpensUnderAnyName() throws {
    try withTemporaryFolder { folder in
      let file = folder.path("catalog.duckdb")
      let executable = try Tools.duckdb.path()
      let writer = try DuckDBEngine(.init(executable: executable, catalog: .writing(file)))
      try writer.createSchema("discogs")
      try writer.write(
        "SELECT 1 AS b, 'x' AS a", as: TableName("discogs", "w"),
        columns: [.init(name: "a", type: "VARCHAR"), .init(name: "b", type: "BIGINT")],
        orderedBy: ["a"], to: folder.path("d[1]*?=é'x"), keyValues: [("run_id", "it's"), ("other key", "")])
      let table = TableName("discogs", "t")
      let columns = [TableColumn(name: "b", type: "BIGINT"), TableColumn(name: "a", type: "VARCHAR")]
      try writer.createTable(table, columns: columns, over: ParquetFolder(folder.path("d[1]*?=é'x")))
      try writer.createView(TableName("discogs", "v"), as: "SELECT a, b FROM discogs.t")
      #expect(try writer.tables(in: "discogs") == ["t", "v", "w"])
      #expect(try writer.tables(in: "nowhere") == [])
      #expect(try writer.schemas() == ["discogs"])
      #expect(try writer.describe(table).map(\.type) == ["BIGINT", "VARCHAR"])
      writer.close()

      let reader = try DuckDBEngine(.init(executable: executable, catalog: .reading(file)))
      #expect(try reader.rows("SELECT * FROM hive.discogs.v") == [[.varchar("x"), .bigint(1)]])
      #expect(try reader.tableExists(TableName("discogs", "v")))
      #expect(throws: SQLError.self) { try reader.createSchema("other") }
      reader.close()

      let person = try ChildProcess.run(executable, [file, "-csv", "-c", "SELECT b, a FROM discogs.v"])
      #expect(person.outputText == "b,a\n1,x\n")
      let metadata = try ChildProcess.run(
        executable,
        [
          "-csv", "-noheader", "-c",
          "SELECT decode(key), decode(value) FROM parquet_kv_metadata('\(folder.path("d[[]1]*=é''x/*.parquet"))') ORDER BY 1",
        ])
      #expect(
        metadata.outputText == "other key,\nrun_id,\"it's\"\n", Comment(rawValue: metadata.errorText))
    }
  }

  @Test func aFolderWithoutFilesIsAnEmptyTable() throws {
    try withTemporaryFolder { folder in
      let engine = try scratchEngine()
      try engine.createSchema("s")
      let columns = [TableColumn(name: "a", type: "BIGINT"), TableColumn(name: "t", type: "TIMESTAMP")]
      try engine.createTable(TableName("s", "t"), columns: columns, over: ParquetFolder(folder.path("none")))
      #expect(try engine.rows("SELECT * FROM s.t").isEmpty)
      #expect(try engine.describe(TableName("s", "t")).map(\.type) == ["BIGINT", "TIMESTAMP"])
    }
  }

  @Test func aMissingCatalogReadsAsAnEmptyOne() throws {
    try withTemporaryFolder { folder in
      let engine = try DuckDBEngine(
        .init(executable: try Tools.duckdb.path(), catalog: .reading(folder.path("catalog.duckdb"))))
      #expect(try !engine.tableExists(TableName("discogs", "t")))
      #expect(!Files.exists(folder.path("catalog.duckdb")))
    }
  }

  @Test func whoFindsTheCatalogTakenWaits() throws {
    try withTemporaryFolder { folder in
      let file = folder.path("catalog.duckdb")
      let executable = try Tools.duckdb.path()
      let first = try DuckDBEngine(.init(executable: executable, catalog: .writing(file)))
      try first.createSchema("one")

      let impatient = try DuckDBEngine(
        .init(executable: executable, catalog: .writing(file), catalogWait: .milliseconds(200)))
      let error = #expect(throws: SQLError.self) { try impatient.createSchema("two") }
      #expect(error?.name == "CATALOG_LOCKED")

      let waited = Mutex(0)
      let second = try DuckDBEngine(
        .init(
          executable: executable, catalog: .writing(file),
          onCatalogWait: { _ in
            waited.withLock { $0 += 1 }
            first.close()
          }))
      try second.createSchema("two")
      #expect(waited.withLock { $0 } == 1)
      #expect(try second.schemas() == ["one", "two"])
    }
  }

  @Test func whatDoesNotFitIntoMemorySpillsAndIsTidiedAway() throws {
    try withTemporaryFolder { folder in
      let engine = try scratchEngine(memoryMegabytes: 40, spillParent: folder.path, threads: 1)
      let rows = try engine.rows(
        """
        SELECT count(*) FROM (SELECT DISTINCT 'some longer text to fill memory with ' || CAST(range AS VARCHAR) AS a
          FROM range(1500000))
        """)
      #expect(rows == [[.bigint(1_500_000)]])
      #expect(try Files.list(folder.path).contains { $0.hasPrefix(".spill-") })
      engine.close()
      #expect(try Files.list(folder.path).isEmpty)
    }
  }

  /// Before the session begins, while it lasts, and in the next one after an error.
  @Test func littleIsReadByFewerThreads() throws {
    let engine = try scratchEngine(threads: 4)
    func threads() throws -> SQLValue? { try engine.rows("SELECT current_setting('threads')").first?.first }
    #expect(try threads() == .bigint(4))
    for (bytes, expected) in [(0, 1), (20_000_000, 2), (40_000_000, 3), (10_000_000_000, 4), (1000, 1)] {
      try engine.expectReading(bytes: bytes)
      #expect(try threads() == .bigint(Int64(expected)))
    }
    #expect(throws: SQLError.self) { try engine.run("nonsense") }
    #expect(try threads() == .bigint(1))
    let other = try scratchEngine(threads: 4)
    try other.expectReading(bytes: 0)
    #expect(try other.rows("SELECT current_setting('threads')") == [[.bigint(1)]])
  }

  /// Columns that share a name, that are NULL in the first row or always, and rows in the order that was asked for.
  @Test func answersKeepTheirColumnsAndTheirOrder() throws {
    let engine = try scratchEngine()
    let rows = try engine.rows(
      "SELECT n AS a, CASE WHEN n < 9000 THEN n END AS a, NULL, 'x' || n FROM range(10000) t (n) ORDER BY n DESC -- all"
    )
    let expected: [[SQLValue]] = (0..<10_000).reversed().map { number in
      let value = SQLValue.bigint(Int64(number))
      return [value, number < 9000 ? value : .null, .null, .varchar("x\(number)")]
    }
    #expect(rows == expected)
    #expect(try engine.rows("SELECT 1 WHERE false") == [])
    #expect(
      try engine.rows("SELECT NULL UNION ALL SELECT 2 ORDER BY 1 NULLS FIRST") == [[.null], [.bigint(2)]])
  }

  /// What does not fit on four threads fits on one, or with more memory; the views of a scratch catalog are still there.
  @Test func aStatementThatRunsOutOfMemoryIsTriedAgain() throws {
    try withTemporaryFolder { folder in
      let said = Mutex<[String]>([])
      let executable = try Tools.duckdb.path()
      func engine(ceiling: Int?) throws -> DuckDBEngine {
        // Without a place to spill to.
        try DuckDBEngine(
          .init(
            executable: executable, catalog: .scratch, memoryMegabytes: 32, memoryCeiling: ceiling,
            threads: 4,
            onAnotherTry: { words in said.withLock { $0.append(words) } }))
      }
      let large = "SELECT count(*) FROM (SELECT DISTINCT range || 'some longer text' AS a FROM s.v)"
      for (ceiling, isEnough) in [(nil, false), (2048, true)] as [(Int?, Bool)] {
        let engine = try engine(ceiling: ceiling)
        try engine.createSchema("s")
        try engine.createView(TableName("s", "v"), as: "SELECT range FROM range(800000)")
        if isEnough {
          #expect(try engine.rows(large) == [[.bigint(800_000)]])
        } else {
          let error = #expect(throws: SQLError.self) { try engine.rows(large) }
          #expect(error?.exitCode == .io)
        }
        let words = said.withLock { words in
          defer { words = [] }
          return words
        }
        #expect(words.first?.contains("2 threads and 32 MB") == true)
        #expect(words.dropFirst().first?.contains("1 thread and 32 MB") == true)
        #expect(words.dropFirst(2).first?.contains("1 thread and 64 MB") == (isEnough ? true : nil))
      }
    }
  }

  @Test func aTransactionIsTriedAgainFromItsStart() throws {
    let said = Mutex(0)
    var times = 0
    let engine = try DuckDBEngine(
      .init(
        executable: try Tools.duckdb.path(), catalog: .scratch, memoryMegabytes: 32, threads: 4,
        onAnotherTry: { _ in said.withLock { $0 += 1 } }))
    #expect(throws: SQLError.self) {
      try engine.together {
        times += 1
        try engine.run("CREATE TEMP TABLE before AS SELECT 1")
        try engine.run("CREATE TEMP TABLE t AS SELECT range || 'some longer text' AS a FROM range(3000000)")
      }
    }
    // With four threads, with two, with one.
    #expect(said.withLock { $0 } == 2)
    #expect(times == 3)
  }

  /// A process that ended while DuckDB made the file leaves one of its headers, or none.
  @Test(arguments: [0, 4096, 8192]) func aCatalogThatWasNeverWholeIsReplaced(size: Int) throws {
    try withTemporaryFolder { folder in
      let file = folder.path("catalog.duckdb")
      let executable = try Tools.duckdb.path()
      let first = try DuckDBEngine(.init(executable: executable, catalog: .writing(file)))
      try first.createSchema("old")
      first.close()
      try folder.write(Array(try Files.read(file).prefix(size)), to: "catalog.duckdb")
      let reader = try DuckDBEngine(.init(executable: executable, catalog: .reading(file)))
      #expect(try reader.schemas() == [])
      reader.close()
      let writer = try DuckDBEngine(.init(executable: executable, catalog: .writing(file)))
      try writer.createSchema("new")
      writer.close()
      let again = try DuckDBEngine(.init(executable: executable, catalog: .reading(file)))
      #expect(try again.schemas() == ["new"])
      again.close()
      #expect(try Files.list(folder.path) == ["catalog.duckdb"])
    }
  }

  /// A macro in the catalog would be taken for the engine's function of that name.
  @Test func aCatalogWithFunctionsOfItsOwnIsRefused() throws {
    try withTemporaryFolder { folder in
      let file = folder.path("catalog.duckdb")
      let executable = try Tools.duckdb.path()
      let planted = try ChildProcess.run(
        executable, [file, "-c", "CREATE MACRO lower(a) AS 'planted'; CREATE SCHEMA discogs"])
      #expect(planted.termination.status == 0)
      for catalog in [DuckDBEngine.Catalog.reading(file), .writing(file)] {
        let engine = try DuckDBEngine(.init(executable: executable, catalog: catalog))
        let error = #expect(throws: SQLError.self) { try engine.rows("SELECT lower('A')") }
        #expect(error?.exitCode == .data)
        #expect(error?.reason.contains("lower") == true)
      }
    }
  }

  @Test(
    arguments: [
      (24_000, nil, 2, MemoryShare(megabytes: 512, ceiling: 12_000, threads: 2)),
      (2_048, nil, 16, MemoryShare(megabytes: 512, ceiling: 1_024, threads: 8)),
      (1_024, nil, 2, MemoryShare(megabytes: 256, ceiling: 512, threads: 2)),
      (256, nil, 2, MemoryShare(megabytes: 128, ceiling: 128, threads: 2)),
      (24_000, 96, 2, MemoryShare(megabytes: 96, ceiling: 96, threads: 1)),
    ] as [(Int, Int?, Int, MemoryShare)])
  func memoryFollowsFromTheMachine(available: Int, given: Int?, processors: Int, share: MemoryShare) {
    #expect(MemoryShare(of: available, given: given, processors: processors) == share)
  }

  @Test func whatAKilledProcessSpilledIsRemovedByTheNext() throws {
    try withTemporaryFolder { folder in
      try folder.write("left", to: ".spill-1/duckdb_temp_storage-0.tmp")
      try folder.write("", to: ".spill-1.lock")
      try scratchEngine(spillParent: folder.path).close()
      #expect(try Files.list(folder.path).isEmpty)
    }
  }
}
