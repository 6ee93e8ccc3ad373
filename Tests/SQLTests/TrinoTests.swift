import Catalog
import Derived
import Foundation
import Lake
import Parquet
import Platform
import SQL
import Sanity
import Schema
import TaskKit
import TestSupport
import Testing

/// A Trino set-up: a metastore and a file system.
struct TrinoSetUp: Sendable, CustomTestStringConvertible {
  var catalog: String
  var scheme: String
  var hasHiveMetastore = false
  var testDescription: String { "\(catalog), \(scheme)" }

  static let all = [
    TrinoSetUp(catalog: "file-metastore", scheme: "file:"),
    TrinoSetUp(catalog: "file-metastore-native", scheme: "local://"),
    TrinoSetUp(catalog: "hive-metastore", scheme: "file:", hasHiveMetastore: true),
  ]

  func start(in folder: TemporaryFolder, _ change: (inout TrinoServer.Configuration) -> Void = { _ in })
    throws
    -> TrinoServer
  {
    var configuration = TrinoServer.Configuration(catalog: catalog)
    if hasHiveMetastore { configuration.metastore = try HiveMetastoreServer(in: folder.path("hive")) }
    change(&configuration)
    return try TrinoServer(configuration, in: folder.path("trino"))
  }
}

extension TestLake {
  func trino(
    _ server: TrinoServer, scheme: String = "file:", _ change: (inout TrinoSettings) -> Void = { _ in }
  )
    throws -> TrinoEngine
  {
    var settings = TrinoSettings(
      url: server.url, user: "tester", lakePath: lake.path, lakeURI: scheme + lake.path, wait: .seconds(120))
    change(&settings)
    return try TrinoEngine.opened(settings)
  }
}

/// Rows counted, for comparing what has no order.
private func counted(_ rows: [[SQLValue]]) -> [[SQLValue]: Int] {
  rows.reduce(into: [:]) { $0[$1, default: 0] += 1 }
}

