import HTTP
import Lake
import Platform
import TaskKit

/// Everything about reaching a Trino server.
public struct TrinoOptions: OptionDeclarations {
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
  /// `--take-over`: whether tables of another lake in the catalog may be made to show this one.
  @Option(
    "take-over", environment: "take_over",
    help: "With Trino: make the tables of another lake in the same catalog show this one.")
  public var takeOver = false
  /// `--trino-insecure`: whether credentials may go over plain HTTP.
  @Flag(
    "trino-insecure", environment: "trino_insecure", help: "Let credentials go over plain HTTP.")
  public var trinoInsecure: Bool

  /// Every option at its default.
  public init() {}

  /// Checks numbers and the form of session properties; no server is asked.
  /// - Throws: `TaskError` (`usage`).
  public func validate() throws {
    if trinoWait < 0 {
      throw TaskError(.usage, "--trino-wait \(trinoWait) is no time to wait", advice: "give 0 or more")
    }
    for property in trinoSession {
      guard let end = property.firstIndex(of: "=") else {
        throw TaskError(.usage, "--trino-session \(property) has no value", advice: "write NAME=VALUE")
      }
      // What is in no name would be taken for the list's own commas and signs.
      guard end > property.startIndex, property[..<end].utf8.allSatisfy(Self.isOfAName) else {
        throw TaskError(
          .usage, "--trino-session \(property) names no session property", advice: "write NAME=VALUE")
      }
    }
  }

  private static func isOfAName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  /// Opens the engine; the server is asked at once whether it sees the same lake as this task.
  /// - Parameter run: the run that the task works on, to be named in the server's list of queries.
  /// - Throws: `TaskError` (`configuration`) when the server sees another lake, or credentials are set up wrongly;
  ///   ``SQLError``; `SystemError`.
  public func open(lake: Lake, run: RunID? = nil, _ context: TaskContext) throws -> any SQLEngine {
    try checkURL()
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
    settings.takesOver = takeOver
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

  private func checkURL() throws {
    // Shown without what is before the @, and refused: it would end up in lists of processes and in logs.
    let shown = URLParts.shown(trinoURL)
    guard let parts = URLParts(trinoURL), ["http", "https"].contains(parts.scheme) else {
      throw TaskError(
        .usage, "--trino-url \(shown) is no http: or https: URL", advice: "write it as https://host:port")
    }
    if parts.hasCredentials {
      throw TaskError(
        .usage, "--trino-url holds a user or password: \(shown) without it",
        advice: "give the user with --trino-user, and set TRINO_PASSWORD or TRINO_ACCESS_TOKEN")
    }
  }
}
