import Foundation
import Schema
import TestSupport
import Testing

@testable import History

/// Runs whose rows lie in order, as real ones do, give the same KPIs as those whose rows do not.
@Suite(.needs(Tools.duckdb)) struct KnownIDsTests {
  private static let jumbled = "2024-01__20240101_000000"

  /// How a run's rows lie.
  enum Order: CaseIterable {
    /// Every id once, and every pair, by value and then id.
    case sorted
    /// Sorted, but for one pair that is there twice.
    case withATwin
    /// Every pair once; the rows of a value are not side by side.
    case apart
    /// Sorted, with ids that are too far apart for bits.
    case farApart
  }

  @Test(arguments: Order.allCases) func orderChangesNoKPI(order: Order) throws {
    try withTemporaryFolder { folder in
      let lake = try HistoryLake(in: folder)
      try lake.add([(Self.jumbled, .today)], releases: 200)
      let id = "2024-02__20240202_000000"
      try lake.add(id, like: Self.jumbled) { run in
        for entity in Entity.allCases {
          Self.put(&run, entity.main, by: [entity.main.columns[0].name], order)
        }
        Self.put(&run, .releaseGenreXref, by: ["genre", "release_id"], order)
        Self.put(&run, .releaseStyleXref, by: ["style", "release_id"], order)
        Self.put(&run, .releaseArtists, by: ["artist_id", "release_id"], order)
      }
      try lake.task("register-run-schema", ["--all"])
      try lake.task("reconcile")
      try lake.task("compute-kpis")
      for id in [Self.jumbled, id] {
        let run = try #require(lake.run(id))
        let values = try lake.rows(
          """
          SELECT kpi_name, kpi_value FROM discogs_history.kpi_snapshot_events
          WHERE run_id = '\(id)' AND status = 'ok' ORDER BY ALL
          """)
        let expected = PlainKPIs.of(run).compactMapValues { $0 }.map { "\($0),\($1)" }
        #expect(values.sorted() == expected.sorted())
        let dimensions = try lake.query(
          """
          .nullvalue NULL
          .separator |
          SELECT kpi_name, CASE WHEN status = 'ok' THEN dim_value ELSE '' END, kpi_value, status,
            CASE WHEN status = 'ok' THEN details END
          FROM discogs_history.kpi_dimension_events WHERE run_id = '\(id)' ORDER BY ALL;
          """, in: "_meta/catalog.duckdb", readOnly: true, mode: "-list"
        ).replacing("missing_table|NULL", with: "missing_table").split(separator: "\n").map(String.init)
        #expect(dimensions.sorted() == PlainKPIs.dimensions(of: run).sorted())
      }
    }
  }

  private static func put(
    _ run: inout HistoryLake.Run, _ dataset: Dataset, by keys: [String], _ order: Order
  ) {
    let places = keys.compactMap { key in dataset.columns.firstIndex { $0.name == key } }
    func key(_ row: [HistoryLake.Value]) -> [HistoryLake.Value] { places.map { row[$0] } }
    func isBefore(_ one: HistoryLake.Value, _ other: HistoryLake.Value) -> Bool {
      switch (one, other) {
      case (.int(let one), .int(let other)): one < other
      case (.text(let one), .text(let other)): Array(one.utf8).lexicographicallyPrecedes(Array(other.utf8))
      default: false
      }
    }
    var seen: Set<[HistoryLake.Value]> = []
    var rows = (run.rows[dataset.name] ?? []).filter { row in
      !key(row).contains(.null) && seen.insert(key(row)).inserted
    }
    rows.sort { one, other in
      let (one, other) = (key(one), key(other))
      let place = one.indices.first { one[$0] != other[$0] } ?? 0
      return isBefore(one[place], other[place])
    }
    switch order {
    case .sorted: break
    case .withATwin: rows.insert(rows[rows.count / 2], at: rows.count / 2)
    case .apart:
      rows = rows.enumerated().sorted { ($0.offset % 2, $0.offset) < ($1.offset % 2, $1.offset) }.map(
        \.element)
    case .farApart:
      let last = places[places.count - 1]
      rows.append(rows[rows.count - 1])
      rows[rows.count - 1][last] = .int(9_000_000_000_000_000_000)
    }
    run.rows[dataset.name] = rows
  }
}
