import CCurl

/// Why a request brought no response, or not all of it. A response with a status like 404 is no error here.
public struct HTTPError: Error, CustomStringConvertible, Sendable {
  /// What went wrong, as far as a caller decides by it.
  public enum Kind: String, Sendable {
    /// The URL cannot be read, or has a scheme that is not allowed.
    case badURL
    /// A header field that cannot be sent, or another request that libcurl refuses.
    case badRequest
    /// The host's or proxy's name was not resolved.
    case resolve
    /// No connection: refused, no route, or the proxy said no.
    case connect
    /// The TLS handshake failed.
    case tls
    /// The server's certificate is not trusted, not for this host, or expired; or the CA file cannot be read.
    case certificate
    /// Connecting, or the whole exchange, took longer than allowed.
    case timeout
    /// Connected, but no byte moved for the stall timeout.
    case stall
    /// The connection broke.
    case reset
    /// The connection was closed before the promised end, or before any answer.
    case earlyEnd
    /// More bytes than the caller wants to take.
    case tooLarge
    /// A redirect that is not followed: from HTTPS to anything else, to another scheme, or without a target.
    case redirectRefused
    /// More redirects than allowed.
    case tooManyRedirects
    /// What came back is not HTTP.
    case notHTTP
    /// A `file:` URL whose file cannot be read.
    case file
    /// Cancelled by an `HTTPCancellation`.
    case cancelled
    /// Anything else: libcurl's message says what.
    case other
  }

  /// What went wrong, to decide by.
  public var kind: Kind
  /// libcurl's own message (or ours, where the fault was found here).
  public var message: String
  /// The URL that was asked, without user and password.
  public var url: String
  /// libcurl's code; `nil` where the fault was found here.
  public var curlCode: UInt32?

  /// - Parameter url: without user and password: messages show it.
  public init(_ kind: Kind, _ message: String, url: String, curlCode: UInt32? = nil) {
    self.kind = kind
    self.message = message
    self.url = url
    self.curlCode = curlCode
  }

  /// The URL, the message, and libcurl's code where there is one.
  public var description: String {
    curlCode.map { "\(url): \(message) (libcurl error \($0))" } ?? "\(url): \(message)"
  }

  /// Whether the same request may succeed a little later without anybody changing anything.
  public var isTransient: Bool {
    switch kind {
    case .resolve, .connect, .tls, .timeout, .stall, .reset, .earlyEnd, .notHTTP: true
    case .badURL, .badRequest, .certificate, .tooLarge, .redirectRefused, .tooManyRedirects, .file,
      .cancelled, .other:
      false
    }
  }

  /// The kind for a `CURLcode` (libcurl-errors(3)).
  static func kind(of code: CURLcode) -> Kind {
    switch code {
    case CURLE_URL_MALFORMAT: .badURL
    case CURLE_BAD_FUNCTION_ARGUMENT, CURLE_NOT_BUILT_IN, CURLE_UNKNOWN_OPTION: .badRequest
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .resolve
    case CURLE_COULDNT_CONNECT, CURLE_PROXY, CURLE_INTERFACE_FAILED: .connect
    case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_USE_SSL_FAILED, CURLE_SSL_SHUTDOWN_FAILED: .tls
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
      CURLE_SSL_CRL_BADFILE,
      CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      .certificate
    case CURLE_OPERATION_TIMEDOUT: .timeout
    case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_HTTP2, CURLE_HTTP2_STREAM, CURLE_HTTP3,
      CURLE_QUIC_CONNECT_ERROR:
      .reset
    case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING: .earlyEnd
    case CURLE_FILESIZE_EXCEEDED: .tooLarge
    case CURLE_TOO_MANY_REDIRECTS: .tooManyRedirects
    // Schemes are checked before libcurl sees them: the protocol that is left is HTTP/0.9, which has no head.
    case CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING, CURLE_UNSUPPORTED_PROTOCOL: .notHTTP
    case CURLE_FILE_COULDNT_READ_FILE: .file
    case CURLE_ABORTED_BY_CALLBACK: .cancelled
    default: .other
    }
  }
}
