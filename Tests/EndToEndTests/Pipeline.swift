import Foundation
import TestSupport

/// A lake of a test's own, and ways to run the tasks and workflows on it.
struct Pipeline {
  let lake: String
  /// Where the dumps are.
  var rawRoot = Dumps.fixtures
  private let workflows: String

  /// - Parameter folder: the test's folder; gets `lake`, and copies of the workflows.
  init(in folder: TemporaryFolder) throws {
    lake = folder.path("lake")
    workflows = folder.path("workflows")
    try FileManager.default.createDirectory(atPath: lake, withIntermediateDirectories: true)
  }

  /// Where a workflow of the checkout was copied to: Digdag keeps a session's state beside the workflow, and the
  /// checkout's own must not be in the way.
  private func copied(_ flow: String) throws -> String {
    let folder = "\(workflows)/\(flow)"
    if FileManager.default.fileExists(atPath: folder) { return folder }
    let copied = try execute(
      "/bin/sh", ["-c", "mkdir -p \"$1\" && cp \"$0\"/* \"$1\"", Checkout.path("workflows/\(flow)"), folder])
    guard copied.status == 0 else { throw UnexpectedExecution(description: copied.stderr) }
    return folder
  }

  /// Runs a workflow with Digdag, whatever comes of it.
  /// - Parameters:
  ///   - session: `2026-08-02 03:04:05`
  ///   - parameters: what `-p` sets.
  func digdag(
    _ flow: String, _ file: String, session: String, _ parameters: [String: String] = [:],
    environment: [String: String?] = [:], timeout: Double = 300
  ) throws -> Execution {
    let set = (["bin_dir": Products.folder].merging(parameters) { $1 }).sorted { $0.key < $1.key }
      .flatMap { ["-p", "\($0.key)=\($0.value)"] }
    return try execute(
      try Tools.digdag.path(), ["run", file, "--session", session] + set,
      environment: ["DISCOGS_DATA_LAKE": lake, "LC_ALL": "C.UTF-8"].merging(environment) { $1 },
      in: copied(flow), timeout: timeout)
  }

  /// Runs a task of a run by itself and expects this exit status.
  @discardableResult
  func run(
    _ name: String, _ arguments: [String] = [], run runID: String? = nil,
    environment: [String: String?] = [:], expecting status: Int32 = 0
  ) throws -> Execution {
    try task(
      name, arguments,
      environment: ["DISCOGS_DATA_LAKE": lake, "run_id": runID, "raw_root": rawRoot].merging(environment) {
        $1
      },
      expecting: status)
  }

  /// Makes a run by hand up to the derived datasets and returns its id.
  func make(_ month: String, session: String) throws -> String {
    let runID = try preflight(month, session: session)
    for entity in Dumps.entities { try run("ingest-entity", ["--entity", entity], run: runID) }
    try run("build-xref", run: runID)
    return runID
  }

  /// Makes a run by hand and promotes it.
  func makeActive(_ month: String, session: String) throws -> String {
    let runID = try make(month, session: session)
    try run("sanity", run: runID)
    try run("promote", ["--run-mode", "prod", "--allow-promote", "true"], run: runID)
    return runID
  }

  /// Runs `preflight` and returns the run id that it prints.
  func preflight(_ month: String, session: String) throws -> String {
    let printed = try run("preflight", ["--dump-month", month, "--session-time", session]).stdout
    return printed.trimmingCharacters(in: .newlines)
  }

  /// The folder of a run.
  func folder(_ runID: String) -> String { "\(lake)/_runs/\(runID)" }

  /// Where `active` points, or nil.
  var active: String? { try? FileManager.default.destinationOfSymbolicLink(atPath: "\(lake)/active") }

  /// The names in a folder below the lake, sorted; empty if there is none.
  func names(_ relative: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "\(lake)/\(relative)")) ?? []).sorted()
  }

  /// The datasets of a run that are in place.
  func datasets(_ runID: String) -> [String] {
    names("_runs/\(runID)").filter { !$0.hasPrefix("_") && !$0.hasPrefix(".") }
  }

  /// A JSON file below the lake.
  func json(_ relative: String) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(lake)/\(relative)"))
    return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
  }
}
