import Foundation
import Schema
import TestSupport
import Testing

/// The main workflow under a real Digdag.
@Suite struct MainWorkflowTests {
  private let session = "2026-09-02 03:04:05"
  private let promoting = ["run_mode": "prod", "allow_promote": "true"]

  @Test(.needs(Tools.digdag, Tools.java, Tools.duckdb, Tools.python))
  func aMonthOfFixturesBecomesTheActiveRun() throws {
    try withTemporaryFolder { folder in
      let pipeline = try Pipeline(in: folder)
      try expectActiveRun(pipeline, "2026-08", dumpDate: "2026-08-01")
    }
  }

  @Test(.needs(Tools.digdag, Tools.java, Tools.duckdb, Tools.python, Tools.sampleDumps))
  func theSampleOfRealDumpsBecomesTheActiveRun() throws {
    try withTemporaryFolder { folder in
      var pipeline = try Pipeline(in: folder)
      pipeline.rawRoot = folder.path("raw")
      let month = try Dumps.linkSample(into: pipeline.rawRoot)
      try expectActiveRun(pipeline, month, dumpDate: "2020-08-06")
    }
  }

  private func expectActiveRun(_ pipeline: Pipeline, _ month: String, dumpDate: String) throws {
    let parameters = ["dump_month": month, "raw_root": pipeline.rawRoot].merging(promoting) { $1 }
    let run = try pipeline.digdag("main", "main.dig", session: session, parameters)
    try #require(run.status == 0, "\(run.stdout)\(run.stderr)")

    let runID = "\(month)__20260902_030405"
    #expect(pipeline.active == "_runs/\(runID)")
    #expect(pipeline.datasets(runID) == Dataset.all.map(\.name).sorted())
    #expect(try differences(of: pipeline.folder(runID), from: "\(pipeline.rawRoot)/\(month)") == nil)

    let states = [
      "build-xref", "ingest-artists", "ingest-labels", "ingest-masters", "ingest-releases", "preflight",
      "promote", "sanity", "sanity-report",
    ]
    let found = pipeline.names("_runs/\(runID)/_state")
    #expect(Set(found).isSuperset(of: states.map { "\($0).json" }), "\(found)")
    for name in found {
      let state = try pipeline.json("_runs/\(runID)/_state/\(name)")
      #expect(state["status"] as? String == "succeeded", "\(name)")
      #expect(state["run_id"] as? String == runID)
    }
    let manifest = try pipeline.json("_runs/\(runID)/_manifest.json")
    #expect(manifest["dump_month"] as? String == month)
    #expect(manifest["dump_date"] as? String == dumpDate)
    #expect(manifest["run_mode"] as? String == "prod")
    let reports = pipeline.names("_runs/\(runID)/_reports")
    #expect(reports.contains { $0.hasPrefix("run_sanity_") && $0.hasSuffix(".csv") }, "\(reports)")
    #expect(reports.contains { $0.hasPrefix("duckdb_sanity_active_") && $0.hasSuffix(".csv") }, "\(reports)")
    #expect(reports.count { $0.hasPrefix("run_report_") && $0.hasSuffix(".html") } == 1, "\(reports)")

    // The catalog is for its user, by its name.
    let counted = try execute(
      try Tools.duckdb.path(),
      [
        "-readonly", "-noheader", "-list", "\(pipeline.lake)/_meta/catalog.duckdb", "-c",
        "SELECT count(*) FROM discogs.artists_v1",
      ])
    let rows = try pipeline.json("_runs/\(runID)/_state/ingest-artists.json")
    let outputs = try #require(rows["outputs"] as? [[String: Any]])
    #expect(counted.stdout == "\(try #require(outputs[0]["rows"] as? Int))\n", "\(counted.stderr)")
  }

  @Test(.needs(Tools.digdag, Tools.java, Tools.duckdb))
  func withNothingButALakeTheRunIsOfTheSessionsMonthAndIsNotPromoted() throws {
    try withTemporaryFolder { folder in
      let pipeline = try Pipeline(in: folder)
      try FileManager.default.createDirectory(
        atPath: "\(pipeline.lake)/_raw", withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        atPath: "\(pipeline.lake)/_raw/2026-08", withDestinationPath: "\(Dumps.fixtures)/2026-08")
      let before = try pipeline.makeActive("2026-07", session: "2026-08-01T00:00:00Z")

      let run = try pipeline.digdag("main", "main.dig", session: "2026-08-02 03:04:05")
      try #require(run.status == 0, "\(run.stdout)\(run.stderr)")
      let runID = "2026-08__20260802_030405"
      #expect(pipeline.datasets(runID) == Dataset.all.map(\.name).sorted())
      #expect(pipeline.active == "_runs/\(before)")
      #expect(pipeline.names("").filter { $0.hasPrefix("active") } == ["active"])
      let promotion = try pipeline.json("_runs/\(runID)/_state/promote.json")
      #expect(promotion["status"] as? String == "skipped")
      #expect((promotion["reason"] as? String)?.contains("run_mode") == true)
    }
  }

