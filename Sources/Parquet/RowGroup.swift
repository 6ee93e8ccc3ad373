/// A run of rows, column by column (`RowGroup`).
struct RowGroup: ThriftStructure, Sendable {
  var columns: [ColumnChunkMetaData]
  /// The bytes of all pages before compression, with their headers.
  var uncompressedSize: Int64
  var rowCount: Int64
  var fileOffset: Int64?
  /// The bytes of all pages in the file, with their headers.
  var compressedSize: Int64?
  var ordinal: Int16?

  init(
    columns: [ColumnChunkMetaData], rowCount: Int64, fileOffset: Int64,
    ordinal: Int
  ) {
    self.columns = columns
    uncompressedSize = columns.reduce(0) { $0 + $1.uncompressedSize }
    self.rowCount = rowCount
    self.fileOffset = fileOffset
    compressedSize = columns.reduce(0) { $0 + $1.compressedSize }
    self.ordinal = Int16(exactly: ordinal)
  }

  func write(to writer: inout ThriftCompactWriter) {
    writer.field(1, columns)
    writer.field(2, uncompressedSize)
    writer.field(3, rowCount)
    writer.field(5, fileOffset)
    writer.field(6, compressedSize)
    writer.field(7, ordinal)
  }

  init(from reader: inout ThriftCompactReader) throws {
    var columns: [ColumnChunkMetaData]?
    var uncompressedSize: Int64?
    var rowCount: Int64?
    try reader.beginStructure()
    while let (id, value) = try reader.nextField() {
      switch id {
      case 1: columns = try reader.list(value) { try $1.structure($0) }
      case 2: uncompressedSize = try reader.int64(value)
      case 3: rowCount = try reader.int64(value)
      case 5: fileOffset = try reader.int64(value)
      case 6: compressedSize = try reader.int64(value)
      case 7: ordinal = try reader.int16(value)
      default: break
      }
    }
    self.columns = try reader.required(columns, "columns of a row group")
    self.uncompressedSize = try reader.required(uncompressedSize, "size of a row group")
    self.rowCount = try reader.required(rowCount, "number of a row group's rows")
  }
}

/// What the footer says about a column's pages in a row group (`ColumnChunk` and its `ColumnMetaData`).
struct ColumnChunkMetaData: ThriftStructure, Sendable {
  var type: PhysicalType
  /// Every encoding that occurs, those of levels and dictionary included.
  var encodings: [Encoding]
  var path: [String]
  var codec: CompressionCodec
  /// Rows of a flat column, NULLs included.
  var valueCount: Int64
  var uncompressedSize: Int64
  var compressedSize: Int64
  var dataPageOffset: Int64
  var dictionaryPageOffset: Int64?
  var statistics: Statistics?
  /// How many pages of which type use which encoding: tells readers whether all values are in the dictionary.
  var encodingStatistics: [PageEncodingStatistics]?
  var bloomFilterOffset: Int64?
  /// Header included; older writers leave it out.
  var bloomFilterLength: Int32?
  /// Another file that holds the pages; not supported by any reader of note.
  var filePath: String?
  var offsetIndexOffset: Int64?
  var offsetIndexLength: Int32?
  var columnIndexOffset: Int64?
  var columnIndexLength: Int32?

  /// Where the chunk's first page starts.
  var firstPageOffset: Int64 { min(dataPageOffset, dictionaryPageOffset ?? dataPageOffset) }

  init(
    type: PhysicalType, encodings: [Encoding], path: [String], codec: CompressionCodec, valueCount: Int64,
    uncompressedSize: Int64, compressedSize: Int64, dataPageOffset: Int64, dictionaryPageOffset: Int64?,
    statistics: Statistics, encodingStatistics: [PageEncodingStatistics]
  ) {
    self.type = type
    self.encodings = encodings
    self.path = path
    self.codec = codec
    self.valueCount = valueCount
    self.uncompressedSize = uncompressedSize
    self.compressedSize = compressedSize
    self.dataPageOffset = dataPageOffset
    self.dictionaryPageOffset = dictionaryPageOffset
    self.statistics = statistics
    self.encodingStatistics = encodingStatistics
  }

  /// Moves a chunk whose offsets count from its own start to its place in the file.
  mutating func move(to offset: Int64) {
    dataPageOffset += offset
    dictionaryPageOffset = dictionaryPageOffset.map { $0 + offset }
  }

  func write(to writer: inout ThriftCompactWriter) {
    // file_offset was meant for a copy of the metadata beside the pages, which nobody writes: 0 says so.
    writer.field(2, Int64(0))
    writer.field(3, ColumnMetaData(chunk: self))
    writer.field(4, offsetIndexOffset)
    writer.field(5, offsetIndexLength)
    writer.field(6, columnIndexOffset)
    writer.field(7, columnIndexLength)
  }

