/// Encodes a column chunk of truth values: `PLAIN`, one bit each.
final class BooleanChunkEncoder {
  private let column: SchemaColumn
  private let options: WriterOptions
  private var chunk: ColumnChunkBuilder
  private var rows: [Bool?] = []

  init(_ column: SchemaColumn, _ options: WriterOptions) {
    self.column = column
    self.options = options
    chunk = ColumnChunkBuilder(column, options)
  }

  func append(_ values: BooleanValues, rows range: Range<Int>) { rows += values.rows[range] }

  /// Ends the chunk; the next row starts a new one.
  func finish() throws -> ColumnChunk {
    for firstRow in stride(from: 0, to: rows.count, by: options.pageRows) {
      let pageRows = rows[firstRow..<min(rows.count, firstRow + options.pageRows)]
      let values = pageRows.compactMap(\.self)
      let levels: [UInt8] = pageRows.map { $0 == nil ? 0 : 1 }
      try levels.withUnsafeBufferPointer { levels in
        try chunk.appendDataPage(
          levels: levels, nulls: levels.count - values.count, encoding: .plain, bounds: PageBounds(values)
        ) { page in
          for start in stride(from: 0, to: values.count, by: 8) {
            var byte: UInt8 = 0
            for (bit, value) in values[start..<min(values.count, start + 8)].enumerated() where value {
              byte |= 1 << UInt8(bit)
            }
            page.append(byte)
          }
        }
      }
    }
    rows.removeAll()
    var finished = ColumnChunkBuilder(column, options)
    swap(&finished, &chunk)
    return finished.finish()
  }
}

extension PageBounds {
  /// nil when there is no value.
  init?(_ values: [Bool]) {
    if values.isEmpty { return nil }
    self.init(minimum: [values.contains(false) ? 0 : 1], maximum: [values.contains(true) ? 1 : 0])
  }
}
