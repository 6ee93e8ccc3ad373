import Platform

/// Reads structures in Thrift's compact protocol from bytes that nobody vouches for.
///
/// Every read is checked against the end of the bytes, no size that the bytes claim is allocated before as many
/// bytes are there, nesting is limited, and numbers that do not fit are errors.
struct ThriftCompactReader {
  private let bytes: ArraySlice<UInt8>
  /// The index of the next byte.
  private(set) var position: Int
  private var depth = 0

  /// Deeper nesting than Parquet's own structures have is not read.
  private static let maximumDepth = 32

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  /// The structures that are being read, outermost first.
  private var open: [OpenStructure] = []

  private struct OpenStructure {
    var lastField: Int16 = 0
    /// The value that `nextField` returned last, and where it starts.
    var value: Value?
    var start = 0
  }

  /// What a field's or list element's value is read with.
  struct Value {
    fileprivate let type: ThriftType
  }

  /// Starts to read a structure: `nextField` returns its fields until it returns nil.
  mutating func beginStructure() throws {
    try descend()
    open.append(OpenStructure())
  }

  /// The structure's next field; nil after its last. If the value of the one before was not read, it is skipped.
  mutating func nextField() throws -> (id: Int16, value: Value)? {
    let inner = open.count - 1
    // Booleans stand in the field's header; any other value that was read has moved the position.
    if let value = open[inner].value, position == open[inner].start { try skip(value) }
    let header = try byte()
    if header == 0 {
      open.removeLast()
      depth -= 1
      return nil
    }
    guard let type = ThriftType(rawValue: header & 0x0F) else {
      throw malformed("field type \(header & 0x0F)")
    }
    let id = header >> 4 == 0 ? try zigZag() : Int64(open[inner].lastField) + Int64(header >> 4)
    guard let id = Int16(exactly: id) else { throw malformed("field id \(id)") }
    let value = Value(type: type)
    open[inner] = OpenStructure(lastField: id, value: value, start: position)
    return (id, value)
  }

  /// Reads a structure of which nothing is wanted.
  mutating func skipStructure() throws {
    try beginStructure()
    while try nextField() != nil {}
  }

  mutating func bool(_ value: Value) throws -> Bool {
    switch value.type {
    case .boolTrue: true
    case .boolFalse: false
    default: throw malformed("a boolean was expected")
    }
  }

  mutating func int8(_ value: Value) throws -> Int8 {
    guard value.type == .byte else { throw malformed("an integer of another type was expected") }
    return Int8(bitPattern: try byte())
  }

  mutating func int16(_ value: Value) throws -> Int16 { try integer(value, .i16) }
  mutating func int32(_ value: Value) throws -> Int32 { try integer(value, .i32) }
  mutating func int64(_ value: Value) throws -> Int64 { try integer(value, .i64) }

  /// An enumeration's value; nil for one that is newer than this reader.
  mutating func enumeration<E: RawRepresentable<Int32>>(_ value: Value, _ type: E.Type = E.self) throws -> E?
  {
    E(rawValue: try int32(value))
  }

  mutating func binary(_ value: Value) throws -> [UInt8] {
    guard value.type == .binary else { throw malformed("a byte string was expected") }
    return Array(try take(try length()))
  }

  mutating func string(_ value: Value) throws -> String {
    let bytes = try binary(value)
    guard let string = String(validating: bytes, as: UTF8.self) else {
      throw malformed("text that is not UTF-8")
    }
    return string
  }

  mutating func structure<S: ThriftStructure>(_ value: Value, _ type: S.Type = S.self) throws -> S {
    guard value.type == .structure else { throw malformed("a structure was expected") }
    return try S(from: &self)
  }

  /// A list; each element is read by `element`.
  mutating func list<Element>(
    _ value: Value, _ element: (Value, inout ThriftCompactReader) throws -> Element
  ) throws -> [Element] {
    guard value.type == .list else { throw malformed("a list was expected") }
    var elements: [Element] = []
    try forEachElement { elements.append(try element($0, &$1)) }
    return elements
  }

  /// A boolean as a list's element, where it takes a byte of its own.
  mutating func boolElement(_ value: Value) throws -> Bool {
    guard value.type == .boolTrue || value.type == .boolFalse else {
      throw malformed("a boolean was expected")
    }
    return try byte() == 1
  }

  private mutating func forEachElement(
    _ body: (Value, inout ThriftCompactReader) throws -> Void
  ) throws {
    try descend()
    let header = try byte()
    guard let type = ThriftType(rawValue: header & 0x0F) else {
      throw malformed("element type \(header & 0x0F)")
    }
    let count = header >> 4 == 15 ? try length() : Int(header >> 4)
    // An element takes at least one byte.
    guard count <= remaining else { throw malformed("a list of \(counted(count, "element"))") }
    for _ in 0..<count { try body(Value(type: type), &self) }
    depth -= 1
  }

  private mutating func skip(_ value: Value, asElement: Bool = false) throws {
    switch value.type {
    case .boolTrue, .boolFalse: if asElement { _ = try byte() }
    case .byte: _ = try byte()
    case .i16, .i32, .i64: _ = try varint()
    case .double: _ = try take(8)
    case .binary: _ = try take(try length())
    case .list, .set: try forEachElement { try $1.skip($0, asElement: true) }
    case .map: try skipMap()
    case .structure: try skipStructure()
    }
  }

  private mutating func skipMap() throws {
    try descend()
    let count = try length()
    if count > 0 {
      let types = try byte()
      guard let key = ThriftType(rawValue: types >> 4), let value = ThriftType(rawValue: types & 0x0F) else {
        throw malformed("map types \(types)")
      }
      guard count <= remaining else { throw malformed("a map of \(counted(count, "element"))") }
      for _ in 0..<count {
        try skip(Value(type: key), asElement: true)
        try skip(Value(type: value), asElement: true)
      }
    }
    depth -= 1
  }

  private mutating func descend() throws {
    guard depth < Self.maximumDepth else { throw malformed("structures nested too deeply") }
    depth += 1
  }

  private var remaining: Int { bytes.endIndex - position }

  private mutating func byte() throws -> UInt8 {
    guard position < bytes.endIndex else { throw malformed("the end inside a structure") }
    defer { position += 1 }
    return bytes[position]
  }

  private mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
    guard count <= remaining else { throw malformed("a value of \(counted(count, "byte"))") }
    defer { position += count }
    return bytes[position..<position + count]
  }

  private mutating func length() throws -> Int {
    guard let length = Int32(exactly: try varint()) else { throw malformed("a length") }
    return Int(length)
  }

  private mutating func integer<I: FixedWidthInteger>(_ value: Value, _ type: ThriftType) throws -> I {
    guard value.type == type else { throw malformed("an integer of another type was expected") }
    guard let integer = I(exactly: try zigZag()) else { throw malformed("an integer that does not fit") }
    return integer
  }

  private mutating func zigZag() throws -> Int64 { Int64(zigZag: try varint()) }

  private mutating func varint() throws -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      let next = try byte()
      // The tenth byte has room for one bit.
      if shift == 63 && next > 1 { break }
      value |= UInt64(next & 0x7F) << shift
      if next < 0x80 { return value }
    }
    throw malformed("an integer of more than 64 bits")
  }

  func malformed(_ what: String) -> ParquetError {
    .malformed("\(what) at byte \(position - bytes.startIndex) of its metadata")
  }

  /// The value, unless its required field was missing.
  func required<T>(_ value: T?, _ field: String) throws -> T {
    guard let value else { throw malformed("no \(field)") }
    return value
  }
}
