import Foundation
import Testing

@testable import History

@Suite struct HistoryExportTests {
  private func value(_ run: String, _ kpi: String, _ value: Int64?, at moment: String, schema: String = "s")
    -> HistoryExport.Value
  {
    HistoryExport.Value(
      moment: moment, runID: run, schemaName: schema, kpi: kpi, value: value, status: "ok", details: nil)
  }

  @Test func longRowsAreOrderedByRunThenKPIAndQuoted() {
    var second = value("b", "x", 2, at: "t2")
    second.details = "said \"so\", twice"
    let export = HistoryExport(values: [second, value("a", "y", 3, at: "t1"), value("a", "x", nil, at: "t1")])
    #expect(
      export.long == """
        event_ts_utc,run_id,schema_name,kpi_name,kpi_value,status,details\r
        t1,a,s,x,,ok,\r
        t1,a,s,y,3,ok,\r
        t2,b,s,x,2,ok,"said ""so"", twice"\r\n
        """)
  }

  @Test func wideRowsHaveAColumnForEveryKPIAndTheNewestMomentOfTheRun() {
    let export = HistoryExport(values: [
      value("b", "rows_releases_ref_v6", 5, at: "2026-01-01 00:00:00.000"),
      value("a", "n_artists_distinct", 1, at: "2026-01-02 00:00:00.000", schema: "old"),
      value("a", "top_label_releases", 2, at: "2026-01-03 00:00:00.000", schema: "new"),
      value("a", "a_kpi_of_later", 9, at: "2026-01-01 00:00:00.000", schema: "old"),
    ])
    let lines = export.wide.components(separatedBy: "\r\n")
    let columns = (KPITests.names + ["a_kpi_of_later"]).sorted()
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
    let export = HistoryExport(values: [
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

  @Test(arguments: [
    ("2026-01-02 03:04:05", "2026-01-02 03:04:05.000"), ("2026-01-02 03:04:05.5", "2026-01-02 03:04:05.500"),
    ("2026-01-02 03:04:05.123000", "2026-01-02 03:04:05.123"),
    ("2026-01-02 03:04:05.123456", "2026-01-02 03:04:05.123456"),
  ])
  func momentsLookTheSameWhicheverEngineWroteThem(_ text: String, _ shown: String) {
    #expect(HistoryExport.moment(text) == shown)
  }
}
