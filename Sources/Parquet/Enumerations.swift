// The enumerations of `parquet.thrift`, with the values that this package writes or names.

/// How a column is stored (`Type`).
public enum PhysicalType: Int32, Sendable, Hashable {
  case boolean = 0
  case int32 = 1
  case int64 = 2
  /// Deprecated; older writers keep timestamps in it.
  case int96 = 3
  case float = 4
  case double = 5
  case byteArray = 6
  case fixedLengthByteArray = 7
}

/// How values are laid out in a page (`Encoding`).
public enum Encoding: Int32, Sendable, Hashable {
  /// The values one after the other, byte strings each after its length in four bytes.
  case plain = 0
  /// Deprecated name of `rleDictionary` for data pages and of `plain` for dictionary pages.
  case plainDictionary = 2
  /// Runs of equal values and stretches of bit-packed ones (RLE/bit-packing hybrid): levels and booleans.
  case rle = 3
  /// Deprecated: levels without runs, packed from the most significant bit.
  case bitPacked = 4
  /// Integers as bit-packed differences, in blocks.
  case deltaBinaryPacked = 5
  /// Byte strings: first all lengths as `deltaBinaryPacked`, then all bytes.
  case deltaLengthByteArray = 6
  /// Byte strings that share a prefix with the one before: the prefixes' lengths, then the rest.
  case deltaByteArray = 7
  /// Numbers of the dictionary page's values, as `rle` after a byte with their width.
  case rleDictionary = 8
  /// Numbers of a fixed width, all their first bytes, then all their second ones, and so on.
  case byteStreamSplit = 9
}

/// How pages are compressed (`CompressionCodec`).
public enum CompressionCodec: Int32, Sendable, Hashable {
  case uncompressed = 0
  case snappy = 1
  case gzip = 2
  case lzo = 3
  case brotli = 4
  /// Deprecated: LZ4 in Hadoop's framing, which no document specifies.
  case lz4 = 5
  case zstd = 6
  /// LZ4's block format without a frame.
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
