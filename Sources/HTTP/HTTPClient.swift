import CCurl
import Platform

/// Asks HTTP servers, one request at a time, over libcurl; the calling thread waits. Connections are kept
/// from one request to the next. HTTP/1.1: a dump is one long body, a query a row of small ones, and neither
/// gains from HTTP/2.
///
/// TLS certificates are always verified. Proxies come from the environment as libcurl has it (`https_proxy`,
/// `http_proxy` in lower case only, `all_proxy`, `no_proxy`).
///
/// A client belongs to one thread at a time; only its `cancellation` may be used from others. Who has to ask
/// something while a request is under way (to cancel a query, say) makes a second client of the same
/// settings.
public final class HTTPClient {
  /// What holds for all requests of a client.
  public struct Settings: Sendable {
    /// Sent with every request.
    public var userAgent: String
    /// PEM file with the certificates to trust, instead of the system's.
    public var caFile: String?
    /// The longest that name look-up, connecting and the TLS handshake may take together.
    public var connectTimeout: Duration = .seconds(30)
    /// The longest that no byte may move once connected.
    public var stallTimeout: Duration = .seconds(60)
    /// Bytes a second, taken over the stall timeout, that an answer must bring once it has begun: one that comes byte
    /// by byte is no answer.
    public var minimumRate = 256
    /// The longest that a whole exchange may take whose body is gathered, unless the request says otherwise.
    public var replyTimeout: Duration = .seconds(300)
    /// How many redirects are followed; 0 has them returned as responses.
    public var maximumRedirects = 5
    /// Whether `file:` URLs are allowed. A server can never redirect to one.
    public var allowsFileURLs = false

    /// Settings as they are by default; `userAgent` is what the server is told about who asks.
    public init(userAgent: String) { self.userAgent = userAgent }
  }

  /// What the client was made with.
  public let settings: Settings
  /// Ends what this client does, from any thread.
  public let cancellation: HTTPCancellation
  private let multi: MultiHandle

  /// - Throws: `HTTPError` if libcurl cannot be initialized.
  public init(_ settings: Settings, cancellation: HTTPCancellation = HTTPCancellation()) throws {
    self.settings = settings
    self.cancellation = cancellation
    self.multi = try MultiHandle()
  }

  /// Sends a request and gathers the body.
  ///
  /// - Parameter maximumBody: bytes; a longer body is an error of kind `tooLarge`.
  /// - Throws: `HTTPError` if no whole response came. A status like 404 or 503 is a response.
  public func send(_ request: HTTPRequest, maximumBody: Int = 64 << 20) throws -> HTTPResponse {
    var body: [UInt8] = []
    var request = request
    request.timeout = request.timeout ?? settings.replyTimeout
    var url = request.shownURL
    var response = try stream(
      request, onResponse: { url = $0.url },
      onBody: { bytes in
        guard body.count + bytes.count <= maximumBody else {
          throw HTTPError(.tooLarge, "the body is longer than \(maximumBody) bytes", url: url)
        }
        body.append(contentsOf: bytes)
      })
    response.body = body
    return response
  }

