import CCurl

/// One exchange as it comes in: libcurl's callbacks put the head together, hand the body on, and note when
/// bytes last moved.
final class Transfer {
  /// Thrown by a receiver that has seen enough: the exchange ends and counts as complete.
  struct Enough: Error {}
  /// More head lines or trailers than any server sends.
  struct EndlessHead: Error {}

  private(set) var status = 0
  private(set) var headers = HTTPHeaders()
  /// Bytes of body handed on.
  private(set) var bodyBytes = 0
  /// What a receiver threw.
  private(set) var failure: (any Error)?
  /// When the last byte moved either way, or the receiver was done with it: its own time is no stall.
  var lastActivity = ContinuousClock.now

  private let cancellation: HTTPCancellation
  private let onHead: (Transfer) throws -> Void
  private let onBody: (UnsafeRawBufferPointer) throws -> Void
  private var headIsHandedOn = false
  private var uploaded: curl_off_t = 0
  /// Bytes of head lines and trailers, over all heads of the exchange.
  private var headBytes = 0
  /// When the present window began in which bytes are counted; nil until the answer begins.
  private var windowStart: ContinuousClock.Instant?
  private var windowBytes = 0

  /// The most that head lines and trailers may take together: more than any server sends, and nothing grows with what a
  /// hostile one sends.
  static let maximumHeadBytes = 256 << 10

  init(
    cancellation: HTTPCancellation, onHead: @escaping (Transfer) throws -> Void,
    onBody: @escaping (UnsafeRawBufferPointer) throws -> Void
  ) {
    self.cancellation = cancellation
    self.onHead = onHead
    self.onBody = onBody
  }

  /// Registers the callbacks. The transfer must outlive the handle's use.
  func attach(to easy: EasyHandle) throws {
    let context = Unmanaged.passUnretained(self).toOpaque()
    try easy.set(CURLOPT_HEADERDATA, pointer: context)
    try easy.set(CURLOPT_WRITEDATA, pointer: context)
    try easy.set(CURLOPT_XFERINFODATA, pointer: context)
    try easy.set(CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      Transfer.of(context).receive(bytes, size * count) { try $0.receiveHeaderLine($1) }
    }
    try easy.set(CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      Transfer.of(context).receive(bytes, size * count) { try $0.receiveBody($1) }
    }
    try easy.setProgress { context, _, _, _, uploaded in
      let transfer = Transfer.of(context)
      if uploaded != transfer.uploaded {
        transfer.uploaded = uploaded
        transfer.lastActivity = .now
      }
      return 0
    }
  }

  /// How many bytes came in a window of this length that is over and brought too few; nil where none is, after which the
  /// next window begins.
  func bytesOfSlowWindow(_ length: Duration, minimumRate: Int) -> Int? {
    let now = ContinuousClock.now
    guard let start = windowStart, now - start >= length else { return nil }
    let (seconds, attoseconds) = (now - start).components
    let least = Double(minimumRate) * (Double(seconds) + Double(attoseconds) / 1e18)
    defer {
      windowStart = now
      windowBytes = 0
    }
    return Double(windowBytes) < least ? windowBytes : nil
  }

  /// Hands the head on if that has not happened: a response without a body, or a protocol without a head.
  func finishHead() throws {
    guard !headIsHandedOn else { return }
    headIsHandedOn = true
    try onHead(self)
  }

  private static func of(_ context: UnsafeMutableRawPointer?) -> Transfer {
    // attach() has set it.
    Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue()
  }

  /// Runs a callback's body; anything but `count` as its value ends the transfer.
  private func receive(
    _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int,
    _ body: (Transfer, UnsafeRawBufferPointer) throws -> Void
  ) -> Int {
    guard failure == nil, !cancellation.isCancelled else { return count == 0 ? 1 : 0 }
    do {
      let began = ContinuousClock.now
      try body(self, UnsafeRawBufferPointer(start: bytes, count: count))
      lastActivity = .now
      windowStart = (windowStart ?? began) + (lastActivity - began)
      windowBytes += count
      return count
    } catch {
      failure = error
      return count == 0 ? 1 : 0
    }
  }

  /// RFC 9112, section 4 and 5. Each status line starts over: 1xx answers come before the real one.
  func receiveHeaderLine(_ bytes: UnsafeRawBufferPointer) throws {
    headBytes += bytes.count
    guard headBytes <= Transfer.maximumHeadBytes else { throw Transfer.EndlessHead() }
    // Fields after the body (trailers) are of no use to anybody here.
    guard !headIsHandedOn else { return }
    let line = String(decoding: bytes, as: UTF8.self).trimmingLineEnd()
    if line.hasPrefix("HTTP/") {
      let code = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: true).dropFirst().first
      status = code.flatMap { Int($0) } ?? 0
      headers = HTTPHeaders()
    } else if line.isEmpty {
      if status >= 200 { try finishHead() }
    } else if line.first == " " || line.first == "\t" {
      headers.continueLast(line.trimmingBlanks())
    } else if let colon = line.firstIndex(of: ":") {
      headers.add(String(line[..<colon]), String(line[line.index(after: colon)...]).trimmingBlanks())
    }
  }

  private func receiveBody(_ bytes: UnsafeRawBufferPointer) throws {
    try finishHead()
    guard !bytes.isEmpty else { return }
    bodyBytes += bytes.count
    try onBody(bytes)
  }
}

extension String {
  /// Without the CRLF (or LF) at the end of a header line.
  fileprivate func trimmingLineEnd() -> String {
    var bytes = self.utf8[...]
    while let last = bytes.last, last == 0x0A || last == 0x0D { bytes = bytes.dropLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Without blanks and tabs at both ends (`OWS`, RFC 9110, section 5.6.3).
  fileprivate func trimmingBlanks() -> String {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
    var bytes = self.utf8.drop(while: isBlank)
    while let last = bytes.last, isBlank(last) { bytes = bytes.dropLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
}
