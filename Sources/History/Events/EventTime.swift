import Parquet
import Platform

/// The moment of an execution's events, in UTC.
///
/// Whole milliseconds: what Trino's Hive connector reads of a TIMESTAMP unless it is told otherwise, so that both
/// engines show the same moment and agree on what is newest.
public struct EventTime: Sendable, Hashable {
  /// Microseconds since 1970, a multiple of 1000.
  public let microseconds: Int64

  /// The moment cut off to whole milliseconds, towards 1970.
  public init(_ time: UTCTime) {
    microseconds = time.microseconds / 1000 * 1000
  }

  /// As a value of a TIMESTAMP column.
  var value: RowsWriter.Value { .timestampMicros(microseconds) }
}
