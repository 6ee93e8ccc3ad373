import Glibc

/// A moment, in microseconds since 1970-01-01T00:00:00 UTC; written and read as ISO 8601.
public struct UTCTime: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
  /// Since 1970-01-01T00:00:00 UTC, negative before; leap seconds do not count.
  public var microseconds: Int64

  /// - Parameter microseconds: since 1970-01-01T00:00:00 UTC.
  public init(microseconds: Int64) { self.microseconds = microseconds }

  /// The present moment (`clock_gettime(2)`).
  public static var now: UTCTime {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return UTCTime(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }

  /// Reads `2026-08-01T00:00:00Z`, or with a fraction, a blank for the `T`, or an offset like `+02:00`;
  /// without an offset the time is UTC's. Digdag's `session_time` has this form.
  public init?(_ text: String) {
    guard let parsed = ClockReading(text) else { return nil }
    self = parsed.time
  }

  /// Reads the form of `compact`: `20260801_000000`.
  public init?(compact text: String) {
    let digits = Array(text.utf8)
    guard digits.count == 15, digits[8] == UInt8(ascii: "_") else { return nil }
    let day = "\(text.prefix(4))-\(text.dropFirst(4).prefix(2))-\(text.dropFirst(6).prefix(2))"
    let clock = "\(text.dropFirst(9).prefix(2)):\(text.dropFirst(11).prefix(2)):\(text.suffix(2))"
    self.init("\(day)T\(clock)Z")
  }

  /// Reads a string in the forms of `init(_:)`.
  /// - Throws: `DecodingError` when it is none of them.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let time = UTCTime(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "“\(text)” is no ISO 8601 time")
    }
    self = time
  }

  /// Writes `iso8601`, whole seconds, as a string.
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(iso8601)
  }

  /// `2026-08-01T00:00:00Z`
  public var iso8601: String {
    let (date, clock) = fields
    return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T"
      + "\(padded(clock / 3600, 2)):\(padded(clock / 60 % 60, 2)):\(padded(clock % 60, 2))Z"
  }

  /// `20260801_000000`, the form of time stamps in names.
  public var compact: String {
    let (date, clock) = fields
    return "\(padded(date.year, 4))\(padded(date.month, 2))\(padded(date.day, 2))_"
      + "\(padded(clock / 3600, 2))\(padded(clock / 60 % 60, 2))\(padded(clock % 60, 2))"
  }

  /// `2026-08-01 00:00:00.000000`, the form of SQL's TIMESTAMP.
  public var sqlTimestamp: String {
    let fraction = Int(microseconds) - floorDivide(Int(microseconds), by: 1_000_000) * 1_000_000
    let text = iso8601
    return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8)).\(padded(fraction, 6))"
  }

  /// `2026-08`
  public var month: String { String(iso8601.prefix(7)) }

  /// `2026-08-01T00:00:00Z`
  public var description: String { iso8601 }

  /// The earlier one first.
  public static func < (one: UTCTime, other: UTCTime) -> Bool { one.microseconds < other.microseconds }

  /// The moment that many seconds later; earlier for a negative number.
  public func adding(seconds: Int) -> UTCTime {
    UTCTime(microseconds: microseconds + Int64(seconds) * 1_000_000)
  }

  private var fields: (date: CalendarDate, secondOfDay: Int) {
    let seconds = floorDivide(Int(microseconds), by: 1_000_000)
    let days = floorDivide(seconds, by: 86_400)
    return (CalendarDate(daysSince1970: days), seconds - days * 86_400)
  }
}

/// The quotient rounded down, also for times before 1970.
private func floorDivide(_ number: Int, by divisor: Int) -> Int {
  let quotient = number / divisor
  return number % divisor < 0 ? quotient - 1 : quotient
}

/// A time as somebody wrote it: what their clock showed, and how far that clock is from UTC.
public struct ClockReading: Hashable, Sendable {
  /// The clock's own date and time, as if it were UTC's.
  public let wallClock: UTCTime
  /// How many seconds that clock is ahead of UTC; negative west of Greenwich.
  public let offsetSeconds: Int
  /// The moment meant.
  public var time: UTCTime { wallClock.adding(seconds: -offsetSeconds) }

  /// Reads the forms that `UTCTime.init(_:)` names; nil if it is none of them or no real date and time.
  public init?(_ text: String) {
    var rest = Substring(text)
    func digits(_ count: Int) -> Int? {
      let part = rest.utf8.prefix(count)
      guard part.count == count, part.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
      rest = rest.dropFirst(count)
      return part.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
    func take(_ characters: String) -> Character? {
      guard let first = rest.first, characters.contains(first) else { return nil }
      return rest.removeFirst()
    }
    guard let year = digits(4), take("-") != nil, let month = digits(2), take("-") != nil,
      let day = digits(2),
      let date = CalendarDate(year: year, month: month, day: day), take("T ") != nil,
      let hour = digits(2), take(":") != nil, let minute = digits(2), hour < 24, minute < 60
    else { return nil }
    var second = 0
    var fraction = 0
    if take(":") != nil {
      guard let value = digits(2), value < 60 else { return nil }
      second = value
      if take(".,") != nil {
        var scale = 100_000
        guard let first = rest.first, first.isASCII, first.isNumber else { return nil }
        while let digit = digits(1) {
          fraction += digit * scale
          scale /= 10
        }
      }
    }
    var offset = 0
    if take(" ") != nil, rest.isEmpty { return nil }
    if take("Zz") == nil, let sign = take("+-") {
      guard let hours = digits(2), hours < 24 else { return nil }
      _ = take(":")
      let minutes = digits(2) ?? 0
      guard minutes < 60 else { return nil }
      offset = (hours * 60 + minutes) * 60 * (sign == "-" ? -1 : 1)
    }
    guard rest.isEmpty else { return nil }
    let seconds = date.daysSince1970 * 86_400 + hour * 3600 + minute * 60 + second
    wallClock = UTCTime(microseconds: Int64(seconds) * 1_000_000 + Int64(fraction))
    offsetSeconds = offset
  }
}
