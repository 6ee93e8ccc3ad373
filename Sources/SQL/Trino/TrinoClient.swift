import Glibc
import HTTP
import Platform
import Synchronization

/// Trino's client protocol: a statement is posted, then one page after the other is fetched until there is no next.
///
/// See "Trino client REST API" in Trino's developer guide. One statement at a time; ``cancel()`` is for any thread.
final class TrinoClient: @unchecked Sendable {
  private let settings: TrinoSettings
  private let http: HTTPClient
  private let statementURL: String
  private let state = Mutex(State())

  private struct State {
    var isRunning = false
    var isCancelled = false
    /// Where the running query's next page is, which is also where it is cancelled.
    var next: String?
    var queryID: String?
  }

  /// - Throws: ``SQLError`` when credentials would go over plain HTTP; `HTTPError` when libcurl cannot be used.
  init(_ settings: TrinoSettings) throws {
    self.settings = settings
    var base = settings.url[...]
    while base.hasSuffix("/") { base.removeLast() }
    statementURL = "\(base)/v1/statement"
    if settings.authorization != nil, !settings.isInsecure, !statementURL.hasPrefix("https://") {
      throw SQLError(
        engine: .trino, name: "INSECURE",
        message: "credentials are set, and \(settings.url) is not HTTPS: they are not sent in the clear")
    }
    http = try HTTPClient(Self.httpSettings(settings))
  }

  private static func httpSettings(_ settings: TrinoSettings) -> HTTPClient.Settings {
    var http = HTTPClient.Settings(userAgent: "discogs-lakehouse")
    http.caFile = settings.caFile
    http.connectTimeout = .seconds(15)
    // The protocol has no redirects; with credentials they would be a risk.
    http.maximumRedirects = 0
    return http
  }

  /// Runs one statement and hands over its rows page by page.
  ///
  /// A server that is still starting up is waited for, as long as no row has come.
  /// - Throws: ``SQLError``, and what `row` throws, after the query has been cancelled.
  func run(_ statement: String, row: ([SQLValue]) throws -> Void) throws {
    do { try runUncancelled(statement, row: row) } catch let error as SQLError {
      // Whatever it was that ended then, the reason is that it was to end.
      let (isCancelled, queryID) = state.withLock { ($0.isCancelled, $0.queryID) }
      guard isCancelled else { throw error }
      throw SQLError.cancelled(.trino, queryID: queryID)
    }
  }

  private func runUncancelled(_ statement: String, row: ([SQLValue]) throws -> Void) throws {
    state.withLock {
      $0.isRunning = true
      $0.next = nil
      $0.queryID = nil
    }
    defer {
      state.withLock {
        $0.isRunning = false
        $0.next = nil
      }
    }
    var patience = Patience(settings)
    while true {
      do {
        return try follow(try page(.post, statementURL, Array(statement.utf8)), row: row)
      } catch let error as SQLError where error.isStartingUp {
        guard patience.pause(error.reason, unless: isCancelled) else {
          throw SQLError(
            engine: .trino, name: error.name, code: error.code,
            message: "\(settings.url) is still starting up after \(settings.wait): \(error.reason)")
        }
      }
    }
  }

  private func isCancelled() -> Bool { state.withLock { $0.isCancelled } }

  /// Cancels the running statement on the server (`DELETE nextUri`) and ends the wait for its next page.
  func cancel() {
    state.withLock { $0.isCancelled = true }
    // Until the server has answered the statement there is nothing to name the query by; that is a moment only.
    for _ in 0..<200 where state.withLock({ $0.isRunning && $0.next == nil }) { usleep(10_000) }
    abandon()
    http.cancellation.cancel()
  }

  private func abandon() {
    guard let next = state.withLock({ $0.next }) else { return }
    // The thread that waits for the next page has the other client.
    guard let client = try? HTTPClient(Self.httpSettings(settings)) else { return }
    _ = try? client.send(HTTPRequest(.delete, next, headers: headers, timeout: .seconds(5)))
  }

  private func follow(_ first: TrinoPage, row: ([SQLValue]) throws -> Void) throws {
    var page = first
    var types: [TrinoType]?
    do {
      while true {
        try checkOrigin(page.next)
        state.withLock {
          $0.next = page.next
          $0.queryID = page.queryID
        }
        if let failure = page.failure { throw failure }
        if types == nil, let columns = page.columns { types = try columns.map { try TrinoType($0.type) } }
        for values in page.rows {
          guard let types, types.count == values.count else {
            throw protocolError("a row does not have its columns' number of values")
          }
          try row(zip(types, values).map { try $0.value($1) })
        }
        guard let next = page.next else { return }
        page = try self.page(.get, next)
      }
    } catch {
      // Who cancelled it has told the server.
      if !isCancelled() { abandon() }
      throw error
    }
  }

