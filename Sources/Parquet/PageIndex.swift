/// What each data page of a column chunk holds (`ColumnIndex`), so that readers skip pages by their values.
struct ColumnIndex: ThriftStructure, Sendable {
  /// Whether a page has NULLs only; then its minimum and maximum are empty.
  var nullPages: [Bool] = []
  var minValues: [[UInt8]] = []
  var maxValues: [[UInt8]] = []
  var boundaryOrder = BoundaryOrder.unordered
  var nullCounts: [Int64]? = []

  init() {}

  /// The order in which both minima and maxima of the pages run, pages without values left out.
  static func boundaryOrder<Value>(
    of ranges: [(minimum: Value, maximum: Value)], by isBefore: (Value, Value) -> Bool
  ) -> BoundaryOrder {
    var isAscending = true
    var isDescending = true
    for (range, next) in zip(ranges, ranges.dropFirst()) {
      if isBefore(next.minimum, range.minimum) || isBefore(next.maximum, range.maximum) {
        isAscending = false
      }
      if isBefore(range.minimum, next.minimum) || isBefore(range.maximum, next.maximum) {
        isDescending = false
      }
    }
    return isAscending ? .ascending : isDescending ? .descending : .unordered
  }

  func write(to writer: inout ThriftCompactWriter) {
    writer.field(1, nullPages)
    writer.field(2, minValues)
    writer.field(3, maxValues)
    writer.field(4, boundaryOrder)
    writer.field(5, nullCounts)
  }

  init(from reader: inout ThriftCompactReader) throws {
    nullCounts = nil
    try reader.beginStructure()
    while let (id, value) = try reader.nextField() {
      switch id {
      case 1: nullPages = try reader.list(value) { try $1.boolElement($0) }
      case 2: minValues = try reader.list(value) { try $1.binary($0) }
      case 3: maxValues = try reader.list(value) { try $1.binary($0) }
      case 4: boundaryOrder = try reader.enumeration(value) ?? .unordered
      case 5: nullCounts = try reader.list(value) { try $1.int64($0) }
      default: break
      }
    }
    guard
      minValues.count == nullPages.count && maxValues.count == nullPages.count
        && nullCounts?.count ?? nullPages.count == nullPages.count
    else { throw reader.malformed("a column index with lists of different lengths") }
  }
}

/// Where each data page of a column chunk is (`OffsetIndex`).
struct OffsetIndex: ThriftStructure, Sendable {
  var pages: [PageLocation] = []

  init() {}

  func write(to writer: inout ThriftCompactWriter) { writer.field(1, pages) }

  init(from reader: inout ThriftCompactReader) throws {
    try reader.beginStructure()
    while let (id, value) = try reader.nextField() {
      if id == 1 { pages = try reader.list(value) { try $1.structure($0) } }
    }
  }
}

/// A data page's place (`PageLocation`).
struct PageLocation: ThriftStructure, Sendable, Equatable {
  /// Of the page's header, from the start of the file.
  var offset: Int64
  /// Header included.
  var size: Int32
  /// Counted from the row group's first row.
  var firstRow: Int64

  init(offset: Int64, size: Int32, firstRow: Int64) {
    self.offset = offset
    self.size = size
    self.firstRow = firstRow
  }

  func write(to writer: inout ThriftCompactWriter) {
    writer.field(1, offset)
    writer.field(2, size)
    writer.field(3, firstRow)
  }

  init(from reader: inout ThriftCompactReader) throws {
    var offset: Int64?
    var size: Int32?
    var firstRow: Int64?
    try reader.beginStructure()
    while let (id, value) = try reader.nextField() {
      switch id {
      case 1: offset = try reader.int64(value)
      case 2: size = try reader.int32(value)
      case 3: firstRow = try reader.int64(value)
      default: break
      }
    }
    self.offset = try reader.required(offset, "offset of a page")
    self.size = try reader.required(size, "size of a page")
    self.firstRow = try reader.required(firstRow, "first row of a page")
  }
}
