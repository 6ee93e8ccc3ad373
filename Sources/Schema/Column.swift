/// The type of a column, as SQL names it; its Parquet form follows from it.
public enum ColumnType: String, Sendable, Hashable, Codable {
  /// A 64-bit signed integer (Parquet `INT64`).
  case bigint = "BIGINT"
  /// UTF-8 text (Parquet `BYTE_ARRAY` annotated `STRING`).
  case varchar = "VARCHAR"
  /// True or false (Parquet `BOOLEAN`); event tables only.
  case boolean = "BOOLEAN"
  /// A moment in UTC, in microseconds, without a zone (Parquet `INT64` annotated `TIMESTAMP`); event tables only.
  case timestamp = "TIMESTAMP"
}

/// A named, nullable column of a dataset.
public struct Column: Sendable, Hashable, Codable {
  /// As Parquet files and SQL have it, in lower case.
  public var name: String
  /// What its values are.
  public var type: ColumnType

  /// A column of text, unless said otherwise.
  public init(_ name: String, _ type: ColumnType = .varchar) {
    self.name = name
    self.type = type
  }
}
