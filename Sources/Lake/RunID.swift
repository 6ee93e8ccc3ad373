import Platform
import TaskKit

/// The name of a run: `YYYY-MM__YYYYMMDD_HHMMSS`, the month of its dumps and the time of the session that made it.
public struct RunID: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
  /// The whole id, checked.
  public let text: String

  /// - Throws: `TaskError` (`usage`) that says which part is wrong.
  public init(validating text: String) throws {
    func invalid(_ why: String) -> TaskError {
      TaskError(
        .usage, "“\(text)” is no run id: \(why)",
        advice: "a run id is YYYY-MM__YYYYMMDD_HHMMSS, such as 2026-08__20260801_000000")
    }
    let bytes = Array(text.utf8)
    let shape = Array("dddd-dd__dddddddd_dddddd".utf8)
    guard bytes.count == shape.count,
      zip(bytes, shape).allSatisfy({ $1 == UInt8(ascii: "d") ? (0x30...0x39).contains($0) : $0 == $1 })
    else { throw invalid("it has another form") }
    func number(_ range: Range<Int>) -> Int { bytes[range].reduce(0) { $0 * 10 + Int($1 - 0x30) } }
    guard CalendarDate(year: number(0..<4), month: number(5..<7), day: 1) != nil else {
      throw invalid("there is no month \(text.prefix(7))")
    }
    guard CalendarDate(year: number(9..<13), month: number(13..<15), day: number(15..<17)) != nil else {
      throw invalid("there is no day \(text.dropFirst(9).prefix(8))")
    }
    guard number(18..<20) < 24, number(20..<22) < 60, number(22..<24) < 60 else {
      throw invalid("there is no time \(text.suffix(6))")
    }
    self.text = text
  }

  /// The id for dumps of a month and a session: the time as the session's own clock shows it.
  /// - Throws: `TaskError` (`usage`) when the month is none.
  public static func make(dumpMonth: String, session: ClockReading) throws -> RunID {
    try RunID(validating: "\(dumpMonth)__\(session.wallClock.compact)")
  }

  /// `2026-08`
  public var dumpMonth: String { String(text.prefix(7)) }

  /// `20260801_000000`
  public var sessionStamp: String { String(text.suffix(15)) }

  /// The schema that shows this run in SQL: `discogs_r_2026_08__20260801_000000`.
  public var schemaName: String { "discogs_r_" + String(text.map { $0 == "-" ? "_" : $0 }) }

  /// The id itself.
  public var description: String { text }

  /// By dump month, then session.
  public static func < (one: RunID, other: RunID) -> Bool { one.text < other.text }

  /// Reads the id from a string.
  /// - Throws: `TaskError` (`usage`) when it is no run id; `DecodingError` when it is no string.
  public init(from decoder: any Decoder) throws {
    try self.init(validating: decoder.singleValueContainer().decode(String.self))
  }

  /// Writes the id as a string.
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}

extension RunID: OptionValue {
  /// Nil if the text is no run id.
  public init?(optionValue text: String) {
    guard let id = try? RunID(validating: text) else { return nil }
    self = id
  }
  /// The id itself.
  public var optionText: String { text }
  /// What to write, for usage errors.
  public static var expectation: String { "a run id (YYYY-MM__YYYYMMDD_HHMMSS, with a real date and time)" }
}