  /// Sends a request and hands the body on piece by piece. While a receiver runs nothing is read, so a slow
  /// one slows the server down instead of filling memory; what it throws ends the exchange and is thrown from
  /// here.
  ///
  /// - Parameters:
  ///   - onResponse: called once, with the head of the final response (after redirects), before any of the
  ///     body.
  ///   - onBody: called for each piece (about 16 KiB). The pointer is valid for the call only.
  /// - Returns: the response, without its body, once that has been received whole.
  /// - Throws: `HTTPError`, or what a receiver threw.
  @discardableResult
  public func stream(
    _ request: HTTPRequest, onResponse: (HTTPResponse) throws -> Void,
    onBody: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> HTTPResponse {
    var request = request
    var redirectedFrom: [String] = []
    while true {
      let parts = try checkedParts(of: request, isRedirect: !redirectedFrom.isEmpty)
      let outcome = try exchange(
        request, parts, redirectedFrom: redirectedFrom, onResponse: onResponse, onBody: onBody)
      switch outcome {
      case .response(let response):
        return response
      case .redirect(let status, let target):
        redirectedFrom.append(parts.redacted)
        guard redirectedFrom.count <= settings.maximumRedirects else {
          throw HTTPError(
            .tooManyRedirects,
            "more than \(settings.maximumRedirects) redirects, the last one to \(URLParts.shown(target))",
            url: redirectedFrom[0])
        }
        request = try redirected(request, from: parts, to: target, status: status)
      }
    }
  }

  // MARK: - One exchange

  private enum Outcome {
    case response(HTTPResponse)
    case redirect(status: Int, target: String)
  }

  /// The body of a redirect is read up to this length, so that its connection can be used again, and cut off
  /// there.
  private static let redirectBodyLimit = 64 << 10

  private func exchange(
    _ request: HTTPRequest, _ parts: URLParts, redirectedFrom: [String],
    onResponse: (HTTPResponse) throws -> Void, onBody: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> Outcome {
    guard !cancellation.isCancelled else { throw cancelled(parts) }
    let easy = try EasyHandle()
    var response: HTTPResponse?
    var skipped = 0
    return try withoutActuallyEscaping(onResponse) { onResponse in
      try withoutActuallyEscaping(onBody) { onBody in
        let transfer = Transfer(
          cancellation: cancellation,
          onHead: { transfer in
            if self.redirects(transfer, request) { return }
            let head = self.response(of: transfer, easy, parts, redirectedFrom)
            response = head
            try onResponse(head)
          },
          onBody: { bytes in
            if response != nil { return try onBody(bytes) }
            skipped += bytes.count
            if skipped > HTTPClient.redirectBodyLimit { throw Transfer.Enough() }
          })
        try configure(easy, request, parts, transfer)
        let code = try withoutBrokenPipeSignal {
          try multi.run(easy, cancellation: cancellation) { try self.watch(transfer, easy, parts) }
        }
        try check(code, transfer, easy, parts)
        try transfer.finishHead()
        if let response { return .response(response) }
        // `redirects` has seen a target.
        return .redirect(
          status: transfer.status,
          target: easy.textInfo(CURLINFO_REDIRECT_URL) ?? transfer.headers["Location"] ?? "")
      }
    }
  }

  private func configure(_ easy: EasyHandle, _ request: HTTPRequest, _ parts: URLParts, _ transfer: Transfer)
    throws
  {
    try easy.set(CURLOPT_URL, request.url)
    try easy.allowProtocols(file: parts.scheme == "file")
    try easy.set(CURLOPT_NOSIGNAL, 1)
    try easy.set(CURLOPT_FOLLOWLOCATION, 0)
    try easy.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    try easy.set(CURLOPT_SSL_VERIFYPEER, 1)
    try easy.set(CURLOPT_SSL_VERIFYHOST, 2)
    try easy.set(CURLOPT_TCP_KEEPALIVE, 1)
    try easy.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    try easy.set(CURLOPT_FILETIME, 1)
    try easy.set(CURLOPT_BUFFERSIZE, 256 << 10)
    try easy.set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(settings.connectTimeout))
    if let timeout = request.timeout { try easy.set(CURLOPT_TIMEOUT_MS, milliseconds(timeout)) }
    if let caFile = settings.caFile {
      try easy.set(CURLOPT_CAINFO, caFile)
      try easy.set(CURLOPT_PROXY_CAINFO, caFile)
    }
    try easy.set(CURLOPT_USERAGENT, settings.userAgent)

    switch request.method {
    case .get: try easy.set(CURLOPT_HTTPGET, 1)
    case .head: try easy.set(CURLOPT_NOBODY, 1)
    case .delete: try easy.set(CURLOPT_CUSTOMREQUEST, "DELETE")
    case .post:
      try easy.set(CURLOPT_POST, 1)
      try easy.setPostBody(request.body)
    }
    // Left out: the pause that libcurl makes before it sends a long body, and the form type that it takes for
    // granted.
    var lines = ["Expect:"]
    if request.method == .post, request.headers["Content-Type"] == nil { lines.append("Content-Type:") }
    for field in request.headers {
      lines.append(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
    }
    try easy.setHeaderLines(lines)
    try transfer.attach(to: easy)
  }

  /// Looks between libcurl's steps whether to go on; returns how long the next wait may be.
  private func watch(_ transfer: Transfer, _ easy: EasyHandle, _ parts: URLParts) throws -> Duration {
    guard !cancellation.isCancelled else { throw cancelled(parts) }
    // Until there is a connection, the connect timeout counts.
    guard easy.offsetInfo(CURLINFO_PRETRANSFER_TIME_T) > 0 else {
      transfer.lastActivity = .now
      return min(.seconds(1), settings.stallTimeout)
    }
    let left = settings.stallTimeout - (ContinuousClock.now - transfer.lastActivity)
    guard left > .zero else {
      throw HTTPError(
        .stall,
        "no byte for \(settings.stallTimeout), after \(counted(transfer.bodyBytes, "byte")) of the body",
        url: parts.redacted)
    }
    if let bytes = transfer.bytesOfSlowWindow(settings.stallTimeout, minimumRate: settings.minimumRate) {
      throw HTTPError(
        .stall, "no more than \(bytes) bytes in \(settings.stallTimeout)", url: parts.redacted)
    }
    return min(.seconds(1), left)
  }

  private func check(_ code: CURLcode, _ transfer: Transfer, _ easy: EasyHandle, _ parts: URLParts) throws {
    if let failure = transfer.failure {
      if failure is Transfer.Enough { return }
      if failure is Transfer.EndlessHead {
        throw HTTPError(
          .tooLarge, "the header fields are longer than \(Transfer.maximumHeadBytes) bytes",
          url: parts.redacted)
      }
      throw failure
    }
    guard !cancellation.isCancelled else { throw cancelled(parts) }
    guard code == CURLE_OK else {
      throw HTTPError(
        HTTPError.kind(of: code), easy.message(for: code), url: parts.redacted, curlCode: code.rawValue)
    }
  }

  private func response(
    of transfer: Transfer, _ easy: EasyHandle, _ parts: URLParts, _ redirectedFrom: [String]
  ) -> HTTPResponse {
    var response = HTTPResponse(
      status: transfer.status, headers: transfer.headers, url: parts.redacted, redirectedFrom: redirectedFrom)
    if parts.scheme == "file" {
      response.status = 200
      let length = easy.offsetInfo(CURLINFO_CONTENT_LENGTH_DOWNLOAD_T)
      if response.headers["Content-Length"] == nil, length >= 0 {
        response.headers.add("Content-Length", "\(length)")
      }
    }
    return response
  }

  private func cancelled(_ parts: URLParts) -> HTTPError {
    HTTPError(.cancelled, "cancelled", url: parts.redacted)
  }

  private func milliseconds(_ duration: Duration) -> Int {
    let (seconds, attoseconds) = duration.components
    return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
  }

  // MARK: - Redirects

  private func checkedParts(of request: HTTPRequest, isRedirect: Bool) throws -> URLParts {
    guard let parts = URLParts(request.url) else {
      throw HTTPError(.badURL, "this is not a URL", url: request.shownURL)
    }
    let allowed = settings.allowsFileURLs && !isRedirect ? ["http", "https", "file"] : ["http", "https"]
    guard allowed.contains(parts.scheme) else {
      throw HTTPError(
        .badURL, "\(parts.scheme): URLs are not allowed here, only \(allowed.joined(separator: ", "))",
        url: parts.redacted)
    }
    if let field = request.headers.firstInvalidField {
      throw HTTPError(.badRequest, "the header field \"\(field.name)\" cannot be sent", url: parts.redacted)
    }
    return parts
  }

  /// Whether this response is a redirect that is to be followed. Only what stays the same request is: `GET`
  /// and `HEAD` always, others where the status says so (RFC 9110, section 15.4).
  private func redirects(_ transfer: Transfer, _ request: HTTPRequest) -> Bool {
    guard settings.maximumRedirects > 0, transfer.headers["Location"] != nil else { return false }
    switch transfer.status {
    case 301, 302, 303: return request.method == .get || request.method == .head
    case 307, 308: return true
    default: return false
    }
  }

  private func redirected(
    _ request: HTTPRequest, from parts: URLParts, to target: String, status: Int
  ) throws -> HTTPRequest {
    guard let next = URLParts(target) else {
      throw HTTPError(
        .redirectRefused, "status \(status) leads to no URL: \(URLParts.shown(target))", url: parts.redacted)
    }
    guard next.scheme == "https" || (next.scheme == "http" && parts.scheme == "http") else {
      throw HTTPError(
        .redirectRefused,
        "status \(status) leads from \(parts.scheme) to \(next.redacted), which is not followed",
        url: parts.redacted)
    }
    var request = request
    request.url = target
    if !next.isSameOrigin(as: parts) {
      request.headers["Authorization"] = nil
      request.headers["Cookie"] = nil
    }
    return request
  }
}
