import HTTP

/// How a Trino server is reached and what it is told about who asks.
public struct TrinoSettings: Sendable {
  /// The server, `http://host:8080` or `https://…`; a path in front of `/v1/statement` is kept.
  public var url: String
  /// Who asks (`X-Trino-User`).
  public var user: String
  /// The catalog that two-part names resolve in.
  public var catalog: String
  /// The lake's path on this machine.
  public var lakePath: String
  /// The same folder as Trino's servers see it: `file:/data/lake`, `local:///data/lake`.
  public var lakeURI: String
  /// What the server lists as the source of each query: the task and its run.
  public var source: String
  /// What the server lists as the tags of each query (`X-Trino-Client-Tags`).
  public var clientTags: [String]
  /// Session properties, `name` or `catalog.name`, with their values.
  public var sessionProperties: [(name: String, value: String)]
  /// Sent with every request; nil for none.
  public var authorization: HTTPAuthorization?
  /// Whether credentials may go over plain HTTP.
  public var isInsecure: Bool
  /// Whether tables that show another lake may be made to show this one.
  public var takesOver = false
  /// PEM file with the certificates to trust, instead of the system's.
  public var caFile: String?
  /// How long to wait for a server that is starting up, and for one that goes away in the middle of a query.
  public var wait: Duration
  /// Called with what it says when the server has to be waited for, and every few seconds while it is.
  public var onWait: @Sendable (String) -> Void

  /// - Parameter lakeURI: nil for `file:` and `lakePath`, where the server runs on this machine or sees the
  ///   same path.
  public init(
    url: String, user: String, catalog: String = "hive", lakePath: String, lakeURI: String? = nil,
    source: String = "discogs-lakehouse", clientTags: [String] = [],
    sessionProperties: [(name: String, value: String)] = [], authorization: HTTPAuthorization? = nil,
    isInsecure: Bool = false, caFile: String? = nil, wait: Duration = .seconds(60),
    onWait: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.url = url
    self.user = user
    self.catalog = catalog
    self.lakePath = lakePath
    self.lakeURI = lakeURI ?? "file:\(lakePath)"
    self.source = source
    self.clientTags = clientTags
    self.sessionProperties = sessionProperties
    self.authorization = authorization
    self.isInsecure = isInsecure
    self.caFile = caFile
    self.wait = wait
    self.onWait = onWait
  }
}
