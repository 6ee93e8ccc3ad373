import Foundation
import TestSupport

/// A lake that the pipeline's own tasks made of the fixtures.
struct ReportLake {
  let path: String

  init(in folder: TemporaryFolder) throws {
    path = folder.path("lake")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  @discardableResult
  func task(_ name: String, _ arguments: [String] = [], run: String? = nil, expecting status: Int32 = 0)
    throws
    -> Execution
  {
    try TestSupport.task(
      name, arguments,
      environment: [
        "DISCOGS_DATA_LAKE": path, "run_id": run, "raw_root": Checkout.path("fixtures/dumps"),
        "DUCKDB": try? Tools.duckdb.path(),
      ], expecting: status)
  }

  /// Begins a run and reads the dumps of these entities.
  func begin(
    _ month: String, day: Int = 1, _ entities: [String] = ["releases", "artists", "labels", "masters"]
  ) throws
    -> String
  {
    let session = "2026-09-\(day < 10 ? "0" : "")\(day)T03:04:05Z"
    let run = try task("preflight", ["--dump-month", month, "--session-time", session]).stdout
      .trimmingCharacters(in: .newlines)
    for entity in entities { try task("ingest-entity", ["--entity", entity], run: run) }
    return run
  }

  /// Makes a run up to its check.
  func make(_ month: String, day: Int = 1) throws -> String {
    let run = try begin(month, day: day)
    try task("build-xref", run: run)
    try task("sanity", run: run)
    return run
  }

  /// Makes a run, promotes it and registers its tables.
  func makeActive(_ month: String, day: Int = 1) throws -> String {
    let run = try make(month, day: day)
    try task("promote", ["--run-mode", "prod", "--allow-promote", "true"], run: run)
    try task("register-run-schema", ["--active"], run: run)
    try task("sanity-report", run: run)
    return run
  }

  /// Writes a run's report and returns its path.
  func report(_ run: String, _ arguments: [String] = []) throws -> String {
    try task("run-report", arguments, run: run).stdout.trimmingCharacters(in: .newlines)
  }

  func folder(_ run: String) -> String { "\(path)/_runs/\(run)" }

  /// A JSON file of a run.
  func json(_ run: String, _ name: String) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder(run))/\(name)"))
    return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
  }
}