extension TrinoSuites {
  /// What one engine answers, the other answers.
  @Suite struct AgreementTests {
    @Test(arguments: TrinoSetUp.all)
    func everythingIsAsOnDuckDB(setUp: TrinoSetUp) throws {
      try withTemporaryFolder { folder in
        let server = try setUp.start(in: folder)
        let lake = try TestLake(folder)
        var sources = detailedSources
        sources.merge(nastySources) { _, nasty in nasty }
        let run = try lake.addRun(sources)
        let duckDBBuilt = try lake.addRun(sources, id: RunID(validating: "2026-07__20260701_000000"))

        try BuildXref(run: run, lake.context).perform(force: false) { _ in
          try lake.trino(server, scheme: setUp.scheme)
        }
        try BuildXref(run: duckDBBuilt, lake.context).perform(force: false) {
          try scratchEngine(spillParent: $0)
        }
        for dataset in Dataset.derived(.core) {
          let rows = try counted(lake.rows(of: dataset, run))
          #expect(rows == (try counted(lake.rows(of: dataset, duckDBBuilt))), "\(dataset.name) differs")
          #expect(try !run.parquetFiles(of: dataset).isEmpty)
          for file in try Files.list(run.datasetFolder(dataset)) {
            #expect(file.hasPrefix("part-0") && file.hasSuffix("-\(run.id).parquet"))
          }
        }

        try Files.link(lake.lake.activeLink, to: "_runs/\(run.id)")
        let trino = try lake.trino(server, scheme: setUp.scheme)
        defer { trino.close() }
        let duckDB = try lake.engine(.writing)
        defer { duckDB.close() }
        let before = try trino.schemas()
        #expect(
          before.isDisjoint(with: before.filter { $0.hasPrefix("discogs") }), "temporary schemas are left")
        for engine in [trino, duckDB] as [any SQLEngine] {
          let catalog = RunCatalog(engine: engine, lake: lake.lake, log: .none)
          #expect(try catalog.registerAll(allowPartial: false) == [duckDBBuilt.id, run.id])
          #expect(try catalog.registerAll(allowPartial: false) == [])
          try catalog.registerActive()
          try catalog.registerActive()
        }
        for engine in [trino, duckDB] as [any SQLEngine] {
          for (schema, root) in [(run.id.schemaName, run.path), ("discogs", lake.lake.activeLink)] {
            let table = TableName(schema, "releases_ref_v6")
            #expect(try engine.location(of: table) == Files.join(root, "releases_v6"))
          }
        }
        #expect(
          try trino.schemas().subtracting(before) == [
            "discogs", run.id.schemaName, duckDBBuilt.id.schemaName,
          ])
        for schema in ["discogs", duckDBBuilt.id.schemaName] {
          let names = try duckDB.tables(in: schema)
          #expect(try trino.tables(in: schema) == names)
          for name in names {
            let table = TableName(schema, name)
            let types = try trino.describe(table).map { "\($0.name) \($0.type.uppercased())" }
            #expect(types == (try duckDB.describe(table).map { "\($0.name) \($0.type)" }), "\(table)")
            let rows = try counted(trino.rows("SELECT * FROM \(table.sql)"))
            #expect(rows == (try counted(duckDB.rows("SELECT * FROM \(table.sql)"))), "\(table) differs")
          }
        }
        // The comments of both catalogs are those of the declarations.
        let comments = try counted(
          trino.rows(
            """
            SELECT table_name, column_name, comment FROM information_schema.columns
            WHERE table_schema = 'discogs' UNION ALL
            SELECT table_name, '', comment FROM system.metadata.table_comments
            WHERE catalog_name = 'hive' AND schema_name = 'discogs'
            """))
        #expect(
          comments
            == (try counted(
              duckDB.rows(
                """
                SELECT table_name, column_name, comment FROM duckdb_columns() WHERE schema_name = 'discogs'
                UNION ALL SELECT view_name, '', comment FROM duckdb_views() WHERE schema_name = 'discogs'
                """))))
        #expect(!comments.keys.contains { $0[2].isNull })
        let findings = try ActiveSanity(engine: trino, schema: "discogs", run: run).findings()
        #expect(findings == (try ActiveSanity(engine: duckDB, schema: "discogs", run: run).findings()))
      }
    }
  }

  /// What a single server answers to everything else.
  @Suite(.serialized) struct EngineTests {
    @Test func valuesArriveAsTheyAre() throws {
      try withTemporaryFolder { folder in
        let lake = try TestLake(folder)
        let engine = try lake.trino(SharedTrino.get())
        let nasty = "\u{1}é😀\\\"',\r\n\n\u{85}\u{2028}"
        let rows = try engine.rows(
          """
          SELECT 9223372036854775807, -9223372036854775807 - 1, NULL, '', \(SQLText.literal(nasty)),
            \(SQLText.literal("a\0b")), CAST(0.1 AS DOUBLE), nan(), CAST(1.5 AS DECIMAL(5, 2)), true,
            CAST('2026-08-01 01:02:03.000400' AS TIMESTAMP(6)), CAST('2026-08-01 00:00:00' AS TIMESTAMP), sum(1)
          """)
        #expect(rows.count == 1)
        guard case .double(let notANumber) = rows[0][7] else {
          Issue.record("no number")
          return
        }
        #expect(notANumber.isNaN)
        let expected: [SQLValue] = [
          .bigint(.max), .bigint(.min), .null, .varchar(""), .varchar(nasty), .varchar("a\0b"), .double(0.1),
          rows[0][7], .double(1.5), .boolean(true), .timestamp("2026-08-01 01:02:03.0004"),
          .timestamp("2026-08-01 00:00:00"), .bigint(1),
        ]
        for (index, value) in expected.enumerated() where index != 7 { #expect(rows[0][index] == value) }
      }
    }

    /// One catalog shows one lake at a time: who asks for it has its tables.
    @Test func aCopiedLakeIsRegisteredAgain() throws {
      try withTemporaryFolder { folder in
        let lake = try TestLake(folder)
        let run = try lake.addRun(
          smallSources(), id: RunID(validating: "2024-01__20240102_000000"))
        let engine = try lake.trino(SharedTrino.get())
        defer { engine.close() }
        let catalog = RunCatalog(engine: engine, lake: lake.lake, log: .none)
        #expect(try catalog.registerAll(allowPartial: false) == [run.id])
        #expect(try catalog.registerAll(allowPartial: false) == [])
        let copy = Lake(path: folder.path("copy"))
        try FileManager.default.copyItem(atPath: lake.lake.path, toPath: copy.path)
        let copied = try lake.trino(SharedTrino.get()) {
          $0.lakePath = copy.path
          $0.lakeURI = "file:\(copy.path)"
          $0.takesOver = true
        }
        defer { copied.close() }
        let copyCatalog = RunCatalog(engine: copied, lake: copy, log: .none)
        #expect(try copyCatalog.registerAll(allowPartial: false) == [run.id])
        #expect(try copyCatalog.registerAll(allowPartial: false) == [])
        let table = TableName(run.id.schemaName, "labels_ref_v10")
        #expect(try copied.location(of: table) == copy.run(run.id).datasetFolder(.labels))
        #expect(try copied.location(of: TableName(run.id.schemaName, "artists_v1")) == nil)
        #expect(try copied.location(of: TableName(run.id.schemaName, "nothing")) == nil)
        let refused = #expect(throws: TaskError.self) { try catalog.registerAll(allowPartial: false) }
        #expect(refused?.exitCode == .noPermission)
        #expect(refused?.message.contains("shows another lake, file:\(copy.path)") == true)
        #expect(refused?.advice?.contains("--take-over true") == true)
        // What is gone from Trino's sight is nobody's.
        try Files.removeTree(copy.path)
        #expect(try catalog.registerAll(allowPartial: false) == [run.id])
        for view in try engine.tables(in: run.id.schemaName)
        where view.hasSuffix("_v1") || view.hasSuffix("dedup") {
          try engine.dropView(TableName(run.id.schemaName, view))
        }
        #expect(try !catalog.missingViews(of: run).isEmpty)
        try catalog.createMissingViews(of: run)
        #expect(try catalog.missingViews(of: run).isEmpty)
      }
    }

    /// However many runs there are: whether all are registered takes the same number of questions.
    @Test func questionsDoNotGrowWithTheRuns() throws {
      try withTemporaryFolder { folder in
        let lake = try TestLake(folder)
        func add(_ months: [String]) throws {
          for month in months {
            _ = try lake.addRun(smallSources(), id: RunID(validating: "\(month)__20240102_000000"))
          }
          let engine = try lake.trino(SharedTrino.get()) { $0.takesOver = true }
          defer { engine.close() }
          let made = try RunCatalog(engine: engine, lake: lake.lake, log: .none).registerAll(
            allowPartial: false)
          #expect(made.count == months.count)
        }
        func questions(_ source: String) throws -> Int64? {
          let engine = try lake.trino(SharedTrino.get()) { $0.source = source }
          defer { engine.close() }
          let catalog = RunCatalog(engine: engine, lake: lake.lake, log: .none)
          #expect(try catalog.registerAll(allowPartial: false) == [])
          let tables = try lake.lake.runs().ids.map { TableName($0.schemaName, Dataset.releases.table) }
          let folders = try engine.locations(of: tables)
          for (id, table) in try zip(lake.lake.runs().ids, tables) {
            #expect(folders[table] == lake.lake.run(id).datasetFolder(.releases))
          }
          return try engine.rows(
            "SELECT count(*) FROM system.runtime.queries WHERE source = \(SQLText.literal(source))")[0][0]
            .int64
        }
        try add(["2031-01"])
        let one = try questions("one-\(UInt64.random(in: 0 ... .max))")
        try add(["2031-02", "2031-03", "2031-04"])
        let four = try questions("four-\(UInt64.random(in: 0 ... .max))")
        #expect(one == four && (one ?? 0) > 3)
      }
    }

    /// However many are asked about, each query stays below the number of stages that a server allows.
    @Test func manyTablesArePlacedInFewQuestions() throws {
      try withTemporaryFolder { folder in
        let lake = try TestLake(folder)
        let run = try lake.addRun(smallSources())
        let source = "many-\(UInt64.random(in: 0 ... .max))"
        let engine = try lake.trino(SharedTrino.get()) { ($0.source, $0.takesOver) = (source, true) }
        defer { engine.close() }
        try RunCatalog(engine: engine, lake: lake.lake, log: .none).register(run)
        func asked() throws -> Int64? {
          try engine.rows(
            "SELECT count(*) FROM system.runtime.queries WHERE source = \(SQLText.literal(source))")[0][0]
            .int64
        }
        // One table as often stands for as many.
        let table = TableName(run.id.schemaName, Dataset.releases.table)
        let before = try #require(try asked())
        #expect(
          try engine.locations(of: Array(repeating: table, count: 300))
            == [table: run.datasetFolder(.releases)])
        let after = try #require(try asked())
        #expect(after - before <= 6, "\(after - before) queries")
      }
    }

    @Test func whatKilledTasksLeaveIsRemovedByLaterOnes() throws {
      try withTemporaryFolder { folder in
        let lake = try TestLake(folder)
        let url = try SharedTrino.get().url
        let watcher = try TrinoEngine(
          TrinoSettings(url: url, user: "tester", lakePath: lake.lake.path, wait: .seconds(120)))
        defer { watcher.close() }
        func left() throws -> [String] {
          try watcher.schemas().filter {
            ["discogs_lake_check", "discogs_build", "discogs_killed"].contains(where: $0.hasPrefix)
          }.sorted()
        }
        let arguments = [
          "--all", "--engine", "trino", "--trino-url", url, "--trino-user", "tester", "--lake",
          lake.lake.path,
        ]
        let register = try Products.executable("register-run-schema")
        var names: Set<String> = []
        // The first kill comes when the schema is seen there, however fast the machine is; the others when they may.
        while names.isEmpty {
          let program = try RunningProgram(register, arguments)
          while names.isEmpty, program.isRunning { names.formUnion(try left()) }
          program.signal(SIGKILL)
          try #require(try program.wait().status != 0, "it ended before it was seen to begin")
        }
        for moment in 1...5 {
          let program = try RunningProgram(register, arguments)
          usleep(useconds_t(150_000 * moment))
          program.signal(SIGKILL)
          _ = try program.wait()
          names.formUnion(try left())
        }
        #expect(names.count == 1, "one name, whatever was killed when: \(names)")
        // As a killed build, and an earlier version, would leave them.
        let engine = try lake.trino(SharedTrino.get())
        try engine.createTemporary(schema: "discogs_build_x", tables: ["t"])
        try engine.createTable(
          TableName("discogs_build_x", "t"), columns: [TableColumn(name: "a", type: "BIGINT")],
          over: ParquetFolder(lake.lake.metaFolder))
        engine.close()
        try Files.createDirectory(Files.join(lake.lake.metaFolder, ".trino-abc123"))
        try watcher.createSchema("discogs_lake_check_abc123")
        try watcher.run(
          "CREATE TABLE discogs_lake_check_abc123.token (t VARCHAR) WITH (external_location = 'file:\(folder.path)')"
        )
        #expect(try left().contains("discogs_build_x"))

        try task("register-run-schema", arguments)
        #expect(try left() == [])
        #expect(try Files.list(lake.lake.metaFolder).filter { $0.hasPrefix(".") } == [])
      }
    }

    /// Who holds a temporary schema is still at work: nobody takes it away.
    @Test func whatIsInUseIsNotRemoved() throws {
      try withTemporaryFolder { folder in
        let lake = try TestLake(folder)
        let busy = try lake.trino(SharedTrino.get())
        try busy.createTemporary(schema: "discogs_build_busy", tables: [])
        let other = try lake.trino(SharedTrino.get())
        #expect(try other.schemas().contains("discogs_build_busy"))
        try busy.dropTemporary(schema: "discogs_build_busy", tables: [])
        #expect(try !other.schemas().contains("discogs_build_busy"))
      }
    }

    @Test(arguments: [
      "local:///data/lake", "file://localhost/data/lake", "s3://bucket/lake", "nonsense", "hdfs://name/lake",
    ])
    func aURIThatTheServerCannotUseIsAMatterOfConfiguration(uri: String) throws {
      try withTemporaryFolder { folder in
        let lake = try TestLake(folder)
        let error = #expect(throws: TaskError.self) { try lake.trino(SharedTrino.get()) { $0.lakeURI = uri } }
        #expect(error?.exitCode == .configuration)
        #expect(error?.message.contains(uri) == true)
        #expect(error?.advice?.contains("trino_lake_uri") == true)
      }
    }

    @Test(arguments: ["nothing=1", "hive.nothing=1", "query_max_run_time=banana"])
    func aSessionPropertyThatIsNoneIsAMatterOfConfiguration(property: String) throws {
      try withTemporaryFolder { folder in
        let lake = try TestLake(folder)
        let execution = try task(
          "register-run-schema",
          [
            "--all", "--engine", "trino", "--trino-url", SharedTrino.get().url, "--lake", lake.lake.path,
            "--trino-session", property,
          ], expecting: 78)
        #expect(execution.lastErrorLine.contains("check --trino-session"))
      }
    }

    @Test func preflightAsksTheServerBeforeAMonthIsRead() throws {
      try withTemporaryFolder { folder in
        let lake = try TestLake(folder)
        func preflight(_ more: String..., expecting status: Int32) throws -> Execution {
          try task(
            "preflight",
            [
              "--engine", "trino", "--lake", lake.lake.path, "--raw-root", Checkout.path("fixtures/dumps"),
              "--dump-month", "2026-08", "--trino-wait", "0",
            ] + more, expecting: status)
        }
        let url = try SharedTrino.get().url
        #expect(try preflight("--trino-url", url, expecting: 0).stdout.hasPrefix("2026-08__"))
        #expect(
          try preflight("--trino-url", url, "--trino-lake-uri", "file:/elsewhere", expecting: 78)
            .lastErrorLine.contains("Trino does not see this lake"))
        let catalog = try preflight("--trino-url", url, "--trino-catalog", "nope", expecting: 78)
        #expect(catalog.lastErrorLine.contains("--trino-catalog"))
        let down = try preflight("--trino-url", "http://127.0.0.1:\(freePort())", expecting: 69)
        #expect(down.lastErrorLine.contains("start the server"))
        #expect(try Files.list(lake.lake.runsFolder).count == 1, "a preflight that refuses leaves no run")
      }
    }

    /// Each task that makes tables, and the one that reads them.
    @Test func aSecondLakeInOneCatalogTakesNothingUnasked() throws {
      try withTemporaryFolder { folder in
        let url = try SharedTrino.get().url
        var lakes: [TestLake] = []
        for name in ["first", "second"] {
          let lake = try TestLake(at: folder.path(name))
          let run = try lake.addRun(
            soundSources, id: RunID(validating: "2021-0\(lakes.count + 1)__20210201_000000"))
          try Files.link(lake.lake.activeLink, to: "_runs/\(run.id)")
          lakes.append(lake)
        }
        func run(_ name: String, _ lake: TestLake, _ more: String..., expecting status: Int32 = 0) throws
          -> String
        {
          try task(
            name, ["--engine", "trino", "--trino-url", url, "--lake", lake.lake.path] + more,
            expecting: status
          ).lastErrorLine
        }
        // Tables that other tests have left show lakes that are gone.
        try _ = run("register-run-schema", lakes[0], "--active")
        try _ = run("register-run-schema", lakes[0], "--all")
        try _ = run("reconcile", lakes[0])
        try _ = run("register-run-schema", lakes[1], "--all")
        let preflight = ["--raw-root", Checkout.path("fixtures/dumps"), "--dump-month", "2026-08"]
        for (task, more) in [
          ("register-run-schema", ["--active"]), ("reconcile", []), ("compute-kpis", []),
          ("preflight", preflight),
        ] {
          let last = try TestSupport.task(
            task, ["--engine", "trino", "--trino-url", url, "--lake", lakes[1].lake.path] + more,
            expecting: 77
          ).lastErrorLine
          #expect(last.contains("shows another lake, file:\(lakes[0].lake.path)"), "\(last)")
        }
        try _ = run("register-run-schema", lakes[1], "--active", "--take-over", "true")
        let id = try #require(try lakes[0].lake.activeRun()).text
        let report = try run("sanity-report", lakes[0], "--run-id", id, expecting: 78)
        #expect(report.contains("the table reads file:\(lakes[1].lake.path)"), "\(report)")
        #expect(report.contains("--trino-catalog"), "\(report)")
        // A lake without an active run registers none, unless the run is to become that.
        let empty = try TestLake(at: folder.path("third"))
        let (dev, prod) = (preflight, preflight + ["--run-mode", "prod", "--allow-promote", "true"])
        for (arguments, status) in [(dev, Int32(0)), (prod, 77)] {
          let execution = try TestSupport.task(
            "preflight", ["--engine", "trino", "--trino-url", url, "--lake", empty.lake.path] + arguments,
            expecting: status)
          #expect(execution.stderr.contains("shows another lake, file:\(lakes[1].lake.path)"))
        }
      }
    }

    @Test func aLargeResultIsStreamedPageByPage() throws {
      try withTemporaryFolder { folder in
        let engine = try TestLake(folder).trino(SharedTrino.get())
        var count: Int64 = 0
        var sum: Int64 = 0
        try engine.query(
          """
          SELECT a.n * 1000 + b.n, 'some text of a length that fills pages'
          FROM UNNEST(sequence(0, 299)) a (n) CROSS JOIN UNNEST(sequence(0, 999)) b (n)
          """
        ) { row in
          count += 1
          sum += row[0].int64 ?? 0
        }
        #expect(count == 300_000)
        #expect(sum == 299_999 * 150_000)
      }
    }

    @Test func aQueryThatFailsSaysWhy() throws {
      try withTemporaryFolder { folder in
        let engine = try TestLake(folder).trino(SharedTrino.get())
        let error = #expect(throws: SQLError.self) { try engine.rows("SELECT * FROM discogs.nowhere") }
        #expect(error?.name == "SCHEMA_NOT_FOUND" || error?.name == "TABLE_NOT_FOUND")
        #expect(error?.code != nil)
        #expect(error?.queryID?.isEmpty == false)
        #expect(error?.infoURL?.contains(error?.queryID ?? "?") == true)
        #expect(throws: SQLError.self) { try engine.rows("SELECT 1 / 0") }
        #expect(try engine.rows("SELECT 1") == [[.bigint(1)]])
      }
    }

    /// Every query is planned and started anew: checks are put together, however many there are.
    @Test func theActiveRunIsCheckedInFiveQueries() throws {
      try withTemporaryFolder { folder in
        let lake = try TestLake(folder)
        let id = try RunID(validating: "2022-03__20220301_000000")
        var sources = soundSources
        for dataset in Dataset.all where sources[dataset] == nil {
          sources[dataset] = [dataset.columns.map { _ in .null }]
        }
        let run = try lake.addRun(sources, id: id)
        try Files.link(lake.lake.activeLink, to: "_runs/\(run.id)")
        let source = "sanity \(UInt32.random(in: 0 ... .max))"
        let engine = try lake.trino(SharedTrino.get()) {
          $0.source = source
          $0.takesOver = true
        }
        defer { engine.close() }
        try RunCatalog(engine: engine, lake: lake.lake, log: .none).register(run, allowPartial: true)
        func queries() throws -> Int64? {
          try engine.rows("SELECT count(*) FROM system.runtime.queries WHERE source = '\(source)'").first?[0]
            .int64
        }
        let before = try #require(try queries())
        let findings = try ActiveSanity(engine: engine, schema: id.schemaName, run: run).findings()
        #expect(findings.count > 100)
        #expect(!findings.contains { $0.check.hasPrefix("is_registered") })
        // Columns, places, counts, references, agreements; and the query that counts them.
        #expect(try queries() == before + 6)
      }
    }

    @Test func theServerListsWhoAsks() throws {
      try withTemporaryFolder { folder in
        let engine = try TestLake(folder).trino(SharedTrino.get()) {
          $0.source = "a-task 2026"
          $0.sessionProperties = [("query_max_run_time", "47m")]
        }
        #expect(
          try engine.rows("SELECT source FROM system.runtime.queries WHERE source = 'a-task 2026' LIMIT 1")
            == [[.varchar("a-task 2026")]])
        let session = try engine.rows("SHOW SESSION LIKE 'query_max_run_time'")
        #expect(session.first?[1] == .varchar("47m"))
      }
    }

    @Test func cancelEndsTheQueryOnTheServer() throws {
      try withTemporaryFolder { folder in
        let lake = try TestLake(folder)
        let marker = "cancelled-\(UInt32.random(in: 0 ... .max))"
        let engine = try lake.trino(SharedTrino.get()) { $0.source = marker }
        let other = try lake.trino(SharedTrino.get())
        let mine = """
          FROM system.runtime.queries WHERE source = '\(marker)' AND query LIKE 'SELECT count(*) FROM UNNEST%'
          """
        let canceller = Thread {
          while (try? other.rows("SELECT 1 \(mine) AND state = 'RUNNING'").isEmpty) != false {
            usleep(100_000)
          }
          engine.cancel()
        }
        canceller.start()
        let error = #expect(throws: SQLError.self) {
          try engine.rows(
            """
            SELECT count(*) FROM UNNEST(sequence(1, 10000)) a (n) CROSS JOIN UNNEST(sequence(1, 10000)) b (n)
            CROSS JOIN UNNEST(sequence(1, 10000)) c (n) WHERE a.n * b.n + c.n = 5
            """)
        }
        #expect(error?.name == "CANCELLED")
        let states = try other.rows("SELECT state, error_code \(mine)")
        #expect(states.map(\.first) == [.varchar("FAILED")])
        #expect(states.first?.last == .varchar("USER_CANCELED"))
      }
    }

    @Test func rowGroupsAndPagesThatCannotMatchAreNotRead() throws {
      try withTemporaryFolder { folder in
        let lake = try TestLake(folder)
        let path = folder.path("lake/links/part-0.parquet")
        try Files.createDirectory(Files.parent(of: path))
        let file = try OutputFile(creating: path)
        // Forty row groups of ten pages.
        let writer = try RowsWriter(
          to: file, columns: [SchemaColumn("release_id", .int64), SchemaColumn("name", .utf8)],
          createdBy: "tests",
          options: WriterOptions(pageRows: 500), rowGroupRows: 5000)
        for id in 0..<200_000 {
          let digits = String(1_000_000 + id)
          try writer.append([.int64(Int64(id)), .text("name \(digits)")])
        }
        try writer.finish()
        try file.close()
        let engine = try lake.trino(SharedTrino.get())
        let table = TableName("pushdown_\(UInt32.random(in: 0 ... .max))", "links")
        try engine.createSchema(table.schema)
        defer { try? engine.dropTemporary(schema: table.schema, tables: [table.table]) }
        try engine.createTable(
          table,
          columns: [
            TableColumn(name: "release_id", type: "BIGINT"), TableColumn(name: "name", type: "VARCHAR"),
          ],
          over: ParquetFolder(folder.path("lake/links")))

        func rowsRead(_ condition: String) throws -> Int {
          try engine.rowsRead("SELECT name FROM \(table.sql) WHERE \(condition)")
        }
        #expect(try rowsRead("name LIKE '%x%'") == 200_000)
        #expect(try rowsRead("release_id = 123456") == 500)
        #expect(try rowsRead("release_id BETWEEN 10200 AND 10900") == 1000)
        #expect(try rowsRead("name = 'name 1123456'") == 500)
        #expect(try rowsRead("release_id < 0") == 0)
      }
    }

    /// By the rows that Trino itself says it has read.
    @Test func rowGroupsWhoseBloomFiltersLackAValueAreNotRead() throws {
      try withTemporaryFolder { folder in
        let lake = try TestLake(folder)
        for hasBloomFilter in [false, true] {
          let name = hasBloomFilter ? "with" : "without"
          let path = folder.path("lake/\(name)/part-0.parquet")
          try Files.createDirectory(Files.parent(of: path))
          let file = try OutputFile(creating: path)
          // Twenty row groups, in each of which the values range over all there are.
          let writer = try RowsWriter(
            to: file,
            columns: [
              SchemaColumn("artist_id", .int64, hasBloomFilter: hasBloomFilter),
              SchemaColumn("name", .utf8, hasBloomFilter: hasBloomFilter),
            ], createdBy: "tests", rowGroupRows: 5000)
          for row in 0..<100_000 {
            let id = Int64(row * 7919 % 100_000)
            try writer.append([.int64(id), .text("name \(id)")])
          }
          try writer.finish()
          try file.close()
          let engine = try lake.trino(SharedTrino.get())
          let table = TableName("bloom_\(UInt32.random(in: 0 ... .max))", "links")
          try engine.createSchema(table.schema)
          defer { try? engine.dropTemporary(schema: table.schema, tables: [table.table]) }
          try engine.createTable(
            table,
            columns: [
              TableColumn(name: "artist_id", type: "BIGINT"), TableColumn(name: "name", type: "VARCHAR"),
            ], over: ParquetFolder(folder.path("lake/\(name)")))
          for condition in ["artist_id = 54321", "name = 'name 54321'"] {
            let read = try engine.rowsRead("SELECT * FROM \(table.sql) WHERE \(condition)")
            // One row group has the value, and one in a hundred of the others passes for having it.
            #expect(hasBloomFilter ? read <= 3 * 5000 : read > 50_000, "\(condition): \(read) rows")
            #expect(try engine.rows("SELECT count(*) FROM \(table.sql) WHERE \(condition)") == [[.bigint(1)]])
          }
        }
      }
    }

    @Test func anotherLakeIsNoticedAndExplained() throws {
      try withTemporaryFolder { folder in
        let lake = try TestLake(folder)
        let error = #expect(throws: TaskError.self) {
          try lake.trino(SharedTrino.get()) { $0.lakeURI = "file:\(folder.path("elsewhere"))" }
        }
        #expect(error?.exitCode == .configuration)
        #expect(error?.message.contains(lake.lake.path) == true)
        #expect(error?.message.contains("file:\(folder.path("elsewhere"))") == true)
        #expect(error?.advice?.contains("trino_lake_uri") == true)
        let names = try Files.list(lake.lake.metaFolder)
        #expect(names.filter { $0.hasPrefix(".trino") } == [])
        let engine = try lake.trino(SharedTrino.get())
        #expect(try engine.schemas().filter { $0.hasPrefix("discogs_lake_check") } == [])
      }
    }

    @Test func anEmptyDatasetHasAFileWithoutRows() throws {
      try withTemporaryFolder { folder in
        let lake = try TestLake(folder)
        var sources = soundSources
        sources[.releaseStyleLinks] = []
        let run = try lake.addRun(sources)
        try BuildXref(run: run, lake.context).perform(force: false) { _ in try lake.trino(SharedTrino.get()) }
        #expect(try run.parquetFiles(of: .releaseStyleXref).count == 1)
        #expect(try lake.rows(of: .releaseStyleXref, run) == [])
      }
    }
  }
}

