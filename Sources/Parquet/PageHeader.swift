/// What precedes a page in the file (`PageHeader`), with the part of its type.
struct PageHeader: ThriftStructure {
  var uncompressedSize: Int32
  var compressedSize: Int32
  /// CRC-32 (gzip's polynomial) of the page as it stands in the file, without this header.
  var crc: Int32?
  var content: Content

  enum Content {
    case data(DataPageHeader)
    case dictionary(DictionaryPageHeader)
    case dataV2(DataPageHeaderV2)
    /// A type that is newer than this reader, or of no use (index pages).
    case other(Int32)
  }

  init(uncompressedSize: Int32, compressedSize: Int32, crc: Int32?, content: Content) {
    self.uncompressedSize = uncompressedSize
    self.compressedSize = compressedSize
    self.crc = crc
    self.content = content
  }

  func write(to writer: inout ThriftCompactWriter) {
    let type: Int32 =
      switch content {
      case .data: PageType.data.rawValue
      case .dictionary: PageType.dictionary.rawValue
      case .dataV2: PageType.dataV2.rawValue
      case .other(let type): type
      }
    writer.field(1, type)
    writer.field(2, uncompressedSize)
    writer.field(3, compressedSize)
    writer.field(4, crc)
    switch content {
    case .data(let header): writer.field(5, header)
    case .dictionary(let header): writer.field(7, header)
    case .dataV2(let header): writer.field(8, header)
    case .other: break
    }
  }

  init(from reader: inout ThriftCompactReader) throws {
    var type: Int32?
    var uncompressedSize: Int32?
    var compressedSize: Int32?
    var data: DataPageHeader?
    var dictionary: DictionaryPageHeader?
    var dataV2: DataPageHeaderV2?
    var crc: Int32?
    try reader.beginStructure()
    while let (id, value) = try reader.nextField() {
      switch id {
      case 1: type = try reader.int32(value)
      case 2: uncompressedSize = try reader.int32(value)
      case 3: compressedSize = try reader.int32(value)
      case 4: crc = try reader.int32(value)
      case 5: data = try reader.structure(value)
      case 7: dictionary = try reader.structure(value)
      case 8: dataV2 = try reader.structure(value)
      default: break
      }
    }
    self.crc = crc
    self.uncompressedSize = try reader.required(uncompressedSize, "size of a page")
    self.compressedSize = try reader.required(compressedSize, "size of a page")
    let typeNumber = try reader.required(type, "type of a page")
    content =
      switch PageType(rawValue: typeNumber) {
      case .data: .data(try reader.required(data, "header of a data page"))
      case .dictionary: .dictionary(try reader.required(dictionary, "header of a dictionary page"))
      case .dataV2: .dataV2(try reader.required(dataV2, "header of a data page"))
      case .index, nil: .other(typeNumber)
      }
  }
}

/// `DataPageHeader`: levels and values are compressed together.
struct DataPageHeader: ThriftStructure {
  /// Rows of a flat column, NULLs included.
  var valueCount: Int32
  var encoding: Encoding

  init(valueCount: Int32, encoding: Encoding) {
    self.valueCount = valueCount
    self.encoding = encoding
  }

  func write(to writer: inout ThriftCompactWriter) {
    writer.field(1, valueCount)
    writer.field(2, encoding)
    writer.field(3, Encoding.rle)
    // Repetition levels: a flat column has none, but the field is required.
    writer.field(4, Encoding.rle)
  }

  init(from reader: inout ThriftCompactReader) throws {
    var valueCount: Int32?
    var encoding: Encoding?
    try reader.beginStructure()
    while let (id, value) = try reader.nextField() {
      switch id {
      case 1: valueCount = try reader.int32(value)
      case 2: encoding = try reader.enumeration(value)
      default: break
      }
    }
    self.valueCount = try reader.required(valueCount, "number of a page's values")
    self.encoding = try reader.required(encoding, "known encoding of a page")
  }
}

/// `DictionaryPageHeader`.
struct DictionaryPageHeader: ThriftStructure {
  var valueCount: Int32
  var encoding: Encoding

  init(valueCount: Int32) {
    self.valueCount = valueCount
    encoding = .plain
  }

  func write(to writer: inout ThriftCompactWriter) {
    writer.field(1, valueCount)
    writer.field(2, encoding)
    writer.field(3, false)
  }

  init(from reader: inout ThriftCompactReader) throws {
    var valueCount: Int32?
    var encoding: Encoding?
    try reader.beginStructure()
    while let (id, value) = try reader.nextField() {
      switch id {
      case 1: valueCount = try reader.int32(value)
      case 2: encoding = try reader.enumeration(value)
      default: break
      }
    }
    self.valueCount = try reader.required(valueCount, "number of a dictionary's values")
    self.encoding = try reader.required(encoding, "known encoding of a dictionary")
  }
}

/// `DataPageHeaderV2`; read only, other writers use it.
struct DataPageHeaderV2: ThriftStructure {
  var valueCount: Int32
  var nullCount: Int32
  var rowCount: Int32
  var encoding: Encoding
  var definitionLevelsSize: Int32
  var repetitionLevelsSize: Int32
  var isCompressed: Bool

  func write(to writer: inout ThriftCompactWriter) {
    writer.field(1, valueCount)
    writer.field(2, nullCount)
    writer.field(3, rowCount)
    writer.field(4, encoding)
    writer.field(5, definitionLevelsSize)
    writer.field(6, repetitionLevelsSize)
    writer.field(7, isCompressed)
  }

  init(from reader: inout ThriftCompactReader) throws {
    var valueCount: Int32?
    var nullCount: Int32?
    var rowCount: Int32?
    var encoding: Encoding?
    var definitionLevelsSize: Int32?
    var repetitionLevelsSize: Int32?
    isCompressed = true
    try reader.beginStructure()
    while let (id, value) = try reader.nextField() {
      switch id {
      case 1: valueCount = try reader.int32(value)
      case 2: nullCount = try reader.int32(value)
      case 3: rowCount = try reader.int32(value)
      case 4: encoding = try reader.enumeration(value)
      case 5: definitionLevelsSize = try reader.int32(value)
      case 6: repetitionLevelsSize = try reader.int32(value)
      case 7: isCompressed = try reader.bool(value)
      default: break
      }
    }
    self.valueCount = try reader.required(valueCount, "number of a page's values")
    self.nullCount = try reader.required(nullCount, "number of a page's NULLs")
    self.rowCount = try reader.required(rowCount, "number of a page's rows")
    self.encoding = try reader.required(encoding, "known encoding of a page")
    self.definitionLevelsSize = try reader.required(definitionLevelsSize, "size of definition levels")
    self.repetitionLevelsSize = try reader.required(repetitionLevelsSize, "size of repetition levels")
  }
}
