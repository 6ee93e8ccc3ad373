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
  public var message: String
  /// The query's id, where the engine gives one.
  public var queryID: String?
  /// Where the engine shows the query to people.
  public var infoURL: String?

  public init(
    engine: EngineName? = nil, name: String, code: Int? = nil, message: String, queryID: String? = nil,
    infoURL: String? = nil
  ) {
    self.engine = engine
    self.name = name
    self.code = code
    self.message = message
    self.queryID = queryID
    self.infoURL = infoURL
  }

  public var description: String {
    var text = engine.map { "\($0.rawValue): " } ?? ""
    text += name
    if let code { text += " (\(code))" }
    text += ": \(message)"
    if let queryID { text += " [query \(queryID)\(infoURL.map { ", \($0)" } ?? "")]" }
    return text
  }
}

extension SQLError: ReportableError {
  public var exitCode: ExitCode {
    switch name {
    case "CATALOG_LOCKED": .tryAgain
    case "IO Error" where message.contains("No space left on device"): .io
    case "IO Error", "PERMISSION_DENIED": .noPermission
    case "Out of Memory Error": .io
    default: .software
    }
  }

  public var advice: String? {
    switch name {
    case "CATALOG_LOCKED": "close the program that has the catalog open"
    case "Out of Memory Error": "give it more with --memory-mb, or more space to spill to"
    default: nil
    }
  }
}