extension TrinoSuites {
  /// Servers that are set up in a particular way, or break.
  @Suite struct TroubleTests {
    private let wholeDay = """
      SELECT count(*) FROM UNNEST(sequence(1, 10000)) a (n) CROSS JOIN UNNEST(sequence(1, 10000)) b (n)
      CROSS JOIN UNNEST(sequence(1, 10000)) c (n) WHERE a.n * b.n + c.n = 5
      """

    @Test func aServerKilledInTheMiddleOfAQueryIsSaidAndComesBack() throws {
      try withTemporaryFolder { folder in
        let server = try TrinoServer(in: folder.path("trino"))
        let lake = try TestLake(folder)
        let run = try lake.addRun(soundSources)
        let engine = try lake.trino(server)
        let killer = Thread {
          Thread.sleep(forTimeInterval: 2)
          server.kill()
          try? server.start()
        }
        killer.start()
        let error = #expect(throws: SQLError.self) { try engine.rows(wholeDay) }
        #expect(error?.exitCode == .unavailable)
        // The same engine goes on with the server that came back, whose catalog is on disk.
        try RunCatalog(engine: engine, lake: lake.lake, log: .none).register(run)
        #expect(
          try engine.rows("SELECT count(*) FROM \(run.id.schemaName).releases_ref_v6") == [[.bigint(2)]])
      }
    }

