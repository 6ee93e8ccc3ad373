import Platform

/// The footer of a Parquet file, read without any engine and without trust: whatever the bytes are, the outcome is a
/// consistent footer or an error, in memory and time in proportion to the footer's own size.
///
/// Files of any writer are read; of columns that are nested only the names.
public struct ParquetFooter: Sendable {
  /// A column as the file declares it.
  public struct Column: Sendable, Hashable {
    /// The column's name in the schema.
    public var name: String
    /// How its values are stored.
    public var physicalType: PhysicalType
    /// What they mean, also by the older annotations `UTF8` and `TIMESTAMP_MICROS`; nil where the file says
    /// nothing more.
    public var logicalType: LogicalType?
    /// Whether it may hold NULLs.
    public var isOptional: Bool

    /// The column's type among those that are written here, or nil if it is none of them.
    public var valueType: SchemaColumn.ValueType? {
      switch (physicalType, logicalType) {
      // Trino annotates what others leave to the storage type.
      case (.int64, nil), (.int64, .integer(bitWidth: 64, isSigned: true)): .int64
      case (.byteArray, .string): .utf8
      case (.boolean, nil): .boolean
      case (.int64, .timestamp(isAdjustedToUTC: false, unit: .micros)): .timestampMicros
      default: nil
      }
    }
  }

  /// What the footer says about a column's values in a row group.
  public struct ColumnSummary: Sendable {
    /// How many rows are NULL, if the file says; never more than the row group has rows.
    public var nullCount: Int?
    /// The smallest value, or something below it, in the plain encoding without a length.
    public var minimum: [UInt8]?
    /// The largest value, or something above it.
    public var maximum: [UInt8]?
    /// The size of its pages in the file, headers included.
    public var compressedBytes: Int
    /// The size of its pages before compression, headers included.
    public var uncompressedBytes: Int
    /// How its pages are compressed.
    public var codec: CompressionCodec
    /// Every encoding that its pages use, levels included; those that have no name here are left out.
    public var encodings: [Encoding]
  }

  /// A row group.
  public struct RowGroupSummary: Sendable {
    /// How many rows it has.
    public var rowCount: Int
    /// One for each flat column of the file. They say nothing if the row group has no rows.
    public var columns: [ColumnSummary]
  }

  /// The rows of the file: those of all row groups together.
  public let rowCount: Int
  /// The flat columns.
  public let columns: [Column]
  /// The names of the other columns: structures, lists, maps.
  public let nestedColumns: [String]
  /// In the order of the file.
  public let rowGroups: [RowGroupSummary]
  /// What writers added, in the order of the file; a key may come more than once.
  public let keyValueMetadata: [(key: String, value: String?)]
  /// The writing application, as it names itself.
  public let createdBy: String?
  /// The footer itself; every offset and size in it lies before the footer.
  let metaData: FileMetaData
  /// Where the footer starts in the file: the end of what pages and indexes may take.
  let start: Int

  /// Reads the footer of the file at this path.
  /// - Throws: `ParquetError` when the bytes are no whole Parquet file; `SystemError`.
  public init(path: String) throws {
    try self.init(of: InputFile(opening: path))
  }

  init(of file: InputFile) throws {
    let magic = ParquetFileWriter.magic
    // Magic number at both ends, and the footer's length in four bytes.
    guard file.size >= 2 * magic.count + 4 else {
      throw ParquetError.malformed("only \(counted(file.size, "byte"))")
    }
    let head = try file.bytes(at: 0, count: magic.count)
    let tail = try file.bytes(at: file.size - 8, count: 8)
    guard head == magic else { throw ParquetError.malformed("it does not start with PAR1") }
    guard tail[4...] == magic[...] else { throw ParquetError.malformed("it does not end with PAR1") }
    let length = tail[..<4].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= file.size - 12 else {
      throw ParquetError.malformed("a footer of \(counted(length, "byte"))")
    }
    guard length <= Self.maximumSize else {
      throw ParquetError.unsupported("a footer of \(counted(length, "byte"))")
    }
    let start = file.size - 8 - length
    try self.init(footer: try file.bytes(at: start, count: length), at: start)
  }

  /// Larger footers are not read into memory; ten thousand row groups of twenty columns take 30 MB.
  private static let maximumSize = 256 << 20

