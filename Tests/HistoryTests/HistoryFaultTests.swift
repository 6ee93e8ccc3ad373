import Foundation
import Schema
import TestSupport
import Testing

@testable import History

/// What goes wrong in a lake costs only what it touches.
@Suite(.needs(Tools.duckdb)) struct HistoryFaultTests {
  static let ids = (1...3).map { "2026-0\($0)__20260\($0)02_031500" }

  private func withLake(_ ids: [String] = Self.ids, _ body: (HistoryLake) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let lake = try HistoryLake(in: folder)
      try lake.add(ids.map { ($0, .today) })
      try lake.register(ids)
      try body(lake)
    }
  }

  private func count(_ lake: HistoryLake, _ condition: String) throws -> Int {
    try Int(lake.rows("SELECT count(*) FROM discogs_history.kpi_snapshot_events WHERE \(condition)")[0]) ?? -1
  }

  /// How many KPIs of one number a run of today has.
  private let all = KPI.scalars.filter { kpi in
    RunKPIs(known: [:]).unread(for: [kpi]).allSatisfy { Dataset.all.contains($0.dataset) }
  }.count

  // MARK: Queries that fail

  @Test func aColumnThatIsNotThereCostsTheKPIsThatNeedIt() throws {
    try withLake { lake in
      let run = lake.runs[0]
      _ = try lake.query(
        """
        CREATE OR REPLACE VIEW \(run.schemaName).release_style_xref_v1 AS SELECT release_id, style
        FROM read_parquet('\(lake.path("_runs/\(run.id)/release_style_xref_v1"))/*.parquet');
        """, in: "_meta/catalog.duckdb")
      try lake.task("reconcile")
      let execution = try lake.task("compute-kpis")
      #expect(execution.stderr.contains("n_style_norm_distinct"))
      #expect(
        try lake.rows(
          "SELECT run_id, kpi_name FROM discogs_history.kpi_snapshot_events WHERE status = 'failed_query'")
          == ["\(run.id),n_style_norm_distinct"])
      #expect(
        try lake.rows(
          "SELECT details FROM discogs_history.kpi_snapshot_events WHERE status = 'failed_query'")[0]
          .contains("style_norm"), "the engine's own words")
      #expect(try count(lake, "status = 'ok'") == 3 * all - 1)

      // Tried again by each execution, and mended when the table is.
      try lake.task("compute-kpis")
      #expect(try count(lake, "status = 'failed_query'") == 2)
      try lake.register([run.id])
      try lake.task("compute-kpis")
      #expect(try count(lake, "status = 'ok'") == 3 * all)
      #expect(try count(lake, "status = 'failed_query'") == 2)
    }
  }

  @Test func aBrokenDataFileFailsItsTableAndWhatIsDividedByIt() throws {
    try withLake { lake in
      let run = lake.runs[1]
      let folder = lake.path("_runs/\(run.id)/releases_v6")
      for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
        try Data("not Parquet".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
      }
      try lake.task("reconcile")
      try lake.task("compute-kpis")
      let failed = try lake.rows(
        """
        SELECT kpi_name FROM discogs_history.kpi_snapshot_events
        WHERE status = 'failed_query' AND run_id = '\(run.id)' ORDER BY 1
        """)
      #expect(
        failed
          == KPI.scalars.map(\.name).filter {
            ["rows_releases_ref_v6", "n_releases_distinct", "n_countries_distinct"].contains($0)
              || $0.contains("_per_release_bp") || $0.hasPrefix("pct_releases_")
          }.sorted())
      #expect(try count(lake, "status = 'ok'") == 3 * all - failed.count)

      let strict = try lake.task("compute-kpis", ["--strict"], expecting: 65)
      #expect(strict.lastErrorLine.contains("rows_releases_ref_v6"))
      #expect(try count(lake, "status = 'failed_query'") == failed.count + 1, "what was found is recorded")
    }
  }

  @Test func aRunWhoseTablesAreGoneIsLeftOutAndSaidSo() throws {
    try withLake { lake in
      try lake.task("reconcile")
      _ = try lake.query("DROP SCHEMA \(lake.runs[0].schemaName) CASCADE;", in: "_meta/catalog.duckdb")
      try FileManager.default.removeItem(atPath: lake.path("_runs/\(lake.runs[1].id)"))
      let execution = try lake.task("compute-kpis")
      #expect(execution.stderr.contains("not registered") && execution.stderr.contains("folder is gone"))
      #expect(
        try lake.rows("SELECT DISTINCT run_id FROM discogs_history.kpi_snapshot_events") == [lake.runs[2].id])
      try lake.task("compute-kpis", ["--only-run-id", lake.runs[0].id], expecting: 66)
    }
  }

  // MARK: Files that do not belong

  @Test func foreignFilesAreNamedAndBreakNothing() throws {
    try withLake { lake in
      try lake.task("reconcile")
      try lake.task("compute-kpis")
      let registry = lake.path("_meta/discogs_history/registry/run_registry_events")
      let kpis = lake.path("_meta/discogs_history/kpi/kpi_snapshot_events")
      try Data("PAR1".utf8).write(to: URL(fileURLWithPath: "\(registry)/half.parquet"))
      let event = try #require(FileManager.default.contentsOfDirectory(atPath: kpis).first)
      let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(kpis)/\(event)"))
      try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: "\(kpis)/zz.parquet"))

      // Before any task has seen them.
      #expect(try lake.rows("SELECT count(*) FROM discogs_history.run_registry_latest") == ["3"])
      #expect(try lake.rows("SELECT count(*) FROM discogs_history.kpi_snapshot_latest") == ["\(3 * all)"])
      for task in ["reconcile", "compute-kpis", "export-csv"] {
        let execution = try lake.task(task)
        #expect(execution.stderr.contains("\(registry)/half.parquet"))
        #expect(execution.stderr.contains("\(kpis)/zz.parquet"))
      }
      #expect(try lake.rows("SELECT count(*) FROM discogs_history.run_registry_latest") == ["3"])
      #expect(try lake.rows("SELECT count(*) FROM discogs_history.kpi_snapshot_latest") == ["\(3 * all)"])
      #expect(FileManager.default.fileExists(atPath: "\(registry)/half.parquet"), "it is not ours to remove")
    }
  }

  @Test func aLakeThatWasMovedShowsItsOwnEvents() throws {
    try withLake { lake in
      try lake.task("reconcile")
      let moved = lake.path + "-moved"
      try FileManager.default.moveItem(atPath: lake.path, toPath: moved)
      defer { try? FileManager.default.moveItem(atPath: moved, toPath: lake.path) }
      try task(
        "export-csv", ["--lake", moved], environment: ["DUCKDB": try Tools.duckdb.path()])
      let execution = try execute(
        try Tools.duckdb.path(),
        ["-no-init", "-csv", "-noheader", "-readonly", "\(moved)/_meta/catalog.duckdb"],
        input: "SELECT count(*) FROM discogs_history.run_registry_latest;")
      #expect(execution.stdout == "3\n", "\(execution.stderr)")
    }
  }

  /// Both lakes have as many events: only the place tells whose they are.
  @Test func aLakeThatWasCopiedShowsItsOwnEvents() throws {
    try withLake { lake in
      for run in lake.runs { try lake.task("register-run-schema", ["--run-id", run.id]) }
      try lake.task("reconcile")
      let copy = lake.path + "-copy"
      try FileManager.default.copyItem(atPath: lake.path, toPath: copy)
      let run = lake.runs[1]
      try FileManager.default.removeItem(atPath: "\(copy)/_runs/\(run.id)/labels_v10")
      func inCopy(_ name: String, _ arguments: [String] = [], expecting status: Int32 = 0) throws -> Execution
      {
        try task(
          name, ["--lake", copy] + arguments, environment: ["DUCKDB": try Tools.duckdb.path()],
          expecting: status)
      }
      // The original's tables are not those of the copy's runs.
      let seen = try inCopy("reconcile", ["--dry-run"]).stdout
      #expect(
        seen.split(separator: "\n").map { $0.split(separator: "\t")[1] } == [
          "failed_incomplete", "missing_data", "failed_incomplete",
        ])
      #expect(seen.contains("reads files that are not the run's"))
      _ = try inCopy("register-run-schema", ["--all", "--allow-partial"])
      _ = try inCopy("reconcile")
      try lake.task("reconcile")
      func statuses(_ path: String) throws -> String {
        let execution = try execute(
          try Tools.duckdb.path(),
          ["-no-init", "-csv", "-noheader", "-readonly", "\(path)/_meta/catalog.duckdb"],
          input: "SELECT status FROM discogs_history.run_registry_latest ORDER BY run_id;")
        #expect(execution.status == 0, "\(execution.stderr)")
        return execution.stdout
      }
      #expect(try statuses(copy) == "ok\nmissing_data\nok\n")
      #expect(try statuses(lake.path) == "ok\nok\nok\n")
    }
  }

  @Test func aRunWhoseTablesReadTheFilesOfAnotherLakeIsNotMeasured() throws {
    try withLake { lake in
      try lake.task("reconcile")
      let copy = lake.path + "-copy"
      try FileManager.default.copyItem(atPath: lake.path, toPath: copy)
      let execution = try task(
        "compute-kpis", ["--lake", copy], environment: ["DUCKDB": try Tools.duckdb.path()])
      #expect(execution.stderr.contains("reads files that are not the run's"))
      #expect(execution.stderr.contains("0 events recorded"))
    }
  }

  @Test func anEventFileWithDamagedPagesCostsOnlyItsEvents() throws {
    try withLake { lake in
      try lake.task("reconcile")
      try lake.task("compute-kpis")
      let kpis = lake.path("_meta/discogs_history/kpi/kpi_snapshot_events")
      let file = try #require(
        FileManager.default.contentsOfDirectory(atPath: kpis).first.map { "\(kpis)/\($0)" })
      var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
      bytes.replaceSubrange(100..<300, with: Data(count: 200))
      try bytes.write(to: URL(fileURLWithPath: file))
      let export = try lake.task("export-csv")
      #expect(export.stderr.contains(file))
      try lake.task("compute-kpis")
      #expect(try lake.rows("SELECT count(*) FROM discogs_history.kpi_snapshot_latest") == ["\(3 * all)"])
    }
  }

  // MARK: The newest event

  @Test func eventsOfTheSameMomentAreToldApartTheSameWayEachTime() throws {
    try withLake { lake in
      try lake.task("reconcile")
      try lake.task("compute-kpis")
      let folder = lake.path("_meta/discogs_history/kpi/kpi_snapshot_events")
      func add(_ name: String, _ values: [Int], at moment: String) throws {
        let rows = values.map {
          "(TIMESTAMP '\(moment)', 'r', 's', 'k', CAST(\($0) AS BIGINT), 'ok', CAST(NULL AS VARCHAR), 1::BIGINT)"
        }
        _ = try lake.query(
          """
          COPY (SELECT * FROM (VALUES \(rows.joined(separator: ", "))) AS t(event_ts_utc, run_id, schema_name, kpi_name,
            kpi_value, status, details, schema_version)) TO '\(folder)/\(name).parquet' (FORMAT parquet);
          """)
      }
      func newest() throws -> [String] {
        try lake.task("export-csv")
        return try lake.rows("SELECT kpi_value FROM discogs_history.kpi_snapshot_latest WHERE run_id = 'r'")
      }
      try add("b", [3, 9, 5], at: "2026-01-02 00:00:00")
      try add("a", [7, 1], at: "2026-01-02 00:00:00")
      #expect(try newest() == ["9"])
      try add("0", [9], at: "2026-01-01 00:00:00")
      try add("z", [4], at: "2026-01-03 00:00:00")
      #expect(try newest() == ["4"])
    }
  }

  @Test func valuesOfTheFormerActiveRunAreToldUnderItsOwnSchema() throws {
    try withLake { lake in
      let run = lake.runs[2]
      // Its own schema comes later than the measurement.
      _ = try lake.query("DROP SCHEMA \(run.schemaName) CASCADE", in: "_meta/catalog.duckdb")
      try lake.register([run.id], as: "discogs")
      try lake.activate(run.id)
      try lake.task("compute-kpis", ["--include-active"])
      #expect(
        try lake.rows("SELECT DISTINCT run_id, schema_name FROM discogs_history.kpi_snapshot_latest")
          == ["\(run.id),discogs"])
      let values = try lake.rows(
        "SELECT kpi_name, kpi_value FROM discogs_history.kpi_snapshot_latest ORDER BY 1")

      try lake.activate(lake.runs[0].id)
      try lake.register([run.id])
      try lake.task("reconcile", ["--only-run-id", run.id])
      try lake.task("compute-kpis", ["--only-run-id", run.id])
      #expect(
        try lake.rows("SELECT DISTINCT run_id, schema_name FROM discogs_history.kpi_snapshot_latest")
          == ["\(run.id),\(run.schemaName)"])
      #expect(
        try lake.rows("SELECT kpi_name, kpi_value FROM discogs_history.kpi_snapshot_latest ORDER BY 1")
          == values)
    }
  }

  /// Who may only read a lake can look at it and take its reports along.
  @Test func aLakeThatCannotBeWrittenToIsReadAsItWasLeft() throws {
    try withLake { lake in
      let out = "\(lake.path)-out"
      let refused = try readOnly(lake, "export-csv", ["--out-dir", out])
      #expect(refused.status == 66 && refused.lastErrorLine.contains("may write"), "\(refused.stderr)")
      let looked = try readOnly(lake, "reconcile", ["--dry-run"])
      #expect(looked.status == 0 && looked.stdout.contains("\(Self.ids[0])\tok"), "\(looked.stderr)")

      try lake.task("reconcile")
      try lake.task("compute-kpis")
      let exported = try readOnly(lake, "export-csv", ["--out-dir", out])
      #expect(exported.status == 0 && exported.stderr.contains("cannot be written"), "\(exported.stderr)")
      let long = try String(contentsOfFile: "\(out)/history_kpis_long_latest.csv", encoding: .utf8)
      #expect(long.split(separator: "\r\n").count == 1 + 3 * all)
      #expect(try readOnly(lake, "compute-kpis", []).status == 77)
    }
  }

  @Test func anEventFileOrManifestThatMayNotBeReadEndsTheTaskAndChangesNothing() throws {
    try withLake { lake in
      for name in ["reconcile", "compute-kpis", "compare-runs", "export-csv"] { try lake.task(name) }
      func state() throws -> [String] {
        try ["kpi_snapshot_latest", "run_registry_latest", "run_changes_latest"].flatMap {
          try lake.rows("SELECT count(*) FROM discogs_history.\($0)")
        } + [try lake.query("SELECT count(*) FROM glob('\(lake.path("_meta/discogs_history"))/**');")]
      }
      let before = try state()
      let events = lake.path("_meta/discogs_history/kpi/kpi_snapshot_events")
      let file = try #require(FileManager.default.contentsOfDirectory(atPath: events).first)
      let manifest = lake.path("_runs/\(Self.ids[1])/_manifest.json")
      for (path, tasks) in [
        ("\(events)/\(file)", ["reconcile", "compute-kpis", "compare-runs", "export-csv"]),
        (manifest, ["reconcile"]),
      ] {
        #expect(chmod(path, 0) == 0)
        for name in tasks {
          let execution = try unprivileged(lake, name, [])
          #expect(execution.status == 77, "\(name): \(execution.stderr)")
          #expect(execution.lastErrorLine.contains(path), "\(name): \(execution.lastErrorLine)")
        }
        #expect(chmod(path, 0o644) == 0)
        #expect(try state() == before)
      }
    }
  }

  /// Runs a task that may read the lake and not write to it, also as root: then without root's right to write anywhere.
  private func readOnly(_ lake: HistoryLake, _ name: String, _ arguments: [String]) throws -> Execution {
    _ = try execute("/bin/chmod", ["-R", "a-w", lake.path])
    defer { _ = try? execute("/bin/chmod", ["-R", "u+w", lake.path]) }
    return try unprivileged(lake, name, arguments)
  }

  /// Runs a task without root's right to read and write whatever the permissions say.
  private func unprivileged(_ lake: HistoryLake, _ name: String, _ arguments: [String]) throws -> Execution {
    let command = ["setpriv", "--bounding-set=-all", try Products.executable(name)].dropFirst(
      geteuid() == 0 ? 0 : 2)
    return try execute(
      "/usr/bin/env", command + arguments,
      environment: ["DISCOGS_DATA_LAKE": lake.path, "DUCKDB": try Tools.duckdb.path()])
  }

  // MARK: Executions that meet or die

  @Test func executionsAtOnceLoseNothing() throws {
    try withLake { lake in
      try lake.task("reconcile")
      let environment = ["DISCOGS_DATA_LAKE": lake.path, "DUCKDB": try Tools.duckdb.path()]
      let started = try (0..<4).flatMap { _ in
        try ["reconcile", "compute-kpis"].map {
          try RunningProgram(Products.executable($0), environment: environment)
        }
      }
      for program in started {
        let execution = try program.wait()
        #expect(execution.status == 0, "\(execution.stderr)")
      }
      #expect(try lake.rows("SELECT count(*) FROM discogs_history.run_registry_events") == ["15"])
      #expect(try lake.rows("SELECT count(*) FROM discogs_history.kpi_snapshot_latest") == ["\(3 * all)"])
      let kpis = lake.path("_meta/discogs_history/kpi/kpi_snapshot_events")
      let files = try FileManager.default.contentsOfDirectory(atPath: kpis)
      #expect(
        try count(lake, "status = 'ok'") == 3 * all && files.count == 1,
        "what one computes the others wait for")
    }
  }

  /// SIGKILL at a different moment of each execution: readers see whole executions, and the next one gets to the end.
  @Test func killedAnywhereTheNextExecutionEndsInTheSameState() throws {
    try withLake { lake in
      let environment = ["DISCOGS_DATA_LAKE": lake.path, "DUCKDB": try Tools.duckdb.path()]
      var killed = 0
      for turn in 0..<24 {
        if turn % 8 == 0 {
          try? FileManager.default.removeItem(atPath: lake.path("_meta/discogs_history/kpi"))
        }
        if turn % 6 == 0 {
          try? FileManager.default.removeItem(atPath: lake.path("_meta/discogs_history/tables"))
        }
        let name = ["reconcile", "compute-kpis", "export-csv"][turn % 3]
        let program = try RunningProgram(Products.executable(name), environment: environment)
        usleep(useconds_t(4_000 * (turn + 1)))
        program.signal(SIGKILL)
        if try program.wait().status != 0 { killed += 1 }
        let readable = lake.path("_meta/discogs_history/tables/kpi_snapshot_events")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: readable)) ?? []
        guard names.contains(where: { $0.hasSuffix(".parquet") }) else { continue }
        let whole = try lake.query(
          """
          SELECT count(*) FROM (SELECT count(*) AS events FROM
          read_parquet('\(readable)/*.parquet')
          GROUP BY event_ts_utc) WHERE events % \(KPI.scalars.count) <> 0;
          """)
        #expect(whole == "0\n", "a part of an execution's events is visible")
      }
      #expect(killed > 5, "the test must kill, not only start")

      for name in ["reconcile", "compute-kpis", "export-csv"] { try lake.task(name) }
      #expect(
        try lake.rows("SELECT run_id, status FROM discogs_history.run_registry_latest ORDER BY 1")
          == Self.ids.map { "\($0),ok" })
      let values = try lake.rows(
        "SELECT run_id, kpi_name, kpi_value FROM discogs_history.kpi_snapshot_latest")
      let expected = lake.runs.flatMap { run in
        PlainKPIs.of(run).filter { $0.value != nil }.map {
          "\(run.id),\($0.key),\($0.value.map(String.init) ?? "")"
        }
      }
      #expect(Set(values) == Set(expected))
      for folder in ["registry/run_registry_events", "kpi/kpi_snapshot_events", "tables/kpi_snapshot_events"]
      {
        let names = try FileManager.default.contentsOfDirectory(
          atPath: lake.path("_meta/discogs_history/\(folder)"))
        #expect(names.allSatisfy { !$0.hasPrefix(".") }, "remains of killed writes are swept up")
      }
    }
  }

  // MARK: Cost

  /// The time of processors, the engine's included: the machine may be busy with other tests.
  @Test func twelveNewRunsTakeSecondsAndTwelveKnownOnesNextToNothing() throws {
    let ids = (1...12).map {
      "2026-\(String(format: "%02d", $0))__20270101_0000\(String(format: "%02d", $0))"
    }
    try withTemporaryFolder { folder in
      let lake = try HistoryLake(in: folder)
      try lake.add(ids.map { ($0, .today) }, releases: 1000)
      try lake.register(ids)
      try lake.task("reconcile")
      let new = try lake.task("compute-kpis")
      #expect(try count(lake, "status = 'ok'") == 12 * all)
      #expect(new.processorSeconds < 10, "\(new.processorSeconds) s")
      let known = try lake.task("compute-kpis")
      #expect(try count(lake, "true") == 12 * KPI.scalars.count)
      #expect(known.processorSeconds < 1, "\(known.processorSeconds) s")
    }
  }
}