    @Test func theMetastoreCanBeRebuiltFromTheFilesAlone() throws {
      try withTemporaryFolder { folder in
        let lake = try TestLake(folder)
        let run = try lake.addRun(soundSources)
        try Files.link(lake.lake.activeLink, to: "_runs/\(run.id)")
        var tables: [Set<String>] = []
        for attempt in ["first", "second"] {
          // A server of its own each time: nothing of the other's metastore is left.
          let server = try TrinoServer(in: folder.path(attempt))
          let engine = try lake.trino(server)
          let catalog = RunCatalog(engine: engine, lake: lake.lake, log: .none)
          #expect(try catalog.registerAll(allowPartial: false) == [run.id])
          try catalog.registerActive()
          tables.append(try engine.tables(in: "discogs").union(engine.tables(in: run.id.schemaName)))
          #expect(try engine.rows("SELECT count(*) FROM discogs.artists_v1") == [[.bigint(2)]])
        }
        #expect(tables[0] == tables[1] && tables[0].count > 10)
      }
    }

    @Test func aCatalogWithoutWritePermissionIsAMatterOfPermission() throws {
      try withTemporaryFolder { folder in
        let server = try TrinoServer(
          TrinoServer.Configuration(catalogLines: ["hive.security=read-only"]), in: folder.path("trino"))
        let lake = try TestLake(folder)
        let error = #expect(throws: SQLError.self) { try lake.trino(server) }
        #expect(error?.name == "PERMISSION_DENIED")
        #expect(error?.exitCode == .noPermission)
      }
    }

