import TaskKit

/// What an engine said when it could not do what was asked.
public struct SQLError: Error, Sendable, CustomStringConvertible {
  /// The engine that said it; nil when the text was refused before it reached one.
  public var engine: EngineName?
  /// The engine's name for the kind of error: `TABLE_NOT_FOUND`, `Catalog Error`.
  public var name: String
  /// The engine's number for it, where it has one.
  public var code: Int?
  /// The engine's own message.
  public var reason: String
  /// The query's id, where the engine gives one.
  public var queryID: String?
  /// Where the engine shows the query to people.
  public var infoURL: String?
  /// Trino's class of error: `USER_ERROR`, `INTERNAL_ERROR`, `EXTERNAL`, `INSUFFICIENT_RESOURCES`.
  public var kind: String?

  /// - Parameter message: the engine's own message, kept as ``reason``.
  public init(
    engine: EngineName? = nil, name: String, code: Int? = nil, message: String, queryID: String? = nil,
    infoURL: String? = nil
  ) {
    self.engine = engine
    self.name = name
    self.code = code
    self.reason = message
    self.queryID = queryID
    self.infoURL = infoURL
  }

  /// What a statement ends with that was cancelled, or that was begun after its engine was.
  static func cancelled(_ engine: EngineName, queryID: String? = nil) -> SQLError {
    SQLError(engine: engine, name: "CANCELLED", message: "the statement was cancelled", queryID: queryID)
  }

  /// Who has the catalog open, without what DuckDB advises: with `-readonly`, too, a task that writes has to wait.
  var holderOfCatalog: String {
    let reason = reason.split(whereSeparator: \.isNewline).joined(separator: " ")
    let end = reason.firstRange(of: /\(PID [0-9]+\)/)?.upperBound ?? reason.firstRange(of: ". ")?.lowerBound
    return String(reason[..<(end ?? reason.endIndex)])
  }

  /// Whether DuckDB says that its memory, or the place that it spills to, does not suffice.
  var isOutOfMemory: Bool { engine == .duckdb && name == "Out of Memory Error" }

  /// Whether a signal interrupted a call of DuckDB's.
  var wasInterrupted: Bool { engine == .duckdb && reason.contains("Interrupted system call") }

  /// The pattern for which DuckDB found no files, if that is what it says; it says the same of a folder that it cannot
  /// list.
  var patternWithoutFiles: String? {
    let words = reason.firstRange(of: "No files found that match the pattern \"")
    guard engine == .duckdb, let words else { return nil }
    let rest = reason[words.upperBound...]
    // What may follow is where in the statement it stands.
    guard let end = rest.firstRange(of: "\"\n")?.lowerBound ?? rest.lastIndex(of: "\"") else { return nil }
    return String(rest[..<end])
  }

  /// How a task ends when a call of the system fails within DuckDB: its errors have many names, from `IO Error` to
  /// `TransactionContext Error` for a commit, and carry the system's words. Nil for other errors.
  private var systemFault: ExitCode? {
    guard engine == .duckdb else { return nil }
    let words: [(String, ExitCode)] = [
      ("No space left on device", .io), ("Disk quota exceeded", .io), ("Input/output error", .io),
      ("Too many open files", .io), ("File too large", .io), ("Interrupted system call", .io),
      ("Cannot allocate memory", .io),
      ("Permission denied", .noPermission), ("Operation not permitted", .noPermission),
      ("Read-only file system", .noPermission),
      ("No files found", .noInput), ("No such file", .noInput),
    ]
    return words.first { reason.contains($0.0) }?.1
  }

  /// Whether DuckDB found that the file of its catalog is none, or is damaged.
  private var isAboutABrokenCatalog: Bool {
    guard engine == .duckdb, name == "IO Error" else { return false }
    return reason.contains("not a valid DuckDB database") || reason.contains("Corrupt database file")
      || reason.contains("Could not read enough bytes from file") && reason.contains(".duckdb\"")
  }

  /// Whether the engine failed at this one statement, so that another may succeed: a file that it cannot read, a column
  /// that is not there, memory that does not suffice. Not when it cannot be asked at all.
  public var isAboutTheQuery: Bool {
    !Self.askingFailed.contains(name) && !isAboutABrokenCatalog && !isAboutTheMetastore
  }

  private static let askingFailed: Set<String> = setUpWrongly.subtracting(["NOT_SUPPORTED"]).union([
    "CANCELLED", "CATALOG_LOCKED", "CATALOG_NOT_FOUND", "UNAVAILABLE", "SERVER_STARTING_UP",
    "NO_NODES_AVAILABLE",
    "QUERY_LOST", "PROTOCOL", "AUTHENTICATION_FAILED", "RATE_LIMITED",
  ])

  /// What only another option, or another set-up of the server, mends.
  private static let setUpWrongly: Set<String> = [
    "INSECURE", "BAD_URL", "CERTIFICATE", "CERTIFICATE_DATES", "CERTIFICATE_NAME", "CA_FILE",
    "HTTPS_REQUIRED",
    "HTTP_REQUIRED", "NOT_SUPPORTED", "CATALOG_NOT_FOUND", "INVALID_SESSION_PROPERTY",
  ]