  init(from reader: inout ThriftCompactReader) throws {
    var metaData: ColumnMetaData?
    var filePath: String?
    var offsetIndex: (offset: Int64?, length: Int32?)
    var columnIndex: (offset: Int64?, length: Int32?)
    try reader.beginStructure()
    while let (id, value) = try reader.nextField() {
      switch id {
      case 1: filePath = try reader.string(value)
      case 3: metaData = try reader.structure(value)
      case 4: offsetIndex.offset = try reader.int64(value)
      case 5: offsetIndex.length = try reader.int32(value)
      case 6: columnIndex.offset = try reader.int64(value)
      case 7: columnIndex.length = try reader.int32(value)
      default: break
      }
    }
    self = try reader.required(metaData, "metadata of a column chunk").chunk
    self.filePath = filePath
    (offsetIndexOffset, offsetIndexLength) = offsetIndex
    (columnIndexOffset, columnIndexLength) = columnIndex
  }
}

/// The inner of the two structures that describe a column chunk (`ColumnMetaData`).
private struct ColumnMetaData: ThriftStructure {
  var chunk: ColumnChunkMetaData

  init(chunk: ColumnChunkMetaData) { self.chunk = chunk }

  func write(to writer: inout ThriftCompactWriter) {
    writer.field(1, chunk.type)
    writer.field(2, chunk.encodings)
    writer.field(3, chunk.path.map { Array($0.utf8) })
    writer.field(4, chunk.codec)
    writer.field(5, chunk.valueCount)
    writer.field(6, chunk.uncompressedSize)
    writer.field(7, chunk.compressedSize)
    writer.field(9, chunk.dataPageOffset)
    writer.field(11, chunk.dictionaryPageOffset)
    writer.field(12, chunk.statistics)
    writer.field(13, chunk.encodingStatistics)
    writer.field(14, chunk.bloomFilterOffset)
    writer.field(15, chunk.bloomFilterLength)
  }

  init(from reader: inout ThriftCompactReader) throws {
    var type: PhysicalType?
    var encodings: [Encoding] = []
    var path: [String]?
    var codec: CompressionCodec?
    var valueCount: Int64?
    var uncompressedSize: Int64?
    var compressedSize: Int64?
    var dataPageOffset: Int64?
    var dictionaryPageOffset: Int64?
    var statistics: Statistics?
    var encodingStatistics: [PageEncodingStatistics]?
    var bloomFilter: (offset: Int64?, length: Int32?)
    try reader.beginStructure()
    while let (id, value) = try reader.nextField() {
      switch id {
      case 1: type = try reader.enumeration(value)
      case 2: encodings = try reader.list(value) { try $1.enumeration($0, Encoding.self) }.compactMap(\.self)
      case 3: path = try reader.list(value) { try $1.string($0) }
      case 4: codec = try reader.enumeration(value)
      case 5: valueCount = try reader.int64(value)
      case 6: uncompressedSize = try reader.int64(value)
      case 7: compressedSize = try reader.int64(value)
      case 9: dataPageOffset = try reader.int64(value)
      case 11: dictionaryPageOffset = try reader.int64(value)
      case 12: statistics = try reader.structure(value)
      case 13: encodingStatistics = try reader.list(value) { try $1.structure($0) }
      case 14: bloomFilter.offset = try reader.int64(value)
      case 15: bloomFilter.length = try reader.int32(value)
      default: break
      }
    }
    chunk = ColumnChunkMetaData(
      type: try reader.required(type, "known type of a column chunk"),
      encodings: encodings,
      path: try reader.required(path, "name of a column chunk"),
      codec: try reader.required(codec, "known codec of a column chunk"),
      valueCount: try reader.required(valueCount, "number of a column chunk's values"),
      uncompressedSize: try reader.required(uncompressedSize, "size of a column chunk"),
      compressedSize: try reader.required(compressedSize, "size of a column chunk"),
      dataPageOffset: try reader.required(dataPageOffset, "offset of a column chunk"),
      dictionaryPageOffset: dictionaryPageOffset, statistics: Statistics(nullCount: 0), encodingStatistics: []
    )
    chunk.statistics = statistics
    chunk.encodingStatistics = encodingStatistics
    (chunk.bloomFilterOffset, chunk.bloomFilterLength) = bloomFilter
  }
}

/// How many pages of a type use an encoding (`PageEncodingStats`).
struct PageEncodingStatistics: ThriftStructure, Sendable, Equatable {
  var pageType: PageType
  var encoding: Encoding
  var count: Int32

  init(pageType: PageType, encoding: Encoding, count: Int32) {
    self.pageType = pageType
    self.encoding = encoding
    self.count = count
  }

  func write(to writer: inout ThriftCompactWriter) {
    writer.field(1, pageType)
    writer.field(2, encoding)
    writer.field(3, count)
  }

  init(from reader: inout ThriftCompactReader) throws {
    var pageType: PageType?
    var encoding: Encoding?
    var count: Int32?
    try reader.beginStructure()
    while let (id, value) = try reader.nextField() {
      switch id {
      case 1: pageType = try reader.enumeration(value)
      case 2: encoding = try reader.enumeration(value)
      case 3: count = try reader.int32(value)
      default: break
      }
    }
    self.pageType = try reader.required(pageType, "known type of pages")
    self.encoding = try reader.required(encoding, "known encoding of pages")
    self.count = try reader.required(count, "number of pages")
  }
}