  /// - Parameters:
  ///   - bytes: The footer without length and magic number.
  ///   - start: Where it starts in the file.
  init(footer bytes: [UInt8], at start: Int) throws {
    var reader = ThriftCompactReader(bytes[...])
    let metaData = try FileMetaData(from: &reader)
    let leaves = try Self.leaves(of: metaData.schema)
    columns = leaves.compactMap(\.column)
    nestedColumns = try Self.nestedColumns(of: metaData.schema)
    rowCount = try Self.count(metaData.rowCount, "rows")
    var rowsOfGroups = 0
    var rowGroups: [RowGroupSummary] = []
    for group in metaData.rowGroups {
      let summary = try Self.summary(of: group, leaves: leaves, end: start)
      let (sum, overflow) = rowsOfGroups.addingReportingOverflow(summary.rowCount)
      guard !overflow else { throw ParquetError.malformed("a number of rows") }
      rowsOfGroups = sum
      rowGroups.append(summary)
    }
    guard rowsOfGroups == rowCount else {
      throw ParquetError.malformed("\(counted(rowCount, "row")), but \(rowsOfGroups) in its row groups")
    }
    self.rowGroups = rowGroups
    keyValueMetadata = (metaData.keyValueMetadata ?? []).map { ($0.key, $0.value) }
    createdBy = metaData.createdBy
    self.metaData = metaData
    self.start = start
  }

  /// The text that the file carries under this key.
  public func value(forKey key: String) -> String? { keyValueMetadata.first { $0.key == key }?.value }

  /// The NULLs of a column in the whole file, or nil if the file does not say.
  public func nullCount(ofColumn column: Int) -> Int? {
    rowGroups.reduce(0) { sum, group in
      guard let sum, let count = group.columns[column].nullCount else { return nil }
      return sum + count
    }
  }

  /// The smallest and the largest value of an INT64 column in the whole file; nil if it has no values, or if the file
  /// does not say.
  public func int64Range(ofColumn column: Int) -> ClosedRange<Int64>? {
    guard columns[column].physicalType == .int64 else { return nil }
    var range: ClosedRange<Int64>?
    for group in rowGroups {
      let summary = group.columns[column]
      if summary.nullCount == group.rowCount { continue }
      guard let minimum = summary.minimum, let maximum = summary.maximum, minimum.count == 8,
        maximum.count == 8
      else { return nil }
      let low = min(Int64(littleEndianBytes: minimum), range?.lowerBound ?? .max)
      let high = max(Int64(littleEndianBytes: maximum), range?.upperBound ?? .min)
      guard low <= high else { return nil }
      range = low...high
    }
    return range
  }

  /// What a column chunk holds: a flat column, or nil for a part of a nested one.
  private struct Leaf {
    var column: Column?
  }

  /// The leaves of the schema's tree, in the order of the column chunks.
  private static func leaves(of schema: [SchemaElement]) throws -> [Leaf] {
    var leaves: [Leaf] = []
    try walk(schema) { element, isTop in
      guard let type = element.type else { return }
      guard isTop, element.repetition != .repeated else { return leaves.append(Leaf()) }
      var logicalType = element.logicalType
      if logicalType == nil {
        // Older writers annotate with a converted type only.
        switch element.convertedType {
        case SchemaElement.convertedUTF8?: logicalType = .string
        case SchemaElement.convertedTimestampMicros?:
          logicalType = .timestamp(isAdjustedToUTC: true, unit: .micros)
        default: break
        }
      }
      leaves.append(
        Leaf(
          column: Column(
            name: element.name, physicalType: type, logicalType: logicalType,
            isOptional: element.repetition == .optional)))
    }
    return leaves
  }

  private static func nestedColumns(of schema: [SchemaElement]) throws -> [String] {
    var names: [String] = []
    try walk(schema) { element, isTop in
      if isTop, element.type == nil || element.repetition == .repeated { names.append(element.name) }
    }
    return names
  }

