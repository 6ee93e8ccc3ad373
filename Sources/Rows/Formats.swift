import Parquet

// The few values that need more than a text of their own.

/// Artists as they are printed, put together one after the other.
struct DisplayCredit {
  private var isEmpty = true
  private var join = Text.missing

  /// Appends an artist under the name that is printed; one without any is left out.
  /// - Parameter join: what stands between this one and the next.
  mutating func append(variation: Text, name: Text, join: Text, to values: ByteArrayValues) {
    let printed = variation.isEmpty ? name.withoutNumber : variation
    if printed.isEmpty { return }
    if !isEmpty { values.appendJoin(self.join) }
    values.append(printed)
    isEmpty = false
    self.join = join
  }
}

extension ByteArrayValues {
  /// A phrase between two artists, with the blanks around it.
  fileprivate func appendJoin(_ phrase: Text) {
    if phrase.isEmpty { return append(bytes: ", ") }
    if phrase.start[0] != UInt8(ascii: ",") { append(byte: UInt8(ascii: " ")) }
    append(phrase)
    append(byte: UInt8(ascii: " "))
  }

  /// Adds a credit: `ROLE: NAME`, or only one of them.
  func appendCredit(role: Text, name: Text) {
    if role.isEmpty || name.isEmpty { return join(role.isEmpty ? name : role, "; ") }
    join(role, "; ")
    append(bytes: ": ")
    append(name)
  }

  /// Adds an identifier: `TYPE [DESCRIPTION] : VALUE`, without what is missing and what would stand around it.
  func appendIdentifier(type: Text, description: Text, value: Text) {
    if type.isEmpty, description.isEmpty, value.isEmpty { return }
    if pendingCount > 0 { append(bytes: "; ") }
    append(type)
    if !description.isEmpty {
      append(bytes: type.isEmpty ? "[" : " [")
      append(description)
      append(byte: UInt8(ascii: "]"))
    }
    if !value.isEmpty {
      append(bytes: type.isEmpty && description.isEmpty ? ": " : " : ")
      append(value)
    }
  }
}

/// A date of which parts may be missing or wrong.
struct PartialDate {
  private(set) var year: Int?
  private(set) var month: Int?
  private(set) var day: Int?

  /// Reads `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, month and day of one or two digits; of any other text nothing.
  init(_ text: Text) {
    guard text.count >= 4, let year = text.digits(0..<4) else { return }
    var parts: [Int] = []
    var at = 4
    while at < text.count {
      guard parts.count < 2, text.start[at] == UInt8(ascii: "-") else { return }
      let start = at + 1
      at = start
      while at < text.count, text.start[at] != UInt8(ascii: "-") { at += 1 }
      guard (1...2).contains(at - start), let part = text.digits(start..<at) else { return }
      parts.append(part)
    }
    guard year > 0 else { return }
    self.year = year
    guard let month = parts.first, (1...12).contains(month) else { return }
    self.month = month
    guard parts.count == 2, (1...PartialDate.days(in: month, of: year)).contains(parts[1]) else { return }
    day = parts[1]
  }

  private static func days(in month: Int, of year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

extension Text {
  /// The number that these digits are, or nil if anything else is among them.
  fileprivate func digits(_ range: Range<Int>) -> Int? {
    var value = 0
    for at in range {
      let digit = start[at] &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      value = value * 10 + Int(digit)
    }
    return value
  }

  /// The seconds of a duration `M:SS`, minutes of one to three digits, or `H:MM:SS`, hours of one or two.
  var seconds: Int64? {
    guard count >= 4, start[count - 3] == UInt8(ascii: ":"), let seconds = digits(count - 2..<count),
      seconds < 60
    else { return nil }
    let rest = count - 3
    if rest >= 4, start[rest - 3] == UInt8(ascii: ":") {
      guard rest - 3 <= 2, let hours = digits(0..<rest - 3), let minutes = digits(rest - 2..<rest),
        minutes < 60
      else { return nil }
      return Int64(hours * 3600 + minutes * 60 + seconds)
    }
    guard rest <= 3, let minutes = digits(0..<rest) else { return nil }
    return Int64(minutes * 60 + seconds)
  }

  /// `true` or `false`, nil for anything else.
  var flag: Bool? {
    if equals("true") { return true }
    return equals("false") ? false : nil
  }

  private func equals(_ word: StaticString) -> Bool {
    guard count == word.utf8CodeUnitCount else { return false }
    for at in 0..<count where start[at] != word.utf8Start[at] { return false }
    return true
  }

  /// The text without a number in brackets at its end, by which the database tells namesakes apart.
  var withoutNumber: Text {
    guard count >= 4, start[count - 1] == UInt8(ascii: ")") else { return self }
    var at = count - 1
    while at > 0, start[at - 1] &- UInt8(ascii: "0") < 10 { at -= 1 }
    guard at < count - 1, at >= 2, start[at - 1] == UInt8(ascii: "("), start[at - 2] == UInt8(ascii: " ")
    else {
      return self
    }
    let name = Text(trimming: start, at - 2)
    return name.isEmpty ? self : name
  }
}
