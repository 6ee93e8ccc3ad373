import Platform

/// The values of one INT64 column of a file, in order, a page at a time.
///
/// Reads what this pipeline's writers, DuckDB, Trino and pyarrow make of integers: plain, dictionary and delta-coded
/// pages of both versions. Memory: a page and the dictionary.
public struct Int64Column {
  private let file: InputFile
  private let footer: ParquetFooter
  private let column: Int
  private var group = -1
  private var codec = CompressionCodec.uncompressed
  private var offset = 0
  private var end = 0
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

  /// The next page's values without its NULLs; nil at the end.
  /// - Throws: `ParquetError`; `SystemError`.
  public mutating func nextPage() throws -> (values: [Int64], nulls: Int)? {
    while true {
      while offset >= end { guard nextGroup() else { return nil } }
      let (header, headerSize) = try footer.pageHeader(in: file, at: offset, end: end)
      let size = Int(header.compressedSize)
      guard size >= 0, size <= end - offset - headerSize else {
        throw ParquetError.malformed("a page of \(size) bytes at \(offset)")
      }
      let body = try file.bytes(at: offset + headerSize, count: size)
      offset += headerSize + size
      switch header.content {
      case .dictionary(let own):
        var values = try bytes(body[...], header)
        dictionary = try Self.plain(&values, count: try Self.count(own.valueCount))
      case .data(let own): return try page(try bytes(body[...], header), own)
      case .dataV2(let own): return try page(body, header, own)
      case .other: continue
      }
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
    return true
  }

  private func bytes(_ body: ArraySlice<UInt8>, _ header: PageHeader) throws -> ArraySlice<UInt8> {
    try PageDecompressor.decompress(body, codec, size: Int(header.uncompressedSize))[...]
  }

  /// Levels, after their size, and values are compressed together.
  private func page(_ page: ArraySlice<UInt8>, _ header: DataPageHeader) throws -> ([Int64], Int) {
    var page = page
    let rows = try Self.count(header.valueCount)
    var present = rows
    if footer.columns[column].isOptional {
      let size = Int(try Self.littleEndian(&page, 4))
      guard size <= page.count else { throw ParquetError.malformed("levels of \(size) bytes") }
      present = try Self.ones(page.prefix(size), count: rows)
      page = page.dropFirst(size)
    }
    return (try values(&page, header.encoding, count: present), rows - present)
  }

  /// Levels stand before what is compressed.
  private func page(_ body: [UInt8], _ header: PageHeader, _ own: DataPageHeaderV2) throws -> ([Int64], Int) {
    let rows = try Self.count(own.valueCount)
    let (definition, repetition) = (Int(own.definitionLevelsSize), Int(own.repetitionLevelsSize))
    guard definition >= 0, repetition >= 0, definition <= body.count, repetition <= body.count - definition
    else {
      throw ParquetError.malformed("levels of \(definition) bytes")
    }
    let levels = definition + repetition
    var page = body[levels...]
    if own.isCompressed {
      page = try PageDecompressor.decompress(
        page, codec, size: Int(header.uncompressedSize) - levels)[...]
    }
    let present = definition > 0 ? try Self.ones(body[repetition..<levels], count: rows) : rows
    return (try values(&page, own.encoding, count: present), rows - present)
  }

  private func values(_ page: inout ArraySlice<UInt8>, _ encoding: Encoding, count: Int) throws -> [Int64] {
    if count == 0 { return [] }
    switch encoding {
    case .plain: return try Self.plain(&page, count: count)
    case .deltaBinaryPacked: return try Self.deltas(&page, count: count)
    case .rleDictionary, .plainDictionary:
      let width = Int(try Self.littleEndian(&page, 1))
      var values: [Int64] = []
      values.reserveCapacity(count)
      try Self.hybrid(page, width: width, count: count) { index in
        guard index < UInt64(dictionary.count) else {
          throw ParquetError.malformed("a value that the dictionary lacks")
        }
        values.append(dictionary[Int(index)])
      }
      return values
    default: throw ParquetError.unsupported("integers as \(encoding)")
    }
  }

  // MARK: Encodings (Encodings.md of the specification)

  private static func count(_ value: Int32) throws -> Int {
    guard value >= 0 else { throw ParquetError.malformed("a page of \(value) rows") }
    return Int(value)
  }

  private static func littleEndian(_ bytes: inout ArraySlice<UInt8>, _ size: Int) throws -> UInt64 {
    guard bytes.count >= size else { throw ParquetError.malformed("a page that ends too early") }
    defer { bytes = bytes.dropFirst(size) }
    return bytes.prefix(size).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func plain(_ bytes: inout ArraySlice<UInt8>, count: Int) throws -> [Int64] {
    guard bytes.count / 8 >= count else { throw ParquetError.malformed("a page that ends too early") }
    return try (0..<count).map { _ in Int64(bitPattern: try littleEndian(&bytes, 8)) }
  }

  /// How many of the definition levels of a flat column are 1.
  private static func ones(_ bytes: ArraySlice<UInt8>, count: Int) throws -> Int {
    var ones = 0
    try hybrid(bytes, width: 1, count: count) { ones += Int($0) }
    return ones
  }

  /// Runs of equal numbers and stretches of bit-packed ones.
  private static func hybrid(
    _ bytes: ArraySlice<UInt8>, width: Int, count: Int, _ body: (UInt64) throws -> Void
  ) throws {
    guard width <= 32 else { throw ParquetError.malformed("numbers of \(width) bits") }
    var (bytes, left) = (bytes, count)
    while left > 0 {
      let header = try varint(&bytes)
      if header & 1 == 0 {
        let value = try littleEndian(&bytes, (width + 7) / 8)
        let length = Int(min(header >> 1, UInt64(left)))
        guard length > 0 else { throw ParquetError.malformed("a run of no length") }
        for _ in 0..<length { try body(value) }
        left -= length
      } else {
        let groups = Int(min(header >> 1, UInt64(left / 8 + 1)))
        guard groups > 0 else { throw ParquetError.malformed("a run of no length") }
        var unpacker = Unpacker(bytes, width: width)
        for _ in 0..<min(groups * 8, left) { try body(try unpacker.next()) }
        left -= min(groups * 8, left)
        bytes = bytes.dropFirst(groups * width)
      }
    }
  }

  /// Bit-packed differences in blocks of miniblocks.
  private static func deltas(_ bytes: inout ArraySlice<UInt8>, count: Int) throws -> [Int64] {
    let (block, miniblocks, total) = (try varint(&bytes), try varint(&bytes), try varint(&bytes))
    guard block > 0, block <= 1 << 20, miniblocks > 0, block % miniblocks == 0, total == UInt64(count) else {
      throw ParquetError.malformed("blocks of \(block) differences")
    }
    let perMiniblock = Int(block / miniblocks)
    var last = try zigZag(&bytes)
    var values = [last]
    values.reserveCapacity(count)
    while values.count < count {
      let smallest = try zigZag(&bytes)
      guard bytes.count >= Int(miniblocks) else { throw ParquetError.malformed("a page that ends too early") }
      let widths = bytes.prefix(Int(miniblocks))
      bytes = bytes.dropFirst(Int(miniblocks))
      for width in widths where values.count < count {
        guard width <= 64 else { throw ParquetError.malformed("differences of \(width) bits") }
        var unpacker = Unpacker(bytes, width: Int(width))
        for _ in 0..<min(perMiniblock, count - values.count) {
          last = last &+ smallest &+ Int64(bitPattern: try unpacker.next())
          values.append(last)
        }
        bytes = bytes.dropFirst((perMiniblock * Int(width) + 7) / 8)
      }
    }
    return values
  }

  private static func zigZag(_ bytes: inout ArraySlice<UInt8>) throws -> Int64 {
    let value = try varint(&bytes)
    return Int64(bitPattern: value >> 1) ^ -Int64(value & 1)
  }

  private static func varint(_ bytes: inout ArraySlice<UInt8>) throws -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = bytes.popFirst() else { throw ParquetError.malformed("a page that ends too early") }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw ParquetError.malformed("a number of more than 64 bits")
  }

  /// Numbers of a fixed width, packed from the least significant bit on.
  private struct Unpacker {
    private let bytes: ArraySlice<UInt8>
    private let width: Int
    private var place: Int
    private var bits: UInt64 = 0
    private var count = 0

    init(_ bytes: ArraySlice<UInt8>, width: Int) {
      self.bytes = bytes
      self.width = width
      place = bytes.startIndex
    }

    mutating func next() throws -> UInt64 {
      var value: UInt64 = 0
      var filled = 0
      while filled < width {
        if count == 0 {
          guard place < bytes.endIndex else { throw ParquetError.malformed("a page that ends too early") }
          bits = UInt64(bytes[place])
          count = 8
          place += 1
        }
        let taken = min(count, width - filled)
        value |= (bits & (1 << UInt64(taken) - 1)) << UInt64(filled)
        bits >>= UInt64(taken)
        count -= taken
        filled += taken
      }
      return value
    }
  }
}
