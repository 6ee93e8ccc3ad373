import CCurl

/// Owns one `CURLM *` and drives one transfer at a time with it. Beside `curl_easy_perform` it keeps
/// connections from one transfer to the next whatever handle they use, and its waiting can be ended from
/// another thread.
final class MultiHandle {
  let raw: UnsafeMutableRawPointer

  init() throws {
    guard CurlLibrary.isInitialized, let raw = curl_multi_init() else {
      throw HTTPError(.other, "libcurl cannot be initialized", url: "")
    }
    self.raw = raw
  }

  deinit { curl_multi_cleanup(raw) }

  /// Runs the transfer to its end.
  ///
  /// - Parameters:
  ///   - cancellation: ends the waiting; `isCancelled` is then for `watch` to see.
  ///   - watch: called between steps; returns how long to wait at most for the next one. What it throws ends
  ///     the transfer.
  /// - Returns: how the transfer ended; `CURLE_OK` or the reason.
  func run(_ easy: EasyHandle, cancellation: HTTPCancellation, watch: () throws -> Duration) throws
    -> CURLcode
  {
    try check(curl_multi_add_handle(raw, easy.raw))
    defer { curl_multi_remove_handle(raw, easy.raw) }
    let address = UInt(bitPattern: raw)
    // curl_multi_wakeup is the one function that another thread may call; the key is forgotten before the
    // handle ends.
    let key = cancellation.wake { _ = curl_multi_wakeup(UnsafeMutableRawPointer(bitPattern: address)) }
    defer { cancellation.forget(key) }

    while true {
      var running: Int32 = 0
      try check(curl_multi_perform(raw, &running))
      if let code = result(of: easy) { return code }
      let wait = try watch()
      try check(curl_multi_poll(raw, nil, 0, milliseconds(wait), nil))
    }
  }

  private func result(of easy: EasyHandle) -> CURLcode? {
    var left: Int32 = 0
    while let message = curl_multi_info_read(raw, &left) {
      if message.pointee.msg == CURLMSG_DONE, message.pointee.easy_handle == easy.raw {
        return message.pointee.data.result
      }
    }
    return nil
  }

  private func milliseconds(_ duration: Duration) -> Int32 {
    let (seconds, attoseconds) = duration.components
    return Int32(clamping: max(0, seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1))
  }

  private func check(_ code: CURLMcode) throws {
    guard code == CURLM_OK else {
      throw HTTPError(.other, String(cString: curl_multi_strerror(code)), url: "")
    }
  }
}
