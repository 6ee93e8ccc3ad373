import Platform

/// A finished column chunk: a column's rows of one row group as pages, ready to be copied into a file.
///
/// All offsets count from the chunk's own start.
public struct ColumnChunk: Sendable {
  /// The pages as they stand in the file.
  let pages: PageBytes
  var metaData: ColumnChunkMetaData
  /// nil when a page's values have no bounds that a column index can hold.
  let columnIndex: ColumnIndex?
  let offsetIndex: OffsetIndex
  /// The Bloom filter with its header; nil where there is none.
  let bloomFilter: [UInt8]?

  /// Rows, NULLs included.
  public var rowCount: Int { Int(metaData.valueCount) }
  /// The bytes that it takes in the file.
  public var compressedBytes: Int { pages.bytes.count }
  /// The bytes of its pages before compression.
  public var uncompressedBytes: Int { Int(metaData.uncompressedSize) }
}

/// Pages that do not change any more.
final class PageBytes: @unchecked Sendable {
  private let buffer: Buffer<UInt8>
  init(_ buffer: consuming Buffer<UInt8>) { self.buffer = buffer }
  var bytes: UnsafeRawBufferPointer { buffer.rawBytes }
}

/// The smallest and the largest value of a page, in the plain encoding without a length.
struct PageBounds {
  var minimum: [UInt8]
  var maximum: [UInt8]

  /// Widened to take in the other.
  mutating func formUnion(_ other: PageBounds, type: PhysicalType) {
    if type.isBefore(other.minimum, minimum) { minimum = other.minimum }
    if type.isBefore(maximum, other.maximum) { maximum = other.maximum }
  }
}

extension PhysicalType {
  /// The order of two values in the plain encoding: of the types that are written here, integers as signed numbers and
  /// the others byte by byte.
  func isBefore(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    switch self {
    case .int64: Int64(littleEndianBytes: a) < Int64(littleEndianBytes: b)
    default: a.withUnsafeBytes { a in b.withUnsafeBytes { b in ByteRange.isBefore(a, b) } }
    }
  }
}

extension Int64 {
  var littleEndianBytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }

  init(littleEndianBytes bytes: [UInt8]) {
    self = bytes.reversed().reduce(0) { $0 << 8 | Int64($1) }
  }
}

/// Puts a column chunk together, page by page.
struct ColumnChunkBuilder: ~Copyable {
  private let column: SchemaColumn
  private let type: PhysicalType
  private let options: WriterOptions
  private var bytes = Buffer<UInt8>()
  private var uncompressedSize = 0
  private(set) var rowCount = 0
  private var nullCount = 0
  private var bounds: PageBounds?
  private var hasDictionary = false
  private var dataPageOffset: Int?
  /// The data pages' encodings and how many there are of each, in order of appearance.
  private var dataPages: [(encoding: Encoding, count: Int32)] = []
  private var columnIndex: ColumnIndex? = ColumnIndex()
  private var pageBounds: [(minimum: [UInt8], maximum: [UInt8])] = []
  private var offsetIndex = OffsetIndex()
  /// The values' hashes, if the column is to have a filter.
  private var bloomFilter = BloomFilter()
  /// The number of different values, where it is known.
  var distinctCount: Int?

  init(_ column: SchemaColumn, _ options: WriterOptions) {
    self.column = column
    self.options = options
    type = SchemaElement(column).type ?? .byteArray
  }

  /// Adds values to the Bloom filter, if there is to be one: each value of the chunk once at least.
  mutating func addToBloomFilter(lengths: UnsafeBufferPointer<Int32>, bytes: UnsafePointer<UInt8>) {
    if column.hasBloomFilter { bloomFilter.insert(lengths: lengths, bytes: bytes) }
  }

  /// Adds values to the Bloom filter, if there is to be one: each value of the chunk once at least.
  mutating func addToBloomFilter(_ numbers: UnsafeBufferPointer<Int64>) {
    if column.hasBloomFilter { bloomFilter.insert(numbers) }
  }

