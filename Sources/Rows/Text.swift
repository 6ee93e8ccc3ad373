import Dump
import Parquet

/// A field's text without the white space at its ends; empty stands for missing.
struct Text {
  var start: UnsafePointer<UInt8>
  var count: Int

  /// What no field has given yet; there is nothing to read where it starts.
  @inline(__always)
  static var missing: Text { Text(start: UnsafePointer(bitPattern: 1)!, count: 0) }

  var isEmpty: Bool { count == 0 }

  init(start: UnsafePointer<UInt8>, count: Int) {
    self.start = start
    self.count = count
  }

  @inline(__always)
  init(trimming field: Field) { self.init(trimming: field.start, field.count) }

  @inline(__always)
  init(trimming start: UnsafePointer<UInt8>, _ count: Int) {
    self.start = start
    self.count = count
    guard count > 0 else { return }
    // Most texts begin and end with a letter or a digit.
    if !Text.isPlain(start[0]) || !Text.isPlain(start[count - 1]) { trim() }
  }

  /// A byte of ASCII that is no white space.
  @inline(__always)
  private static func isPlain(_ byte: UInt8) -> Bool { byte &- 0x21 < 0x5F }

  @inline(never)
  private mutating func trim() {
    while count > 0, case let length = Text.spaceLength(start, count), length > 0 {
      start += length
      count -= length
    }
    while count > 0, case let length = Text.trailingSpaceLength(start, count), length > 0 { count -= length }
  }

  /// The number of bytes of the white space character that the text begins with, or 0.
  private static func spaceLength(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
    switch bytes[0] {
    case 0x09...0x0D, 0x1C...0x20: return 1
    case 0xC2 where count >= 2: return bytes[1] == 0x85 || bytes[1] == 0xA0 ? 2 : 0
    case 0xE1 where count >= 3: return bytes[1] == 0x9A && bytes[2] == 0x80 ? 3 : 0  // U+1680
    case 0xE2 where count >= 3:
      switch (bytes[1], bytes[2]) {
      case (0x80, 0x80...0x8A), (0x80, 0xA8), (0x80, 0xA9), (0x80, 0xAF), (0x81, 0x9F): return 3
      default: return 0
      }
    case 0xE3 where count >= 3: return bytes[1] == 0x80 && bytes[2] == 0x80 ? 3 : 0  // U+3000
    default: return 0
    }
  }

  private static func trailingSpaceLength(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
    for length in 1...3 where length <= count {
      if spaceLength(bytes + (count - length), length) == length { return length }
    }
    return 0
  }

  /// The number that the text is: digits alone, of at most 2^63 - 1; nil if it is none.
  var number: Int64? {
    guard count > 0 else { return nil }
    var value: Int64 = 0
    if count <= 18 {
      for at in 0..<count {
        let digit = start[at] &- UInt8(ascii: "0")
        guard digit < 10 else { return nil }
        value = value &* 10 &+ Int64(digit)
      }
      return value
    }
    for at in 0..<count {
      let digit = start[at] &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
      let (next, carry) = shifted.addingReportingOverflow(Int64(digit))
      if overflow || carry { return nil }
      value = next
    }
    return value
  }

  /// Whether there are digits and nothing else.
  var isDigits: Bool {
    count > 0 && !UnsafeBufferPointer(start: start, count: count).contains { $0 &- 0x30 > 9 }
  }

  /// Whether it is 0 in any spelling: `0`, `00`, …
  var isZero: Bool { count > 0 && !UnsafeBufferPointer(start: start, count: count).contains { $0 != 0x30 } }
}

extension ByteArrayValues {
  /// Appends a text to the value that is being built.
  @inline(__always)
  func append(_ text: Text) { append(bytes: text.start, count: text.count) }

  /// Adds one of several texts, with `separator` before it unless it is the first; missing ones are left out.
  @inline(__always)
  func join(_ text: Text, _ separator: Text) {
    if text.isEmpty { return }
    if pendingCount > 0 { append(separator) }
    append(text)
  }

  /// Adds one of several texts, with `separator` before it unless it is the first; missing ones are left out.
  @inline(__always)
  func join(_ text: Text, _ separator: StaticString) {
    join(text, Text(start: separator.utf8Start, count: separator.utf8CodeUnitCount))
  }

  /// A row of its own.
  @inline(__always)
  func row(_ text: Text) {
    append(text)
    finishValue()
  }
}
