import Glibc

/// The smallest and the largest value of a page or column chunk, and how many NULLs there are (`Statistics`).
///
/// Values are in the plain encoding without a length: INT64 as eight bytes, text as its bytes. Text is ordered by
/// unsigned bytes, which is the order of its code points.
struct Statistics: ThriftStructure, Sendable {
  var nullCount: Int64?
  /// The number of different values; known when there is a dictionary.
  var distinctCount: Int64?
  var maxValue: [UInt8]?
  var minValue: [UInt8]?
  /// false when `maxValue` is only an upper bound.
  var isMaxValueExact: Bool?
  /// false when `minValue` is only a lower bound.
  var isMinValueExact: Bool?

  init(nullCount: Int64) { self.nullCount = nullCount }

  func write(to writer: inout ThriftCompactWriter) {
    writer.field(3, nullCount)
    writer.field(4, distinctCount)
    writer.field(5, maxValue)
    writer.field(6, minValue)
    writer.field(7, isMaxValueExact)
    writer.field(8, isMinValueExact)
  }

  init(from reader: inout ThriftCompactReader) throws {
    try reader.beginStructure()
    while let (id, value) = try reader.nextField() {
      switch id {
      case 3: nullCount = try reader.int64(value)
      case 4: distinctCount = try reader.int64(value)
      case 5: maxValue = try reader.binary(value)
      case 6: minValue = try reader.binary(value)
      case 7: isMaxValueExact = try reader.bool(value)
      case 8: isMinValueExact = try reader.bool(value)
      default: break
      }
    }
  }
}

/// The bounds of text within a number of bytes.
enum TextBounds {
  /// The longest prefix of at most `limit` bytes that ends between characters: not above the value.
  static func lower(_ value: [UInt8], limit: Int) -> [UInt8] {
    if value.count <= limit { return value }
    return Array(value[..<characterBoundary(in: value, notAfter: limit)])
  }

  /// The shortest text that is known to be above the value: its prefix of at most `limit` bytes with the last
  /// character that can be raised raised by one code point, and nothing after it. nil when no character can.
  /// A value within the limit is its own bound.
  static func upper(_ value: [UInt8], limit: Int) -> [UInt8]? {
    if value.count <= limit { return value }
    var end = characterBoundary(in: value, notAfter: limit)
    while end > 0 {
      let start = characterBoundary(in: value, notAfter: end - 1)
      if let next = successor(of: value[start..<end]), start + next.count <= limit {
        return value[..<start] + next
      }
      end = start
    }
    return nil
  }

  /// The last index up to `index` that is not inside a character.
  private static func characterBoundary(in value: [UInt8], notAfter index: Int) -> Int {
    var index = index
    while index > 0 && value[index] & 0xC0 == 0x80 { index -= 1 }
    return index
  }

  /// The next character in code point order; nil after the last one, and for what is not a character.
  private static func successor(of character: ArraySlice<UInt8>) -> [UInt8]? {
    guard let scalar = String(validating: character, as: UTF8.self)?.unicodeScalars.first else { return nil }
    // Surrogates are no characters.
    let next = scalar.value == 0xD7FF ? 0xE000 : scalar.value + 1
    return Unicode.Scalar(next).map { Array(String(Character($0)).utf8) }
  }
}

/// A minimum and a maximum of byte strings in memory, kept while looking at one value after the other.
///
/// Most comparisons are decided by the first eight bytes as one number.
struct ByteRange {
  private var minimumPrefix = UInt64.max
  private var maximumPrefix = UInt64.min
  private(set) var minimum: UnsafeRawBufferPointer?
  private(set) var maximum: UnsafeRawBufferPointer?

  /// Takes a value into account that stays in memory as long as this is used.
  @inline(__always) mutating func include(_ start: UnsafePointer<UInt8>, count: Int) {
    include(start, count: count, prefix: Self.prefix(start, count: count))
  }

  @inline(__always) mutating func include(_ start: UnsafePointer<UInt8>, count: Int, prefix: UInt64) {
    if prefix <= minimumPrefix { lower(start, count, prefix) }
    if prefix >= maximumPrefix { raise(start, count, prefix) }
  }

  @inline(never) private mutating func lower(_ start: UnsafePointer<UInt8>, _ count: Int, _ prefix: UInt64) {
    let value = UnsafeRawBufferPointer(start: start, count: count)
    if let minimum, !Self.isBefore(value, minimum) { return }
    minimum = value
    minimumPrefix = prefix
  }

  @inline(never) private mutating func raise(_ start: UnsafePointer<UInt8>, _ count: Int, _ prefix: UInt64) {
    let value = UnsafeRawBufferPointer(start: start, count: count)
    if let maximum, !Self.isBefore(maximum, value) { return }
    maximum = value
    maximumPrefix = prefix
  }

  /// The first eight bytes as a number that orders as they do; shorter values are filled up with zeros.
  @inline(__always) static func prefix(_ start: UnsafePointer<UInt8>, count: Int) -> UInt64 {
    if count >= 8 { return UInt64(bigEndian: UnsafeRawPointer(start).loadUnaligned(as: UInt64.self)) }
    var prefix: UInt64 = 0
    for index in 0..<count { prefix |= UInt64(start[index]) << UInt64(56 - 8 * index) }
    return prefix
  }

  static func isBefore(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    let common = min(a.count, b.count)
    let order = common == 0 ? 0 : memcmp(a.baseAddress!, b.baseAddress!, common)
    return order == 0 ? a.count < b.count : order < 0
  }
}
