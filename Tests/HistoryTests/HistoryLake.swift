import Foundation
import Lake
import Schema
import TestSupport

/// A lake of runs whose every row the test knows, written with DuckDB and not by this project.
final class HistoryLake {
  /// A value of a row.
  enum Value: Hashable {
    case null
    case int(Int)
    case text(String)

    var sql: String {
      switch self {
      case .null: "NULL"
      case .int(let number): "\(number)"
      case .text(let text): "'\(text.replacingOccurrences(of: "'", with: "''"))'"
      }
    }

    var int: Int? { if case .int(let number) = self { number } else { nil } }
    var text: String? { if case .text(let text) = self { text } else { nil } }
  }

  /// How a run differs from one of today.
  enum Shape {
    case today
    /// Derived datasets under `warehouse_discogs`, no link datasets, no manifest, other names of part files, columns in
    /// another order and one more.
    case older
    /// A required dataset is missing.
    case broken
    /// Datasets without rows.
    case empty
  }

  struct Run {
    var id: String
    var shape: Shape
    /// The rows of each dataset that the run has, in the order of the declared columns.
    var rows: [String: [[Value]]] = [:]

    var schemaName: String { "discogs_r_" + id.replacingOccurrences(of: "-", with: "_") }

    func values(_ dataset: Dataset, _ column: String) -> [Value]? {
      guard let index = dataset.columns.firstIndex(where: { $0.name == column }) else { return nil }
      return rows[dataset.name].map { $0.map { $0[index] } }
    }
  }

  let path: String
  private(set) var runs: [Run] = []