  /// Adds a dictionary's values to the Bloom filter, if there is to be one.
  mutating func addToBloomFilter(_ dictionary: borrowing ByteArrayDictionary) {
    guard column.hasBloomFilter else { return }
    for number in 0..<dictionary.count {
      let value = dictionary[UInt32(number)]
      bloomFilter.insert(XXHash64.hash(value.start, count: value.count))
    }
  }

  /// Appends the dictionary page: `count` values in the encoding `PLAIN`.
  mutating func appendDictionaryPage(_ values: UnsafeBufferPointer<UInt8>, count: Int) throws {
    assert(bytes.count == 0, "the dictionary page comes first")
    hasDictionary = true
    try PageCompressor.borrow { compressor in
      compressor.page.append(values)
      try appendPage(compressor, .dictionary(DictionaryPageHeader(valueCount: Int32(count))))
    }
  }

  /// Appends a data page of version 1.
  /// - Parameters:
  ///   - levels: For each row its definition level, 1 for a value and 0 for NULL.
  ///   - nulls: How many of the rows are NULL.
  ///   - bounds: The smallest and largest value; nil when all rows are NULL.
  ///   - values: Appends the encoded values.
  mutating func appendDataPage(
    levels: UnsafeBufferPointer<UInt8>, nulls: Int, encoding: Encoding, bounds: PageBounds?,
    values: (inout Buffer<UInt8>) -> Void
  ) throws {
    assert((bounds == nil) == (nulls == levels.count))
    let offset = bytes.count
    if dataPageOffset == nil { dataPageOffset = offset }
    try PageCompressor.borrow { compressor in
      Self.appendLevels(levels, nulls: nulls, to: &compressor.page)
      values(&compressor.page)
      let header = DataPageHeader(valueCount: Int32(levels.count), encoding: encoding)
      try appendPage(compressor, .data(header))
    }
    if dataPages.last?.encoding == encoding {
      dataPages[dataPages.count - 1].count += 1
    } else {
      dataPages.append((encoding, 1))
    }
    offsetIndex.pages.append(
      PageLocation(offset: Int64(offset), size: Int32(bytes.count - offset), firstRow: Int64(rowCount)))
    appendToColumnIndex(bounds, nulls: nulls)
    rowCount += levels.count
    nullCount += nulls
    if let bounds {
      if self.bounds == nil { self.bounds = bounds } else { self.bounds?.formUnion(bounds, type: type) }
    }
  }

  /// The finished chunk; to be called once.
  mutating func finish() -> ColumnChunk {
    var pages = Buffer<UInt8>()
    swap(&pages, &bytes)
    var statistics = Statistics(nullCount: Int64(nullCount))
    statistics.distinctCount = distinctCount.map(Int64.init)
    if let bounds {
      statistics.minValue = lowerBound(bounds.minimum)
      statistics.isMinValueExact = statistics.minValue == bounds.minimum
      statistics.maxValue = upperBound(bounds.maximum)
      if let maximum = statistics.maxValue { statistics.isMaxValueExact = maximum == bounds.maximum }
    }
    if !pageBounds.isEmpty {
      columnIndex?.boundaryOrder = ColumnIndex.boundaryOrder(of: pageBounds, by: type.isBefore)
    }
    var encodings: [Encoding] = hasDictionary ? [.plain, .rle] : [.rle]
    var encodingStatistics: [PageEncodingStatistics] = []
    if hasDictionary {
      encodingStatistics.append(PageEncodingStatistics(pageType: .dictionary, encoding: .plain, count: 1))
    }
    for page in dataPages {
      if !encodings.contains(page.encoding) { encodings.append(page.encoding) }
      encodingStatistics.append(
        PageEncodingStatistics(pageType: .data, encoding: page.encoding, count: page.count))
    }
    let metaData = ColumnChunkMetaData(
      type: type, encodings: encodings, path: [column.name], codec: options.compression.codec,
      valueCount: Int64(rowCount), uncompressedSize: Int64(uncompressedSize),
      compressedSize: Int64(pages.count), dataPageOffset: Int64(dataPageOffset ?? 0),
      dictionaryPageOffset: hasDictionary ? 0 : nil, statistics: statistics,
      encodingStatistics: encodingStatistics)
    return ColumnChunk(
      pages: PageBytes(pages), metaData: metaData, columnIndex: columnIndex, offsetIndex: offsetIndex,
      bloomFilter: isSorted ? nil : bloomFilter.serialized())
  }

