/// One request: what to ask, of whom, and how long to wait for it.
public struct HTTPRequest: Sendable {
  /// The methods that the pipeline speaks.
  public enum Method: String, Sendable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case delete = "DELETE"
  }

  /// What is asked for (RFC 9110, section 9).
  public var method: Method
  /// Absolute `http:` or `https:` URL; `file:` only if the client allows it.
  public var url: String
  /// The URL as messages and notes may show it: without user and password.
  public var shownURL: String { URLParts.shown(url) }
  /// The path that a `file:` URL names; nil for others.
  public var filePath: String? { URLParts(url).flatMap { $0.scheme == "file" ? $0.path : nil } }
  /// Fields to send besides those of libcurl (`Host`, `Content-Length`, …) and the client's `User-Agent`.
  public var headers: HTTPHeaders
  /// Sent with `POST`; ignored otherwise.
  public var body: [UInt8]
  /// The longest that the whole exchange may take, redirects each for themselves; `nil` for no limit. A
  /// stalled exchange ends by the client's stall timeout in any case.
  public var timeout: Duration?

  /// A request with only the fields that are named here; nothing is checked before it is sent.
  public init(
    _ method: Method = .get, _ url: String, headers: HTTPHeaders = [:], body: [UInt8] = [],
    timeout: Duration? = nil
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeout = timeout
  }
}
