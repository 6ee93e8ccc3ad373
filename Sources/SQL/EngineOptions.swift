import Lake
import Platform
import TaskKit

extension EngineName: OptionValue {}

/// What a task does with the engine that it opens.
public enum EngineAccess: Sendable, Hashable {
  /// Reads tables of the catalog; others may do so at the same time.
  case reading
  /// Makes schemas, tables and views.
  case writing
  /// Computes datasets: needs tables for the time of its work only.
  /// - Parameter scratch: an existing folder for what does not fit into memory, and that is removed afterwards.
  case building(scratch: String)
}

/// `--engine` and everything about reaching one, for tasks that run SQL.
public struct EngineOptions: OptionDeclarations {
  /// `--engine`
  @Option("engine", environment: "sql_engine", help: "What runs the SQL.")
  public var engine: EngineName = .duckdb
  /// `--memory-mb`; nil for what suits the machine. At least 96.
  @Option(
    "memory-mb", environment: "memory_mb",
    help: "The megabytes that DuckDB may use before it spills to disk.",
    defaultHelp: "a quarter of the machine's, 128 to 512")
  public var memoryMegabytes: Int?
  /// `--catalog-wait`, in seconds; 0 not to wait.
  @Option(
    "catalog-wait", environment: "catalog_wait",
    help: "Seconds to wait for DuckDB's catalog while another program has it open.")
  public var catalogWait: Int = 600

  /// `--trino-…`
  @OptionGroup public var trino: TrinoOptions

  /// Every option at its default.
  public init() {}

  /// Checks numbers and the form of session properties; no engine is asked.
  /// - Throws: `TaskError` (`usage`).
  public func validate() throws {
    if let memoryMegabytes, memoryMegabytes < 96 {
      throw TaskError(.usage, "--memory-mb \(memoryMegabytes) is too little", advice: "give at least 96")
    }
    if catalogWait < 0 {
      throw TaskError(.usage, "--catalog-wait \(catalogWait) is no time to wait", advice: "give 0 or more")
    }
  }

  /// Opens the engine. Whoever opens it closes it.
  ///
  /// Trino is asked at once whether it sees the same lake as this task; DuckDB starts with its first statement.
  /// - Parameter run: the run that the task works on, to be named in Trino's list of queries.
  /// - Throws: `TaskError`: `configuration` when an engine or credentials are set up wrongly, `unavailable`;
  ///   ``SQLError``; `SystemError`.
  public func open(
    lake: Lake, _ access: EngineAccess, run: RunID? = nil, _ context: TaskContext
  ) throws -> any SQLEngine {
    switch engine {
    case .duckdb: try openDuckDB(lake, access, context)
    case .trino: try trino.open(lake: lake, run: run, context)
    }
  }

  private func openDuckDB(_ lake: Lake, _ access: EngineAccess, _ context: TaskContext) throws -> DuckDBEngine
  {
    let executable = try DuckDBExecutable.required(environment: context.environment)
    if let objection = EngineName.duckdb.objection(toLakePath: lake.path) { throw objection }
    let memory = MemoryShare(of: Memory.availableMegabytes, given: memoryMegabytes)
    let catalog: DuckDBEngine.Catalog
    let spillParent: String?
    switch access {
    case .reading:
      // Who may only read the lake does without a place to spill to.
      catalog = .reading(lake.catalogFile)
      spillParent = Files.isWritable(lake.metaFolder) ? lake.metaFolder : nil
    case .writing: (catalog, spillParent) = (.writing(lake.catalogFile), lake.metaFolder)
    case .building(let scratch):
      (catalog, spillParent) = (.scratch, scratch)
    }
    if let spillParent { try Files.createDirectory(spillParent) }
    var settings = DuckDBEngine.Settings(
      executable: executable, catalog: catalog, memoryMegabytes: memory.megabytes,
      memoryCeiling: memory.ceiling, threads: memory.threads, spillParent: spillParent,
      catalogWait: .seconds(catalogWait),
      onCatalogWait: { [log = context.log] in log.info("waiting for the catalog: \($0)") },
      onAnotherTry: { [log = context.log] in log.warning($0) })
    // On a terminal the line at its foot is the task's own.
    if context.progressStyle == .lines {
      settings.whileStarting = { start in
        let steps = context.steps(1)
        defer { steps.end() }
        steps.begin("starting DuckDB")
        try start()
      }
    }
    return try DuckDBEngine(settings)
  }

  /// The most memory that a task with DuckDB takes, its own and DuckDB's, in bytes: beside what its limit counts, DuckDB
  /// takes nearly as much again for what reads and writes Parquet.
  /// - Parameter given: what `--memory-mb` says.
  public static func peakBytes(memoryMegabytes given: Int?) -> Int {
    (MemoryShare(of: Memory.availableMegabytes, given: given).megabytes * 2 + 64) * 1_048_576
  }
}
