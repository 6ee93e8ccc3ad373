import FoundationEssentials
import Platform
import Synchronization

/// How log lines look.
public enum LogFormat: String, OptionValue, CaseIterable {
  /// `2026-08-01T00:00:00Z info    read 5 records  file=a.gz`
  case text
  /// One JSON object a line: `time`, `level`, `task`, `message`, and the fields.
  case json
}

/// What a field of a message may hold: with JSON a number stays a number.
public protocol LogValue: Sendable {
  /// The value as JSON (RFC 8259).
  var logJSON: String { get }
}

extension String: LogValue {
  /// A JSON string (RFC 8259, section 7).
  public var logJSON: String { Log.json(self) }
}

extension Int: LogValue {
  /// In decimal digits.
  public var logJSON: String { String(self) }
}

extension Int64: LogValue {
  /// In decimal digits.
  public var logJSON: String { String(self) }
}

extension Double: LogValue {
  /// As Swift writes it; what is no finite number is a string, as JSON has none such.
  public var logJSON: String { isFinite ? "\(self)" : Log.json("\(self)") }
}

extension Bool: LogValue {
  /// `true` or `false`.
  public var logJSON: String { String(self) }
}

/// Messages for people and for those who collect them, on standard error.
public final class Log: Sendable {
  /// What a message says besides its text, by name.
  public typealias Fields = [String: any LogValue]

  /// How much a message matters, the least first.
  public enum Level: String, Sendable, Comparable {
    case debug, info, warning, error

    private var rank: Int {
      switch self {
      case .debug: 0
      case .info: 1
      case .warning: 2
      case .error: 3
      }
    }
    /// The less important one first.
    public static func < (one: Level, other: Level) -> Bool { one.rank < other.rank }
  }

  /// How lines look.
  public let format: LogFormat
  /// Messages below this level are not written.
  public let threshold: Level
  let task: String
  let console: Console
  private let run = Mutex<String?>(nil)

  /// - Parameter write: where the lines go; by default standard error.
  public init(
    task: String, format: LogFormat = .text, threshold: Level = .info,
    write: (@Sendable (String) -> Void)? = nil
  ) {
    self.task = task
    self.format = format
    self.threshold = threshold
    console = write.map(Console.init(write:)) ?? .standardError
  }

  /// A log that writes nothing, for tests and for libraries without one.
  public static let none = Log(task: "", threshold: .error, write: { _ in })

  /// Has every line of JSON from now on say which run the task works on, as `run_id`; a line's own field of that name
  /// counts more.
  public func concerns(run id: String) { run.withLock { $0 = id } }

  /// For finding faults; written with `--verbose`.
  public func debug(_ message: String, _ fields: Fields = [:]) { write(.debug, message, fields) }
  /// What the task does, in one line; the fields are sorted by their keys.
  public func info(_ message: String, _ fields: Fields = [:]) { write(.info, message, fields) }
  /// Something that someone should look at, although the task goes on; written with `--quiet` too.
  public func warning(_ message: String, _ fields: Fields = [:]) {
    write(.warning, message, fields)
  }
  /// Something that makes the task fail; what ends it is reported by itself when it is thrown.
  public func error(_ message: String, _ fields: Fields = [:]) { write(.error, message, fields) }

  /// Writes what ended the task: with text, `error: what is wrong; what to do`, on one line.
  func report(_ error: any ReportableError) {
    let message = Log.oneLine(error.message)
    let advice = error.advice.map(Log.oneLine)
    switch format {
    case .text: console.line("error: \(message)" + (advice.map { "; \($0)" } ?? ""))
    case .json:
      var fields: Fields = ["exit_code": Int(error.exitCode.rawValue)]
      fields["advice"] = advice
      write(.error, message, fields)
    }
  }

  /// Writes that a signal ended the task; other threads may still be at work, but nobody reads of it.
  func reportInterrupt(_ signal: String) {
    let message = "stopped by \(signal)"
    let advice = "run the task again to complete its work"
    switch format {
    case .text: console.line("error: \(message); \(advice)", isLast: true)
    case .json: write(.error, message, ["advice": advice], isLast: true)
    }
  }

  private func write(_ level: Level, _ message: String, _ fields: Fields, isLast: Bool = false) {
    guard level >= threshold else { return }
    let time = UTCTime.now.iso8601
    let sorted = fields.sorted { $0.key < $1.key }
    switch format {
    case .text:
      let name = level.rawValue + String(repeating: " ", count: 7 - level.rawValue.count)
      let tail = sorted.map { "  \($0.key)=\(Log.quoted("\($0.value)"))" }.joined()
      console.line("\(time) \(name) \(Log.oneLine(message))\(tail)")
    case .json:
      // The keys of every line come first and cannot be taken by a field.
      var fixed = [("time", time), ("level", level.rawValue), ("task", task), ("message", message)]
      if fields["run_id"] == nil, let run = run.withLock({ $0 }) { fixed.append(("run_id", run)) }
      let free = sorted.filter { field in !fixed.contains { $0.0 == field.key } }
      let members =
        fixed.map { "\(Log.json($0.0)):\(Log.json($0.1))" }
        + free.map { "\(Log.json($0.key)):\($0.value.logJSON)" }
      console.line("{\(members.joined(separator: ","))}", isLast: isLast)
    }
  }

  /// Line breaks and other control characters shown as escapes: a message is one line, and cannot steer a terminal.
  public static func oneLine(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": result += "\\n"
      case "\t": result += " "
      case _ where scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value):
        result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func quoted(_ value: String) -> String {
    let line = oneLine(value)
    return line.contains(" ") || line.isEmpty ? "\"\(line)\"" : line
  }

  /// A JSON string (RFC 8259, section 7).
  static func json(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
