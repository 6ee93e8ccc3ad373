import Schema

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

  /// The column's name in the schema.
  public var name: String
  /// What its values are.
  public var type: ValueType
  /// Whether its chunks have Bloom filters; truth values never have.
  public var hasBloomFilter: Bool

  /// An optional column at the top of the schema.
  /// - Parameter hasBloomFilter: whether its chunks have Bloom filters, but for those that are sorted or have few
  ///   different values.
  public init(_ name: String, _ type: ValueType, hasBloomFilter: Bool = false) {
    self.name = name
    self.type = type
    self.hasBloomFilter = hasBloomFilter
  }
}

extension SchemaColumn {
  /// A declared column in its Parquet form; the one place that says which that is.
  public init(_ column: Column) {
    let type: ValueType =
      switch column.type {
      case .bigint: .int64
      case .varchar: .utf8
      case .boolean: .boolean
      case .timestamp: .timestampMicros
      }
    self.init(column.name, type, hasBloomFilter: column.isLookedUp)
  }
}
