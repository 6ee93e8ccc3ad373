import CCurl

/// libcurl as a whole.
public enum CurlLibrary {
  /// The version that is linked, with those of its TLS library and others (`curl_version`).
  public static var version: String { String(cString: curl_version()) }

  /// Name and version of libcurl alone: `libcurl/8.5.0`.
  public static var shortVersion: String { String(version.prefix { $0 != " " }) }

  /// Has happened once it is looked at; `curl_global_init` must come before everything else.
  static let isInitialized: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
}
