/// Why a file cannot be written or read.
public enum ParquetError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The bytes are not a Parquet file, or not a whole one; what is wrong, and where.
  case malformed(String)
  /// A library that compresses or decompresses failed; its own message.
  case codec(String)
  /// The file uses something of the format that is not supported here.
  case unsupported(String)

  /// What is wrong, in one line; it does not name the file.
  public var description: String {
    switch self {
    case .malformed(let what): "not a whole Parquet file: \(what)"
    case .codec(let message): "cannot compress or decompress a page: \(message)"
    case .unsupported(let what): "not supported in a Parquet file: \(what)"
    }
  }
}
