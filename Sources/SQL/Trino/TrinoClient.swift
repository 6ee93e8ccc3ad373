import Glibc
import HTTP
import Platform
import Synchronization
import TaskKit

/// Trino's client protocol: a statement is posted, then one page after the other is fetched until there is no next.
///
/// See "Trino client REST API" in Trino's developer guide. One statement at a time; ``cancel()`` is for any thread.
final class TrinoClient: @unchecked Sendable {
  private let settings: TrinoSettings
  private let http: HTTPClient
  private let statementURL: String
  private let origin: String
  /// The server as messages name it.
  private let shownURL: String
  private let state = Mutex(State())

  private struct State {
    var isRunning = false
    var isCancelled = false
    /// Where the running query's next page is, which is also where it is cancelled.
    var next: String?
    var queryID: String?
  }

  /// - Throws: ``SQLError`` when the URL is none or holds credentials, when credentials would go over plain HTTP, and when
  ///   the file of certificates holds none; `HTTPError` when libcurl cannot be used.
  init(_ settings: TrinoSettings) throws {
    self.settings = settings
    shownURL = URLParts.shown(settings.url)
    var base = settings.url[...]
    while base.hasSuffix("/") { base.removeLast() }
    statementURL = "\(base)/v1/statement"
    func refusal(_ name: String, _ message: String) -> SQLError {
      SQLError(engine: .trino, name: name, message: message)
    }
    guard let parts = URLParts(statementURL), ["http", "https"].contains(parts.scheme) else {
      throw refusal("BAD_URL", "\(shownURL) is no http: or https: URL")
    }
    guard !parts.hasCredentials else {
      throw refusal(
        "BAD_URL", "\(shownURL) was given with a user or password in it, which is not how they are given")
    }
    if settings.authorization != nil, !settings.isInsecure, parts.scheme != "https" {
      throw refusal(
        "INSECURE", "credentials are set, and \(shownURL) is not HTTPS: they are not sent in the clear")
    }
    if let caFile = settings.caFile, let flaw = Self.flaw(ofCAFile: caFile) {
      throw refusal("CA_FILE", "\(caFile) \(flaw)")
    }
    origin = parts.origin
    http = try HTTPClient(Self.httpSettings(settings))
  }

