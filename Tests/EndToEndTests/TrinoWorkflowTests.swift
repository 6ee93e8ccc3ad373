import Foundation
import TestSupport
import Testing

/// Both pipelines under a real Digdag on a real Trino.
@Suite struct TrinoWorkflowTests {
  @Test(.needs(Tools.trinoHome, Tools.java24, Tools.digdag, Tools.java, Tools.duckdb, Tools.python))
  func everythingIsAsOnDuckDB() throws {
    try withTemporaryFolders { folder, other in
      let server = try TrinoServer(in: folder.path("trino"))
      let onTrino = try pipelines(
        in: folder, ["sql_engine": "trino", "trino_url": server.url, "trino_wait": "120"])
      let onDuckDB = try pipelines(in: other, [:])

      for run in Self.runs {
        // The oracle compares all sixteen datasets with what the dumps say.
        let dumps = "\(Dumps.fixtures)/\(run.prefix(7))"
        #expect(try differences(of: onTrino.folder(run), from: dumps) == nil)
        let report = try sanityReport(onTrino, run, "trino")
        #expect(report == (try sanityReport(onDuckDB, run, "duckdb")))
        #expect(report.contains("\r\n"))
      }
      for name in ["kpis_long", "kpis_wide", "kpis_dim", "growth", "changes"].map({
        "history_\($0)_latest.csv"
      }) {
        let exported = try withoutMoments(onTrino, name)
        #expect(exported == (try withoutMoments(onDuckDB, name)), "\(name) differs")
      }

      // Every figure of the page, and every name that is read for it alone.
      let page = try withoutMoments(onTrino, "history_report_latest.html")
      #expect(page == (try withoutMoments(onDuckDB, "history_report_latest.html")), "the pages differ")
      #expect(page.contains("n_releases_distinct") && page.contains("https://www.discogs.com/release/"))

      let oracle = try execute(
        try Tools.python.path(), [Checkout.path("Tests/Oracle/history.py"), onTrino.lake])
      #expect(oracle.status == 0, "\(oracle.stdout)\(oracle.stderr)")

      // The events that were written under one engine, read under the other.
      let reports = "\(onTrino.lake)/_meta/discogs_history/reports"
      let exported = try checksums(of: reports)
      try onTrino.run("export-csv", ["--include-active", "--engine", "duckdb"])
      #expect(try checksums(of: reports) == exported)
    }
  }

  private func withTemporaryFolders(_ body: (TemporaryFolder, TemporaryFolder) throws -> Void) throws {
    try withTemporaryFolder { one in try withTemporaryFolder { other in try body(one, other) } }
  }

  private static let runs = ["2026-07__20260902_030405", "2026-08__20260903_030405"]

  /// Makes and promotes the runs of two months, and then their history.
  private func pipelines(in folder: TemporaryFolder, _ parameters: [String: String]) throws -> Pipeline {
    let pipeline = try Pipeline(in: folder)
    for (month, session) in [("2026-07", "2026-09-02 03:04:05"), ("2026-08", "2026-09-03 03:04:05")] {
      let own = [
        "dump_month": month, "raw_root": pipeline.rawRoot, "run_mode": "prod", "allow_promote": "true",
      ]
      let run = try pipeline.digdag(
        "main", "main.dig", session: session, own.merging(parameters) { $1 }, timeout: 900)
      try #require(run.status == 0, "\(run.stdout)\(run.stderr)")
    }
    let history = try pipeline.digdag(
      "history", "history_pipeline.dig", session: "2026-09-04 00:00:00",
      parameters, timeout: 900)
    try #require(history.status == 0, "\(history.stdout)\(history.stderr)")
    return pipeline
  }

  private func sanityReport(_ pipeline: Pipeline, _ run: String, _ engine: String) throws -> String {
    let names = pipeline.names("_runs/\(run)/_reports").filter { $0.hasPrefix("\(engine)_sanity_active_") }
    try #require(names.count == 1, "\(names)")
    return try String(contentsOfFile: "\(pipeline.folder(run))/_reports/\(names[0])", encoding: .utf8)
  }

  /// An exported file without what is of this test and not of its data: moments, the lake's place, the engine's name.
  private func withoutMoments(_ pipeline: Pipeline, _ name: String) throws -> String {
    let text = try String(
      contentsOfFile: "\(pipeline.lake)/_meta/discogs_history/reports/\(name)", encoding: .utf8)
    return text.replacing(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?/, with: "MOMENT")
      .replacing(pipeline.lake, with: "LAKE").replacing(/registered with (duckdb|trino)/, with: "registered")
  }
}
