/// A JSON value (RFC 8259) with what both engines' answers need and a dictionary of doubles would lose: numbers keep
/// their digits, members keep their order and may repeat.
indirect enum JSON: Sendable, Hashable {
  case null
  case boolean(Bool)
  /// The number as written. DuckDB also writes `NaN`, `Infinity` and `-Infinity`.
  case number(String)
  case string(String)
  case array([JSON])
  case object([Member])

  struct Member: Sendable, Hashable {
    var name: String
    var value: JSON
  }

  /// The first member with this name, when this is an object that has one.
  subscript(name: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  var array: [JSON]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  var integer: Int64? {
    if case .number(let digits) = self { Int64(digits) } else { nil }
  }

  /// Reads one value; white space may surround it.
  ///
  /// - Throws: ``JSONError`` with the place of the first byte that does not belong there.
  init(parsing bytes: some Sequence<UInt8>) throws(JSONError) {
    let copy = ContiguousArray(bytes)
    let result: Result<JSON, JSONError> = copy.withUnsafeBufferPointer { buffer in
      var parser = JSONParser(bytes: buffer)
      do throws(JSONError) { return .success(try parser.document()) } catch { return .failure(error) }
    }
    self = try result.get()
  }
}

/// Bytes that are not JSON.
struct JSONError: Error, Sendable, CustomStringConvertible {
  var offset: Int
  var description: String { "not JSON at byte \(offset)" }
}

/// Reads JSON value by value, so that who looks for some members of a large one need not keep the rest.
struct JSONParser {
  let bytes: UnsafeBufferPointer<UInt8>
  var at = 0
  /// How deep arrays and objects may nest: more than any answer's, less than the stack's limit.
  var depth = 128
  private static let longestNumber = 1024

  init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// Goes through the members of the object that comes next; `body` reads or skips each one's value.
  mutating func members(
    _ body: (inout JSONParser, String) throws(JSONError) -> Void
  ) throws(JSONError) {
    guard accept("{") else { throw JSONError(offset: at) }
    if accept("}") { return }
    repeat {
      skipBlanks()
      guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { throw JSONError(offset: at) }
      let name = try string()
      guard accept(":") else { throw JSONError(offset: at) }
      try body(&self, name)
    } while accept(",")
    guard accept("}") else { throw JSONError(offset: at) }
  }

  /// Goes through the elements of the array that comes next, likewise.
  mutating func array(_ body: (inout JSONParser) throws(JSONError) -> Void) throws(JSONError) {
    guard accept("[") else { throw JSONError(offset: at) }
    if accept("]") { return }
    repeat { try body(&self) } while accept(",")
    guard accept("]") else { throw JSONError(offset: at) }
  }

  /// The same for a body that may fail otherwise, too.
  /// - Throws: ``JSONError``, and what `body` throws.
  mutating func elements(_ body: (inout JSONParser) throws -> Void) throws {
    guard accept("[") else { throw JSONError(offset: at) }
    if accept("]") { return }
    repeat { try body(&self) } while accept(",")
    guard accept("]") else { throw JSONError(offset: at) }
  }

  /// Reads the value that comes next if it is neither an object nor an array; passes over those, and is nil then.
  mutating func scalar() throws(JSONError) -> JSON? {
    let start = try startOfValue()
    if bytes[start] == UInt8(ascii: "{") || bytes[start] == UInt8(ascii: "[") {
      try skip()
      return nil
    }
    return try value()
  }

  /// The place of the first byte of the value that comes next.
  mutating func startOfValue() throws(JSONError) -> Int {
    skipBlanks()
    guard at < bytes.count else { throw JSONError(offset: at) }
    return at
  }

  /// Whether a value that begins there is `null`.
  func isNull(at start: Int) -> Bool { bytes[start] == UInt8(ascii: "n") }

  /// Passes over the value that comes next, of which nothing is kept but one text at a time.
  mutating func skip() throws(JSONError) {
    skipBlanks()
    guard at < bytes.count else { throw JSONError(offset: at) }
    switch bytes[at] {
    case UInt8(ascii: "{"):
      try descend { parser throws(JSONError) in
        try parser.members { parser, _ throws(JSONError) in try parser.skip() }
      }
    case UInt8(ascii: "["):
      try descend { parser throws(JSONError) in
        try parser.array { parser throws(JSONError) in try parser.skip() }
      }
    default: _ = try value()
    }
  }

  private mutating func descend(_ body: (inout JSONParser) throws(JSONError) -> Void) throws(JSONError) {
    guard depth > 0 else { throw JSONError(offset: at) }
    depth -= 1
    try body(&self)
    depth += 1
  }

  /// Checks that nothing comes any more.
  mutating func end() throws(JSONError) {
    skipBlanks()
    guard at == bytes.count else { throw JSONError(offset: at) }
  }

  mutating func document() throws(JSONError) -> JSON {
    let value = try value()
    try end()
    return value
  }

  /// Reads the value that comes next.
  mutating func value() throws(JSONError) -> JSON {
    skipBlanks()
    guard at < bytes.count else { throw JSONError(offset: at) }
    switch bytes[at] {
    case UInt8(ascii: "{"): return try nested { parser throws(JSONError) in try parser.object() }
    case UInt8(ascii: "["): return try nested { parser throws(JSONError) in try parser.array() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .boolean(true))
    case UInt8(ascii: "f"): return try word("false", .boolean(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return .number(try number())
    }
  }

  private mutating func nested(_ body: (inout JSONParser) throws(JSONError) -> JSON) throws(JSONError) -> JSON
  {
    guard depth > 0 else { throw JSONError(offset: at) }
    depth -= 1
    let value = try body(&self)
    depth += 1
    return value
  }

  private mutating func object() throws(JSONError) -> JSON {
    at += 1
    var members: [JSON.Member] = []
    if accept("}") { return .object(members) }
    repeat {
      skipBlanks()
      guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { throw JSONError(offset: at) }
      let name = try string()
      guard accept(":") else { throw JSONError(offset: at) }
      members.append(JSON.Member(name: name, value: try value()))
    } while accept(",")
    guard accept("}") else { throw JSONError(offset: at) }
    return .object(members)
  }

  private mutating func array() throws(JSONError) -> JSON {
    at += 1
    var elements: [JSON] = []
    if accept("]") { return .array(elements) }
    repeat { elements.append(try value()) } while accept(",")
    guard accept("]") else { throw JSONError(offset: at) }
    return .array(elements)
  }

  /// Reads a string whose quote is at `at`. Bytes that are not UTF-8 and lone surrogates become U+FFFD.
  private mutating func string() throws(JSONError) -> String {
    at += 1
    let start = at
    while at < bytes.count, bytes[at] != UInt8(ascii: "\""), bytes[at] != UInt8(ascii: "\\") { at += 1 }
    guard at < bytes.count else { throw JSONError(offset: at) }
    let plain = UnsafeBufferPointer(rebasing: bytes[start..<at])
    if bytes[at] == UInt8(ascii: "\"") {
      at += 1
      return String(decoding: plain, as: UTF8.self)
    }
    var text = Array(plain)
    while true {
      guard at < bytes.count else { throw JSONError(offset: at) }
      let byte = bytes[at]
      at += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): try escape(into: &text)
      default: text.append(byte)
      }
    }
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
    guard at < bytes.count else { throw JSONError(offset: at) }
    let byte = bytes[at]
    at += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var code = try fourHexDigits()
      if 0xD800..<0xDC00 ~= code, at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"),
        bytes[at + 1] == UInt8(ascii: "u")
      {
        let afterHigh = at
        at += 2
        let low = try fourHexDigits()
        if 0xDC00..<0xE000 ~= low {
          code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        } else {
          at = afterHigh
        }
      }
      text.append(contentsOf: String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
    default: throw JSONError(offset: at - 1)
    }
  }

  private mutating func fourHexDigits() throws(JSONError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard at < bytes.count, let digit = Character(Unicode.Scalar(bytes[at])).hexDigitValue else {
        throw JSONError(offset: at)
      }
      code = code << 4 | UInt32(digit)
      at += 1
    }
    return code
  }

  private mutating func number() throws(JSONError) -> String {
    let start = at
    scan: while at < bytes.count {
      switch bytes[at] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
        UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
        at += 1
      default: break scan
      }
    }
    // No engine has a type with more digits: what goes on and on is no number.
    guard at - start <= Self.longestNumber else { throw JSONError(offset: start) }
    let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<at]), as: UTF8.self)
    guard Double(text) != nil else { throw JSONError(offset: start) }
    return text
  }

  private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
    let end = at + word.utf8CodeUnitCount
    guard end <= bytes.count,
      bytes[at..<end].elementsEqual(
        UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    else { throw JSONError(offset: at) }
    at = end
    return value
  }

  private mutating func accept(_ scalar: Unicode.Scalar) -> Bool {
    skipBlanks()
    guard at < bytes.count, bytes[at] == UInt8(ascii: scalar) else { return false }
    at += 1
    return true
  }

  private mutating func skipBlanks() {
    while at < bytes.count {
      switch bytes[at] {
      case 0x20, 0x09, 0x0A, 0x0D: at += 1
      default: return
      }
    }
  }
}
