import Foundation
import Lake
import Platform
import SQL
import Schema
import Synchronization
import TaskKit
import TestSupport
import Testing

@testable import Catalog

/// A row of nothing but an id for every dataset that a run must have, and for those named beside.
func smallSources(_ more: Dataset...) -> [Dataset: [[SQLValue]]] {
  Dictionary(
    uniqueKeysWithValues: (Dataset.required + more).map { dataset in
      (dataset, [[.bigint(1)] + dataset.columns.dropFirst().map { _ in SQLValue.null }])
    })
}

@Suite(.needs(Tools.duckdb)) struct RunCatalogTests {
  /// Collects what is logged.
  final class Lines: Sendable {
    let all = Mutex<[String]>([])
    var log: Log { Log(task: "test", write: { [self] line in all.withLock { $0.append(line) } }) }
    func contains(_ text: String) -> Bool { all.withLock { $0.contains { $0.contains(text) } } }
  }

  private func register(
    _ lake: TestLake, _ lines: Lines = Lines(), _ body: (RunCatalog) throws -> Void
  ) throws {
    let engine = try lake.engine(.writing)
    defer { engine.close() }
    try body(RunCatalog(engine: engine, lake: lake.lake, log: lines.log))
  }

  private func query(_ lake: TestLake, _ sql: String) throws -> [[SQLValue]] {
    let engine = try lake.engine(.reading)
    defer { engine.close() }
    return try engine.rows(sql)
  }

  @Test func aRunHasItsTablesAndViews() throws {
    try withTemporaryFolder { folder in
      let lake = try TestLake(folder)
      var sources = smallSources()
      sources[.artistMemberships] = [
        row(1, "G", 2, "M"), row(1, "G", 2, "M"), row(1, "G", 3, nil), row(1, "G", 3, nil),
      ]
      sources[.releaseLabelXref] = [
        row(1, "L", "l", "A", 1), row(1, "L", "l", "B", 1), row(2, "L", "l", "A", 1),
        row(2, nil, nil, nil, 1),
      ]
      let run = try lake.addRun(sources)
      try register(lake) { try $0.register(run) }
      let schema = "discogs_r_2026_08__20260801_000000"
      #expect(try query(lake, "SELECT count(*) FROM hive.\(schema).releases_ref_v6") == [[.bigint(1)]])
      let reader = try lake.engine(.reading)
      #expect(
        try reader.tables(in: schema) == [
          "artists_v1_typed", "artist_aliases_v1_typed", "artist_memberships_v1_typed", "masters_v1_typed",
          "releases_ref_v6", "labels_ref_v10", "release_label_xref_v1", "artists_v1", "artist_aliases_v1",
          "artist_memberships_v1", "masters_v1", "artist_memberships_v1_typed_dedup",
          "release_label_xref_v1_canon",
          "release_label_xref_v1_dedup",
        ])
      for dataset in Dataset.required {
        let columns = try reader.describe(TableName(schema, dataset.table))
        #expect(columns.map { [$0.name, $0.type] } == dataset.columns.map { [$0.name, $0.type.rawValue] })
      }
      #expect(
        try reader.describe(TableName(schema, "artists_v1")).map(\.name)
          == Dataset.artists.columns.map(\.name))
      reader.close()
      let dedup = try query(
        lake, "SELECT * FROM \(schema).artist_memberships_v1_typed_dedup ORDER BY member_id")
      #expect(dedup == [row(1, "G", 2, "M"), row(1, "G", 3, nil)])
      let canon = try query(
        lake, "SELECT * FROM \(schema).release_label_xref_v1_canon ORDER BY release_id, label_name")
      #expect(canon == [row(1, "L", "l"), row(1, "L", "l"), row(2, "L", "l"), row(2, nil, nil)])
      let labels = try query(
        lake, "SELECT * FROM \(schema).release_label_xref_v1_dedup ORDER BY release_id, label_name")
      #expect(labels == [row(1, "L", "l"), row(2, "L", "l"), row(2, nil, nil)])
    }
  }

  @Test func everyTableViewAndColumnSaysWhatItHolds() throws {
    try withTemporaryFolder { folder in
      let lake = try TestLake(folder)
      let run = try lake.addRun(
        Dictionary(
          uniqueKeysWithValues: Dataset.all.map { dataset in
            (dataset, [dataset.columns.map { _ in SQLValue.null }])
          }))
      try register(lake) { try $0.register(run) }
      let schema = run.id.schemaName
      let silent = try query(
        lake,
        """
        SELECT view_name FROM duckdb_views() WHERE schema_name = '\(schema)' AND coalesce(comment, '') = ''
        UNION ALL SELECT table_name || '.' || column_name FROM duckdb_columns()
        WHERE schema_name = '\(schema)' AND coalesce(comment, '') = ''
        """)
      #expect(silent.isEmpty, "\(silent)")
      let title = try #require(Dataset.releases.columns.first { $0.name == "title" })
      #expect(
        try query(
          lake,
          "SELECT comment FROM duckdb_columns() WHERE schema_name = '\(schema)' AND table_name = 'releases_ref_v6' AND column_name = 'title'"
        ) == [row(title.comment)])
      let comments = CatalogView.all.map(\.comment)
      #expect(
        comments.allSatisfy {
          (1...250).contains($0.utf8.count) && $0.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
        })
    }
  }

  @Test func registeringAgainChangesNothing() throws {
    try withTemporaryFolder { folder in
      let lake = try TestLake(folder)
      let run = try lake.addRun(smallSources(.releaseLabelXref))
      func contents() throws -> [[SQLValue]] {
        try query(lake, "SELECT view_name, sql FROM duckdb_views() WHERE NOT internal ORDER BY 1")
      }
      try register(lake) { try $0.register(run) }
      let first = try contents()
      #expect(first.count == 14)
      try register(lake) { try $0.register(run) }
      #expect(try contents() == first)
    }
  }

  @Test func anOlderLakesRunIsReadAsItIs() throws {
    try withTemporaryFolder { folder in
      let lake = try TestLake(folder)
      let lines = Lines()
      let run = try lake.addRun(smallSources())
      // Derived datasets below warehouse_discogs, as Trino named and ordered them, with a column more.
      let warehouse = Files.join(run.path, "warehouse_discogs/label_release_counts_v1")
      try lake.write(
        [[.bigint(5), .varchar("l"), .bigint(7), .double(0.5)]],
        [
          TableColumn(name: "n_total_releases", type: "BIGINT"),
          TableColumn(name: "label_norm", type: "VARCHAR"),
          TableColumn(name: "extra", type: "INTEGER"), TableColumn(name: "share", type: "DOUBLE"),
        ], to: warehouse, name: "20230401_103000_00008_abcde_0123")
      try register(lake, lines) { try $0.register(run) }
      let table = "discogs_r_2026_08__20260801_000000.label_release_counts_v1"
      #expect(
        try query(lake, "SELECT * FROM \(table)") == [[.bigint(5), .varchar("l"), .bigint(7), .double(0.5)]])
      #expect(lines.contains("release_artist_links_v1_typed"))
    }
  }

  @Test func filesThatLackColumnsAreNamedAndReadTogether() throws {
    try withTemporaryFolder { folder in
      let lake = try TestLake(folder)
      let lines = Lines()
      let run = try lake.addRun(smallSources())
      try lake.write(
        [[.varchar("new"), .bigint(2)]],
        [TableColumn(name: "extra", type: "VARCHAR"), TableColumn(name: "master_id", type: "BIGINT")],
        to: run.datasetFolder(.masters), name: "part-1.parquet")
      try register(lake, lines) { try $0.register(run) }
      let rows = try query(
        lake, "SELECT master_id, title, extra FROM discogs_r_2026_08__20260801_000000.masters_v1 ORDER BY 1")
      #expect(rows == [row(1, nil, nil), row(2, nil, "new")])
      #expect(lines.contains("part-1.parquet") && lines.contains("column title"))
    }
  }

  @Test func filesThatContradictEachOtherAreNamed() throws {
    try withTemporaryFolder { folder in
      let lake = try TestLake(folder)
      let run = try lake.addRun(smallSources())
      try lake.write(
        [[.varchar("two")]], [TableColumn(name: "master_id", type: "VARCHAR")],
        to: run.datasetFolder(.masters), name: "part-1.parquet")
      try folder.write("PAR1, but no more", to: "lake/_runs/\(run.id)/labels_v10/part-2.parquet")
      let error = #expect(throws: TaskError.self) { try register(lake) { try $0.register(run) } }
      #expect(error?.exitCode == .data)
      #expect(error?.message.contains("masters_v1_typed/part-1.parquet: column master_id is VARCHAR") == true)
      #expect(error?.message.contains("labels_v10/part-2.parquet") == true)
      try register(lake) { try $0.register(run, allowPartial: true) }
      let reader = try lake.engine(.reading)
      let tables = try reader.tables(in: run.id.schemaName)
      #expect(tables.contains("artists_v1") && tables.isDisjoint(with: ["masters_v1", "labels_ref_v10"]))
    }
  }

  @Test func aRunThatLacksDatasetsIsRefusedWithTheList() throws {
    try withTemporaryFolder { folder in
      let lake = try TestLake(folder)
      var sources = smallSources()
      sources[.labels] = nil
      sources[.masters] = nil
      let run = try lake.addRun(sources)
      let error = #expect(throws: TaskError.self) { try register(lake) { try $0.register(run) } }
      #expect(error?.exitCode == .data)
      #expect(error?.message.contains("labels_v10 is missing") == true)
      #expect(error?.message.contains("masters_v1_typed is missing") == true)
      #expect(error?.advice?.contains("--allow-partial") == true)
      try register(lake) { try $0.register(run, allowPartial: true) }
      #expect(
        try query(lake, "SELECT count(*) FROM discogs_r_2026_08__20260801_000000.artists_v1") == [
          [.bigint(1)]
        ])
    }
  }

  @Test func theActiveSchemaFollowsThePointer() throws {
    try withTemporaryFolder { folder in
      let lake = try TestLake(folder)
      let first = try lake.addRun(smallSources(.releaseGenreLinks))
      var sources = smallSources()
      sources[.artists] = [
        row(1, "a", nil, nil, nil, nil, nil, nil), row(2, "b", nil, nil, nil, nil, nil, nil),
      ]
      let second = try lake.addRun(sources, id: RunID(validating: "2026-09__20260901_000000"))
      func point(to run: RunFolder) throws {
        try? FileManager.default.removeItem(atPath: lake.lake.activeLink)
        try Files.link(lake.lake.activeLink, to: "_runs/\(run.id)")
      }
      let error = #expect(throws: TaskError.self) { try register(lake) { try $0.registerActive() } }
      #expect(error?.exitCode == .noInput)
      try point(to: first)
      try register(lake) { try $0.registerActive() }
      #expect(try query(lake, "SELECT count(*) FROM discogs.artists_v1") == [[.bigint(1)]])
      // The tables go through the pointer.
      try point(to: second)
      #expect(try query(lake, "SELECT count(*) FROM discogs.artists_v1") == [[.bigint(2)]])
      // What the new run does not have goes when it is registered.
      try register(lake) { try $0.registerActive() }
      let reader = try lake.engine(.reading)
      #expect(try !reader.tables(in: "discogs").contains("release_genre_links_v1_typed"))
    }
  }

  /// What a workflow does whose run was not promoted, in a lake that never had an active run.
  @Test(arguments: ["nothing", "a folder", "a link to nowhere", "a link to a run that is gone"])
  func withoutAnActiveRunOnlyTheRunInHandIsExcused(_ active: String) throws {
    try withTemporaryFolder { folder in
      let lake = try TestLake(folder)
      let run = try lake.addRun(smallSources())
      switch active {
      case "a folder": try Files.createDirectory(lake.lake.activeLink)
      case "a link to nowhere": try Files.link(lake.lake.activeLink, to: "_runs")
      case "a link to a run that is gone":
        try Files.link(lake.lake.activeLink, to: "_runs/2026-07__20260701_000000")
      default: break
      }
      let environment = ["DISCOGS_DATA_LAKE": lake.lake.path, "DUCKDB": try Tools.duckdb.path()]
      let excused = try task(
        "register-run-schema", ["--active"], environment: environment.merging(["run_id": run.id.text]) { $1 })
      #expect(excused.stderr.contains("no run is active"))
      let refused = try task("register-run-schema", ["--active"], environment: environment, expecting: 66)
      #expect(refused.lastErrorLine.contains("promote a run first"))
      #expect(!Files.exists(lake.lake.catalogFile))
    }
  }

  @Test func theActiveRunIsRegisteredWhateverRunIsInHand() throws {
    try withTemporaryFolder { folder in
      let lake = try TestLake(folder)
      let run = try lake.addRun(smallSources())
      try Files.link(lake.lake.activeLink, to: "_runs/\(run.id)")
      let other = try lake.addRun([:], id: RunID(validating: "2026-09__20260901_000000"))
      let execution = try task(
        "register-run-schema", ["--active"],
        environment: [
          "DISCOGS_DATA_LAKE": lake.lake.path, "DUCKDB": try Tools.duckdb.path(), "run_id": other.id.text,
        ])
      #expect(execution.stderr.contains("run \(other.id) is not the active one"))
      #expect(try query(lake, "SELECT count(*) FROM discogs.artists_v1") == [[.bigint(1)]])
    }
  }

  @Test func aParameterOfTheEnvironmentDoesNotTurnARunIntoTheActiveOne() throws {
    try withTemporaryFolder { folder in
      let lake = try TestLake(folder)
      let run = try lake.addRun(smallSources())
      try task(
        "register-run-schema", ["--run-id", run.id.text],
        environment: [
          "DISCOGS_DATA_LAKE": lake.lake.path, "DUCKDB": try Tools.duckdb.path(), "active": "true",
        ])
      let reader = try lake.engine(.reading)
      defer { reader.close() }
      #expect(try reader.schemas() == [run.id.schemaName])
    }
  }

  /// A run that lacks one dataset, of which the test makes what it needs.
  private func withRun(without dataset: Dataset, _ body: (TestLake, RunFolder) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let lake = try TestLake(folder)
      var sources = smallSources()
      sources[dataset] = nil
      try body(lake, lake.addRun(sources))
    }
  }

  /// Writes a Parquet file with pyarrow.
  private func pyarrow(_ table: String, to folder: String, name: String) throws {
    try Files.createDirectory(folder)
    let execution = try execute(
      try Tools.python.path(),
      ["-c", "import pyarrow as pa, pyarrow.parquet as pq, sys; pq.write_table(\(table), sys.argv[1])"]
        + [Files.join(folder, name)])
    try #require(execution.status == 0, "\(execution.stderr)")
  }

  @Test(.needs(Tools.python)) func aColumnOfNothingButNullsHasItsDeclaredType() throws {
    try withRun(without: .masters) { lake, run in
      let masters = run.datasetFolder(.masters)
      try pyarrow(
        "pa.table({'master_id': pa.nulls(1), 'title': pa.nulls(1), 'more': pa.nulls(1)})", to: masters,
        name: "a.parquet")
      try pyarrow("pa.table({'master_id': [2], 'title': ['two']})", to: masters, name: "b.parquet")
      try register(lake) { try $0.register(run) }
      let reader = try lake.engine(.reading)
      defer { reader.close() }
      let table = TableName(run.id.schemaName, "masters_v1_typed")
      #expect(
        try reader.describe(table).map { [$0.name, $0.type] } == [
          ["master_id", "BIGINT"], ["title", "VARCHAR"],
        ])
      #expect(try reader.rows("SELECT * FROM \(table.sql) ORDER BY 1") == [row(2, "two"), row(nil, nil)])
    }
  }

  @Test(.needs(Tools.python)) func columnsThatAreNotTheDatasetsCannotRefuseIt() throws {
    try withRun(without: .masters) { lake, run in
      let lines = Lines()
      let masters = run.datasetFolder(.masters)
      try pyarrow(
        """
        pa.table({'list': [[1, 2]], 'master_id': [1], 'struct': [{'x': 1}], \
        'decimal': pa.array([None], pa.decimal128(9, 2)), 'either': [1]})
        """, to: masters, name: "a.parquet")
      try pyarrow("pa.table({'master_id': [2], 'either': ['x']})", to: masters, name: "b.parquet")
      try register(lake, lines) { try $0.register(run) }
      #expect(
        try query(lake, "SELECT * FROM \(run.id.schemaName).masters_v1_typed ORDER BY 1") == [row(1), row(2)])
      for name in ["list", "struct", "decimal", "either"] {
        #expect(lines.contains("column \(name) is left out"), "\(name)")
      }
      // The dataset's own columns are another matter.
      try pyarrow("pa.table({'master_id': [[3]]})", to: masters, name: "c.parquet")
      let error = #expect(throws: TaskError.self) { try register(lake) { try $0.register(run) } }
      #expect(error?.message.contains("c.parquet: column master_id is nested") == true)
    }
  }

  @Test(.needs(Tools.python)) func aTableWithoutRowsOfAnotherWriterIsATable() throws {
    try withRun(without: .masters) { lake, run in
      try pyarrow(
        "pa.table({'master_id': pa.array([], pa.int64()), 'title': pa.array([], pa.string())})",
        to: run.datasetFolder(.masters), name: "a.parquet")
      try register(lake) { try $0.register(run) }
      #expect(
        try query(lake, "SELECT count(*) FROM \(run.id.schemaName).masters_v1") == [[.bigint(0)]])
    }
  }

  @Test func allTakesWhatIsNotYetRegistered() throws {
    try withTemporaryFolder { folder in
      let lake = try TestLake(folder)
      let lines = Lines()
      try lake.addRun(smallSources())
      var broken = smallSources()
      broken[.labels] = nil
      let second = try RunID(validating: "2026-09__20260901_000000")
      let third = try RunID(validating: "2026-10__20261001_000000")
      try lake.addRun(broken, id: second)
      try lake.addRun(smallSources(), id: third)
      try folder.write("", to: "lake/_runs/notes/x")
      // What a mistyped run id left with earlier versions.
      try Files.createDirectory(lake.lake.run(RunID(validating: "2026-11__20261101_000000")).path)
      var registered: [RunID] = []
      try register(lake, lines) { registered = try $0.registerAll(allowPartial: false) }
      #expect(registered.count == 2)
      #expect(lines.contains("passed over: run \(second) is not complete: labels_v10 is missing"))
      #expect(lines.contains("passed over: run 2026-11__20261101_000000 is not complete"))
      #expect(!lines.contains("every run is registered"))
      #expect(lines.contains("notes is no run id"))
      let engine = try lake.engine(.writing)
      let catalog = RunCatalog(engine: engine, lake: lake.lake, log: .none)
      #expect(try catalog.isRegistered(lake.lake.run(third)))
      #expect(try catalog.registerAll(allowPartial: true).first == second)
    }
  }

  /// What --run-id refuses, --all must not call registered.
  @Test func aRegisteredRunThatLostADatasetIsPassedOverWithAWord() throws {
    try withTemporaryFolder { folder in
      let lake = try TestLake(folder)
      let run = try lake.addRun(smallSources(.releaseArtistLinks))
      try register(lake) { try $0.registerAll(allowPartial: false) }
      let whole = Lines()
      try register(lake, whole) { try $0.registerAll(allowPartial: false) }
      #expect(whole.contains("every run is registered"))
      // One that need not be there is taken out of the schema.
      try Files.removeTree(run.datasetFolder(.releaseArtistLinks))
      var registered: [RunID] = []
      try register(lake) { registered = try $0.registerAll(allowPartial: false) }
      #expect(registered == [run.id])
      try Files.removeTree(run.datasetFolder(.labels))
      let lines = Lines()
      try register(lake, lines) { registered = try $0.registerAll(allowPartial: false) }
      #expect(registered == [])
      #expect(lines.contains("passed over: run \(run.id) is not complete: labels_v10 is missing"))
      #expect(!lines.contains("every run is registered"))
    }
  }

  @Test func aMovedLakeIsRegisteredAgain() throws {
    try withTemporaryFolder { folder in
      let lake = try TestLake(folder)
      let run = try lake.addRun(smallSources())
      try register(lake) { try $0.register(run) }
      try Files.rename(lake.lake.path, to: folder.path("moved"))
      let moved = Lake(path: folder.path("moved"))
      let engine = try DuckDBEngine(
        .init(executable: try Tools.duckdb.path(), catalog: .writing(moved.catalogFile)))
      defer { engine.close() }
      let catalog = RunCatalog(engine: engine, lake: moved, log: .none)
      #expect(try catalog.registerAll(allowPartial: false) == [run.id])
      #expect(try engine.rows("SELECT count(*) FROM \(run.id.schemaName).artists_v1") == [[.bigint(1)]])
    }
  }

  /// The original stays where it is, and the copy's catalog names its files.
  @Test func aCopiedLakeIsRegisteredAgain() throws {
    try withTemporaryFolder { folder in
      let lake = try TestLake(folder)
      let run = try lake.addRun(smallSources())
      try register(lake) { try $0.register(run) }
      let copy = Lake(path: folder.path("a*[copy]'s"))
      try FileManager.default.copyItem(atPath: lake.lake.path, toPath: copy.path)
      let engine = try DuckDBEngine(
        .init(executable: try Tools.duckdb.path(), catalog: .writing(copy.catalogFile)))
      defer { engine.close() }
      let table = TableName(run.id.schemaName, "releases_ref_v6")
      #expect(try engine.location(of: table) == run.datasetFolder(.releases))
      let catalog = RunCatalog(engine: engine, lake: copy, log: .none)
      #expect(try catalog.registerAll(allowPartial: false) == [run.id])
      #expect(try engine.location(of: table) == copy.run(run.id).datasetFolder(.releases))
      #expect(try catalog.registerAll(allowPartial: false) == [])
      // A path that leads to the same folder is no other place.
      try Files.link(folder.path("link"), to: copy.path)
      let sameLake = Lake(path: folder.path("link"))
      #expect(
        try RunCatalog(engine: engine, lake: sameLake, log: .none).isRegistered(sameLake.run(run.id)))
      #expect(try engine.location(of: TableName(run.id.schemaName, "artists_v1")) == nil)
      #expect(try engine.location(of: TableName(run.id.schemaName, "nothing")) == nil)
    }
  }

  @Test func oneOddRunKeepsNoneOfTheOthersFromBeingRegistered() throws {
    try withTemporaryFolder { folder in
      let lake = try TestLake(folder)
      let ids = try (1...4).map { try RunID(validating: "2026-0\($0)__20260\($0)01_000000") }
      for id in ids { try lake.addRun(smallSources(), id: id) }
      // None of these is opened: a pipe would never answer.
      let odd = lake.lake.run(ids[0]).datasetFolder(.labels)
      try Files.createDirectory(Files.join(odd, "sub.parquet"))
      try Files.link(Files.join(odd, "nowhere"), to: "gone")
      try #require(mkfifo(Files.join(odd, "pipe.parquet"), 0o600) == 0)
      // DuckDB makes no view in place of a table.
      let engine = try lake.engine(.writing)
      try engine.run("CREATE SCHEMA \(ids[1].schemaName)")
      try engine.run("CREATE TABLE \(ids[1].schemaName).labels_ref_v10 AS SELECT 1 AS label_id")
      engine.close()
      try folder.write("PAR1, but no more", to: "lake/_runs/\(ids[2])/labels_v10/part-2.parquet")
      let execution = try task(
        "register-run-schema", ["--all"],
        environment: ["DISCOGS_DATA_LAKE": lake.lake.path, "DUCKDB": try Tools.duckdb.path()], expecting: 78)
      for name in ["sub.parquet", "nowhere", "pipe.parquet"] {
        #expect(execution.stderr.contains("\(odd)/\(name) is no file"))
      }
      #expect(execution.lastErrorLine.contains("run \(ids[1]) cannot be registered"))
      #expect(execution.stderr.contains("passed over: run \(ids[2]) is not complete"))
      for id in [ids[0], ids[3]] {
        #expect(try query(lake, "SELECT count(*) FROM \(id.schemaName).labels_ref_v10") == [[.bigint(1)]])
      }
      // Through the pointer, too.
      try Files.link(lake.lake.activeLink, to: "_runs/\(ids[0])")
      try register(lake) { try $0.registerActive() }
      #expect(try query(lake, "SELECT count(*) FROM discogs.labels_ref_v10") == [[.bigint(1)]])
    }
  }

  /// Passwords are for the server that they were given for.
  @Test func theShellDoesNotGetWhatIsNotItsOwn() throws {
    try withTemporaryFolder { folder in
      let lake = try TestLake(folder)
      try lake.addRun(smallSources())
      let seen = folder.path("seen")
      let shell = try folder.write(
        "#!/bin/sh\nenv > '\(seen)'\nexec '\(try Tools.duckdb.path())' \"$@\"\n", to: "duckdb")
      try Files.setPermissions(of: shell, to: 0o755)
      try task(
        "register-run-schema", ["--all"],
        environment: [
          "DISCOGS_DATA_LAKE": lake.lake.path, "DUCKDB": shell, "TRINO_PASSWORD": "s3cret",
          "TRINO_ACCESS_TOKEN": "s3cret", "AWS_SECRET_ACCESS_KEY": "s3cret", "LC_ALL": "C.UTF-8",
        ])
      let environment = try Files.readText(seen)
      #expect(!environment.contains("s3cret") && !environment.contains("TRINO"))
      #expect(environment.contains("PATH=") && environment.contains("LC_ALL=C.UTF-8"))
    }
  }

  @Test(.needs(Tools.python)) func columnsThatSQLCannotNameAreLeftOut() throws {
    try withRun(without: .masters) { lake, run in
      let lines = Lines()
      try pyarrow(
        "pa.table([[7], [1], [2], [3]], names=['', 'Master_ID', 'note', 'Note'])",
        to: run.datasetFolder(.masters), name: "a.parquet")
      try register(lake, lines) { try $0.register(run) }
      let reader = try lake.engine(.reading)
      defer { reader.close() }
      let table = TableName(run.id.schemaName, "masters_v1_typed")
      #expect(try reader.describe(table).map(\.name) == ["master_id"], "the dataset's own spelling")
      #expect(try reader.rows("SELECT * FROM \(table.sql)") == [row(1)])
      #expect(lines.contains(#"column "" is left out: in a.parquet it has a name that SQL cannot say"#))
      #expect(lines.contains(#"column note is left out: in a.parquet it is there more than once"#))
    }
  }

  @Test(.needs(Tools.python)) func aColumnThatIsThereTwiceIsNamed() throws {
    try withRun(without: .labels) { lake, run in
      let labels = run.datasetFolder(.labels)
      try pyarrow("pa.table({'label_id': [1], 'Label_ID': [2]})", to: labels, name: "a.parquet")
      let error = #expect(throws: TaskError.self) { try register(lake) { try $0.register(run) } }
      #expect(
        error?.message.contains(
          #"a.parquet: column label_id is there more than once, as "label_id" and "Label_ID""#)
          == true, "\(error?.message ?? "")")
      // In files of their own they are the same column.
      try pyarrow("pa.table({'label_id': [1]})", to: labels, name: "a.parquet")
      try pyarrow("pa.table({'Label_ID': [2]})", to: labels, name: "b.parquet")
      try register(lake) { try $0.register(run) }
      #expect(
        try query(lake, "SELECT * FROM \(run.id.schemaName).labels_ref_v10 ORDER BY 1") == [row(1), row(2)])
    }
  }

  @Test(.needs(Tools.python)) func filesWithNoneOfTheDatasetsColumnsAreNoDataset() throws {
    try withRun(without: .labels) { lake, run in
      try pyarrow("pa.table({'x': [1]})", to: run.datasetFolder(.labels), name: "a.parquet")
      let error = #expect(throws: TaskError.self) { try register(lake) { try $0.register(run) } }
      #expect(error?.exitCode == .data)
      #expect(error?.message.contains("labels_v10: its files have none of the dataset's columns") == true)
      try register(lake) { try $0.register(run, allowPartial: true) }
      let reader = try lake.engine(.reading)
      defer { reader.close() }
      #expect(try !reader.tableExists(TableName(run.id.schemaName, "labels_ref_v10")))
    }
  }

  @Test func aFileThatCannotBeReadIsAConflictOfItsRun() throws {
    try withTemporaryFolder { folder in
      let lake = try TestLake(folder)
      let run = try lake.addRun(smallSources())
      let whole = try #require(run.parquetFiles(of: .labels).first)
      // Taken away between being listed and being read.
      let gone = Files.join(run.datasetFolder(.labels), "gone.parquet")
      let found = FileColumns(of: [gone, whole], declared: Dataset.labels.columns)
      #expect(found.conflicts == ["\(gone): No such file or directory (open)"])
      #expect(found.columns.count == Dataset.labels.columns.count && found.remarks.isEmpty)
    }
  }

  @Test func aBrokenFirstFileIsAllThatIsSaid() throws {
    try withTemporaryFolder { folder in
      let lake = try TestLake(folder)
      let lines = Lines()
      let run = try lake.addRun(smallSources())
      try folder.write("PAR1, but no more", to: "lake/_runs/\(run.id)/labels_v10/a.parquet")
      try register(lake, lines) { try $0.register(run, allowPartial: true) }
      #expect(!lines.contains("earlier files lack"))
      #expect(lines.all.withLock { $0.filter { $0.contains("labels_v10") }.count } == 1)
    }
  }
}

@Suite struct CatalogDocumentationTests {
  @Test func theViewsAreDocumented() throws {
    let text = try String(contentsOfFile: Checkout.path("docs/queries.md"), encoding: .utf8)
    for view in CatalogView.all {
      let row = try #require(text.split(separator: "\n").first { $0.hasPrefix("| `\(view.name)` |") })
      #expect(row.contains("`\(view.source.table)`"), "\(view.name)")
      #expect(row.contains("different rows") == view.isDistinct, "\(view.name)")
    }
    #expect(text.contains("each schema has seven views") && CatalogView.all.count == 7)
  }
}
