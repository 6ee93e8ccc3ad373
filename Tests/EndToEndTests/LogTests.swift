import Foundation
import TestSupport
import Testing

/// What programs that collect logs rely on.
@Suite struct LogTests {
  @Test(.needs(Tools.duckdb))
  func numbersAreNumbersAndEveryLineNamesItsRun() throws {
    try withTemporaryFolder { folder in
      let pipeline = try Pipeline(in: folder)
      try FileManager.default.createDirectory(
        atPath: folder.path("site/data"), withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        atPath: "\(Dumps.fixtures)/2026-08", toPath: folder.path("site/data/2026"))
      let server = try DumpServer(root: folder.path("site"))
      // One dump comes at the second try only, another one is fetched in two pieces.
      try server.script(
        """
        {"rules": [
          {"match": "masters", "times": 1, "status": 503}, {"match": "releases", "times": 1, "truncate_at": 20000}
        ]}
        """)
      let environment: [String: String?] = [
        "log_format": "json", "download_base_url": server.base,
        "download_url_template": "{base}/data/{year}/{file}", "no_proxy": "127.0.0.1", "min_free_gb": "0",
        "raw_root": nil,
      ]
      var numbers: [String: Set<String>] = [:]
      @discardableResult
      func run(_ name: String, _ arguments: [String] = [], run runID: String? = nil) throws -> String {
        let execution = try pipeline.run(name, arguments, run: runID, environment: environment)
        let lines = execution.stderr.split(separator: "\n")
        #expect(!lines.isEmpty, "\(name)")
        for line in lines {
          let object = try #require(
            JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(name): \(line)")
          for (key, value) in object {
            if let text = value as? String {
              #expect(Double(text) == nil, "\(name) has \(key) as text: \(line)")
            } else if value is NSNumber {
              numbers[name, default: []].insert(key)
            }
          }
          if let runID { #expect(object["run_id"] as? String == runID, "\(name): \(line)") }
        }
        return execution.stdout.trimmingCharacters(in: .newlines)
      }
      let runID = try run("preflight", ["--dump-month", "2026-08", "--do-download", "true"])
      try run("download", run: runID)
      for entity in Dumps.entities { try run("ingest-entity", ["--entity", entity], run: runID) }
      try run("build-xref", run: runID)
      try run("sanity", run: runID)
      try run("promote", ["--run-mode", "prod", "--allow-promote", "true"], run: runID)
      try run("register-run-schema", run: runID)
      try run("register-run-schema", ["--active"])
      try run("sanity-report", run: runID)
      try run("run-report", run: runID)
      for name in ["reconcile", "compute-kpis", "compare-runs"] { try run(name, ["--include-active"]) }

      #expect(numbers["preflight"]?.isSuperset(of: ["needed_bytes"]) == true)
      #expect(numbers["download"]?.isSuperset(of: ["bytes", "failures", "at", "of"]) == true, "\(numbers)")
      #expect(
        numbers["ingest-entity"]?.isSuperset(
          of: ["bytes", "rows", "rejected", "records", "bytes_per_second", "total_bytes"]) == true)
      #expect(numbers["build-xref"] == ["rows"])
      #expect(numbers["sanity"] == ["checks"])
      #expect(numbers["sanity-report"] == ["checks", "not_ok"])
      #expect(numbers["register-run-schema"] == ["tables"])
      #expect(numbers["reconcile"] == ["runs"])
      #expect(numbers["compute-kpis"] == ["runs", "left_out", "events"])
      #expect(numbers["compare-runs"] == ["pairs", "known", "left_out", "changes"])
    }
  }
}
