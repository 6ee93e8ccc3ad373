import TaskKit

/// A length of time as an option: `90`, `90s`, `15m`, `6h`, `5d`; a bare number is seconds, fractions are
/// allowed.
public struct WaitingTime: OptionValue, Hashable {
  /// The length; never negative when it was read from an option.
  public let duration: Duration

  /// A default for an option.
  public init(_ duration: Duration) { self.duration = duration }

  /// Nil for what is no number, with or without a unit, is negative, or is longer than 3,660 days.
  public init?(optionValue text: String) {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    var digits = Substring(text)
    var unit = 1.0
    if let last = text.last, let factor = units[last] {
      unit = factor
      digits.removeLast()
    }
    guard let first = digits.first, first.isASCII, first.isNumber || first == ".",
      let number = Double(digits),
      number.isFinite, number * unit <= 3660 * 86_400
    else { return nil }
    duration = .seconds(number * unit)
  }

  /// In the largest unit of which it is a multiple, fractions of a second left out: `90s`, `15m`.
  public var optionText: String {
    let seconds = Int(duration.components.seconds)
    for (unit, length) in [("d", 86_400), ("h", 3600), ("m", 60)] where seconds > 0 && seconds % length == 0 {
      return "\(seconds / length)\(unit)"
    }
    return "\(seconds)s"
  }

  /// What to write, for usage errors.
  public static var expectation: String { "a length of time such as 90s, 15m, 6h or 5d" }
}
