import Markup
import Platform

/// Numbers as people read them: grouped, rounded where the exact one stands beside it, with a sign where they are changes.
enum Figures {
  /// `19,341,287`
  static func grouped(_ value: some BinaryInteger) -> String {
    let digits = Array(String(value.magnitude))
    var text = value < 0 ? "−" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return text
  }

  /// `+1,234`, `−5`, `±0`
  static func signed(_ value: some BinaryInteger) -> String {
    value > 0 ? "+\(grouped(value))" : value < 0 ? grouped(value) : "±0"
  }

  /// Three digits that count, in words: `19.3 million`, `2,405`, `161 million`.
  static func rounded(_ value: Int64) -> String {
    let steps: [(Double, String)] = [(1e9, "billion"), (1e6, "million")]
    for (size, name) in steps where abs(Double(value)) >= size {
      return "\(decimal(Double(value) / size, digits: 3)) \(name)"
    }
    return grouped(value)
  }

  /// The same for an axis: `19.3 M`, `250 k`, `1,200`.
  static func short(_ value: Double) -> String {
    let steps: [(Double, String)] = [(1e9, "bn"), (1e6, "M"), (1e4, "k")]
    for (size, name) in steps where abs(value) >= size {
      return "\(trimmed(value / (size == 1e4 ? 1e3 : size), places: 2)) \(name)"
    }
    return value == value.rounded() ? grouped(Int64(value)) : trimmed(value, places: 3)
  }

  /// Basis points as a percentage: `12.34 %`.
  static func percent(basisPoints: Int64) -> String {
    let (whole, rest) = (basisPoints.magnitude / 100, basisPoints.magnitude % 100)
    return "\(basisPoints < 0 ? "−" : "")\(grouped(whole)).\(padded(Int(rest), 2)) %"
  }

  /// Basis points as a change: `+0.42 %`.
  static func signedPercent(basisPoints: Int64) -> String {
    (basisPoints > 0 ? "+" : basisPoints == 0 ? "±" : "") + percent(basisPoints: basisPoints)
  }

  /// Basis points as a number: `1.4687`, as averages are kept.
  static func average(basisPoints: Int64) -> String {
    let (whole, rest) = (basisPoints.magnitude / 10_000, basisPoints.magnitude % 10_000)
    return "\(basisPoints < 0 ? "−" : "")\(grouped(whole)).\(padded(Int(rest), 4))"
  }

  /// A share with one digit after the point: `12.3 %`; nil where there is nothing to divide by.
  static func share(_ part: Int64, of whole: Int64) -> String? {
    guard whole > 0 else { return nil }
    return "\(trimmed(Double(part) / Double(whole) * 100, places: 1, keepsZeros: true)) %"
  }

  /// A size in the unit that leaves one to three digits, in powers of a thousand as the tasks' messages have it:
  /// `10.4 GB`, `512 B`.
  static func bytes(_ value: Int) -> String {
    let steps: [(Double, String)] = [(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")]
    for (size, name) in steps where abs(Double(value)) >= size {
      return "\(value < 0 ? "−" : "")\(decimal(abs(Double(value)) / size, digits: 3)) \(name)"
    }
    return "\(grouped(value)) B"
  }

  /// A length of time: `1 h 02 min`, `3 min 12 s`, `4.2 s`, `40 ms`.
  static func duration(seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    if seconds > 0, seconds < 0.95 { return "\(max(1, Int((seconds * 1000).rounded()))) ms" }
    if whole >= 3600 { return "\(whole / 3600) h \(padded(whole / 60 % 60, 2)) min" }
    if whole >= 60 { return "\(whole / 60) min \(padded(whole % 60, 2)) s" }
    return "\(trimmed(seconds, places: 1)) s"
  }

  /// `1 run`, `2 runs`; with grouped digits.
  static func count(_ number: some BinaryInteger, _ one: String, _ several: String? = nil) -> String {
    "\(grouped(number)) \(number == 1 ? one : several ?? "\(one)s")"
  }

  /// `August 2026` for `2026-08` or a day in it; the text itself if it is neither.
  static func month(_ text: String) -> String {
    let names = [
      "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
      "November", "December",
    ]
    guard let number = Int(text.dropFirst(5).prefix(2)), (1...12).contains(number) else { return text }
    return "\(names[number - 1]) \(text.prefix(4))"
  }

  /// `1 August 2026` for `2026-08-01`; the month for `2026-08`.
  static func day(_ text: String) -> String {
    guard text.utf8.count == 10, let day = Int(text.suffix(2)) else { return month(text) }
    return "\(day) \(month(text))"
  }

  /// So many digits that count.
  private static func decimal(_ value: Double, digits: Int) -> String {
    trimmed(value, places: abs(value) >= 100 ? 0 : abs(value) >= 10 ? digits - 2 : digits - 1)
  }

  /// At most so many digits after the point, without zeros at the end.
  static func trimmed(_ value: Double, places: Int, keepsZeros: Bool = false) -> String {
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let scaled = (abs(value) * scale).rounded()
    guard scaled.isFinite, scaled < 9e18 else { return "\(value)" }
    let number = Int64(scaled)
    var fraction = places == 0 ? "" : padded(Int(number % Int64(scale)), places)
    while !keepsZeros, fraction.last == "0" { fraction.removeLast() }
    let sign = value < 0 && number != 0 ? "−" : ""
    return "\(sign)\(grouped(number / Int64(scale)))\(fraction.isEmpty ? "" : ".\(fraction)")"
  }
}