  /// Whether Trino's connector does not reach the metastore that holds its tables. Its words tell, not the error's name: what
  /// lists tables or schemas wraps them into an error of its own.
  var isAboutTheMetastore: Bool {
    guard engine != .duckdb, kind != "USER_ERROR", reason.contains("onnect") else { return false }
    return name == "HIVE_METASTORE_ERROR" || reason.lowercased().contains("hive metastore")
  }

  /// `<engine>: <name> (<code>): <reason> [query <id>, <url>]`, without what is not known.
  public var description: String {
    var text = engine.map { "\($0.rawValue): " } ?? ""
    text += name
    if let code { text += " (\(code))" }
    text += ": \(reason)"
    if let queryID { text += " [query \(queryID)\(infoURL.map { ", \($0)" } ?? "")]" }
    return text
  }
}

extension SQLError: ReportableError {
  /// The description.
  public var message: String { description }

  /// By the error's name, and by the message where DuckDB has one name for different faults; what is left is
  /// a bug of ours.
  public var exitCode: ExitCode {
    switch name {
    case "CATALOG_LOCKED", "RATE_LIMITED": .tryAgain
    case "CANCELLED", "KILLED": .unavailable
    case _ where isAboutABrokenCatalog: .data
    case _ where systemFault != nil: systemFault ?? .io
    // It ended without a word, or with words that are not DuckDB's.
    case "ENDED": .configuration
    case "Error" where engine == .duckdb: .configuration
    case "FOREIGN_FUNCTIONS": .data
    case "NOT_LISTED", "IO Error", "Out of Memory Error", "TransactionContext Error", "FATAL Error": .io
    case "PERMISSION_DENIED", "AUTHENTICATION_FAILED": .noPermission
    case _ where Self.setUpWrongly.contains(name): .configuration
    case "UNAVAILABLE", "PROTOCOL", "QUERY_LOST", "SERVER_STARTING_UP", "NO_NODES_AVAILABLE": .unavailable
    case _ where kind != nil && kind != "USER_ERROR" || isAboutTheMetastore: .unavailable
    default: .software
    }
  }

  /// For errors that a person can mend; nil for others.
  public var advice: String? {
    switch name {
    case "CATALOG_LOCKED": "close the program that has the catalog open"
    case _ where systemFault == .io && reason.contains("No space left on device"):
      "make room, then run the task again"
    case _ where systemFault == .io && reason.contains("Too many open files"):
      "allow the process more open files (ulimit -n)"
    case _ where systemFault == .io && !isAboutABrokenCatalog: "run the task again"
    case "NOT_LISTED": "run the task again"
    case "FOREIGN_FUNCTIONS": "remove the file; register-run-schema --all and --active make it again"
    case "ENDED": "check that DUCKDB, or duckdb in the PATH, is DuckDB's command line shell"
    case "Error" where engine == .duckdb:
      "check that DUCKDB, or duckdb in the PATH, is DuckDB's command line shell"
    case _ where isAboutABrokenCatalog:
      "remove the file; register-run-schema --all and --active make it again"
    case "Out of Memory Error": "give it more with --memory-mb, or more disk space to spill to"
    case "AUTHENTICATION_FAILED": "set TRINO_PASSWORD or TRINO_ACCESS_TOKEN, and --trino-user"
    case "PERMISSION_DENIED": "give the user the right to make schemas, tables and views in the catalog"
    case "INSECURE": "use an https: URL, or allow it with --trino-insecure"
    case "BAD_URL":
      "write --trino-url as https://host:port; credentials come from TRINO_PASSWORD or TRINO_ACCESS_TOKEN"
    case "HTTPS_REQUIRED": "use https: in --trino-url, and the port of HTTPS"
    case "HTTP_REQUIRED":
      "the server speaks plain HTTP on this port: use http: in --trino-url, or the port of HTTPS"
    case "CERTIFICATE": "name the certificate that signed the server's with --trino-ca-file"
    case "CERTIFICATE_DATES": "have the server's certificate renewed, and look at this machine's clock"
    case "CERTIFICATE_NAME": "name the server in --trino-url as its certificate names it"
    case "CA_FILE":
      "name a readable file of PEM certificates with --trino-ca-file, or leave it out for the system's"
    case "INVALID_SESSION_PROPERTY":
      "check --trino-session, and that --trino-catalog names a catalog with the Hive connector"
    case _ where isAboutTheMetastore:
      "start the Hive metastore that Trino's catalog names, or mend hive.metastore.uri"
    case "UNAVAILABLE": "start the server, or name another with --trino-url"
    case "SERVER_STARTING_UP", "NO_NODES_AVAILABLE": "wait longer with --trino-wait, or look into its log"
    case "QUERY_LOST": "run the task again"
    case "RATE_LIMITED": "run the task again later, or wait longer with --trino-wait"
    case "PROTOCOL" where engine == .trino: "check --trino-url: it must be a Trino server"
    case "CATALOG_NOT_FOUND": "name the catalog with the Hive connector with --trino-catalog"
    default: nil
    }
  }
}
