import HTTP
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

  /// `--trino-url`: the coordinator, with its scheme.
  @Option("trino-url", environment: "trino_url", help: "Trino's coordinator.", valueName: "URL")
  public var trinoURL: String = "http://localhost:8080"
  /// `--trino-user`; nil for the login name.
  @Option(
    "trino-user", environment: "trino_user",
    help: "The user to be there. Credentials come from TRINO_PASSWORD or TRINO_ACCESS_TOKEN.",
    valueName: "NAME", defaultHelp: "the login name")
  public var trinoUser: String?
  /// `--trino-catalog`: one of the Hive connector.
  @Option(
    "trino-catalog", environment: "trino_catalog", help: "The catalog with the Hive connector.",
    valueName: "NAME")
  public var trinoCatalog: String = "hive"
  /// `--trino-lake-uri`; nil for `file:` and the lake's path on this machine.
  @Option(
    "trino-lake-uri", environment: "trino_lake_uri", help: "The lake as Trino's servers see it.",
    valueName: "URI", defaultHelp: "file: and the lake's path")
  public var trinoLakeURI: String?
  /// `--trino-wait`, in seconds; 0 not to wait.
  @Option(
    "trino-wait", environment: "trino_wait",
    help: "Seconds to wait for a Trino that is starting up, or has gone away in the middle of a query.")
  public var trinoWait: Int = 60
  /// `--trino-ca-file`, in PEM; nil for the system's certificates.
  @Option(
    "trino-ca-file", environment: "trino_ca_file",
    help: "PEM file with the certificates to trust, instead of the system's.", valueName: "FILE")
  public var trinoCAFile: String?
  /// `--trino-session`, each `NAME=VALUE`.
  @Option(
    "trino-session", environment: "trino_session", help: "A session property; may be repeated.",
    valueName: "NAME=VALUE")
  public var trinoSession: [String]
  /// `--trino-insecure`: whether credentials may go over plain HTTP.
  @Flag(
    "trino-insecure", environment: "trino_insecure", help: "Let credentials go over plain HTTP.")
  public var trinoInsecure: Bool

  /// Every option at its default.
  public init() {}

  /// Checks numbers and the form of session properties; no engine is asked.
  /// - Throws: `TaskError` (`usage`).
  public func validate() throws {
    if let memoryMegabytes, memoryMegabytes < 96 {
      throw TaskError(.usage, "--memory-mb \(memoryMegabytes) is too little", advice: "give at least 96")
    }
    for (name, seconds) in [("catalog-wait", catalogWait), ("trino-wait", trinoWait)] where seconds < 0 {
      throw TaskError(.usage, "--\(name) \(seconds) is no time to wait", advice: "give 0 or more")
    }
    for property in trinoSession where property.firstIndex(of: "=") == nil {
      throw TaskError(.usage, "--trino-session \(property) has no value", advice: "write NAME=VALUE")
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
    case .trino: try openTrino(lake, run, context)
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
    return try DuckDBEngine(
      .init(
        executable: executable, catalog: catalog, memoryMegabytes: memory.megabytes,
        memoryCeiling: memory.ceiling, threads: memory.threads, spillParent: spillParent,
        catalogWait: .seconds(catalogWait),
        onCatalogWait: { [log = context.log] in log.info("waiting for the catalog: \($0)") },
        onAnotherTry: { [log = context.log] in log.warning($0) }))
  }

  /// The most memory that a task with DuckDB takes, its own and DuckDB's, in bytes: beside what its limit counts, DuckDB
  /// takes up to half as much again for what reads and writes Parquet.
  /// - Parameter given: what `--memory-mb` says.
  public static func peakBytes(memoryMegabytes given: Int?) -> Int {
    (MemoryShare(of: Memory.availableMegabytes, given: given).megabytes * 3 / 2 + 64) * 1_048_576
  }

  private func openTrino(_ lake: Lake, _ run: RunID?, _ context: TaskContext) throws -> any SQLEngine {
    let user = trinoUser ?? Environment.userName
    var settings = TrinoSettings(
      url: trinoURL, user: user, catalog: trinoCatalog, lakePath: lake.path, lakeURI: trinoLakeURI,
      source: ["discogs-lakehouse", context.taskName, run?.text].compactMap { $0 }.joined(separator: " "))
    settings.clientTags = [context.taskName] + (run.map { [$0.text] } ?? [])
    settings.sessionProperties = trinoSession.map { property in
      let parts = property.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (String(parts[0]), String(parts[1]))
    }
    settings.authorization = try authorization(user: user, context.environment)
    settings.isInsecure = trinoInsecure
    settings.caFile = trinoCAFile
    settings.wait = .seconds(trinoWait)
    settings.onWait = { [log = context.log] in log.info("waiting for Trino: \($0)") }
    return try TrinoEngine.opened(settings)
  }

  private func authorization(user: String, _ environment: [String: String]) throws -> HTTPAuthorization? {
    let password = environment["TRINO_PASSWORD"].flatMap { $0.isEmpty ? nil : $0 }
    let token = environment["TRINO_ACCESS_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
    switch (password, token) {
    case (nil, nil): return nil
    case (let password?, nil): return .basic(user: user, password: password)
    case (nil, let token?): return .bearer(token)
    case (.some, .some):
      throw TaskError(
        .configuration, "both TRINO_PASSWORD and TRINO_ACCESS_TOKEN are set", advice: "unset one of them")
    }
  }
}
