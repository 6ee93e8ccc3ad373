import Lake
import Platform
import SQL
import Schema
import TaskKit
import TestSupport
import Testing

/// A lake with runs whose datasets are made from rows given here.
struct TestLake {
  let lake: Lake
  let context: TaskContext

  init(_ folder: TemporaryFolder, context: TaskContext = TaskContext(taskName: "test")) throws {
    try self.init(at: folder.path("lake"), context: context)
  }

  init(at path: String, context: TaskContext = TaskContext(taskName: "test")) throws {
    lake = Lake(path: path)
    self.context = context
    try Files.createDirectory(lake.metaFolder)
  }

  static let runID = try! RunID(validating: "2026-08__20260801_000000")

  /// A run with all of these datasets, as ingest-entity would have left it: with its state files.
  @discardableResult
  func addRun(_ datasets: [Dataset: [[SQLValue]]], id: RunID = runID, layout: String? = nil) throws
    -> RunFolder
  {
    let run = lake.run(id)
    try Files.createDirectory(run.path)
    for (dataset, rows) in datasets {
      let folder = Files.join(layout.map { Files.join(run.path, $0) } ?? run.path, dataset.name)
      try write(rows, dataset.columns.map { TableColumn($0) }, to: folder, name: run.partName(0))
    }
    for entity in Entity.allCases {
      try run.write(
        TaskState(
          task: "ingest-\(entity)", runID: id, startedAt: UTCTime.now, toolVersion: context.toolVersion))
    }
    return run
  }

  /// Writes one Parquet file.
  func write(_ rows: [[SQLValue]], _ columns: [TableColumn], to folder: String, name: String) throws {
    let engine = try scratchEngine()
    defer { engine.close() }
    let names = columns.map { SQLText.identifier($0.name) }.joined(separator: ", ")
    let nothing = columns.map { "CAST(NULL AS \($0.type))" }.joined(separator: ", ")
    let values = rows.map { row in "(\(row.map(Self.literal).joined(separator: ", ")))" }
    let scratch = Files.join(folder, "scratch")
    try engine.createSchema("s")
    try engine.write(
      "SELECT * FROM (VALUES \(([ "(\(nothing))" ] + values).joined(separator: ", "))) v (\(names)) OFFSET 1",
      as: TableName("s", "t"), columns: columns, orderedBy: [], to: scratch, keyValues: [])
    try Files.rename(Files.join(scratch, "part-00000.parquet"), to: Files.join(folder, name))
    try Files.removeTree(scratch)
  }

  private static func literal(_ value: SQLValue) -> String {
    switch value {
    case .varchar(let text): SQLText.literal(text)
    case .timestamp(let text): "TIMESTAMP '\(text)'"
    default: "\(value)"
    }
  }

  /// An engine over this lake's catalog.
  func engine(_ access: EngineAccess) throws -> any SQLEngine {
    let catalog: DuckDBEngine.Catalog =
      switch access {
      case .reading: .reading(lake.catalogFile)
      case .writing: .writing(lake.catalogFile)
      case .building: .scratch
      }
    return try DuckDBEngine(.init(executable: try Tools.duckdb.path(), catalog: catalog))
  }

  /// The rows of a dataset of a run, in the order of its files.
  func rows(of dataset: Dataset, _ run: RunFolder) throws -> [[SQLValue]] {
    let engine = try scratchEngine()
    defer { engine.close() }
    try engine.createSchema("s")
    let folder = try #require(run.dataset(dataset))
    try engine.createTable(
      TableName("s", "t"), columns: dataset.columns.map { TableColumn($0) }, over: ParquetFolder(folder))
    return try engine.rows("SELECT * FROM s.t")
  }
}

/// Rows written shortly: strings and integers stand for themselves, nil for NULL.
func row(_ values: Any?...) -> [SQLValue] {
  values.map { value in
    switch value {
    case let text as String: .varchar(text)
    case let number as Int: .bigint(Int64(number))
    default: .null
    }
  }
}
