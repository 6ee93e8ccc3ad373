/// Encodes a text column's chunk.
///
/// Values go through a dictionary at first, and the whole chunk is kept as their numbers. When so many values are
/// different that the dictionary does not pay, it is given up: what came so far is encoded again, and from then on
/// each page is encoded directly as `DELTA_LENGTH_BYTE_ARRAY` and compressed as soon as it is full. So a chunk has one
/// encoding throughout.
final class ByteArrayChunkEncoder {
  private let column: SchemaColumn
  private let options: WriterOptions
  private var chunk: ColumnChunkBuilder
  /// Whether the dictionary was not given up yet.
  private var usesDictionary: Bool
  private var numbered: NumberedText
  private var page: TextPage

  init(_ column: SchemaColumn, _ options: WriterOptions) {
    self.column = column
    self.options = options
    chunk = ColumnChunkBuilder(column, options)
    usesDictionary = options.dictionaryBytes > 0
    numbered = NumberedText(options)
    page = TextPage(options)
  }

  func append(_ values: ByteArrayValues, rows: Range<Int>) throws {
    var text = values.rows.dropFirst(rows.lowerBound).prefix(rows.count)
    if usesDictionary {
      guard let rest = numbered.append(text) else { return }
      try giveDictionaryUp()
      text = rest
    }
    try page.append(text, to: &chunk)
  }

  /// Ends the chunk; the next row starts a new one.
  func finish() throws -> ColumnChunk {
    if usesDictionary {
      if numbered.pays {
        try numbered.appendPages(to: &chunk)
      } else {
        try giveDictionaryUp()
      }
    }
    try page.finish(to: &chunk)
    numbered.removeAll()
    usesDictionary = options.dictionaryBytes > 0
    var finished = ColumnChunkBuilder(column, options)
    swap(&finished, &chunk)
    return finished.finish()
  }

  private func giveDictionaryUp() throws {
    if let rows = numbered.nullRows {
      try page.appendNulls(rows, to: &chunk)
    } else {
      try numbered.forEachBatch { try page.append($0, to: &chunk) }
    }
    numbered.removeAll()
    usesDictionary = false
  }
}
