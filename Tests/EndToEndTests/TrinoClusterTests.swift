import Foundation
import SQL
import TestSupport
import Testing

/// The tasks on a real Trino of several nodes, which share the lake's folder.
@Suite struct TrinoClusterTests {
  @Test(.needs(Tools.trinoHome, Tools.java24, Tools.duckdb))
  func aWorkerThatDiesLeavesNothingAndTheOthersGiveTheSameKPIs() throws {
    try withTemporaryFolders { folder, otherFolder in
      // A node that is gone is given up after seconds rather than minutes.
      let patience = ["query.remote-task.max-error-duration=5s", "exchange.max-error-duration=5s"]
      let coordinator = try TrinoServer(
        .init(serverLines: patience, role: .coordinator), in: folder.path("coordinator"))
      let workers = try ["one", "two"].map { name in
        try TrinoServer(.init(serverLines: patience, role: .worker(of: coordinator)), in: folder.path(name))
      }
      let pipeline = try Pipeline(in: folder)
      let options: [String: String?] = [
        "sql_engine": "trino", "trino_url": coordinator.url, "trino_wait": "120", "trino_user": "tester",
      ]
      try wait(for: workers.count, of: coordinator, lake: pipeline.lake)
      let runID = try pipeline.preflight("2026-08", session: Self.session)
      for entity in Dumps.entities { try pipeline.run("ingest-entity", ["--entity", entity], run: runID) }
      let ingested = pipeline.datasets(runID)

      let build = try RunningProgram(
        Products.executable("build-xref"), [],
        environment: options.merging(["DISCOGS_DATA_LAKE": pipeline.lake, "run_id": runID]) { $1 })
      func isWriting(_ query: String) -> Bool {
        query.contains("discogs_build") && query.contains("AS SELECT")
      }
      while try !coordinator.runningQueries().contains(where: isWriting) {
        try #require(build.isRunning, "it ended before it was seen to begin: \(build.stderrSoFar)")
      }
      // What runs now, or the next query, needs this worker.
      workers[0].freeze()
      workers[0].kill()
      let execution = try build.wait(timeout: 600)
      #expect(execution.status == 69, "\(execution.stderr)")
      #expect(pipeline.datasets(runID) == ingested)
      #expect(pipeline.names("_runs/\(runID)").filter { $0.hasPrefix(".") } == [])
      #expect(!pipeline.names("_runs/\(runID)/_state").contains("build-xref.json"))

      try workers[0].start()
      try wait(for: workers.count, of: coordinator, lake: pipeline.lake)
      try pipeline.run("build-xref", run: runID, environment: options)
      try finish(runID, pipeline, options)

      let other = try Pipeline(in: otherFolder)
      _ = try other.make("2026-08", session: Self.session)
      try finish(runID, other, [:])
      for name in ["kpis_long", "kpis_wide", "kpis_dim"].map({ "history_\($0)_latest.csv" }) {
        #expect(try values(pipeline, name) == (try values(other, name)), "\(name) differs")
      }
      #expect(pipeline.names("_meta").filter { $0.hasPrefix(".") } == [])
    }
  }

  private func withTemporaryFolders(_ body: (TemporaryFolder, TemporaryFolder) throws -> Void) throws {
    try withTemporaryFolder { one in try withTemporaryFolder { other in try body(one, other) } }
  }

  private static let session = "2026-09-03 03:04:05"

  /// Everything with SQL after the derived datasets.
  private func finish(_ runID: String, _ pipeline: Pipeline, _ options: [String: String?]) throws {
    try pipeline.run("sanity", run: runID)
    try pipeline.run("promote", ["--run-mode", "prod", "--allow-promote", "true"], run: runID)
    try pipeline.run("register-run-schema", ["--active"], environment: options)
    try pipeline.run("sanity-report", run: runID, environment: options)
    try pipeline.run("register-run-schema", ["--all"], environment: options)
    try pipeline.run("reconcile", environment: options)
    try pipeline.run("compute-kpis", ["--include-active"], environment: options)
    try pipeline.run("export-csv", ["--include-active"], environment: options)
  }

  /// A worker that has started has yet to tell the coordinator of itself.
  private func wait(for count: Int, of coordinator: TrinoServer, lake: String) throws {
    let engine = try TrinoEngine(
      TrinoSettings(url: coordinator.url, user: "tester", lakePath: lake, wait: .seconds(120)))
    defer { engine.close() }
    let end = Date(timeIntervalSinceNow: 300)
    let workers = "SELECT node_id FROM system.runtime.nodes WHERE NOT coordinator AND state = 'active'"
    while try engine.rows(workers).count != count {
      guard Date() < end else {
        throw UnexpectedExecution(description: "waited in vain for \(count) workers")
      }
      usleep(200_000)
    }
  }

  /// An exported file without the moments in it, which are those of the test.
  private func values(_ pipeline: Pipeline, _ name: String) throws -> String {
    let text = try String(
      contentsOfFile: "\(pipeline.lake)/_meta/discogs_history/reports/\(name)", encoding: .utf8)
    return text.replacing(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?/, with: "MOMENT")
  }
}
