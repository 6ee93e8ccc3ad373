import Foundation
import Schema
import TestSupport
import Testing

@testable import History

/// What changed from run to run, against what was done to the rows.
@Suite(.needs(Tools.duckdb)) struct ChangesTests {
  static let first = "2026-01__20260102_010000"
  static let second = "2026-02__20260202_010000"
  static let third = "2026-03__20260302_010000"

  private typealias Value = HistoryLake.Value

  /// A run in which each of the entities has twenty records with two rows in each of its other datasets, no two values of a
  /// column alike.
  private func withLake(_ body: (HistoryLake) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let lake = try HistoryLake(in: folder)
      try lake.add([(Self.first, .empty)])
      try FileManager.default.removeItem(atPath: lake.path("_runs/\(Self.first)"))
      try lake.add("2025-12__20260101_010000", like: Self.first) { run in
        for dataset in Dataset.all {
          let rows = dataset.columns[0].name.hasSuffix("_id") && dataset != dataset.mainOfItsEntity ? 2 : 1
          run.rows[dataset.name] = (1...20).flatMap { id in
            (1...rows).map { row in
              dataset.columns.enumerated().map { number, column in
                if number == 0, column.type == .bigint { return .int(id) }
                return Self.value(column, id * 100 + row * 10 + number)
              }
            }
          }
        }
      }
      try body(lake)
    }
  }

  private static func value(_ column: Column, _ number: Int) -> Value {
    switch column.type {
    case .bigint: .int(number)
    case .boolean: number % 2 == 0 ? .int(1) : .int(0)
    default: .text("\(column.name) \(number)")
    }
  }

  private static let base = "2025-12__20260101_010000"

  private func prepare(_ lake: HistoryLake) throws {
    try lake.task("register-run-schema", ["--all", "--allow-partial"])
    try lake.task("reconcile")
  }

  private func changes(_ lake: HistoryLake, _ run: String) throws -> [String] {
    try lake.query(
      """
      SELECT entity, entity_id, change, coalesce(changed_columns, '-') FROM discogs_history.entity_changes_latest
      WHERE run_id = '\(run)' ORDER BY ALL;
      """, in: "_meta/catalog.duckdb", readOnly: true, mode: "-list"
    ).split(separator: "\n").map(String.init)
  }

  private func counts(_ lake: HistoryLake, _ run: String) throws -> [String] {
    try lake.rows(
      """
      SELECT entity, n_added, n_removed, n_changed, n_same FROM discogs_history.run_changes_latest
      WHERE run_id = '\(run)' ORDER BY ALL
      """)
  }

  @Test func aChangeInEachColumnIsFoundAndNamedAndNothingElse() throws {
    try withLake { lake in
      var expected: [String] = []
      var expectedCounts: [String] = []
      try lake.add(Self.second, like: Self.base) { run in
        for entity in Entity.allCases {
          let name = entity.recordName
          // Record 1 is gone, 21 is new; each column of the main dataset changes in a record of its own.
          run.rows[entity.main.name]!.removeFirst()
          run.rows[entity.main.name]!.append(
            entity.main.columns.enumerated().map { $0.offset == 0 ? .int(21) : Self.value($0.element, 2100) })
          expected += ["\(name)|1|removed|-", "\(name)|21|added|-"]
          var changed: [Int: [String]] = [:]
          for (number, column) in entity.main.columns.enumerated().dropFirst() {
            run.rows[entity.main.name]![number][number] = number % 2 == 0 ? .null : Self.value(column, 9999)
            changed[number + 2, default: []].append(column.name)
          }
          // So does each column of the other datasets; rows that change places do not count.
          var record = 2
          for dataset in EntityComparison.datasets(of: entity).dropFirst() {
            run.rows[dataset.name]!.reverse()
            for (number, _) in dataset.columns.enumerated().dropFirst() {
              let row = run.rows[dataset.name]!.firstIndex { $0[0] == .int(record) }!
              run.rows[dataset.name]![row][number] = .null
              if changed[record]?.last != dataset.name { changed[record, default: []].append(dataset.name) }
              record = record % 19 + 2
            }
            // One more row of the kind that is there, and one less.
            let twin = run.rows[dataset.name]!.first { $0[0] == .int(19) }!
            run.rows[dataset.name]!.append(twin)
            run.rows[dataset.name]!.remove(at: run.rows[dataset.name]!.firstIndex { $0[0] == .int(20) }!)
            for record in [19, 20] where changed[record]?.last != dataset.name {
              changed[record, default: []].append(dataset.name)
            }
          }
          expected += changed.map { "\(name)|\($0.key)|changed|\($0.value.joined(separator: ", "))" }
          expectedCounts.append("\(name),1,1,\(changed.count),\(19 - changed.count)")
        }
        // What is derived, and what stands in two records, is not compared.
        for dataset in Dataset.all where dataset.origin == .derived || dataset == .artistMemberships {
          run.rows[dataset.name]!.removeLast()
        }
      }
      try prepare(lake)
      try lake.task("compare-runs")
      #expect(try changes(lake, Self.second).sorted() == expected.sorted())
      #expect(try counts(lake, Self.second) == expectedCounts)
      #expect(try lake.rows("SELECT DISTINCT details FROM discogs_history.run_changes_latest") == ["NULL"])
    }
  }

  @Test func zeroForNothingIsNoChange() throws {
    try withLake { lake in
      func set(
        _ run: inout HistoryLake.Run, _ dataset: Dataset, _ record: Int, _ column: String, _ value: Value
      ) {
        let place = dataset.columns.firstIndex { $0.name == column }!
        for row in run.rows[dataset.name]!.indices where run.rows[dataset.name]![row][0] == .int(record) {
          run.rows[dataset.name]![row][place] = value
        }
      }
      try lake.add(Self.second, like: Self.base) { run in
        for (record, ids) in [(2, "0,12,0,3,00"), (3, "0"), (4, "10,0"), (5, "000,100,20")] {
          set(&run, .masters, record, "master_artist_ids", .text(ids))
          set(&run, .labels, record, "sublabel_ids_csv", .text(ids.replacing(",", with: ", ")))
        }
        set(&run, .masters, 6, "year", .int(0))
        set(&run, .masters, 7, "year", .int(7))
        for (dataset, column) in [
          (Dataset.masters, "main_release_id"), (.releases, "master_id"), (.releaseArtistLinks, "artist_id"),
          (.releaseLabelLinks, "label_id"), (.artistAliases, "alias_id"), (.labels, "parent_label_id"),
        ] { set(&run, dataset, 6, column, .int(0)) }
        set(&run, .releaseArtistLinks, 6, "position", .int(0))
      }
      try lake.add(Self.third, like: Self.second) { run in
        for (record, ids) in [(2, "12,3"), (3, nil), (4, "1,0"), (5, "100,20")] as [(Int, String?)] {
          set(&run, .masters, record, "master_artist_ids", ids.map(Value.text) ?? .null)
          set(
            &run, .labels, record, "sublabel_ids_csv",
            ids.map { .text($0.replacing(",", with: ", ")) } ?? .null)
        }
        set(&run, .masters, 6, "year", .null)
        set(&run, .masters, 7, "year", .null)
        for (dataset, column) in [
          (Dataset.masters, "main_release_id"), (.releases, "master_id"), (.releaseArtistLinks, "artist_id"),
          (.releaseLabelLinks, "label_id"), (.artistAliases, "alias_id"), (.labels, "parent_label_id"),
        ] { set(&run, dataset, 6, column, .null) }
        // No id: a 0 here is a number like any other.
        set(&run, .releaseArtistLinks, 6, "position", .null)
      }
      try prepare(lake)
      try lake.task("compare-runs")
      #expect(
        try changes(lake, Self.third) == [
          "label|4|changed|sublabel_ids_csv", "master|4|changed|master_artist_ids", "master|7|changed|year",
          "release|6|changed|release_artist_links_v1_typed",
        ])
    }
  }

  @Test func whatOneRunCannotSayIsNotComparedAndNamed() throws {
    try withLake { lake in
      try lake.add(Self.second, like: Self.base) { run in
        let status = Dataset.releases.columns.firstIndex { $0.name == "status" }!
        let anv = Dataset.releaseArtistLinks.columns.firstIndex { $0.name == "anv" }!
        let year = Dataset.masters.columns.firstIndex { $0.name == "year" }!
        for row in 0..<20 {
          run.rows["releases_v6"]![row][status] = .null
          run.rows["masters_v1_typed"]![row][year] = .int(0)
        }
        for row in 0..<40 { run.rows["release_artist_links_v1_typed"]![row][anv] = .null }
        run.rows["release_label_links_v1_typed"] = []
        run.rows["release_genre_links_v1_typed"] = nil
        run.rows["artist_aliases_v1_typed"] = []
        run.rows["releases_v6"]![3][2] = .text("another title")
      }
      try prepare(lake)
      try lake.task("compare-runs")
      #expect(try changes(lake, Self.second) == ["release|4|changed|title"])
      #expect(
        try lake.query(
          "SELECT entity, details FROM discogs_history.run_changes_latest ORDER BY ALL;",
          in: "_meta/catalog.duckdb", readOnly: true, mode: "-list")
            == """
            artist|not compared: artist_aliases_v1_typed
            label|NULL
            master|not compared: year
            release|not compared: status, release_artist_links_v1_typed.anv, release_label_links_v1_typed, \
            release_genre_links_v1_typed

            """)
    }
  }

  /// What another engine's catalog lacked when it was looked at, this one's may have since.
  @Test func theEnginesOwnCatalogDecidesAndNothingIsLeftOutWithoutAWord() throws {
    try withLake { lake in
      try lake.add(Self.second, like: Self.base)
      try lake.add(Self.third, like: Self.base)
      // The registry calls both failed_incomplete, as no catalog shows them yet.
      try lake.task("register-run-schema", ["--run-id", Self.base, "--allow-partial"])
      try lake.task("reconcile")
      let none = try lake.task("compare-runs")
      #expect(none.stderr.contains("0 pairs compared, 0 known, 2 left out"), "\(none.stderr)")
      #expect(none.stderr.contains("left out: it is not registered with duckdb: "))
      try lake.task("register-run-schema", ["--run-id", Self.second, "--allow-partial"])
      let one = try lake.task("compare-runs")
      #expect(one.stderr.contains("1 pair compared, 0 known, 1 left out"), "\(one.stderr)")
      try lake.task("register-run-schema", ["--run-id", Self.third, "--allow-partial"])
      try lake.task("compare-runs")
      #expect(
        try lake.rows(
          "SELECT DISTINCT run_id, previous_run_id FROM discogs_history.run_changes_latest ORDER BY ALL")
          == ["\(Self.second),\(Self.base)", "\(Self.third),\(Self.second)"])
    }
  }

  @Test func aRecordThatIsThereTwiceCountsOnce() throws {
    try withLake { lake in
      try lake.add(Self.second, like: Self.base) { run in
        let rows = run.rows["artists_v1_typed"]!
        run.rows["artists_v1_typed"]! += [rows[2], rows[2], rows[3], rows[4], rows[5]]
        run.rows["artists_v1_typed"]![21][1] = .text("another name")  // a second row of 3
        run.rows["artists_v1_typed"]!.append([.null] + rows[0].dropFirst())
      }
      try lake.add(Self.third, like: Self.second) { run in
        run.rows["artists_v1_typed"]!.removeAll { $0[0] == .int(5) }
        let six = run.rows["artists_v1_typed"]!.firstIndex { $0[0] == .int(6) }!
        run.rows["artists_v1_typed"]![six][3] = .null
        run.rows["artists_v1_typed"]!.append(run.rows["artists_v1_typed"]!.first { $0[0] == .int(3) }!)
      }
      try prepare(lake)
      try lake.task("compare-runs")
      #expect(try changes(lake, Self.second) == ["artist|3|changed|name"])
      #expect(try counts(lake, Self.second)[0] == "artist,0,0,1,19")
      #expect(try changes(lake, Self.third) == ["artist|5|removed|-", "artist|6|changed|profile"])
      #expect(try counts(lake, Self.third)[0] == "artist,0,1,1,18")
    }
  }

  /// Runs whose values are drawn at random, ids doubled and missing, and among them an older lake's and an empty one.
  @Test(.needs(Tools.python)) func everyFigureIsThatOfPlainPythonOverTheFiles() throws {
    try withTemporaryFolder { folder in
      let lake = try HistoryLake(in: folder)
      try lake.add([
        ("2019-11__20191202_010000", .older), (Self.first, .today), ("2026-04__20260402_010000", .empty),
      ])
      for (id, like, seed) in [
        (Self.second, Self.first, 1), (Self.third, Self.second, 2),
        ("2026-05__20260501_010000", Self.third, 3),
      ] {
        var numbers = HistoryLake.Numbers(seed: UInt64(seed))
        try lake.add(id, like: like) { run in
          for dataset in Dataset.all {
            var rows = run.rows[dataset.name]!
            for _ in 0..<6 where !rows.isEmpty {
              let row = Int.random(in: rows.indices, using: &numbers)
              switch Int.random(in: 0..<5, using: &numbers) {
              case 0: rows.remove(at: row)
              case 1: rows.append(rows[row])
              case 2: rows.swapAt(row, 0)
              default:
                let column = Int.random(in: dataset.columns.indices, using: &numbers)
                rows[row][column] = rows.randomElement(using: &numbers)![column]
              }
            }
            run.rows[dataset.name] = rows
          }
        }
      }
      try prepare(lake)
      for task in ["compute-kpis", "compare-runs", "export-csv"] { try lake.task(task) }
      let oracle = try execute(
        try Tools.python.path(), [Checkout.path("Tests/Oracle/history.py"), lake.path])
      #expect(oracle.status == 0, "\(oracle.stdout)\(oracle.stderr)")
      #expect(oracle.stdout.contains("6 runs"))
    }
  }

  // MARK: Which pairs

  @Test func knownPairsAreNotComparedAgainUnlessToldTo() throws {
    try withLake { lake in
      try lake.add(Self.second, like: Self.base) { $0.rows["releases_v6"]!.removeLast() }
      try lake.add(Self.third, like: Self.second)
      try lake.add("2026-03__20260305_010000", like: Self.base)
      try prepare(lake)
      try lake.task("compare-runs")
      let select = """
        SELECT run_id, previous_run_id, count(*) FROM discogs_history.run_change_events GROUP BY ALL ORDER BY ALL
        """
      // Two of one date both follow the newest before it.
      let pairs = [
        "\(Self.second),\(Self.base),4", "\(Self.third),\(Self.second),4",
        "2026-03__20260305_010000,\(Self.second),4",
      ]
      #expect(try lake.rows(select) == pairs)
      let again = try lake.task("compare-runs")
      #expect(again.stderr.contains("0 pairs compared, 3 known"))
      #expect(try lake.rows(select) == pairs)
      #expect(
        try lake.rows("SELECT count(*) FROM discogs_history.entity_change_events") == ["2"],
        "gone in the second, back in a third")

      try lake.task("compare-runs", ["--force", "--only-run-id", Self.second])
      #expect(try lake.rows(select)[0] == "\(Self.second),\(Self.base),8")
      #expect(try changes(lake, Self.second) == ["release|20|removed|-"], "only the newest counts")

      try lake.task("compare-runs", ["--run-id", Self.base, "--previous-run-id", Self.third])
      #expect(try changes(lake, Self.base) == ["release|20|added|-"])
      let export = try lake.task("export-csv").stdout.split(separator: "\n").last
      let csv = try String(contentsOfFile: String(try #require(export)), encoding: .utf8)
      #expect(csv.split(separator: "\r\n").count == 13 && !csv.contains("\(Self.base),\(Self.third)"))

      try lake.task("compare-runs", ["--run-id", Self.base], expecting: 64)
      try lake.task("compare-runs", ["--previous-run-id", Self.base], expecting: 64)
      try lake.task("compare-runs", ["--run-id", Self.base, "--previous-run-id", Self.base], expecting: 64)
      try lake.task(
        "compare-runs", ["--run-id", "2001-01__20010101_000000", "--previous-run-id", Self.base],
        expecting: 66)
      // What a workflow calls its run is no run to compare.
      try task(
        "compare-runs",
        environment: ["DISCOGS_DATA_LAKE": lake.path, "DUCKDB": try Tools.duckdb.path(), "run_id": Self.base])
    }
  }

  @Test func theActiveRunIsTheNewerOneOnRequestAndThePreviousOneAlways() throws {
    try withLake { lake in
      try lake.add(Self.second, like: Self.base)
      try lake.add(Self.third, like: Self.second)
      try lake.activate(Self.second)
      try prepare(lake)
      let left = try lake.task("compare-runs")
      #expect(left.stderr.contains("--include-active"))
      let select =
        "SELECT DISTINCT run_id, previous_run_id FROM discogs_history.run_changes_latest ORDER BY ALL"
      #expect(try lake.rows(select) == ["\(Self.third),\(Self.second)"])
      try lake.task("compare-runs", ["--include-active"])
      #expect(
        try lake.rows(select) == ["\(Self.second),\(Self.base)", "\(Self.third),\(Self.second)"])
    }
  }

  // MARK: What goes wrong

  @Test func aQueryThatFailsCostsOnlyItsKindOfRecordAndIsTriedAgain() throws {
    try withLake { lake in
      try lake.add(Self.second, like: Self.base) { run in
        run.rows["artists_v1_typed"]!.removeLast()
        run.rows["masters_v1_typed"]!.removeLast()
      }
      try prepare(lake)
      let folder = lake.path("_runs/\(Self.second)/artist_aliases_v1_typed")
      let files = try FileManager.default.contentsOfDirectory(atPath: folder).map { "\(folder)/\($0)" }
      let whole = try files.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
      for (file, bytes) in zip(files, whole) {
        var broken = bytes
        broken.replaceSubrange(4..<60, with: Data(count: 56))
        try broken.write(to: URL(fileURLWithPath: file))
      }
      let execution = try lake.task("compare-runs")
      #expect(execution.stderr.contains("not compared"))
      #expect(
        try lake.rows("SELECT entity, status FROM discogs_history.run_change_events ORDER BY ALL")
          == ["artist,failed_query", "label,ok", "master,ok", "release,ok"])
      #expect(try lake.rows("SELECT entity FROM discogs_history.entity_change_events") == ["master"])
      for (file, bytes) in zip(files, whole) { try bytes.write(to: URL(fileURLWithPath: file)) }
      try lake.task("compare-runs")
      #expect(try counts(lake, Self.second).count == 4)
      #expect(
        try lake.rows("SELECT entity, count(*) FROM discogs_history.run_change_events GROUP BY 1 ORDER BY 1")
          == ["artist,2", "label,1", "master,1", "release,1"])
    }
  }

  /// SIGKILL at a different moment of each execution.
  @Test func killedAnywhereEveryPairIsWholeOrNotThere() throws {
    try withLake { lake in
      try lake.add(Self.second, like: Self.base) { run in
        for entity in Entity.allCases { run.rows[entity.main.name]!.removeLast(5) }
      }
      try lake.add(Self.third, like: Self.base)
      try prepare(lake)
      let environment = ["DISCOGS_DATA_LAKE": lake.path, "DUCKDB": try Tools.duckdb.path()]
      let changes = lake.path("_meta/discogs_history/changes")
      var killed = 0
      for turn in 0..<16 {
        if turn % 5 == 0 { try? FileManager.default.removeItem(atPath: changes) }
        let program = try RunningProgram(
          Products.executable("compare-runs"), ["--force"], environment: environment)
        usleep(useconds_t(15_000 * (turn + 1)))
        program.signal(SIGKILL)
        if try program.wait().status != 0 { killed += 1 }
        try lake.task("export-csv")
        #expect(
          try lake.rows(
            """
            SELECT count(*) FROM discogs_history.run_changes_latest AS counted LEFT JOIN (
              SELECT run_id, entity, event_ts_utc, count(*) AS n FROM discogs_history.entity_change_events GROUP BY ALL
            ) AS told ON told.run_id = counted.run_id AND told.entity = counted.entity
              AND told.event_ts_utc = counted.event_ts_utc
            WHERE coalesce(n, 0) <> n_added + n_removed + n_changed
            """) == ["0"], "counts without their records")
      }
      #expect(killed > 3, "the test must kill, not only start")
      try lake.task("compare-runs")
      #expect(try counts(lake, Self.second).allSatisfy { $0.hasSuffix(",0,5,0,15") })
      for table in ["run_change_events", "entity_change_events"] {
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(changes)/\(table)")
        #expect(names.allSatisfy { !$0.hasPrefix(".") }, "\(names)")
      }
    }
  }

  // MARK: Ranges

  @Test func rangesHoldEveryIDOnceAndAboutAsManyRows() {
    for groups in [
      [], [(5, 10)], (1...40).map { (Int64($0 * 100), 10) } + (1...40).map { (Int64($0 * 90), 10) },
      [(Int64.max, 1000), (3, 1000)], [(7, 300), (7, 300), (7, 300), (9, 1)],
    ] as [[(last: Int64, rows: Int)]] {
      let ranges = IDRange.covering(groups, rows: 100)
      #expect(ranges.first?.first == nil && ranges.last?.end == nil)
      for (one, next) in zip(ranges, ranges.dropFirst()) {
        #expect(one.end == next.first && one.end != nil)
        #expect(next.end.map { $0 > next.first! } ?? true)
      }
      let total = groups.reduce(0) { $0 + $1.rows }
      #expect(ranges.count <= total / 100 + 1)
    }
  }
}

extension Dataset {
  fileprivate var mainOfItsEntity: Dataset? {
    if case .dump(let entity) = origin { entity.main } else { nil }
  }
}