  init(in folder: TemporaryFolder) throws {
    path = folder.path("lake")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  func path(_ relative: String) -> String { "\(path)/\(relative)" }

  func run(_ id: String) -> Run? { runs.first { $0.id == id } }

  /// Adds runs and writes their files.
  func add(_ added: [(id: String, shape: Shape)], releases: Int = 40) throws {
    var script = ""
    for (number, run) in added.enumerated() {
      var numbers = Numbers(seed: UInt64(runs.count + number + 1))
      let made = Self.make(run.id, run.shape, releases: releases, &numbers)
      runs.append(made)
      script += try write(made)
    }
    _ = try query(script)
    for run in runs where run.shape != .older { try writeManifest(of: run) }
  }

  /// Adds a run that is like another but for what a closure does to its rows.
  func add(
    _ id: String, like other: String, shape: Shape? = nil, _ change: (inout Run) -> Void = { _ in }
  ) throws {
    guard var run = run(other) else { throw HistoryLakeError(message: "there is no run \(other)") }
    run.id = id
    run.shape = shape ?? run.shape
    change(&run)
    runs.append(run)
    _ = try query(write(run))
    if run.shape != .older { try writeManifest(of: run) }
  }

  /// Points `active` at a run.
  func activate(_ id: String) throws {
    try? FileManager.default.removeItem(atPath: path("active"))
    try FileManager.default.createSymbolicLink(atPath: path("active"), withDestinationPath: "_runs/\(id)")
  }

  /// Makes a run's tables in the catalog, one for each dataset that it has, in this schema.
  func register(_ ids: [String], as schema: String? = nil) throws {
    try FileManager.default.createDirectory(atPath: path("_meta"), withIntermediateDirectories: true)
    var script = ""
    for run in runs where ids.contains(run.id) {
      let schema = schema ?? run.schemaName
      script += "CREATE SCHEMA IF NOT EXISTS \(schema);\n"
      for dataset in Dataset.all {
        guard let folder = folder(of: dataset, in: run) else { continue }
        let columns = dataset.columns.map(\.name).joined(separator: ", ")
        script += """
          CREATE OR REPLACE VIEW \(schema).\(dataset.table) AS SELECT \(columns)
          FROM read_parquet('\(folder)/*.parquet');\n
          """
      }
    }
    _ = try query(script, in: "_meta/catalog.duckdb")
  }

  /// What DuckDB reads in the catalog, as lines of CSV.
  func rows(_ sql: String) throws -> [String] {
    try query(sql, in: "_meta/catalog.duckdb", readOnly: true).split(whereSeparator: \.isNewline).map(
      String.init)
  }

  /// Runs one of the tasks with this lake.
  @discardableResult
  func task(_ name: String, _ arguments: [String] = [], expecting status: Int32 = 0) throws -> Execution {
    try TestSupport.task(
      name, arguments, environment: ["DISCOGS_DATA_LAKE": path, "DUCKDB": try Tools.duckdb.path()],
      expecting: status)
  }

  /// Runs SQL with DuckDB's shell alone; the result is CSV as the shell writes it, without a header.
  func query(_ sql: String, in database: String? = nil, readOnly: Bool = false, mode: String = "-csv") throws
    -> String
  {
    let execution = try execute(
      try Tools.duckdb.path(),
      ["-no-init", "-bail", mode, "-noheader"] + (readOnly ? ["-readonly"] : [])
        + [database.map { path($0) } ?? ":memory:"], input: sql)
    guard execution.status == 0 else { throw HistoryLakeError(message: execution.stderr) }
    return execution.stdout
  }

  private func folder(of dataset: Dataset, in run: Run) -> String? {
    guard run.rows[dataset.name] != nil else { return nil }
    let isMoved = run.shape == .older && dataset.origin == .derived
    return path("_runs/\(run.id)/\(isMoved ? "warehouse_discogs/" : "")\(dataset.name)")
  }

  // MARK: Rows

  /// Numbers that look random and are the same each time.
  struct Numbers: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }
    /// SplitMix64 (Steele, Lea and Flood 2014).
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }

  private static func make(_ id: String, _ shape: Shape, releases: Int, _ numbers: inout Numbers) -> Run {
    var run = Run(id: id, shape: shape)
    for dataset in Dataset.all {
      if shape == .older, dataset.name.contains("_links_") { continue }
      if shape == .older, dataset == .releaseStyleXref { continue }
      if shape == .broken, dataset == .labels { continue }
      let count =
        shape == .empty ? 0 : dataset == .releases ? releases : Int.random(in: 12...90, using: &numbers)
      run.rows[dataset.name] = (0..<count).map { _ in
        dataset.columns.map { column in
          // Few different values, so that the distinct ones are fewer than the rows; some NULLs.
          guard Int.random(in: 0..<20, using: &numbers) > 0 else { return .null }
          let number = Int.random(in: 1...(releases + 5), using: &numbers)
          if let special = Self.special(column, number, &numbers) { return special }
          if column.type == .boolean { return .int(number % 2) }
          return column.type == .bigint ? .int(number) : .text("\(column.name), \"\(number)\"'s")
        }
      }
    }
    return run
  }

  /// Values that mean something to a KPI, and some that only look as if they did.
  private static func special(_ column: Column, _ number: Int, _ numbers: inout Numbers) -> Value? {
    switch column.name {
    case "released":
      .text(
        [
          "\(1950 + number % 70)", "199\(number % 10)-0\(number % 10)", "1999-\(number % 13)-3", "0000",
          "197",
          "2001-02-03-04", "2001-", "١٩٩٩", "1992-13-45", "0400-01-01", "1999\n", "1985-1-12",
        ].randomElement(using: &numbers)!)
    case "label_catno" where number % 3 == 0: .text(["none", "None", "NONE", "nOne "][number % 4])
    case "kind": .text(["track", "heading", "index"][number % 3])
    case "year": .int([0, 7, 1950 + number % 70, 2001][number % 4])
    case let name where name.hasSuffix("_id") && number % 11 == 0: .int(0)
    default: nil
    }
  }

  // MARK: Files

  /// The statements that write a run's files, in two parts where there are rows enough.
  private func write(_ run: Run) throws -> String {
    var script = ""
    for dataset in Dataset.all {
      guard let rows = run.rows[dataset.name], let folder = folder(of: dataset, in: run) else { continue }
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let names = dataset.columns.map(\.name)
      let shown = run.shape == .older ? names.reversed() + ["'x' AS loaded_by"] : names
      let parts = rows.count > 20 ? [rows[..<9], rows[9...]] : [rows[...]]
      for (number, part) in parts.enumerated() {
        let casts = dataset.columns.map { "CAST(\($0.name) AS \($0.type.rawValue)) AS \($0.name)" }
        let nothing = "(" + names.map { _ in "NULL" }.joined(separator: ", ") + ")"
        let values = part.map { "(\($0.map(\.sql).joined(separator: ", ")))" }
        let table =
          "(VALUES \((values.isEmpty ? [nothing] : values).joined(separator: ", "))) AS t(\(names.joined(separator: ", ")))"
        let file =
          run.shape == .older
          ? "2020_\(number).zstd.parquet" : "part-\(String(format: "%05d", number))-\(run.id).parquet"
        script += """
          COPY (SELECT \(shown.joined(separator: ", ")) FROM (SELECT \(casts.joined(separator: ", ")) FROM \(table))
          \(values.isEmpty ? "WHERE false" : "")) TO '\(folder)/\(file)' (FORMAT parquet);\n
          """
      }
    }
    return script
  }

  private func writeManifest(of run: Run) throws {
    let manifest: [String: Any] = [
      "run_id": run.id, "dump_month": String(run.id.prefix(7)), "dump_date": "\(run.id.prefix(7))-03",
      "run_mode": "prod", "git_sha": "abc\(run.id.suffix(6))", "tool_version": "0.1.0", "dumps": [Any](),
      "datasets": [Any](),
    ]
    try JSONSerialization.data(withJSONObject: manifest)
      .write(to: URL(fileURLWithPath: path("_runs/\(run.id)/_manifest.json")))
  }
}

struct HistoryLakeError: Error {
  var message: String
}
