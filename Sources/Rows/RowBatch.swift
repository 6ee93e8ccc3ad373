import Parquet
import Schema

/// Consecutive rows of a dataset, column by column in the dataset's order.
public final class RowBatch {
  /// What the rows are rows of.
  public let dataset: Dataset
  /// The values, one batch for each of the dataset's columns; all have the same number of rows between
  /// records.
  public let columns: [ColumnValues]

  init(_ dataset: Dataset) {
    self.dataset = dataset
    columns = dataset.columns.map { ColumnValues(for: SchemaColumn($0).type) }
  }

  /// The number of rows.
  public var count: Int { columns[0].count }

  /// The size of the values in memory, in bytes, if each row had its own.
  public var byteCount: Int {
    columns.reduce(0) { sum, column in
      switch column {
      case .byteArray(let values): sum + values.byteCount
      case .int64(let values): sum + values.count * 8
      case .boolean(let values): sum + values.count
      }
    }
  }

  /// Removes the rows and keeps the memory.
  public func removeAll() { for column in columns { column.removeAll() } }

  /// Removes the rows after the first `count`.
  func truncate(to count: Int) { for column in columns { column.truncate(to: count) } }
}
