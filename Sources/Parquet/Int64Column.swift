import Platform

/// The values of one INT64 column of a file, in order, a page at a time.
///
/// Reads what this pipeline's writers, DuckDB, Trino and pyarrow make of integers: plain, dictionary and delta-coded
/// pages of both versions. Memory: a page and the dictionary.
public struct Int64Column {
  /// Some consecutive rows of the column.
  public struct Page: Sendable {
    /// The values, without NULLs.
    public var values: [Int64] = []
    /// 1 for each row with a value, 0 for NULL; empty where no row is NULL.
    public var levels: [UInt8] = []
    /// How many rows are NULL.
    public var nulls = 0

    /// A number for each row.
    /// - Parameter null: what stands for NULL.
    public func rows(null: Int64) -> [Int64] {
      if nulls == 0 { return values }
      var next = 0
      return levels.map { level in
        guard level == 1 else { return null }
        next += 1
        return values[next - 1]
      }
    }
  }

  /// Nobody writes larger pages, and a few bytes could claim to be any number of equal rows.
  private static let maximumPageRows = 1 << 22

  private let file: InputFile
  private let footer: ParquetFooter
  private let column: Int
  private var group = -1
  private var codec = CompressionCodec.uncompressed
  private var offset = 0
  private var end = 0
  private var rowsLeft = 0
  private var dictionary: [Int64] = []

  /// - Throws: `ParquetError.unsupported` where there is no such column of that type; `SystemError`.
  public init(_ name: String, ofFile path: String) throws {
    file = try InputFile(opening: path)
    footer = try ParquetFooter(of: file)
    guard let column = footer.columns.firstIndex(where: { $0.name == name }),
      footer.columns[column].physicalType == .int64, footer.nestedColumns.isEmpty
    else { throw ParquetError.unsupported("a file without a column \(name) of 64-bit integers") }
    self.column = column
  }

  /// The next page; nil at the end.
  /// - Throws: `ParquetError`; `SystemError`.
  public mutating func nextPage() throws -> Page? {
    while true {
      while offset >= end { guard nextGroup() else { return nil } }
      let (header, headerSize) = try footer.pageHeader(in: file, at: offset, end: end)
      let size = Int(header.compressedSize)
      guard size >= 0, size <= end - offset - headerSize else {
        throw ParquetError.malformed("a page of \(counted(size, "byte")) at \(offset)")
      }
      let body = try file.bytes(at: offset + headerSize, count: size)
      offset += headerSize + size
      let page: Page
      switch header.content {
      case .dictionary(let own):
        let values = try bytes(body[...], header)
        dictionary = try values.withUnsafeBytes { bytes in
          var input = IntegerInput(bytes)
          return try input.plain(count: try Self.count(own.valueCount))
        }
        continue
      case .data(let own): page = try self.page(try bytes(body[...], header), own)
      case .dataV2(let own): page = try self.page(body, header, own)
      case .other: continue
      }
      rowsLeft -= page.values.count + page.nulls
      guard rowsLeft >= 0 else { throw ParquetError.malformed("more rows than the row group has") }
      return page
    }
  }

  private mutating func nextGroup() -> Bool {
    group += 1
    guard group < footer.metaData.rowGroups.count else { return false }
    let rowGroup = footer.metaData.rowGroups[group]
    guard rowGroup.rowCount > 0 else { return true }
    let chunk = rowGroup.columns[column]
    // The footer has seen to it that these lie in the file.
    (offset, codec, dictionary) = (Int(chunk.firstPageOffset), chunk.codec, [])
    end = offset + Int(chunk.compressedSize)
    rowsLeft = Int(rowGroup.rowCount)
    return true
  }

  private func bytes(_ body: ArraySlice<UInt8>, _ header: PageHeader) throws -> [UInt8] {
    try PageDecompressor.decompress(body, codec, size: Int(header.uncompressedSize))
  }

  /// Levels, after their size, and values are compressed together.
  private func page(_ bytes: [UInt8], _ header: DataPageHeader) throws -> Page {
    let rows = try Self.count(header.valueCount)
    return try bytes.withUnsafeBytes { bytes in
      var input = IntegerInput(bytes)
      var page = Page()
      if footer.columns[column].isOptional {
        var levels = try input.part(Int(try input.littleEndian(4)))
        try Self.readLevels(&levels, rows: rows, into: &page)
      }
      page.values = try values(&input, header.encoding, count: rows - page.nulls)
      return page
    }
  }

  /// Levels stand before what is compressed.
  private func page(_ body: [UInt8], _ header: PageHeader, _ own: DataPageHeaderV2) throws -> Page {
    let rows = try Self.count(own.valueCount)
    let (definition, repetition) = (Int(own.definitionLevelsSize), Int(own.repetitionLevelsSize))
    guard definition >= 0, repetition >= 0, definition <= body.count, repetition <= body.count - definition
    else {
      throw ParquetError.malformed("levels of \(counted(definition, "byte"))")
    }
    let levels = definition + repetition
    var page = Page()
    if definition > 0 {
      try body.withUnsafeBytes { bytes in
        var input = IntegerInput(UnsafeRawBufferPointer(rebasing: bytes[repetition..<levels]))
        try Self.readLevels(&input, rows: rows, into: &page)
      }
    }
    var content = body[levels...]
    if own.isCompressed {
      content = try PageDecompressor.decompress(content, codec, size: Int(header.uncompressedSize) - levels)[
        ...]
    }
    page.values = try content.withUnsafeBytes { bytes in
      var input = IntegerInput(bytes)
      return try values(&input, own.encoding, count: rows - page.nulls)
    }
    return page
  }

  private static func readLevels(_ input: inout IntegerInput, rows: Int, into page: inout Page) throws {
    let levels = try input.hybrid(width: 1, count: rows)
    page.nulls = rows - levels.reduce(0) { $0 &+ Int($1) }
    if page.nulls > 0 { page.levels = levels.map { UInt8(truncatingIfNeeded: $0) } }
  }

  private func values(_ input: inout IntegerInput, _ encoding: Encoding, count: Int) throws -> [Int64] {
    if count == 0 { return [] }
    switch encoding {
    case .plain: return try input.plain(count: count)
    case .deltaBinaryPacked: return try input.deltas(count: count)
    case .rleDictionary, .plainDictionary:
      let width = Int(try input.littleEndian(1))
      let numbers = try input.hybrid(width: width, count: count)
      guard let largest = numbers.max(), Int(largest) < dictionary.count else {
        throw ParquetError.malformed("a value that the dictionary lacks")
      }
      return numbers.map { dictionary[Int($0)] }
    default: throw ParquetError.unsupported("integers as \(encoding)")
    }
  }

  private static func count(_ value: Int32) throws -> Int {
    guard value >= 0 else { throw ParquetError.malformed("a page of \(value) rows") }
    guard value <= maximumPageRows else { throw ParquetError.unsupported("a page of \(value) rows") }
    return Int(value)
  }
}
