import Foundation
import Schema
import TestSupport
import Testing

/// Which datasets a run has is said once, to `preflight`.
@Suite struct DatasetChoiceTests {
  private let session = "2026-09-02T03:04:05Z"

  /// Every later task takes it from preflight's state, whatever stands in its own environment.
  @Test(.needs(Tools.duckdb), arguments: DatasetChoice.allCases)
  func everyTaskObeysWhatPreflightWasTold(choice: DatasetChoice) throws {
    try withTemporaryFolder { folder in
      let pipeline = try Pipeline(in: folder)
      let preflight = ["--dump-month", "2026-08", "--session-time", session, "--datasets"]
      let other = choice == .all ? "core" : "all"
      let runID = try pipeline.run("preflight", preflight + [choice.rawValue]).stdout
        .trimmingCharacters(in: .newlines)
      let refused = try pipeline.run("preflight", preflight + [other], expecting: 64)
      #expect(refused.lastErrorLine.contains("was begun with datasets \(choice), not \(other)"))
      func run(_ task: String, _ arguments: String...) throws {
        try pipeline.run(task, arguments, run: runID, environment: ["datasets": other])
      }
      for entity in Dumps.entities { try run("ingest-entity", "--entity", entity) }
      try run("build-xref")
      try run("sanity")
      try run("promote", "--run-mode", "prod", "--allow-promote", "true")
      try run("register-run-schema", "--active")
      try run("sanity-report")
      let expected = Dataset.all.filter(choice.includes).map(\.name).sorted()
      #expect(pipeline.datasets(runID) == expected)
      #expect(try pipeline.json("_runs/\(runID)/_manifest.json")["datasets"] as? String == choice.rawValue)
      let reports = pipeline.names("_runs/\(runID)/_reports").filter { $0.hasSuffix(".csv") }
      #expect(reports.count == 2)
      for name in reports {
        let report = try String(
          contentsOfFile: "\(pipeline.folder(runID))/_reports/\(name)", encoding: .utf8)
        // Neither check misses what the run was not to have, and both look at what it was.
        #expect(
          report.contains("release_tracks_v1_typed") == (choice == .all) || name.hasPrefix("run_sanity"))
        let flaws = report.split(separator: "\r\n").filter {
          $0.contains(",false,") && !$0.contains(",INFO,")
        }
        #expect(flaws.allSatisfy { !$0.contains("_details:") && !$0.contains("is_present") }, "\(flaws)")
      }
    }
  }
}