  @Test(.needs(Tools.digdag, Tools.java, Tools.duckdb))
  func theFirstRunOfALakeNeedNotBePromoted() throws {
    try withTemporaryFolder { folder in
      let pipeline = try Pipeline(in: folder)
      let run = try pipeline.digdag(
        "main", "main.dig", session: session, ["dump_month": "2026-08", "raw_root": pipeline.rawRoot])
      try #require(run.status == 0, "\(run.stdout)\(run.stderr)")
      let runID = "2026-08__20260902_030405"
      #expect(pipeline.datasets(runID) == Dataset.all.map(\.name).sorted())
      #expect(pipeline.active == nil)
      #expect(try pipeline.json("_runs/\(runID)/_manifest.json")["run_mode"] as? String == "dev")

      // But it can be, later.
      let promoted = try pipeline.digdag(
        "main", "promote.dig", session: session, ["dump_month": "2026-08"].merging(promoting) { $1 })
      try #require(promoted.status == 0, "\(promoted.stdout)\(promoted.stderr)")
      #expect(pipeline.active == "_runs/\(runID)")
      #expect(try pipeline.json("_runs/\(runID)/_manifest.json")["run_mode"] as? String == "prod")
      let reported = try pipeline.digdag("main", "report.dig", session: session, ["dump_month": "2026-08"])
      try #require(reported.status == 0, "\(reported.stdout)\(reported.stderr)")
    }
  }

  @Test(.needs(Tools.digdag, Tools.java, Tools.duckdb))
  func aFailureIsVisibleAndTheSameSessionGoesOnFromThere() throws {
    try withTemporaryFolder { folder in
      var pipeline = try Pipeline(in: folder)
      pipeline.rawRoot = folder.path("raw")
      try FileManager.default.createDirectory(atPath: pipeline.rawRoot, withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        atPath: "\(Dumps.fixtures)/2026-07", toPath: "\(pipeline.rawRoot)/2026-07")
      let dump = try Dumps.path(pipeline.rawRoot, "2026-07", "releases")
      let whole = try Data(contentsOf: URL(fileURLWithPath: dump))
      try whole.prefix(whole.count * 2 / 3).write(to: URL(fileURLWithPath: dump))

      let parameters = ["dump_month": "2026-07", "raw_root": pipeline.rawRoot].merging(promoting) { $1 }
      let failed = try pipeline.digdag("main", "main.dig", session: session, parameters)
      let runID = "2026-07__20260902_030405"
      #expect(failed.status != 0)
      let said = failed.stdout + failed.stderr
      #expect(said.contains(dump), "the dump at fault is named: \(said)")
      #expect(said.contains("code 65"), "\(said)")
      #expect(pipeline.active == nil)
      #expect(!pipeline.datasets(runID).contains("releases_v6"))

      try whole.write(to: URL(fileURLWithPath: dump))
      let resumed = try pipeline.digdag("main", "main.dig", session: session, parameters)
      try #require(resumed.status == 0, "\(resumed.stdout)\(resumed.stderr)")
      #expect(pipeline.active == "_runs/\(runID)")
      let again = resumed.stdout + resumed.stderr
      #expect(again.contains("--entity releases"))
      #expect(!again.contains("+preflight): sh>"), "what succeeded is skipped")
    }
  }

  @Test(.needs(Tools.digdag, Tools.java))
  func valuesNeverReachTheShellAsText() throws {
    try withTemporaryFolder { folder in
      let pipeline = try Pipeline(in: folder)
      let trap = folder.path("trap")
      for value in ["2026-08; touch \(trap)", "$(touch \(trap))", "`touch \(trap)`", "' ; touch \(trap) ; '"]
      {
        let run = try pipeline.digdag("main", "main.dig", session: session, ["dump_month": value])
        #expect(run.status != 0)
        #expect((run.stdout + run.stderr).contains("code 64"), "\(run.stdout)\(run.stderr)")
      }
      #expect(!FileManager.default.fileExists(atPath: trap))
    }
  }
}