  /// Visits what is below the root, parents before their children; the root's own children are the columns.
  private static func walk(_ schema: [SchemaElement], visit: (SchemaElement, _ isTop: Bool) throws -> Void)
    throws
  {
    guard let root = schema.first else { throw ParquetError.malformed("no schema") }
    // How many children of each open group are still to come, the root's first.
    var open = [root.children ?? 0]
    for element in schema.dropFirst() {
      guard let left = open.last, left > 0 else {
        throw ParquetError.malformed("more columns in its schema than it counts")
      }
      open[open.count - 1] = left - 1
      try visit(element, open.count == 1)
      let children = element.children ?? 0
      guard children >= 0, (children > 0) == (element.type == nil) else {
        throw ParquetError.malformed("\(children) parts of column \(element.name)")
      }
      if children > 0 { open.append(children) }
      while open.count > 1, open.last == 0 { open.removeLast() }
    }
    guard open == [0] else { throw ParquetError.malformed("fewer columns in its schema than it counts") }
  }

  private static func summary(of group: RowGroup, leaves: [Leaf], end: Int) throws -> RowGroupSummary {
    let rows = try count(group.rowCount, "rows in a row group")
    guard group.columns.count == leaves.count else {
      throw ParquetError.malformed(
        "a row group of \(counted(group.columns.count, "column chunk")) instead of \(leaves.count)")
    }
    var summaries: [ColumnSummary] = []
    for (chunk, leaf) in zip(group.columns, leaves) {
      let name = leaf.column?.name ?? chunk.path.joined(separator: ".")
      guard chunk.filePath == nil else {
        throw ParquetError.malformed("a chunk of column \(name) in another file")
      }
      // Where nothing is, some writers name the place 0.
      let size = try count(chunk.compressedSize, "bytes in a chunk of column \(name)")
      if rows > 0 { try check(chunk.firstPageOffset, size, "a chunk of column \(name)", end: end) }
      if let offset = chunk.columnIndexOffset {
        try check(offset, Int(chunk.columnIndexLength ?? -1), "a column index", end: end)
      }
      if let offset = chunk.offsetIndexOffset {
        try check(offset, Int(chunk.offsetIndexLength ?? -1), "an offset index", end: end)
      }
      if let offset = chunk.bloomFilterOffset {
        try check(offset, Int(chunk.bloomFilterLength ?? 0), "a Bloom filter", end: end)
      }
      guard let column = leaf.column else { continue }
      guard chunk.type == column.physicalType, chunk.path == [column.name] else {
        throw ParquetError.malformed("a column chunk that is not of column \(column.name)")
      }
      guard Int(chunk.valueCount) == rows else {
        throw ParquetError.malformed(
          "\(counted(chunk.valueCount, "row")) in a chunk of column \(column.name), not \(rows)")
      }
      summaries.append(
        ColumnSummary(
          nullCount: try chunk.statistics?.nullCount.map { try nullCount($0, rows: rows) },
          minimum: chunk.statistics?.minValue, maximum: chunk.statistics?.maxValue, compressedBytes: size,
          uncompressedBytes: try count(chunk.uncompressedSize, "bytes in a chunk of column \(column.name)"),
          codec: chunk.codec, encodings: chunk.encodings))
    }
    return RowGroupSummary(rowCount: rows, columns: summaries)
  }

  /// No file has more rows or bytes, and the sum over tens of thousands of files is still an Int.
  private static let maximumCount: Int64 = 1 << 48

  private static func count(_ value: Int64, _ what: String) throws -> Int {
    guard value >= 0, value <= maximumCount else { throw ParquetError.malformed("\(value) \(what)") }
    return Int(value)
  }

  private static func nullCount(_ value: Int64, rows: Int) throws -> Int {
    guard value >= 0 && value <= rows else {
      throw ParquetError.malformed("\(counted(value, "NULL")) in \(counted(rows, "row"))")
    }
    return Int(value)
  }

  /// Throws unless the bytes lie between the magic number at the start and `end`.
  private static func check(_ offset: Int64, _ size: Int, _ what: String, end: Int) throws {
    guard offset >= ParquetFileWriter.magic.count, offset <= end, size >= 0, size <= end - Int(offset) else {
      throw ParquetError.malformed(
        "\(what) of \(counted(size, "byte")) at \(offset), outside the file's first \(end)")
    }
  }
}

extension InputFile {
  /// The bytes at this place.
  /// - Throws: `SystemError`; `ParquetError.malformed` when the file ends before them.
  func bytes(at offset: Int, count: Int) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      initialized = try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
      guard initialized == count else {
        throw ParquetError.malformed("it ends at byte \(offset + initialized)")
      }
    }
  }
}
