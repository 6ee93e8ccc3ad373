import Parquet
import Schema

/// Consecutive rows of a dataset, column by column in the dataset's order.
public final class RowBatch {
  /// What the rows are rows of.
  public let dataset: Dataset
  /// The values, one batch for each of the dataset's columns; all have the same number of rows between
  /// records.
  public let columns: [ColumnValues]
  /// The text columns once more. Counting references to them at every record would cost more than ending their values.
  private let texts: [Unmanaged<ByteArrayValues>]

  init(_ dataset: Dataset) {
    self.dataset = dataset
    columns = dataset.columns.map { ColumnValues(for: SchemaColumn($0).type) }
    texts = columns.compactMap {
      guard case .byteArray(let values) = $0 else { return nil }
      return .passUnretained(values)
    }
  }

  /// The number of rows.
  public var count: Int { columns[0].count }

  /// The size of the values in memory, in bytes.
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

  /// Ends the value that is being built in each of the text columns.
  func finishTexts() {
    // The columns live as long as this does.
    for text in texts { text._withUnsafeGuaranteedRef { $0.finishValue() } }
  }

  func text(_ index: Int) -> ByteArrayValues {
    guard case .byteArray(let values) = columns[index] else { preconditionFailure("not a text column") }
    return values
  }

  func number(_ index: Int) -> Int64Values {
    guard case .int64(let values) = columns[index] else { preconditionFailure("not a number column") }
    return values
  }
}
