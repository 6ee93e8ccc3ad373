/// XML's rules for characters (XML 1.0, fifth edition: productions [2] Char, [66] CharRef, [68] EntityRef),
/// for input that is already in memory.
enum Characters {
  /// Whether `scalar` may stand in a document at all ([2] Char).
  static func isAllowed(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x9, 0xA, 0xD, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
    default: false
    }
  }

  /// The length of the well-formed UTF-8 sequence at `bytes` beyond ASCII, or 0 if there is none or if XML does not
  /// allow its character. Reads at most as far as the first byte that does not fit.
  @inline(__always)
  static func sequenceLength(_ bytes: UnsafePointer<UInt8>) -> Int {
    @inline(__always) func isTail(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
    let lead = bytes[0]
    if lead < 0xC2 { return 0 }
    guard isTail(bytes[1]) else { return 0 }
    if lead < 0xE0 { return 2 }
    guard isTail(bytes[2]) else { return 0 }
    if lead < 0xF0 {
      if lead == 0xE0, bytes[1] < 0xA0 { return 0 }  // overlong
      if lead == 0xED, bytes[1] > 0x9F { return 0 }  // surrogates
      if lead == 0xEF, bytes[1] == 0xBF, bytes[2] > 0xBD { return 0 }  // U+FFFE, U+FFFF
      return 3
    }
    guard lead < 0xF5, isTail(bytes[3]) else { return 0 }
    if lead == 0xF0, bytes[1] < 0x90 { return 0 }
    if lead == 0xF4, bytes[1] > 0x8F { return 0 }
    return 4
  }

  /// A reference to one of the five predefined entities or to a character, at its `&`.
  ///
  /// - Returns: the character and the number of bytes from `&` to `;`, or nil for anything else.
  static func reference(_ bytes: UnsafePointer<UInt8>) -> (scalar: UnicodeScalar, length: Int)? {
    switch bytes[1] {
    case UInt8(ascii: "#"): return characterReference(bytes)
    case UInt8(ascii: "a"):
      if matches(bytes, "&amp;") { return ("&", 5) }
      if matches(bytes, "&apos;") { return ("'", 6) }
    case UInt8(ascii: "l"):
      if matches(bytes, "&lt;") { return ("<", 4) }
    case UInt8(ascii: "g"):
      if matches(bytes, "&gt;") { return (">", 4) }
    case UInt8(ascii: "q"):
      if matches(bytes, "&quot;") { return ("\"", 6) }
    default: break
    }
    return nil
  }

  private static func characterReference(
    _ bytes: UnsafePointer<UInt8>
  ) -> (scalar: UnicodeScalar, length: Int)? {
    var at = 2
    let isHexadecimal = bytes[2] == UInt8(ascii: "x")
    if isHexadecimal { at += 1 }
    let first = at
    var value: UInt32 = 0
    while true {
      let byte = bytes[at]
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f") where isHexadecimal: digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F") where isHexadecimal: digit = byte - UInt8(ascii: "A") + 10
      case UInt8(ascii: ";") where at > first:
        guard isAllowed(value), let scalar = UnicodeScalar(value) else { return nil }
        return (scalar, at + 1)
      default: return nil
      }
      value = value * (isHexadecimal ? 16 : 10) + UInt32(digit)
      if value > 0x10FFFF { return nil }
      at += 1
    }
  }

  /// Whether `bytes` begin with `text`; never reads beyond the first byte that differs.
  @inline(__always)
  static func matches(_ bytes: UnsafePointer<UInt8>, _ text: StaticString) -> Bool {
    let expected = text.utf8Start
    for at in 0..<text.utf8CodeUnitCount where bytes[at] != expected[at] { return false }
    return true
  }

  /// [3] S
  @inline(__always)
  static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x09 || byte == 0x0D
  }

  /// Whether `byte` may begin a name; of ASCII's name characters all but the colon.
  @inline(__always)
  static func isNameStart(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_")
  }

  /// Whether `byte` may go on in a name; of ASCII's name characters all but the colon.
  @inline(__always)
  static func isNamePart(_ byte: UInt8) -> Bool {
    isNameStart(byte) || byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "-")
      || byte == UInt8(ascii: ".")
  }

  /// The length of the name at `bytes`, 0 if there is none.
  @inline(__always)
  static func nameLength(_ bytes: UnsafePointer<UInt8>) -> Int {
    guard isNameStart(bytes[0]) else { return 0 }
    var length = 1
    while isNamePart(bytes[length]) { length += 1 }
    return length
  }
}
