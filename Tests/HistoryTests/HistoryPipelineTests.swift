import Foundation
import TestSupport
import Testing

@testable import History

/// The registry, the KPIs and the CSV files of a lake, against a plain computation from the rows that were put into it.
@Suite(.needs(Tools.duckdb)) struct HistoryPipelineTests {
  static let older = ["2019-11__20191202_010000", "2020-08__20200803_010000"]
  static let broken = "2025-02__20250203_010000"
  static let empty = "2025-03__20250303_010000"
  static let unregistered = "2025-04__20250403_010000"
  static let active = "2026-08__20260802_031500"
  static let others = (1...6).map { "2026-0\($0)__20260\($0)02_031500" }

  /// Twelve runs: two of the older layout, a broken one, an empty one, one without tables, and the active one.
  private func withLake(_ body: (HistoryLake) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let lake = try HistoryLake(in: folder)
      try lake.add(
        Self.older.map { ($0, .older) } + [
          (Self.broken, .broken), (Self.empty, .empty), (Self.unregistered, .today),
        ]
          + (Self.others + [Self.active]).map { ($0, .today) })
      try lake.register(lake.runs.map(\.id).filter { $0 != Self.unregistered && $0 != Self.active })
      try lake.register([Self.active], as: "discogs")
      try lake.activate(Self.active)
      try FileManager.default.createDirectory(
        atPath: lake.path("_runs/not a run"), withIntermediateDirectories: true)
      try body(lake)
    }
  }

  /// The runs whose KPIs are computed when the active one is left out.
  private var measured: [String] { Self.older + [Self.empty] + Self.others }

  private func expectedValues(_ lake: HistoryLake, _ ids: [String], ownSchemas: Bool = false) -> Set<String> {
    Set(
      ids.flatMap { id in
        let run = lake.run(id)!
        let schema = id == Self.active && !ownSchemas ? "discogs" : run.schemaName
        return PlainKPIs.of(run).map { kpi, value in
          "\(id),\(schema),\(kpi),\(value.map(String.init) ?? "NULL"),\(value == nil ? "missing_table" : "ok"),\(PlainKPIs.isOfVersion1(kpi) ? 1 : 2)"
        }
      })
  }

  private func kpiEvents(_ lake: HistoryLake) throws -> [String] {
    try lake.rows(
      """
      SELECT run_id, schema_name, kpi_name, kpi_value, status, schema_version
      FROM discogs_history.kpi_snapshot_events ORDER BY ALL
      """)
  }

  @Test func theRegistryTellsTheStateOfEveryRun() throws {
    try withLake { lake in
      let execution = try lake.task("reconcile", ["--action", "update_run_registry"])
      #expect(execution.stdout == "")
      #expect(execution.stderr.contains("not a run"), "a folder that is no run is named")
      let expected = lake.runs.map { run in
        let status =
          switch run.id {
          case Self.broken: "missing_data"
          case Self.unregistered: "failed_incomplete"
          case Self.active: "skipped_active"
          default: "ok"
          }
        let month = run.id.prefix(7)
        let origin = run.shape == .older ? "NULL,NULL,NULL" : "\(month)-03,prod,abc\(run.id.suffix(6))"
        return
          "\(run.id),\(run.schemaName),\(run.id == Self.active),update_run_registry,\(status),\(month),\(origin),1"
      }
      let select = """
        SELECT run_id, schema_name, is_active, action, status, dump_month, dump_date, run_mode, git_sha, schema_version
        FROM discogs_history.run_registry_latest ORDER BY run_id
        """
      #expect(try lake.rows(select) == expected.sorted())
      let details = try lake.rows(
        "SELECT details FROM discogs_history.run_registry_latest WHERE run_id = '\(Self.broken)'")
      #expect(details == ["missing: labels_v10"])

      try lake.task("reconcile", ["--action", "update_run_registry"])
      #expect(try lake.rows(select) == expected.sorted(), "looking again changes nothing")
      #expect(try lake.rows("SELECT count(*) FROM discogs_history.run_registry_events") == ["24"])
    }
  }

  /// As history_pipeline.dig calls them, with schemas made by register-run-schema: older layouts and all.
  @Test func theTasksInTheirOrderTakeALakeFromFilesToValuesTwice() throws {
    try withLake { lake in
      try FileManager.default.removeItem(atPath: lake.path("_meta"))
      try lake.task("register-run-schema", ["--active"])
      var values: [String] = []
      for turn in 1...2 {
        try lake.task("register-run-schema", ["--all", "--allow-partial"])
        try lake.task("reconcile", ["--action", "reconcile_register", "--include-active"])
        try lake.task("reconcile", ["--action", "update_run_registry", "--include-active"])
        try lake.task("compute-kpis", ["--include-active"])
        try lake.task("export-csv", ["--include-active"])
        #expect(
          try lake.rows(
            "SELECT status, count(*) FROM discogs_history.run_registry_latest GROUP BY 1 ORDER BY 1")
            == ["missing_data,1", "ok,11"])
        #expect(try lake.rows("SELECT count(*) FROM discogs_history.run_registry_events") == ["\(turn * 24)"])
        let events = try kpiEvents(lake)
        // The active run has a schema of its own by now, which its values are read from.
        #expect(
          Set(events)
            == expectedValues(lake, measured + [Self.unregistered, Self.active], ownSchemas: true))
        if turn == 1 { values = events }
        #expect(events == values)
      }
    }
  }

  private let latest = """
    SELECT schema_name, is_active, status, details FROM discogs_history.run_registry_latest WHERE run_id =
    """

  @Test func theActiveRunHasItsRealStatusOnRequest() throws {
    try withLake { lake in
      let schema = try #require(lake.run(Self.active)?.schemaName)
      let of = " '\(Self.active)'"
      try lake.task("reconcile", ["--include-active", "--only-run-id", Self.active])
      #expect(try lake.rows(latest + of) == ["\(schema),true,ok,registered with duckdb"])
      let left = try lake.task("reconcile", ["--only-run-id", Self.active])
      #expect(left.stderr.contains("it is the active run; --include-active"))
      #expect(try lake.rows(latest + of) == ["\(schema),true,skipped_active,NULL"])
      #expect(try lake.rows("SELECT count(*) FROM discogs_history.run_registry_events") == ["2"])
      try lake.task("reconcile", ["--only-run-id", "2001-01__20010101_000000"], expecting: 66)

      // A schema discogs over another run says nothing about this one.
      _ = try lake.query("DROP SCHEMA discogs CASCADE", in: "_meta/catalog.duckdb")
      try lake.register([Self.others[0]], as: "discogs")
      try lake.task("reconcile", ["--include-active", "--only-run-id", Self.active])
      #expect(
        try lake.rows(latest + of) == [
          "\(schema),true,failed_incomplete,not registered with duckdb: \(schema).releases_ref_v6 is missing"
        ])
    }
  }

  /// What readers of the registry ask first: which run is active, and which are there.
  @Test func theRegistryFollowsTheActivePointerAndSaysOnceThatARunIsGone() throws {
    try withLake { lake in
      let activeRuns = "SELECT run_id FROM discogs_history.run_registry_latest WHERE is_active"
      try lake.task("reconcile")
      #expect(try lake.rows(activeRuns) == [Self.active])
      try lake.activate(Self.others[1])
      try lake.task("reconcile")
      #expect(try lake.rows(activeRuns) == [Self.others[1]])

      try FileManager.default.removeItem(atPath: lake.path("_runs/\(Self.others[0])"))
      for _ in 1...2 { try lake.task("reconcile") }
      let gone = HistoryLake.Run(id: Self.others[0], shape: .today).schemaName
      #expect(
        try lake.rows(latest + " '\(Self.others[0])'") == ["\(gone),false,missing_data,its folder is gone"])
      #expect(
        try lake.rows(
          "SELECT count(*) FROM discogs_history.run_registry_events WHERE details = 'its folder is gone'")
          == ["1"])
      let only = try lake.task("reconcile", ["--only-run-id", Self.others[0]])
      #expect(only.stderr.contains("0 runs recorded"))
      try lake.task("compute-kpis", ["--only-run-id", Self.others[0]], expecting: 65)

      // Put back, it is a run like the others; the one that was active before is measured, too.
      try lake.task("compute-kpis")
      let measured = try lake.rows("SELECT DISTINCT run_id FROM discogs_history.kpi_snapshot_latest")
      #expect(!measured.contains(Self.others[0]) && !measured.contains(Self.others[1]))
    }
  }

  /// What is looked at alone may be none of the two runs that `active` went from and to.
  @Test func theRegistryKnowsTheActiveRunWhicheverRunIsLookedAt() throws {
    try withLake { lake in
      try lake.task("reconcile")
      try lake.activate(Self.others[1])
      let only = try lake.task("reconcile", ["--only-run-id", Self.others[0]])
      let activeRuns = "SELECT run_id FROM discogs_history.run_registry_latest WHERE is_active"
      #expect(try lake.rows(activeRuns) == [Self.others[1]])
      #expect(only.stderr.contains("3 runs recorded"), "\(only.stderr)")
      #expect(
        try lake.task("reconcile", ["--only-run-id", Self.others[0]]).stderr.contains("1 run recorded"))
    }
  }

  @Test func thePageSaysThatItLeavesTheActiveRunOut() throws {
    try withLake { lake in
      try lake.task("reconcile")
      let without = try lake.task("history-report")
      #expect(
        without.stderr.contains(
          "left out: it is the active run; --include-active (include_active=true) shows it"))
      #expect(without.stderr.contains("there are no KPI values of other runs than the active one"))
      let with = try lake.task("history-report", ["--include-active"])
      #expect(with.stderr.contains("compute-kpis makes them") && !with.stderr.contains("left out"))
    }
  }

  @Test func aRunThatIsNowhereIsCalledThat() throws {
    try withLake { lake in
      try lake.task("reconcile")
      for task in ["compute-kpis", "compare-runs", "reconcile"] {
        let last = try lake.task(task, ["--only-run-id", "2001-01__20010101_000000"], expecting: 66)
          .lastErrorLine
        #expect(last.contains("there is no run 2001-01__20010101_000000 in "), "\(last)")
      }
    }
  }

  /// One catalog that shows a run is enough for it to be ok, and each engine goes by its own.
  @Test func whatAnotherEngineSaysOfARunDoesNotHideIt() throws {
    try withLake { lake in
      try lake.task("reconcile")
      // As an engine whose catalog lacks every run would have recorded it.
      let file = lake.path("_meta/discogs_history/registry/run_registry_events/other.parquet")
      _ = try lake.query(
        """
        COPY (SELECT event_ts_utc + INTERVAL 1 HOUR AS event_ts_utc, run_id, schema_name, is_active, action,
          'failed_incomplete' AS status, 'not registered with trino: nothing' AS details, dump_month, dump_date,
          run_mode, git_sha, schema_version
          FROM read_parquet('\(lake.path("_meta/discogs_history/registry/run_registry_events"))/*.parquet')
          WHERE run_id = '\(Self.others[0])')
        TO '\(file)' (FORMAT parquet)
        """)
      let execution = try lake.task("compute-kpis")
      #expect(
        try lake.rows("SELECT DISTINCT run_id FROM discogs_history.kpi_snapshot_latest ORDER BY 1")
          == measured.sorted())
      // Nothing is left out without a word: the broken one, the one without tables, the active one.
      #expect(execution.stderr.contains("9 runs looked at, 3 left out"), "\(execution.stderr)")
      #expect(execution.stderr.contains("it is not registered with duckdb"))
      #expect(execution.stderr.contains("the registry says missing_data (missing: labels_v10)"))
      #expect(execution.stderr.contains("it is the active run; --include-active (include_active=true)"))
    }
  }

  @Test func aDryRunShowsStatusesAndWritesNothing() throws {
    try withLake { lake in
      let execution = try lake.task("reconcile", ["--dry-run"])
      let lines = execution.stdout.split(separator: "\n")
      #expect(lines.count == 12)
      #expect(lines.contains("\(Self.broken)\tmissing_data\tmissing: labels_v10"))
      #expect(!FileManager.default.fileExists(atPath: lake.path("_meta/discogs_history")))
    }
  }

  @Test func optionsMayComeFromTheEnvironment() throws {
    try withLake { lake in
      let environment = [
        "DISCOGS_DATA_LAKE": lake.path, "DUCKDB": try Tools.duckdb.path(), "reconcile_action": "by hand",
        // Somebody else's.
        "action": "x", "dry_run": "true",
      ]
      try task("reconcile", environment: environment)
      #expect(
        try lake.rows("SELECT DISTINCT action FROM discogs_history.run_registry_events") == ["by hand"])
      let dry = try task("reconcile", environment: environment.merging(["reconcile_dry_run": "true"]) { $1 })
      #expect(dry.stdout.split(separator: "\n").count == 12)
    }
  }

  @Test func viewsThatARunLacksAreMadeAndNoTables() throws {
    try withLake { lake in
      let run = try #require(lake.run(Self.others[0]))
      try lake.task("register-run-schema", ["--run-id", run.id])
      func names() throws -> [String] {
        try lake.rows(
          """
          SELECT view_name FROM duckdb_views() WHERE schema_name = '\(run.schemaName)' ORDER BY ALL
          """)
      }
      let all = try names()
      try lake.task("reconcile")
      #expect(try names() == all)
      _ = try lake.query(
        """
        DROP VIEW \(run.schemaName).masters_v1; DROP VIEW \(run.schemaName).release_label_xref_v1_dedup;
        DROP VIEW \(run.schemaName).artists_v1; DROP VIEW \(run.schemaName).artists_v1_typed;
        """, in: "_meta/catalog.duckdb")
      let dry = try lake.task("reconcile", ["--dry-run"])
      #expect(!dry.stderr.contains("views made"))
      let execution = try lake.task("reconcile")
      #expect(execution.stderr.contains("views made: masters_v1, release_label_xref_v1_dedup"))
      #expect(try names() == all.filter { !["artists_v1", "artists_v1_typed"].contains($0) })
      #expect(
        try lake.rows("SELECT count(*) FROM \(run.schemaName).masters_v1")
          == ["\(run.rows["masters_v1_typed"]?.count ?? -1)"])
    }
  }

  @Test func kpisAreThoseOfAPlainComputationAndAreComputedOnce() throws {
    try withLake { lake in
      try lake.task("reconcile")
      try lake.task("compute-kpis")
      let events = try kpiEvents(lake)
      #expect(Set(events) == expectedValues(lake, measured))
      #expect(events.count == Set(events).count, "no event twice")
      #expect(
        try lake.rows("SELECT count(DISTINCT event_ts_utc) FROM discogs_history.kpi_snapshot_events") == ["1"]
      )

      let second = try lake.task("compute-kpis")
      #expect(second.stderr.contains("0 events recorded"))
      #expect(try kpiEvents(lake) == events)

      try lake.task("compute-kpis", ["--include-active"])
      #expect(Set(try kpiEvents(lake)) == expectedValues(lake, measured + [Self.active]))

      try lake.task(
        "compute-kpis", ["--force", "--kpi", "n_releases_distinct", "--only-run-id", Self.others[0]])
      #expect(try kpiEvents(lake).count == expectedValues(lake, measured + [Self.active]).count + 1)
    }
  }

  @Test func numbersOfEachDimensionAreThoseOfAPlainComputationAndAreComputedOnce() throws {
    try withLake { lake in
      try lake.task("reconcile")
      try lake.task("compute-kpis")
      func events(of run: String) throws -> [String] {
        try lake.query(
          """
          .nullvalue NULL
          .separator |
          SELECT kpi_name, CASE WHEN status = 'ok' THEN dim_value ELSE '' END, kpi_value, status,
            CASE WHEN status = 'ok' THEN details END
          FROM discogs_history.kpi_dimension_events
          WHERE run_id = '\(run)' AND schema_version = 2 ORDER BY ALL;
          """, in: "_meta/catalog.duckdb", readOnly: true, mode: "-list"
        ).replacing("missing_table|NULL", with: "missing_table").split(separator: "\n").map(String.init)
      }
      for id in measured {
        let run = try #require(lake.run(id))
        #expect(try events(of: id).sorted() == PlainKPIs.dimensions(of: run).sorted(), "\(id)")
      }
      let count = try lake.rows("SELECT count(*) FROM discogs_history.kpi_dimension_events")
      #expect(
        try lake.rows("SELECT count(*) FROM discogs_history.kpi_dimension_latest")
          == lake.rows("SELECT count(*) FROM discogs_history.kpi_dimension_events WHERE status = 'ok'"))
      try lake.task("compute-kpis")
      #expect(try lake.rows("SELECT count(*) FROM discogs_history.kpi_dimension_events") == count)

      // Doing it again hides the earlier values, all of them.
      let kpi = "releases_by_country"
      let values = try lake.rows(
        "SELECT count(*) FROM discogs_history.kpi_dimension_latest WHERE kpi_name = '\(kpi)'")
      try lake.task("compute-kpis", ["--force", "--kpi", kpi])
      #expect(
        try lake.rows("SELECT count(*) FROM discogs_history.kpi_dimension_latest WHERE kpi_name = '\(kpi)'")
          == values)
      #expect(
        try lake.rows(
          "SELECT count(DISTINCT event_ts_utc) FROM discogs_history.kpi_dimension_latest") == ["2"])
    }
  }

  @Test func aKPIOfARunMayBeComputedAlone() throws {
    try withLake { lake in
      try lake.task("reconcile")
      let name = "avg_genres_per_release_bp"
      try lake.task("compute-kpis", ["--kpi", name, "--only-run-id", Self.others[2]])
      let run = try #require(lake.run(Self.others[2]))
      let value = try #require(PlainKPIs.of(run)[name] ?? nil)
      #expect(try kpiEvents(lake) == ["\(run.id),\(run.schemaName),\(name),\(value),ok,1"])

      let unknown = try lake.task("compute-kpis", ["--kpi", "rows_realeses"], expecting: 64)
      #expect(KPI.all.allSatisfy { unknown.lastErrorLine.contains($0.name) }, "the names are listed")
      #expect(unknown.lastErrorLine.contains("rows_realeses"))
      let unmeasurable = try lake.task("compute-kpis", ["--only-run-id", Self.broken], expecting: 65)
      #expect(unmeasurable.lastErrorLine.contains("missing_data"))
      try lake.task("compute-kpis", ["--only-run-id", "2001-01__20010101_000000"], expecting: 66)
    }
  }

  @Test func csvFilesHoldEveryValueInOrder() throws {
    try withLake { lake in
      try lake.task("reconcile")
      try lake.task("compute-kpis", ["--include-active"])
      let paths = try lake.task("export-csv", ["--include-active"]).stdout.split(separator: "\n").map(
        String.init)
      let reports = lake.path("_meta/discogs_history/reports")
      #expect(
        paths
          == ["kpis_long", "kpis_wide", "kpis_dim", "growth", "changes"].map {
            "\(reports)/history_\($0)_latest.csv"
          })

      let moments = Dictionary(
        uniqueKeysWithValues: try lake.rows(
          """
          SELECT DISTINCT run_id, strftime(event_ts_utc, '%Y-%m-%d %H:%M:%S.%g')
          FROM discogs_history.kpi_snapshot_latest
          """
        ).map { line in
          let parts = line.split(separator: ",")
          return (String(parts[0]), String(parts[1]))
        })
      let ids = (measured + [Self.active]).sorted()
      var long = "event_ts_utc,run_id,schema_name,kpi_name,kpi_value,status,details\r\n"
      let names = KPITests.names.sorted() + KPI.scalars.filter { $0.version == 2 }.map(\.name).sorted()
      var wide = "run_id,schema_name,event_ts_utc," + names.joined(separator: ",") + "\r\n"
      for id in ids {
        let run = try #require(lake.run(id))
        let moment = try #require(moments[id])
        let schema = id == Self.active ? "discogs" : run.schemaName
        let kpis = PlainKPIs.of(run).compactMapValues { $0 }
        for (name, value) in kpis.sorted(by: { $0.key < $1.key }) {
          long += "\(moment),\(id),\(schema),\(name),\(value),ok,\r\n"
        }
        wide +=
          "\(id),\(schema),\(moment)," + names.map { kpis[$0].map(String.init) ?? "" }.joined(separator: ",")
        wide += "\r\n"
      }
      #expect(try String(contentsOfFile: paths[0], encoding: .utf8) == long)
      #expect(try String(contentsOfFile: paths[1], encoding: .utf8) == wide)

      try lake.task("export-csv", ["--include-active"])
      #expect(try String(contentsOfFile: paths[1], encoding: .utf8) == wide, "the same files again")
    }
  }

  /// Two years of months: whatever is known is not found out again, however much of it there is.
  @Test func aSecondExecutionOverTwentyFourRunsAddsToTheRegistryAlone() throws {
    try withTemporaryFolder { folder in
      let lake = try HistoryLake(in: folder)
      let ids = (0..<24).map { number in
        let month = "20\(24 + number / 12)-\(String(format: "%02d", number % 12 + 1))"
        return "\(month)__\(month.replacing("-", with: ""))02_010000"
      }
      try lake.add(ids.map { ($0, .today) }, releases: 12)
      try lake.activate(ids[23])
      func pass() throws -> [String: [String]] {
        try lake.task("register-run-schema", ["--all"])
        try lake.task("reconcile", ["--include-active"])
        try lake.task("compute-kpis", ["--include-active"])
        try lake.task("compare-runs", ["--include-active"])
        var events: [String: [String]] = [:]
        for table in EventTable.all {
          events[table.name] = try lake.rows(
            "SELECT count(*), count(DISTINCT run_id) FROM discogs_history.\(table.name)")
        }
        return events
      }
      let first = try pass()
      #expect(first["run_registry_events"] == ["24,24"])
      #expect(first["kpi_snapshot_events"] == ["\(24 * KPI.scalars.count),24"])
      #expect(first["kpi_dimension_events"]?.first?.hasSuffix(",24") == true)
      #expect(first["run_change_events"] == ["\(23 * 4),23"])
      #expect(first["entity_change_events"]?.first?.hasSuffix(",23") == true)
      var second = try pass()
      #expect(second.removeValue(forKey: "run_registry_events") == ["48,24"])
      #expect(second == first.filter { $0.key != "run_registry_events" })
    }
  }

  @Test func exportsAreNamedAndCutDownAsAskedFor() throws {
    try withLake { lake in
      // Of a killed execution, which had its time in the names.
      let remains = ["growth_latest_20200101_000000.csv", "report_latest.html"].map {
        lake.path("out/.history_\($0).0123456789abcdef.tmp")
      }
      try FileManager.default.createDirectory(
        atPath: lake.path("out"), withIntermediateDirectories: true)
      for path in remains { try Data("x".utf8).write(to: URL(fileURLWithPath: path)) }
      let nothing = try lake.task("export-csv", ["--out-dir", lake.path("out")])
      #expect(nothing.stderr.contains("no KPI values"))
      #expect(remains.allSatisfy { !FileManager.default.fileExists(atPath: $0) })
      let header = try String(contentsOfFile: lake.path("out/history_kpis_long_latest.csv"), encoding: .utf8)
      #expect(header == "event_ts_utc,run_id,schema_name,kpi_name,kpi_value,status,details\r\n")

      try lake.task("reconcile")
      try lake.task("compute-kpis", ["--include-active"])
      let paths = try lake.task(
        "export-csv",
        ["--only-run-id", Self.others[0], "--with-timestamp", "true", "--out-dir", lake.path("out")]
      ).stdout.split(separator: "\n").map(String.init)
      #expect(
        try paths.map {
          try #require($0.split(separator: "/").last).replacing(/_\d{8}_\d{6}\.csv$/, with: "_T.csv")
        }
          == ["kpis_long", "kpis_wide", "kpis_dim", "growth", "changes"].map { "history_\($0)_latest_T.csv" })
      try lake.task("export-csv", ["--out-dir", lake.path("out")])
      let long = try String(contentsOfFile: lake.path("out/history_kpis_long_latest.csv"), encoding: .utf8)
      #expect(long.count > header.count)
      let wide = try String(contentsOfFile: paths[1], encoding: .utf8).split(separator: "\r\n")
      #expect(wide.count == 2 && wide[1].hasPrefix(Self.others[0]))

      let unknown = try lake.task(
        "export-csv", ["--only-run-id", "2019-01__20190101_000000", "--out-dir", lake.path("out")],
        expecting: 66)
      #expect(unknown.lastErrorLine.contains("2019-01__20190101_000000"))
      let active = try lake.task(
        "export-csv", ["--only-run-id", Self.active, "--out-dir", lake.path("out")])
      #expect(active.stdout.isEmpty && active.stderr.contains("--include-active"))
      #expect(
        try String(contentsOfFile: lake.path("out/history_kpis_long_latest.csv"), encoding: .utf8) == long,
        "the reports stay as they were")

      let all = try lake.task("export-csv", ["--with-timestamp", "false"]).stdout.split(separator: "\n")
      #expect(!(try String(contentsOfFile: String(all[0]), encoding: .utf8)).contains(Self.active))
    }
  }
}