  /// Fetches a page, again while the server or what stands before it asks for patience.
  private func page(_ method: HTTPRequest.Method, _ url: String, _ body: [UInt8] = []) throws -> TrinoPage {
    var patience = Patience(settings)
    while true {
      let response: HTTPResponse
      do {
        response = try http.send(
          HTTPRequest(method, url, headers: headers, body: body), maximumBody: 256 << 20)
      } catch let error as HTTPError {
        // A page can be fetched again. A statement cannot: nobody knows whether it arrived.
        if method == .get, error.isTransient, patience.pause(error.message, unless: isCancelled) {
          continue
        }
        throw unavailable(error)
      }
      switch response.status {
      case 200:
        do { return try TrinoPage(response.body) } catch {
          throw protocolError("the answer is not Trino's: \(response.text.prefix(200))")
        }
      case 502, 503, 504:
        guard patience.pause("status \(response.status)", unless: isCancelled) else {
          throw unavailable("status \(response.status) for \(settings.wait): \(response.text.prefix(200))")
        }
      case 429:
        let asked = response.retryAfter(now: time(nil))
        guard patience.pause("status 429", asked, unless: isCancelled) else {
          throw SQLError(
            engine: .trino, name: "RATE_LIMITED",
            message:
              "\(settings.url) asks for fewer requests (status 429)\(asked.map { ", and to wait \($0)" } ?? "")"
          )
        }
      case 401:
        throw SQLError(
          engine: .trino, name: "AUTHENTICATION_FAILED",
          message: "\(settings.url) does not accept the credentials of user \(settings.user) (status 401)")
      case 403:
        throw SQLError(
          engine: .trino, name: "PERMISSION_DENIED",
          message: "\(settings.url) refuses (status 403): \(response.text.prefix(200))")
      case 404, 410:
        guard method == .get else { fallthrough }
        throw SQLError(
          engine: .trino, name: "QUERY_LOST",
          message:
            "\(settings.url) knows the query no more (status \(response.status)): it was restarted or has given it up"
        )
      default:
        throw protocolError("status \(response.status): \(response.text.prefix(200))")
      }
    }
  }

  private var headers: HTTPHeaders {
    var headers: HTTPHeaders = [
      "X-Trino-User": settings.user, "X-Trino-Catalog": settings.catalog, "X-Trino-Source": settings.source,
      "X-Trino-Time-Zone": "UTC", "Accept": "application/json",
      // Without it timestamps come cut to milliseconds.
      "X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME",
    ]
    if !settings.clientTags.isEmpty {
      headers["X-Trino-Client-Tags"] = settings.clientTags.joined(separator: ",")
    }
    let properties = settings.sessionProperties.map { "\($0.name)=\(Self.percentEncoded($0.value))" }
    if !properties.isEmpty { headers["X-Trino-Session"] = properties.joined(separator: ",") }
    if let authorization = settings.authorization { headers["Authorization"] = authorization.fieldValue }
    return headers
  }

  /// What a header's value may not hold is escaped as in URLs, which is how Trino reads session properties.
  private static func percentEncoded(_ text: String) -> String {
    var encoded = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
        encoded.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        encoded += "%" + (digits.utf8.count == 1 ? "0" : "") + digits
      }
    }
    return encoded
  }

  /// Credentials go to the server that the user named, wherever an answer points to.
  private func checkOrigin(_ next: String?) throws {
    guard let next, settings.authorization != nil else { return }
    let (own, other) = (URLParts(statementURL)?.origin, URLParts(next)?.origin)
    guard let own, own == other else {
      throw protocolError(
        "the server points to \(other ?? next), where credentials are not sent; behind a proxy it needs http-server.process-forwarded=true"
      )
    }
  }

  private func protocolError(_ message: String) -> SQLError {
    SQLError(engine: .trino, name: "PROTOCOL", message: "\(settings.url): \(message)")
  }

  private func unavailable(_ message: String) -> SQLError {
    SQLError(engine: .trino, name: "UNAVAILABLE", message: "\(settings.url): \(message)")
  }

  private func unavailable(_ error: HTTPError) -> any Error {
    switch error.kind {
    case .certificate:
      SQLError(engine: .trino, name: "CERTIFICATE", message: "\(settings.url): \(error.message)")
    case .badURL, .badRequest:
      SQLError(engine: .trino, name: "BAD_URL", message: "\(settings.url): \(error.message)")
    default: unavailable(error.message)
    }
  }

  /// Pauses between tries until the time that the user grants is over.
  private struct Patience {
    private let settings: TrinoSettings
    private let end: ContinuousClock.Instant
    private var backoff = Backoff(first: .milliseconds(100), longest: .seconds(2))
    private var hasTold = false

    init(_ settings: TrinoSettings) {
      self.settings = settings
      end = ContinuousClock.now + settings.wait
    }

    /// Waits a little, or as long as the server asks; false when the time is over.
    mutating func pause(_ reason: String, _ asked: Duration? = nil, unless isCancelled: () -> Bool) -> Bool {
      let pause = asked ?? backoff.pause()
      guard ContinuousClock.now + pause < end else { return false }
      if !hasTold { settings.onWait(reason) }
      hasTold = true
      Pause.sleep(pause, unless: isCancelled)
      return true
    }
  }
}

extension SQLError {
  /// Whether the server is up but cannot run queries yet.
  var isStartingUp: Bool { engine == .trino && ["SERVER_STARTING_UP", "NO_NODES_AVAILABLE"].contains(name) }
}
