/// The types of Thrift's compact protocol, as they stand in field and list headers.
enum ThriftType: UInt8 {
  case boolTrue = 1
  case boolFalse = 2
  case byte = 3
  case i16 = 4
  case i32 = 5
  case i64 = 6
  case double = 7
  case binary = 8
  case list = 9
  case set = 10
  case map = 11
  case structure = 12
}

/// Writes structures in Thrift's compact protocol, the form of Parquet's page headers, indexes and footer.
///
/// Specification: `doc/specs/thrift-compact-protocol.md` of Apache Thrift. Fields must come in ascending order of
/// their ids; `nil` values are left out.
struct ThriftCompactWriter {
  private(set) var bytes: [UInt8] = []
  private var lastField: Int16 = 0

  mutating func field(_ id: Int16, _ value: Bool?) {
    guard let value else { return }
    header(id, value ? .boolTrue : .boolFalse)
  }

  mutating func field(_ id: Int16, _ value: Int8) {
    header(id, .byte)
    bytes.append(UInt8(bitPattern: value))
  }

  mutating func field(_ id: Int16, _ value: Int32?) {
    guard let value else { return }
    header(id, .i32)
    zigZag(Int64(value))
  }

  mutating func field(_ id: Int16, _ value: Int16?) {
    guard let value else { return }
    header(id, .i16)
    zigZag(Int64(value))
  }

  mutating func field(_ id: Int16, _ value: Int64?) {
    guard let value else { return }
    header(id, .i64)
    zigZag(value)
  }

  mutating func field(_ id: Int16, _ value: some RawRepresentable<Int32>) { field(id, value.rawValue) }

  mutating func field(_ id: Int16, _ value: [UInt8]?) {
    guard let value else { return }
    header(id, .binary)
    binary(value)
  }

  mutating func field(_ id: Int16, _ value: String?) { field(id, value.map { Array($0.utf8) }) }

  mutating func field(_ id: Int16, _ value: (some ThriftStructure)?) {
    guard let value else { return }
    header(id, .structure)
    write(value)
  }

  /// A structure without fields, such as a union's choice that carries nothing else.
  mutating func emptyStructure(_ id: Int16) {
    header(id, .structure)
    bytes.append(0)
  }

  mutating func field(_ id: Int16, _ values: [some ThriftStructure]?) {
    guard let values else { return }
    list(id, of: .structure, count: values.count)
    for value in values { write(value) }
  }

  mutating func field(_ id: Int16, _ values: [some RawRepresentable<Int32>]) {
    list(id, of: .i32, count: values.count)
    for value in values { zigZag(Int64(value.rawValue)) }
  }

  mutating func field(_ id: Int16, _ values: [Int64]?) {
    guard let values else { return }
    list(id, of: .i64, count: values.count)
    for value in values { zigZag(value) }
  }

  mutating func field(_ id: Int16, _ values: [[UInt8]]) {
    list(id, of: .binary, count: values.count)
    for value in values { binary(value) }
  }

  mutating func field(_ id: Int16, _ values: [Bool]) {
    list(id, of: .boolTrue, count: values.count)
    for value in values { bytes.append(value ? 1 : 2) }
  }

  /// A structure with the byte that ends it.
  mutating func write(_ structure: some ThriftStructure) {
    let outer = lastField
    lastField = 0
    structure.write(to: &self)
    bytes.append(0)
    lastField = outer
  }

  private mutating func header(_ id: Int16, _ type: ThriftType) {
    assert(id > lastField, "fields in ascending order")
    let delta = id - lastField
    if delta <= 15 {
      bytes.append(UInt8(delta) << 4 | type.rawValue)
    } else {
      bytes.append(type.rawValue)
      zigZag(Int64(id))
    }
    lastField = id
  }

  private mutating func list(_ id: Int16, of type: ThriftType, count: Int) {
    header(id, .list)
    if count < 15 {
      bytes.append(UInt8(count) << 4 | type.rawValue)
    } else {
      bytes.append(0xF0 | type.rawValue)
      varint(UInt64(count))
    }
  }

  private mutating func binary(_ value: [UInt8]) {
    varint(UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  private mutating func zigZag(_ value: Int64) { varint(UInt64(zigZag: value)) }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

/// A structure of `parquet.thrift`.
protocol ThriftStructure {
  /// Writes the fields, in ascending order of their ids.
  func write(to writer: inout ThriftCompactWriter)
  /// Reads the fields up to and including the byte that ends the structure.
  /// - Throws: `ParquetError.malformed` when a field has another type than it should, or a required one is missing.
  init(from reader: inout ThriftCompactReader) throws
}

extension ThriftStructure {
  /// The structure in the compact protocol.
  var serialized: [UInt8] {
    var writer = ThriftCompactWriter()
    writer.write(self)
    return writer.bytes
  }
}
