import CCurl

/// A URL as libcurl itself reads it (`curl_url`), so that what is checked is what is asked.
struct URLParts {
  /// In lower case.
  let scheme: String
  let host: String
  /// The scheme's own where the URL has none; empty for `file:`.
  let port: String
  /// Decoded.
  let path: String
  /// The URL without user and password.
  let redacted: String

  /// `nil` if libcurl cannot read it.
  init?(_ text: String) {
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
    curl_url_set(url, CURLUPART_USER, nil, 0)
    curl_url_set(url, CURLUPART_PASSWORD, nil, 0)
    guard let redacted = part(CURLUPART_URL) else { return nil }
    self.scheme = scheme.lowercased()
    self.host = (part(CURLUPART_HOST) ?? "").lowercased()
    self.port = part(CURLUPART_PORT, Int32(CURLU_DEFAULT_PORT)) ?? ""
    self.path = part(CURLUPART_PATH, Int32(CURLU_URLDECODE)) ?? ""
    self.redacted = redacted
  }

  /// A URL as it may be shown: without user and password. What is not a URL is shown as it is.
  static func shown(_ url: String) -> String { URLParts(url)?.redacted ?? url }

  /// Whether credentials for the one may be shown to the other.
  func isSameOrigin(as other: URLParts) -> Bool {
    scheme == other.scheme && host == other.host && port == other.port
  }
}
