/// A node of the schema (`SchemaElement`): the root, or a column.
struct SchemaElement: ThriftStructure {
  var name: String
  /// nil for groups, the root among them.
  var type: PhysicalType?
  var repetition: Repetition?
  /// The number of children of a group.
  var children: Int32?
  /// The older of the two annotations of a type (`ConvertedType`).
  var convertedType: Int32?
  var logicalType: LogicalType?

  /// The root of a flat schema.
  init(rootOf columns: [SchemaColumn]) {
    name = "schema"
    children = Int32(columns.count)
  }

  /// An optional column.
  init(_ column: SchemaColumn) {
    name = column.name
    repetition = .optional
    switch column.type {
    case .int64: type = .int64
    case .boolean: type = .boolean
    case .utf8:
      type = .byteArray
      convertedType = Self.convertedUTF8
      logicalType = .string
    case .timestampMicros:
      // TIMESTAMP_MICROS, the converted type, would say that the time is in UTC and mean a moment; the
      // specification has no converted type for a local date and time.
      type = .int64
      logicalType = .timestamp(isAdjustedToUTC: false, unit: .micros)
    }
  }

  static let convertedUTF8: Int32 = 0
  static let convertedTimestampMicros: Int32 = 10

  func write(to writer: inout ThriftCompactWriter) {
    writer.field(1, type?.rawValue)
    writer.field(3, repetition?.rawValue)
    writer.field(4, name)
    writer.field(5, children)
    writer.field(6, convertedType)
    writer.field(10, logicalType)
  }

  init(from reader: inout ThriftCompactReader) throws {
    var name: String?
    var typeNumber: Int32?
    try reader.beginStructure()
    while let (id, value) = try reader.nextField() {
      switch id {
      case 1: typeNumber = try reader.int32(value)
      case 3: repetition = try reader.enumeration(value)
      case 4: name = try reader.string(value)
      case 5: children = try reader.int32(value)
      case 6: convertedType = try reader.int32(value)
      case 10: logicalType = try reader.structure(value)
      default: break
      }
    }
    self.name = try reader.required(name, "name of a schema element")
    if let typeNumber {
      guard let known = PhysicalType(rawValue: typeNumber) else {
        throw ParquetError.unsupported("type \(typeNumber) of column \(self.name)")
      }
      type = known
    }
  }
}

/// What a column's values mean beyond how they are stored (`LogicalType`, a union).
public enum LogicalType: Sendable, Hashable {
  /// The resolution of times.
  public enum TimeUnit: Int16, Sendable, Hashable {
    case millis = 1
    case micros = 2
    case nanos = 3
  }

  /// Text in UTF-8 (`STRING`).
  case string
  /// A moment, or a local date and time if it is not adjusted to UTC (`TIMESTAMP`).
  case timestamp(isAdjustedToUTC: Bool, unit: TimeUnit)
  /// Says of an integer what its storage says already, or that it is narrower or unsigned.
  case integer(bitWidth: Int8, isSigned: Bool)
  /// Another one, by its field id in the union.
  case other(Int16)
}

extension LogicalType: ThriftStructure {
  func write(to writer: inout ThriftCompactWriter) {
    switch self {
    case .string: writer.emptyStructure(1)
    case .timestamp(let isAdjustedToUTC, let unit):
      writer.field(8, TimestampType(isAdjustedToUTC: isAdjustedToUTC, unit: unit))
    case .integer(let bitWidth, let isSigned):
      writer.field(10, IntegerType(bitWidth: bitWidth, isSigned: isSigned))
    case .other(let id): writer.emptyStructure(id)
    }
  }

  init(from reader: inout ThriftCompactReader) throws {
    var type: LogicalType?
    try reader.beginStructure()
    while let (id, value) = try reader.nextField() {
      switch id {
      case 1: type = .string
      case 8:
        let timestamp: TimestampType = try reader.structure(value)
        type = .timestamp(isAdjustedToUTC: timestamp.isAdjustedToUTC, unit: timestamp.unit)
      case 10:
        let integer: IntegerType = try reader.structure(value)
        type = .integer(bitWidth: integer.bitWidth, isSigned: integer.isSigned)
      default: type = .other(id)
      }
    }
    self = try reader.required(type, "choice in a logical type")
  }
}

private struct IntegerType: ThriftStructure {
  var bitWidth: Int8
  var isSigned: Bool

  init(bitWidth: Int8, isSigned: Bool) {
    self.bitWidth = bitWidth
    self.isSigned = isSigned
  }

  func write(to writer: inout ThriftCompactWriter) {
    writer.field(1, bitWidth)
    writer.field(2, isSigned)
  }

  init(from reader: inout ThriftCompactReader) throws {
    var bitWidth: Int8?
    var isSigned: Bool?
    try reader.beginStructure()
    while let (id, value) = try reader.nextField() {
      switch id {
      case 1: bitWidth = try reader.int8(value)
      case 2: isSigned = try reader.bool(value)
      default: break
      }
    }
    self.bitWidth = try reader.required(bitWidth, "width of an integer")
    self.isSigned = try reader.required(isSigned, "sign of an integer")
  }
}

private struct TimestampType: ThriftStructure {
  var isAdjustedToUTC: Bool
  var unit: LogicalType.TimeUnit

  init(isAdjustedToUTC: Bool, unit: LogicalType.TimeUnit) {
    self.isAdjustedToUTC = isAdjustedToUTC
    self.unit = unit
  }

  func write(to writer: inout ThriftCompactWriter) {
    writer.field(1, isAdjustedToUTC)
    writer.field(2, TimeUnitChoice(unit: unit))
  }

  init(from reader: inout ThriftCompactReader) throws {
    var isAdjustedToUTC: Bool?
    var choice: TimeUnitChoice?
    try reader.beginStructure()
    while let (id, value) = try reader.nextField() {
      switch id {
      case 1: isAdjustedToUTC = try reader.bool(value)
      case 2: choice = try reader.structure(value)
      default: break
      }
    }
    self.isAdjustedToUTC = try reader.required(isAdjustedToUTC, "time zone of a timestamp")
    unit = try reader.required(choice, "unit of a timestamp").unit
  }
}

private struct TimeUnitChoice: ThriftStructure {
  var unit: LogicalType.TimeUnit

  init(unit: LogicalType.TimeUnit) { self.unit = unit }

  func write(to writer: inout ThriftCompactWriter) { writer.emptyStructure(unit.rawValue) }

  init(from reader: inout ThriftCompactReader) throws {
    var unit: LogicalType.TimeUnit?
    try reader.beginStructure()
    while let (id, _) = try reader.nextField() { unit = LogicalType.TimeUnit(rawValue: id) }
    self.unit = try reader.required(unit, "unit of a timestamp")
  }
}
