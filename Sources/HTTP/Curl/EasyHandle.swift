import CCurl

/// Owns one `CURL *`: the options of a transfer and, afterwards, what is known of it.
final class EasyHandle {
  let raw: UnsafeMutableRawPointer
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private let errorText: UnsafeMutablePointer<CChar>

  /// - Throws: `HTTPError` if libcurl gives no handle, which only a lack of memory explains.
  init() throws {
    guard CurlLibrary.isInitialized, let raw = curl_easy_init() else {
      throw HTTPError(.other, "libcurl cannot be initialized", url: "")
    }
    self.raw = raw
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    try check(ccurl_set_pointer(raw, CURLOPT_ERRORBUFFER, errorText), "error buffer")
  }

  deinit {
    curl_easy_cleanup(raw)
    curl_slist_free_all(headerList)
    errorText.deallocate()
  }

  /// What libcurl says about the last failure (`CURLOPT_ERRORBUFFER`, else `curl_easy_strerror`).
  func message(for code: CURLcode) -> String {
    let text = String(cString: errorText)
    return text.isEmpty ? String(cString: curl_easy_strerror(code)) : text
  }

  func set(_ option: CURLoption, _ value: Int) throws {
    try check(ccurl_set_long(raw, option, value), "option \(option.rawValue)")
  }

  /// For the options that take a `curl_off_t`.
  func setOffset(_ option: CURLoption, _ value: Int) throws {
    try check(ccurl_set_offset(raw, option, curl_off_t(value)), "option \(option.rawValue)")
  }

  /// libcurl keeps a copy of the text.
  func set(_ option: CURLoption, _ value: String) throws {
    try check(ccurl_set_string(raw, option, value), "option \(option.rawValue)")
  }

  /// The pointer must outlive the transfer.
  func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer?) throws {
    try check(ccurl_set_pointer(raw, option, pointer), "option \(option.rawValue)")
  }

  func set(_ option: CURLoption, function: curl_write_callback) throws {
    try check(ccurl_set_write_function(raw, option, function), "option \(option.rawValue)")
  }

  func setProgress(function: curl_xferinfo_callback) throws {
    try check(ccurl_set_progress_function(raw, function), "progress function")
    try set(CURLOPT_NOPROGRESS, 0)
  }

  func allowProtocols(file: Bool) throws {
    try check(ccurl_allow_protocols(raw, file ? 1 : 0), "protocols")
  }

  /// The body of a `POST`, copied by libcurl.
  func setPostBody(_ bytes: [UInt8]) throws {
    try setOffset(CURLOPT_POSTFIELDSIZE_LARGE, bytes.count)
    try bytes.withUnsafeBytes { bytes in
      // A null pointer would mean that the body comes from a read callback.
      try withUnsafeBytes(of: UInt8(0)) { nothing in
        let start = bytes.baseAddress ?? nothing.baseAddress
        try check(
          ccurl_set_pointer(raw, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: start)), "body")
      }
    }
  }

  /// Lines as `CURLOPT_HTTPHEADER` takes them: `Name: value`, `Name;` for an empty value, `Name:` to leave
  /// one of libcurl's own out.
  func setHeaderLines(_ lines: [String]) throws {
    for line in lines {
      guard let longer = curl_slist_append(headerList, line) else {
        throw HTTPError(.other, "out of memory", url: "")
      }
      headerList = longer
    }
    try check(ccurl_set_list(raw, CURLOPT_HTTPHEADER, headerList), "header")
  }

  /// A number that libcurl knows about the transfer (a `curl_off_t`); 0 if it does not.
  func offsetInfo(_ info: CURLINFO) -> Int {
    var value: curl_off_t = 0
    return ccurl_get_offset(raw, info, &value) == CURLE_OK ? Int(value) : 0
  }

  /// A text that libcurl knows about the transfer.
  func textInfo(_ info: CURLINFO) -> String? {
    var value: UnsafePointer<CChar>?
    guard ccurl_get_string(raw, info, &value) == CURLE_OK, let value else { return nil }
    return String(cString: value)
  }

  private func check(_ code: CURLcode, _ what: String) throws {
    guard code == CURLE_OK else {
      throw HTTPError(
        HTTPError.kind(of: code), "\(what): \(String(cString: curl_easy_strerror(code)))", url: "",
        curlCode: code.rawValue)
    }
  }
}
