/// A column of a flat Parquet schema; every column is optional.
public struct SchemaColumn: Sendable, Hashable {
  /// The types that the datasets use.
  public enum ValueType: Sendable, Hashable {
    /// `INT64`.
    case int64
    /// `BYTE_ARRAY` annotated `STRING` (`UTF8` for older readers).
    case utf8
    /// `BOOLEAN`.
    case boolean
    /// `INT64` annotated `TIMESTAMP(MICROS, isAdjustedToUTC = false)`: a date and time without a zone, which
    /// DuckDB and Trino both call TIMESTAMP.
    case timestampMicros
  }

  public var name: String
  public var type: ValueType

  public init(_ name: String, _ type: ValueType) {
    self.name = name
    self.type = type
  }
}
