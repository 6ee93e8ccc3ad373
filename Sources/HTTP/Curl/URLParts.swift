import CCurl
import Glibc

/// A URL as libcurl itself reads it (`curl_url`), so that what is checked is what is asked.
public struct URLParts: Sendable, Hashable {
  /// In lower case.
  public let scheme: String
  /// In lower case; an IPv6 address in brackets; empty for `file:`.
  public let host: String
  /// The scheme's own where the URL has none; empty for `file:`.
  public let port: String
  /// Decoded.
  public let path: String
  /// The URL without user and password.
  public let redacted: String
  /// Whether the URL names a user or a password.
  public let hasCredentials: Bool

  /// `nil` if libcurl cannot read it.
  public init?(_ text: String) {
    guard let url = curl_url() else { return nil }
    defer { curl_url_cleanup(url) }
    func part(_ part: CURLUPart, _ flags: Int32 = 0) -> String? {
      var value: UnsafeMutablePointer<CChar>?
      guard curl_url_get(url, part, &value, UInt32(flags)) == CURLUE_OK, let value else { return nil }
      defer { curl_free(value) }
      return String(cString: value)
    }
    guard curl_url_set(url, CURLUPART_URL, text, UInt32(CURLU_NON_SUPPORT_SCHEME)) == CURLUE_OK,
      let scheme = part(CURLUPART_SCHEME)
    else { return nil }
    hasCredentials = part(CURLUPART_USER) != nil || part(CURLUPART_PASSWORD) != nil
    curl_url_set(url, CURLUPART_USER, nil, 0)
    curl_url_set(url, CURLUPART_PASSWORD, nil, 0)
    guard let redacted = part(CURLUPART_URL) else { return nil }
    self.scheme = scheme.lowercased()
    self.host = (part(CURLUPART_HOST) ?? "").lowercased()
    self.port = part(CURLUPART_PORT, Int32(CURLU_DEFAULT_PORT)) ?? ""
    self.path = part(CURLUPART_PATH, Int32(CURLU_URLDECODE)) ?? ""
    self.redacted = redacted
  }

  /// A URL as it may be shown: without user and password. Of what is no URL, nothing before the last `@` is shown: it may
  /// be a password all the same.
  public static func shown(_ url: String) -> String {
    if let redacted = URLParts(url)?.redacted { return redacted }
    guard let at = url.utf8.lastIndex(of: UInt8(ascii: "@")) else { return url }
    return "…\(String(decoding: url.utf8[at...], as: UTF8.self))"
  }

  /// Scheme, host and port (RFC 6454): `https://example.org:443`.
  public var origin: String { "\(scheme)://\(host):\(port)" }

  /// Whether credentials for the one may be shown to the other.
  public func isSameOrigin(as other: URLParts) -> Bool { origin == other.origin }

  /// Whether the host is this machine by its very address (`127.0.0.0/8`, `::1`) or as `localhost`, so that what is
  /// sent never leaves it. A name that begins like such an address is a name.
  public var isLoopback: Bool {
    if host == "localhost" { return true }
    var address4 = in_addr()
    if inet_pton(AF_INET, host, &address4) == 1 { return UInt32(bigEndian: address4.s_addr) >> 24 == 127 }
    var address6 = in6_addr()
    guard host.hasPrefix("["), inet_pton(AF_INET6, String(host.dropFirst().dropLast()), &address6) == 1 else {
      return false
    }
    return withUnsafeBytes(of: address6) { $0.dropLast().allSatisfy { $0 == 0 } && $0.last == 1 }
  }
}
