import Foundation
import Testing

@testable import History

@Suite struct HistoryExportTests {
  private func value(_ run: String, _ kpi: String, _ value: Int64?, at moment: String, schema: String = "s")
    -> HistoryFigures.Value
  {
    HistoryFigures.Value(
      moment: moment, runID: run, schemaName: schema, kpi: kpi, value: value, status: "ok", details: nil,
      version: 1)
  }

  private func export(_ values: [HistoryFigures.Value]) -> HistoryExport {
    HistoryExport(of: HistoryFigures(values: values))
  }

  @Test func longRowsAreOrderedByRunThenKPIAndQuoted() {
    var second = value("b", "x", 2, at: "t2")
    second.details = "said \"so\", twice"
    let export = self.export([second, value("a", "y", 3, at: "t1"), value("a", "x", nil, at: "t1")])
    #expect(
      export.long == """
        event_ts_utc,run_id,schema_name,kpi_name,kpi_value,status,details\r
        t1,a,s,x,,ok,\r
        t1,a,s,y,3,ok,\r
        t2,b,s,x,2,ok,"said ""so"", twice"\r\n
        """)
  }

  @Test func wideRowsHaveAColumnForEveryKPIAndTheNewestMomentOfTheRun() {
    let export = self.export([
      value("b", "rows_releases_ref_v6", 5, at: "2026-01-01 00:00:00.000"),
      value("a", "n_artists_distinct", 1, at: "2026-01-02 00:00:00.000", schema: "old"),
      value("a", "top_label_releases", 2, at: "2026-01-03 00:00:00.000", schema: "new"),
      value("a", "a_kpi_of_later", 9, at: "2026-01-01 00:00:00.000", schema: "old"),
    ])
    let lines = export.wide.components(separatedBy: "\r\n")
    let columns =
      KPITests.names.sorted() + KPI.scalars.filter { $0.version == 2 }.map(\.name).sorted() + [
        "a_kpi_of_later"
      ]
    #expect(lines[0] == (["run_id", "schema_name", "event_ts_utc"] + columns).joined(separator: ","))
    func line(_ start: String, _ values: [String: String]) -> String {
      ([start] + columns.map { values[$0] ?? "" }).joined(separator: ",")
    }
    #expect(
      lines[1]
        == line(
          "a,new,2026-01-03 00:00:00.000",
          ["n_artists_distinct": "1", "top_label_releases": "2", "a_kpi_of_later": "9"]))
    #expect(lines[2] == line("b,s,2026-01-01 00:00:00.000", ["rows_releases_ref_v6": "5"]))
    #expect(lines.count == 4 && lines[3] == "")
  }

  /// To SQL they are two; to Swift's strings they are one.
  @Test func namesAreToldApartByTheirCodePoints() {
    let export = self.export([
      value("r", "\u{E9}", 2, at: "t"), value("r", "e\u{301}", 1, at: "t"),
      value("r\u{E9}", "x", 4, at: "t"), value("re\u{301}", "x", 3, at: "t"),
    ])
    let wide = export.wide.components(separatedBy: "\r\n").map { $0.components(separatedBy: ",") }
    let columns = wide[0].map { Array($0.unicodeScalars) }
    func cell(_ line: Int, _ column: String) -> String? {
      columns.firstIndex(of: Array(column.unicodeScalars)).map { wide[line][$0] }
    }
    #expect(wide.count == 5)
    #expect(cell(1, "e\u{301}") == "1" && cell(1, "\u{E9}") == "2")
    #expect(cell(2, "x") == "3" && cell(3, "x") == "4")
  }

  @Test func numbersOfADimensionAreOrderedByNumberAndTextCannotBecomeAFormula() {
    func number(_ run: String, _ kpi: String, _ value: String, _ number: Int64?)
      -> HistoryFigures.DimensionValue
    {
      .init(runID: run, kpi: kpi, dimension: value, value: number, details: nil)
    }
    let figures = HistoryFigures(
      values: [],
      dimensionValues: [
        number("b", "k", "x", 1), number("a", "k", "é", 2), number("a", "k", "z", 2),
        number("a", "k", "=1+1", 7),
        number("a", "j", "-5", 3), number("a", "k", "few", nil), number("a", "k", "@, \"x\"", 2),
      ])
    #expect(
      HistoryExport(of: figures).dimensions == """
        run_id,kpi_name,dim_value,kpi_value\r
        a,j,'-5,3\r
        a,k,'=1+1,7\r
        a,k,"'@, ""x""\",2\r
        a,k,z,2\r
        a,k,é,2\r
        a,k,few,\r
        b,k,x,1\r\n
        """)
  }

  @Test func growthAndChangesHaveALineForEachRunAndBlanksForWhatIsNotKnown() {
    let figures = HistoryFigures(
      values: [],
      growth: [
        .init(
          runID: "b", previousRunID: "a", kpi: "k", value: 3, previousValue: 5, delta: -2,
          deltaBasisPoints: -4000),
        .init(
          runID: "a", previousRunID: nil, kpi: "k", value: 5, previousValue: nil, delta: nil,
          deltaBasisPoints: nil),
      ],
      changes: [
        .init(
          runID: "b", previousRunID: "a", entity: "release", added: 1, removed: 2, changed: 3, same: 4,
          details: "=status"),
        .init(
          runID: "b", previousRunID: "a", entity: "artist", added: 0, removed: 0, changed: 0, same: 9,
          details: nil),
      ])
    #expect(
      HistoryExport(of: figures).growth == """
        run_id,previous_run_id,kpi_name,kpi_value,previous_value,delta,delta_bp\r
        a,,k,5,,,\r
        b,a,k,3,5,-2,-4000\r\n
        """)
    #expect(
      HistoryExport(of: figures).changes == """
        run_id,previous_run_id,entity,n_added,n_removed,n_changed,n_same,details\r
        b,a,artist,0,0,0,9,\r
        b,a,release,1,2,3,4,'=status\r\n
        """)
  }

  @Test(arguments: [
    ("2026-01-02 03:04:05", "2026-01-02 03:04:05.000"), ("2026-01-02 03:04:05.5", "2026-01-02 03:04:05.500"),
    ("2026-01-02 03:04:05.123000", "2026-01-02 03:04:05.123"),
    ("2026-01-02 03:04:05.123456", "2026-01-02 03:04:05.123456"),
  ])
  func momentsLookTheSameWhicheverEngineWroteThem(_ text: String, _ shown: String) {
    #expect(HistoryFigures.moment(text) == shown)
  }
}
