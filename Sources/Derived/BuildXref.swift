import Lake
import Parquet
import Platform
import SQL
import Schema
import TaskKit

/// `build-xref`: computes a run's derived datasets with SQL and commits them like those of the dumps.
public struct BuildXref {
  private let run: RunFolder
  private let context: TaskContext

  /// - Parameter run: the run to compute them for, with the dumps of artists and releases ingested.
  public init(run: RunFolder, _ context: TaskContext) {
    self.run = run
    self.context = context
  }

  /// Does the work, unless it is done already.
  /// - Parameters:
  ///   - force: does it again into the same run.
  ///   - open: opens an engine for building; its scratch folder is the parameter.
  /// - Throws: `TaskError`: `noInput` when a source is missing, `noPermission` where a guardrail stands;
  ///   `SQLError`; `SystemError`.
  public func perform(force: Bool, open: (_ scratch: String) throws -> any SQLEngine) throws {
    let scripts = DerivedScript.all(try run.datasetChoice())
    let present = { try inputs(of: scripts) }
    try TaskRun(
      TaskName.buildXref, of: run, context, force: force, makes: .datasets(scripts.map(\.dataset))
    ).perform(inputs: present) { work in
      let missing = try sources(of: scripts).filter { try run.parquetFiles(of: $0).isEmpty }
      guard missing.isEmpty else { throw self.missing(missing, scripts) }
      work.inputs = try present()
      let engine = try open(work.staged.folder)
      defer { engine.close() }
      work.outputs = try build(scripts, with: engine, into: work.staged)
    }
  }

  /// The state files of the tasks that made the sources: when one is done again, so must this be.
  private func inputs(of scripts: [DerivedScript]) throws -> [TaskState.Input] {
    try entities(of: scripts).map { try run.stateInput(TaskName.ingest($0)) }
  }

  private func sources(of scripts: [DerivedScript]) -> [Dataset] {
    var seen = Set(Dataset.derived)
    return scripts.flatMap(\.sources).filter { seen.insert($0).inserted }
  }

  /// The entities whose dumps the sources were read from.
  private func entities(of scripts: [DerivedScript]) -> [Entity] {
    let sources = sources(of: scripts)
    return Entity.allCases.filter { entity in sources.contains { $0.origin == .dump(entity) } }
  }

  private func missing(_ datasets: [Dataset], _ scripts: [DerivedScript]) -> TaskError {
    let names = entities(of: scripts).map(\.rawValue).joined(separator: " and ")
    return TaskError(
      .noInput, "run \(run.id) lacks \(datasets.map(\.name).joined(separator: ", "))",
      advice: "ingest the dumps of \(names) into it first")
  }

  private func build(
    _ scripts: [DerivedScript], with engine: any SQLEngine, into staged: StagedDatasets
  ) throws -> [TaskState.Output] {
    // A name of its own: on a shared server other runs may be built at the same time.
    let schema = "discogs_build_\(run.id.schemaName)"
    let tables = (sources(of: scripts) + scripts.map(\.dataset)).map(\.table)
    try engine.createTemporary(schema: schema, tables: tables)
    defer { remove(tables, of: schema, engine) }
    for source in sources(of: scripts) {
      let files = try run.parquetFiles(of: source)
      // Whatever was there at the first look may be gone by now.
      guard let first = files.first else { throw missing([source], scripts) }
      try engine.createTable(
        TableName(schema, source.table), columns: source.columns.map { TableColumn($0) },
        over: ParquetFolder(Files.parent(of: first), files: files.map { Files.name(of: $0) }))
    }
    let steps = context.steps(scripts.count)
    defer { steps.end() }
    return try scripts.map { script in
      let dataset = script.dataset
      steps.begin(dataset.name)
      let table = TableName(schema, dataset.table)
      let folder = staged.folder(for: dataset)
      try engine.write(
        script.select(from: schema), as: table, columns: dataset.columns.map { TableColumn($0) },
        orderedBy: script.order, to: folder,
        keyValues: [("run_id", run.id.text), ("dataset", dataset.name)])
      let rows = try engine.rows("SELECT count(*) FROM \(table.sql)").first?.first?.int64 ?? 0
      if try Files.list(folder).isEmpty { try writeEmptyFile(of: dataset, in: folder) }
      let output = try nameFiles(of: dataset, in: folder, rows: Int(rows))
      context.log.info("\(dataset.name) is made", ["rows": rows])
      return output
    }
  }

  /// A dataset is never without a file, also where an engine writes none for no rows.
  private func writeEmptyFile(of dataset: Dataset, in folder: String) throws {
    let file = try OutputFile(creating: Files.join(folder, "empty.parquet"))
    let columns = dataset.columns.map { SchemaColumn($0) }
    let metadata = [("run_id", run.id.text), ("dataset", dataset.name)]
    try RowsWriter(to: file, columns: columns, keyValueMetadata: metadata, createdBy: Tool.createdBy).finish()
    try file.close()
  }

  /// Gives the files that the engine wrote the names that a run's files have.
  private func nameFiles(of dataset: Dataset, in folder: String, rows: Int) throws -> TaskState.Output {
    var output = TaskState.Output(dataset: dataset.name, files: 0, rows: rows, bytes: 0)
    for name in try Files.list(folder) {
      let path = Files.join(folder, run.partName(output.files))
      try Files.rename(Files.join(folder, name), to: path)
      output.files += 1
      output.bytes += try Files.size(path)
    }
    return output
  }

  /// Takes the tables of this build out of the catalog, and nothing else. Their files stay.
  private func remove(_ tables: [String], of schema: String, _ engine: any SQLEngine) {
    do {
      try engine.dropTemporary(schema: schema, tables: tables)
    } catch {
      // The engine sees to it when the task is stopped.
      if Interrupts.isInterrupted { return }
      context.log.warning("temporary tables are left in schema \(schema)", ["reason": "\(error)"])
    }
  }
}