    /// Also where the first thing that is asked for is a list of what an earlier task has left.
    @Test func aMetastoreThatWasNeverThereIsNamedByPreflight() throws {
      try withTemporaryFolder { folder in
        var configuration = TrinoServer.Configuration(catalog: "hive-metastore")
        configuration.metastoreURI = "thrift://127.0.0.1:9"
        let server = try TrinoServer(configuration, in: folder.path("trino"))
        let lake = try TestLake(folder)
        for _ in 1...2 {
          let last = try task(
            "preflight",
            [
              "--engine", "trino", "--lake", lake.lake.path, "--raw-root", Checkout.path("fixtures/dumps"),
              "--dump-month", "2026-08", "--trino-url", server.url,
            ], expecting: 69
          ).lastErrorLine
          #expect(last.contains("start the Hive metastore"), "\(last)")
        }
      }
    }

    @Test func aMetastoreThatIsDownIsNamed() throws {
      try withTemporaryFolder { folder in
        // A metastore that ends as soon as Trino is there.
        var metastore: HiveMetastoreServer? = try HiveMetastoreServer(in: folder.path("hive"))
        var configuration = TrinoServer.Configuration(catalog: "hive-metastore")
        configuration.metastoreURI = metastore?.uri
        let server = try TrinoServer(configuration, in: folder.path("trino"))
        metastore = nil
        let lake = try TestLake(folder)
        let error = #expect(throws: SQLError.self) { try lake.trino(server) }
        #expect(error?.exitCode == .unavailable, "\(error?.message ?? "")")
        #expect(error?.advice?.contains("start the Hive metastore") == true)
      }
    }

