/// A batch of a column's values in the form that its type is encoded from.
public enum ColumnValues {
  /// For `INT64` and `TIMESTAMP` columns.
  case int64(Int64Values)
  /// For text.
  case byteArray(ByteArrayValues)
  /// For truth values.
  case boolean(BooleanValues)

  /// An empty batch for columns of this type.
  public init(for type: SchemaColumn.ValueType) {
    self =
      switch type {
      case .int64, .timestampMicros: .int64(Int64Values())
      case .utf8: .byteArray(ByteArrayValues())
      case .boolean: .boolean(BooleanValues())
      }
  }

  /// The number of rows, NULLs included.
  public var count: Int {
    switch self {
    case .int64(let values): values.count
    case .byteArray(let values): values.count
    case .boolean(let values): values.count
    }
  }

  /// Appends a NULL.
  public func appendNull() {
    switch self {
    case .int64(let values): values.appendNull()
    case .byteArray(let values): values.appendNull()
    case .boolean(let values): values.appendNull()
    }
  }

  /// Removes the rows after the first `count`.
  public func truncate(to count: Int) {
    switch self {
    case .int64(let values): values.truncate(to: count)
    case .byteArray(let values): values.truncate(to: count)
    case .boolean(let values): values.truncate(to: count)
    }
  }

  /// Removes everything and keeps the memory for the next batch.
  public func removeAll() {
    switch self {
    case .int64(let values): values.removeAll()
    case .byteArray(let values): values.removeAll()
    case .boolean(let values): values.removeAll()
    }
  }
}
