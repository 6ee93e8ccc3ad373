import CCurl

/// What a server answered: the head, and the body where it was gathered.
public struct HTTPResponse: Sendable {
  /// Status code of the final response (100–999); 200 for a `file:` URL.
  public var status: Int
  /// Header fields of the final response, repeated ones each for themselves.
  public var headers: HTTPHeaders
  /// The URL that answered, without user and password: the request's, or where the last redirect led.
  public var url: String
  /// The URLs that redirected, in order, without user and password; empty if the first one answered.
  public var redirectedFrom: [String]
  /// The body, if the request was sent with `send`; empty if it was streamed.
  public var body: [UInt8] = []

  /// Whether the status is 200–299.
  public var isSuccess: Bool { (200..<300).contains(status) }

  /// The body as text; what is not UTF-8 is replaced.
  public var text: String { String(decoding: body, as: UTF8.self) }

  /// The length that the server promises for the body, where it says one.
  public var contentLength: Int? {
    headers["Content-Length"].flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
  }

  /// How long the server asks to wait (`Retry-After`, RFC 9110, section 10.2.3): seconds, or a date, which is
  /// counted from the server's own `Date` where it sends one, so that a wrong clock here does no harm.
  ///
  /// - Parameter now: this machine's time, seconds since 1970, for a date without a `Date` beside it.
  public func retryAfter(now: Int) -> Duration? {
    guard let value = headers["Retry-After"] else { return nil }
    // A number that does not fit is a very long time, not none.
    if !value.isEmpty, value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
      return .seconds(min(Int(value) ?? .max, HTTPResponse.longestRetryAfter))
    }
    guard let moment = HTTPResponse.seconds(ofDate: value) else { return nil }
    let reference = headers["Date"].flatMap(HTTPResponse.seconds(ofDate:)) ?? now
    return .seconds(min(max(0, moment - reference), HTTPResponse.longestRetryAfter))
  }

  private static let longestRetryAfter = 100 * 366 * 86_400

  /// Seconds since 1970 of an HTTP date in any of its three forms (`curl_getdate`); `nil` if it is none.
  static func seconds(ofDate text: String) -> Int? {
    let seconds = curl_getdate(text, nil)
    return seconds < 0 ? nil : Int(seconds)
  }
}
