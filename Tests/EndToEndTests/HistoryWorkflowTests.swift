import Foundation
import TestSupport
import Testing

/// The history workflows under a real Digdag.
@Suite struct HistoryWorkflowTests {
  @Test(.needs(Tools.digdag, Tools.java, Tools.duckdb, Tools.python))
  func theHistoryOfThreeMonthsIsWhatTheirDumpsSay() throws {
    try withTemporaryFolder { folder in
      let pipeline = try Pipeline(in: folder)
      var runs: [String] = []
      for (index, month) in ["2019-11", "2026-07", "2026-08"].enumerated() {
        runs.append(try pipeline.makeActive(month, session: "2026-09-0\(index + 1)T03:04:05Z"))
      }
      try pipeline.run("register-run-schema", ["--active"])

      let first = try pipeline.digdag(
        "history", "history_pipeline.dig", session: "2026-09-04 00:00:00")
      try #require(first.status == 0, "\(first.stdout)\(first.stderr)")
      try expectValues(pipeline, runs)

      // Again: more events, the same values.
      let reports = try checksums(of: "\(pipeline.lake)/_meta/discogs_history/reports")
      let events = pipeline.names("_meta/discogs_history/registry/run_registry_events")
      let second = try pipeline.digdag(
        "history", "history_pipeline.dig", session: "2026-09-04 00:00:01")
      try #require(second.status == 0, "\(second.stdout)\(second.stderr)")
      try expectValues(pipeline, runs)
      #expect(try checksums(of: "\(pipeline.lake)/_meta/discogs_history/reports") == reports)
      for table in ["kpi/kpi_snapshot_events", "kpi/kpi_dimension_events", "changes/run_change_events"] {
        #expect(pipeline.names("_meta/discogs_history/\(table)").count == (table.hasPrefix("kpi") ? 1 : 2))
      }
      let moreEvents = pipeline.names("_meta/discogs_history/registry/run_registry_events")
      #expect(moreEvents.count > events.count && Set(moreEvents).isSuperset(of: events))

      // Told to, it leaves the active run out.
      let third = try pipeline.digdag(
        "history", "history_pipeline.dig", session: "2026-09-04 00:00:02", ["include_active": "false"])
      try #require(third.status == 0, "\(third.stdout)\(third.stderr)")
      try expectValues(pipeline, runs.dropLast())
    }
  }

  private func expectValues(_ pipeline: Pipeline, _ runs: some Collection<String>) throws {
    let compared = try execute(
      try Tools.python.path(),
      [Checkout.path("Tests/Oracle/kpis.py"), "\(pipeline.lake)/_meta/discogs_history/reports"]
        + runs.map { run in
          let schema = "discogs_r_\(run.replacingOccurrences(of: "-", with: "_"))"
          return "\(run)=\(schema)=\(Dumps.fixtures)/\(run.prefix(7))"
        })
    #expect(compared.status == 0, "\(compared.stdout)\(compared.stderr)")
    let left = Set(try FileManager.default.contentsOfDirectory(atPath: "\(pipeline.lake)/_runs")).subtracting(
      runs)
    let looked = try execute(
      try Tools.python.path(),
      [Checkout.path("Tests/Oracle/history.py"), pipeline.lake] + left.flatMap { ["--without", $0] })
    #expect(looked.status == 0, "\(looked.stdout)\(looked.stderr)")
  }

  @Test(.needs(Tools.digdag, Tools.java, Tools.duckdb))
  func eachWorkflowRunsByItselfTwice() throws {
    try withTemporaryFolder { folder in
      let pipeline = try Pipeline(in: folder)
      let runID = try pipeline.make("2026-07", session: "2026-09-01T03:04:05Z")
      let out = folder.path("out")
      let steps = [
        ("register_run_schema.dig", ["run_id": runID]),
        ("reconcile_register.dig", [:]),
        ("update_run_registry.dig", ["only_run_id": runID]),
        ("compute_kpis.dig", ["only_run_id": runID]),
        ("compare_runs.dig", ["only_run_id": runID]),
        ("export_history_csv.dig", ["with_timestamp": "true", "out_dir": out]),
        ("history_report.dig", ["with_timestamp": "true", "out_dir": folder.path("pages")]),
      ]
      for turn in 0..<2 {
        for (file, parameters) in steps {
          let run = try pipeline.digdag("history", file, session: "2026-09-04 00:00:0\(turn)", parameters)
          try #require(run.status == 0, "\(file): \(run.stdout)\(run.stderr)")
        }
      }
      let written = try FileManager.default.contentsOfDirectory(atPath: out)
      #expect(
        written.count == 10
          && written.allSatisfy {
            $0.wholeMatch(of: /history_(kpis_(long|wide|dim)|growth|changes)_latest_\d{8}_\d{6}\.csv/) != nil
          }, "\(written)")
    }
  }
}