  /// What keeps a file from being one of certificates; libcurl would only say that there is a problem.
  private static func flaw(ofCAFile path: String) -> String? {
    let bytes: [UInt8]
    do { bytes = try Files.read(path) } catch {
      return "cannot be read: \((error as? SystemError)?.reason ?? "\(error)")"
    }
    let text = String(decoding: bytes, as: UTF8.self)
    return text.contains("-----BEGIN ") && text.contains("CERTIFICATE-----")
      ? nil : "holds no certificate in PEM"
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
            message: "\(shownURL) is still starting up after \(settings.wait): \(error.reason)")
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
        do {
          try page.forEachRow(width: types?.count) { values in
            try row(zip(types ?? [], values).map { try $0.value($1) })
          }
        } catch is TrinoPage.NotTrino {
          throw protocolError("a row does not have its columns' number of values")
        } catch let error as JSONError {
          throw protocolError("the rows are not such as Trino sends: \(error)")
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
          HTTPRequest(method, url, headers: headers, body: body), maximumBody: Self.longestPage)
      } catch let error as HTTPError {
        // A page can be fetched again. A statement cannot, unless nobody was there to take it: nobody knows whether it
        // arrived.
        let isRepeatable = method == .get ? error.isTransient : error.kind == .connect
        if isRepeatable, patience.pause(error.message, unless: isCancelled) { continue }
        throw unavailable(error)
      }
      switch response.status {
      case 200:
        do { return try TrinoPage(response.body) } catch {
          throw protocolError("the answer is not Trino's: \(Self.beginning(response))")
        }
      case 502, 503, 504:
        guard patience.pause("status \(response.status)", unless: isCancelled) else {
          throw unavailable("status \(response.status) for \(settings.wait): \(Self.beginning(response))")
        }
      case 429:
        let asked = response.retryAfter(now: time(nil))
        guard patience.pause("status 429", asked, unless: isCancelled) else {
          throw SQLError(
            engine: .trino, name: "RATE_LIMITED",
            message:
              "\(shownURL) asks for fewer requests (status 429)\(asked.map { ", and to wait \($0)" } ?? "")"
          )
        }
      case 401:
        throw SQLError(
          engine: .trino, name: "AUTHENTICATION_FAILED",
          message: "\(shownURL) does not accept the credentials of user \(settings.user) (status 401)")
      case 301, 302, 307, 308:
        let target = response.headers["Location"].map(URLParts.shown) ?? "nowhere"
        if target.lowercased().hasPrefix("https:"), origin.hasPrefix("http:") {
          throw demandsHTTPS("it redirects to \(target)")
        }
        throw protocolError("status \(response.status), to \(target.prefix(200))")
      case 400 where origin.hasPrefix("http:") && Self.speaksOfHTTPS(response),
        403 where origin.hasPrefix("http:") && Self.speaksOfHTTPS(response):
        throw demandsHTTPS(Self.beginning(response))
      case 400 where Self.beginning(response).contains("X-Trino-Session"):
        throw SQLError(
          engine: .trino, name: "INVALID_SESSION_PROPERTY",
          message: "\(shownURL) refuses the session properties: \(Self.beginning(response))")
      case 403:
        throw SQLError(
          engine: .trino, name: "PERMISSION_DENIED",
          message: "\(shownURL) refuses (status 403): \(Self.beginning(response))")
      case 404, 410:
        guard method == .get else { fallthrough }
        throw SQLError(
          engine: .trino, name: "QUERY_LOST",
          message:
            "\(shownURL) knows the query no more (status \(response.status)): it was restarted or has given it up"
        )
      default:
        throw protocolError("status \(response.status): \(Self.beginning(response))")
      }
    }
  }

  /// The most that one answer may hold: Trino's own are of about 1 MB, and of one row at least.
  private static let longestPage = 64 << 20

  /// As much of an answer as a message shows.
  private static func beginning(_ response: HTTPResponse) -> String {
    String(String(decoding: response.body.prefix(800), as: UTF8.self).prefix(200))
  }

  /// Whether a server that was asked over plain HTTP says that it wants HTTPS: Trino with passwords, or a proxy before it.
  private static func speaksOfHTTPS(_ response: HTTPResponse) -> Bool {
    let text = String(decoding: response.body.prefix(4000), as: UTF8.self).lowercased()
    return text.contains("https") || text.contains("over http is not enabled")
  }

  private func demandsHTTPS(_ reason: String) -> SQLError {
    SQLError(engine: .trino, name: "HTTPS_REQUIRED", message: "\(shownURL) wants HTTPS: \(reason)")
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

  /// What is asked, and credentials with it, goes to the server that the user named, wherever an answer points to.
  private func checkOrigin(_ next: String?) throws {
    guard let next else { return }
    guard let parts = URLParts(next), parts.origin == origin, !parts.hasCredentials else {
      throw protocolError(
        """
        the server points to \(URLParts(next)?.origin ?? "what is no URL"), which is not followed; behind a proxy it needs \
        http-server.process-forwarded=true
        """)
    }
  }

  private func protocolError(_ message: String) -> SQLError {
    SQLError(engine: .trino, name: "PROTOCOL", message: "\(shownURL): \(message)")
  }

  private func unavailable(_ message: String) -> SQLError {
    SQLError(engine: .trino, name: "UNAVAILABLE", message: "\(shownURL): \(message)")
  }

  private func unavailable(_ error: HTTPError) -> any Error {
    func refusal(_ name: String) -> SQLError {
      SQLError(engine: .trino, name: name, message: "\(shownURL): \(error.message)")
    }
    switch error.kind {
    case .certificate:
      let text = error.message.lowercased()
      if text.contains("expired") || text.contains("not yet valid") { return refusal("CERTIFICATE_DATES") }
      if text.contains("subject name") || text.contains("does not match") {
        return refusal("CERTIFICATE_NAME")
      }
      return refusal("CERTIFICATE")
    case .badURL, .badRequest: return refusal("BAD_URL")
    // What speaks plain HTTP has no answer to a handshake, and what waits for one has none to a request.
    case .tls where error.message.lowercased().contains("wrong version number"):
      return refusal("HTTP_REQUIRED")
    case .notHTTP where origin.hasPrefix("http:"): return demandsHTTPS(error.message)
    case .connect:
      return unavailable(settings.wait > .zero ? "\(error.message), for \(settings.wait)" : error.message)
    default: return unavailable(error.message)
    }
  }

  /// Pauses between tries until the time that the user grants is over.
  private struct Patience {
    private let settings: TrinoSettings
    private let end: ContinuousClock.Instant
    private var backoff = Backoff(first: .milliseconds(100), longest: .seconds(2))
    private var waiting = WaitingWord()

    init(_ settings: TrinoSettings) {
      self.settings = settings
      end = ContinuousClock.now + settings.wait
    }

    /// Waits a little, or as long as the server asks; false when the time is over.
    mutating func pause(_ reason: String, _ asked: Duration? = nil, unless isCancelled: () -> Bool) -> Bool {
      let pause = asked ?? backoff.pause()
      guard ContinuousClock.now + pause < end else { return false }
      let pauseEnd = ContinuousClock.now + pause
      while !isCancelled(), case let left = pauseEnd - ContinuousClock.now, left > .zero {
        if let words = waiting.words(reason, atMost: settings.wait) { settings.onWait(words) }
        Pause.sleep(min(left, Progress.lineInterval), unless: isCancelled)
      }
      return true
    }
  }
}

extension SQLError {
  /// Whether the server is up but cannot run queries yet.
  var isStartingUp: Bool { engine == .trino && ["SERVER_STARTING_UP", "NO_NODES_AVAILABLE"].contains(name) }
}
