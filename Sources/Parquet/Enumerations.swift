// The enumerations of `parquet.thrift`, with the values that this package writes or names.

/// How a column is stored (`Type`).
public enum PhysicalType: Int32, Sendable, Hashable {
  case boolean = 0
  case int32 = 1
  case int64 = 2
  case int96 = 3
  case float = 4
  case double = 5
  case byteArray = 6
  case fixedLengthByteArray = 7
}

/// How values are laid out in a page (`Encoding`).
public enum Encoding: Int32, Sendable, Hashable {
  case plain = 0
  case plainDictionary = 2
  case rle = 3
  case bitPacked = 4
  case deltaBinaryPacked = 5
  case deltaLengthByteArray = 6
  case deltaByteArray = 7
  case rleDictionary = 8
  case byteStreamSplit = 9
}

/// How pages are compressed (`CompressionCodec`).
public enum CompressionCodec: Int32, Sendable, Hashable {
  case uncompressed = 0
  case snappy = 1
  case gzip = 2
  case lzo = 3
  case brotli = 4
  case lz4 = 5
  case zstd = 6
  case lz4Raw = 7
}

/// What a page holds (`PageType`).
enum PageType: Int32 {
  case data = 0
  case index = 1
  case dictionary = 2
  case dataV2 = 3
}

/// Whether a column may be absent from a row, or there many times (`FieldRepetitionType`).
enum Repetition: Int32 {
  case required = 0
  case optional = 1
  case repeated = 2
}

/// How the pages' minima and maxima run through a column chunk (`BoundaryOrder`).
enum BoundaryOrder: Int32 {
  case unordered = 0
  case ascending = 1
  case descending = 2
}