  /// Whether each value is in one page only, as their bounds show: the page index says as much as a filter would.
  private var isSorted: Bool {
    guard pageBounds.count > 1, let order = columnIndex?.boundaryOrder, order != .unordered else {
      return false
    }
    return zip(pageBounds, pageBounds.dropFirst()).allSatisfy { page, next in
      order == .ascending
        ? !type.isBefore(next.minimum, page.maximum) : !type.isBefore(page.minimum, next.maximum)
    }
  }

  /// The levels' size in four bytes, then the levels.
  private static func appendLevels(
    _ levels: UnsafeBufferPointer<UInt8>, nulls: Int, to page: inout Buffer<UInt8>
  ) {
    let start = page.count
    page.appendLittleEndian(UInt32(0))
    if nulls == 0 || nulls == levels.count {
      RLEBitPackedHybrid.repeated(nulls == 0 ? 1 : 0, count: levels.count, width: 1, to: &page)
    } else {
      RLEBitPackedHybrid.encode(levels, width: 1, to: &page)
    }
    let size = UInt32(page.count - start - 4)
    UnsafeMutableRawPointer(page.start + start).storeBytes(of: size.littleEndian, as: UInt32.self)
  }

  /// Appends what was put together in `compressor.page`, compressed and behind its header.
  private mutating func appendPage(_ compressor: PageCompressor, _ content: PageHeader.Content) throws {
    let compressed = try compressor.compress(options.compression)
    guard let uncompressedPage = Int32(exactly: compressor.page.count),
      let compressedPage = Int32(exactly: compressed.count)
    else {
      throw ParquetError.unsupported(
        "a page of \(counted(compressor.page.count, "byte")) in column \(column.name)")
    }
    let header = PageHeader(
      uncompressedSize: uncompressedPage, compressedSize: compressedPage,
      crc: Int32(bitPattern: CRC32.checksum(compressed)), content: content
    ).serialized
    header.withUnsafeBufferPointer { bytes.append($0) }
    bytes.append(compressed.assumingMemoryBound(to: UInt8.self))
    uncompressedSize += header.count + compressor.page.count
  }

  private mutating func appendToColumnIndex(_ bounds: PageBounds?, nulls: Int) {
    guard columnIndex != nil else { return }
    columnIndex?.nullPages.append(bounds == nil)
    columnIndex?.nullCounts?.append(Int64(nulls))
    guard let bounds else {
      columnIndex?.minValues.append([])
      columnIndex?.maxValues.append([])
      return
    }
    let minimum = lowerBound(bounds.minimum)
    guard let maximum = upperBound(bounds.maximum) else {
      columnIndex = nil
      pageBounds = []
      return
    }
    columnIndex?.minValues.append(minimum)
    columnIndex?.maxValues.append(maximum)
    pageBounds.append((minimum, maximum))
  }

  private func lowerBound(_ value: [UInt8]) -> [UInt8] {
    type == .byteArray ? TextBounds.lower(value, limit: options.statisticsBytes) : value
  }

  private func upperBound(_ value: [UInt8]) -> [UInt8]? {
    type == .byteArray ? TextBounds.upper(value, limit: options.statisticsBytes) : value
  }
}