    @Test func passwordsGoOverHTTPSAndMustBeRight() throws {
      try withTemporaryFolder { folder in
        let tls = try TestAuthority(in: folder)
        let pem = try folder.write(
          Files.readText(tls.key) + Files.readText(tls.certificate), to: "tls/keystore.pem")
        // bcrypt of `right-password`.
        let hash = "$2a$10$abcdefghijklmnopqrstuuFxpdDxfuk0JCf5GMA8H.vzoIln81UOO"
        let passwords = try folder.write("tester:\(hash)\n", to: "passwords")
        let authenticator = try folder.write(
          "password-authenticator.name=file\nfile.password-file=\(passwords)\n",
          to: "authenticator.properties")
        let port = try freePort()
        let server = try TrinoServer(
          TrinoServer.Configuration(serverLines: [
            "http-server.https.enabled=true", "http-server.https.port=\(port)",
            "http-server.https.keystore.path=\(pem)", "http-server.authentication.type=PASSWORD",
            "password-authenticator.config-files=\(authenticator)",
            "internal-communication.shared-secret=only-for-this-test",
          ]), in: folder.path("trino"))
        let lake = try TestLake(folder)
        func ask(_ change: (inout TrinoSettings) -> Void) throws -> [[SQLValue]] {
          let engine = try lake.trino(server) {
            $0.url = "https://localhost:\(port)"
            $0.caFile = tls.authority
            change(&$0)
          }
          return try engine.rows("SELECT 1")
        }
        #expect(
          try ask { $0.authorization = .basic(user: "tester", password: "right-password") } == [[.bigint(1)]])
        let wrong = #expect(throws: SQLError.self) {
          try ask { $0.authorization = .basic(user: "tester", password: "wrong-password") }
        }
        #expect(wrong?.name == "AUTHENTICATION_FAILED" && wrong?.exitCode == .noPermission)
        #expect(wrong?.message.contains("wrong-password") == false)
        let untrusted = #expect(throws: SQLError.self) {
          try ask {
            $0.authorization = .basic(user: "tester", password: "right-password")
            $0.caFile = nil
          }
        }
        #expect(untrusted?.name == "CERTIFICATE" && untrusted?.exitCode == .configuration)
        let plain = #expect(throws: SQLError.self) {
          try ask {
            $0.authorization = .basic(user: "tester", password: "right-password")
            $0.url = server.url
            $0.isInsecure = true
          }
        }
        #expect(plain?.exitCode == .configuration)
        #expect(plain?.advice?.contains("use https:") == true, "\(plain?.message ?? "")")
        // HTTP where HTTPS is spoken, a name that the certificate does not have, HTTPS where HTTP is spoken.
        for url in [
          "http://localhost:\(port)", "https://127.0.0.1:\(port)", "https://localhost:\(server.port)",
        ] {
          let wrong = #expect(throws: SQLError.self) { try ask { $0.url = url } }
          #expect(wrong?.exitCode == .configuration, "\(url): \(wrong?.message ?? "")")
        }
      }
    }

    @Test func aHiveMetastoreRefusesLocalLocations() throws {
      try withTemporaryFolder { folder in
        let setUp = TrinoSetUp(catalog: "hive-metastore", scheme: "local://", hasHiveMetastore: true)
        let server = try setUp.start(in: folder) {
          $0.catalogLines = ["fs.native-local.enabled=true", "local.location=/"]
        }
        let lake = try TestLake(folder)
        let error = #expect(throws: TaskError.self) { try lake.trino(server, scheme: setUp.scheme) }
        #expect(error?.message.contains("local:///") == true)
        #expect(error?.exitCode == .configuration)
      }
    }
  }
}

