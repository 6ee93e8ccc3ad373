/// Writes small tables row by row, with row groups of a fixed number of rows; used by one thread at a time.
public final class RowsWriter {
  /// A value of a row.
  public enum Value: Sendable, Hashable {
    case null
    case int64(Int64)
    case text(String)
    case boolean(Bool)
    /// Microseconds since 1970-01-01T00:00:00Z.
    case timestampMicros(Int64)
  }

  private let columns: [SchemaColumn]
  private let rowGroupRows: Int
  private let writer: ParquetFileWriter
  private let encoders: [ColumnChunkEncoder]
  private let values: [ColumnValues]

  /// Starts a file; the parameters are those of `ParquetFileWriter`.
  /// - Throws: What the sink throws.
  public init(
    to sink: any ByteSink, columns: [SchemaColumn], keyValueMetadata: [(String, String)] = [],
    createdBy: String,
    options: WriterOptions = WriterOptions(), rowGroupRows: Int = 122_880
  ) throws {
    self.columns = columns
    self.rowGroupRows = rowGroupRows
    writer = try ParquetFileWriter(
      to: sink, columns: columns, keyValueMetadata: keyValueMetadata, createdBy: createdBy)
    encoders = columns.map { ColumnChunkEncoder(column: $0, options: options) }
    values = columns.map { ColumnValues(for: $0.type) }
  }

  /// Appends a row.
  /// - Precondition: A value for each column, of its type.
  /// - Throws: `ParquetError`, and what the sink throws.
  public func append(_ row: [Value]) throws {
    precondition(row.count == columns.count, "\(row.count) values for \(columns.count) columns")
    for (column, value) in row.enumerated() {
      switch (value, values[column], columns[column].type) {
      case (.null, let values, _): values.appendNull()
      case (.int64(let value), .int64(let values), .int64): values.append(value)
      case (.timestampMicros(let value), .int64(let values), .timestampMicros): values.append(value)
      case (.text(let value), .byteArray(let values), _): values.append(value)
      case (.boolean(let value), .boolean(let values), _): values.append(value)
      default: preconditionFailure("a value of another type than column \(columns[column].name)")
      }
    }
    if values.first?.count == rowGroupRows { try writeRowGroup() }
  }

  /// Writes the rows that are left, and the footer.
  /// - Returns: The file's rows and bytes.
  /// - Throws: `ParquetError`, and what the sink throws.
  @discardableResult public func finish() throws -> (rows: Int, bytes: Int) {
    try writeRowGroup()
    return try writer.finish()
  }

  private func writeRowGroup() throws {
    var chunks: [ColumnChunk] = []
    for (encoder, values) in zip(encoders, values) {
      try encoder.append(values)
      values.removeAll()
      chunks.append(try encoder.seal())
    }
    try writer.write(rowGroup: chunks)
  }
}
