/// Encodes a column's rows into column chunks, one after the other; used by one thread at a time.
///
/// A chunk's bytes depend on the rows since the last `seal()` and on the options, not on how the rows came in
/// batches, nor on chunks before, threads or timing.
///
/// Memory: the finished pages of the chunk, and what is not yet a page. That is at most a page for text whose
/// dictionary was given up; five bytes a row and the dictionary for other text; and nine bytes a row for integers,
/// whose encoding is chosen at the end.
public final class ColumnChunkEncoder {
  private enum Encoder {
    case byteArray(ByteArrayChunkEncoder)
    case int64(Int64ChunkEncoder)
    case boolean(BooleanChunkEncoder)
  }

  /// The column that the rows are of.
  public let column: SchemaColumn
  private let encoder: Encoder
  /// The rows appended since the last `seal()`.
  public private(set) var rowCount = 0

  /// An encoder without rows. The files' bytes depend on the options.
  public init(column: SchemaColumn, options: WriterOptions = WriterOptions()) {
    self.column = column
    encoder =
      switch column.type {
      case .utf8: .byteArray(ByteArrayChunkEncoder(column, options))
      case .int64, .timestampMicros: .int64(Int64ChunkEncoder(column, options))
      case .boolean: .boolean(BooleanChunkEncoder(column, options))
      }
  }

  /// Appends rows: all of the batch, or a range of them. The batch may be reused at once.
  /// - Precondition: The values are of the column's type.
  /// - Throws: `ParquetError`.
  public func append(_ values: ColumnValues, rows: Range<Int>? = nil) throws {
    let rows = rows ?? 0..<values.count
    precondition(rows.lowerBound >= 0 && rows.upperBound <= values.count)
    switch (encoder, values) {
    case (.byteArray(let encoder), .byteArray(let values)): try encoder.append(values, rows: rows)
    case (.int64(let encoder), .int64(let values)): encoder.append(values, rows: rows)
    case (.boolean(let encoder), .boolean(let values)): encoder.append(values, rows: rows)
    default: preconditionFailure("values of another type than column \(column.name)")
    }
    rowCount += rows.count
  }

  /// Ends the column chunk; the next row starts a new one.
  /// - Throws: `ParquetError`.
  public func seal() throws -> ColumnChunk {
    defer { rowCount = 0 }
    return switch encoder {
    case .byteArray(let encoder): try encoder.finish()
    case .int64(let encoder): try encoder.finish()
    case .boolean(let encoder): try encoder.finish()
    }
  }
}