/// One server for the tests that do not harm it.
enum SharedTrino {
  private static let started = Result {
    let folder = "\(FileManager.default.temporaryDirectory.path)/discogs-trino-\(UUID().uuidString)"
    let server = try TrinoServer(in: folder)
    // A global is never released, and the launcher gives its place to Java, which does not die with its parent.
    atexit { SharedTrino.end() }
    return (server, folder)
  }

  static func get() throws -> TrinoServer { try started.get().0 }

  private static func end() {
    guard let (server, folder) = try? started.get() else { return }
    server.stop()
    try? FileManager.default.removeItem(atPath: folder)
  }
}

/// Everything that needs real Trino servers, one after the other: each takes a good part of a machine.
@Suite(.serialized, .needs(Tools.trinoHome, Tools.java24, Tools.duckdb)) struct TrinoSuites {}

extension TrinoEngine {
  /// The rows that reach the engine from the files for a query, as it says itself.
  fileprivate func rowsRead(_ query: String) throws -> Int {
    let text = try rows("EXPLAIN ANALYZE \(query)").compactMap(\.first?.string).joined(separator: "\n")
    let counts = text.matches(of: /Input: (\d+) rows?/).compactMap { Int($0.1) }
    return try #require(counts.max(), "\(text)")
  }
}
