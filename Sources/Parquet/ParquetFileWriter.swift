/// Writes a Parquet file: row groups as they come, then the page indexes and the footer.
///
/// Specification: README.md of apache/parquet-format, "File format".
public final class ParquetFileWriter {
  /// What a file starts and ends with.
  static let magic: [UInt8] = Array("PAR1".utf8)

  private let sink: any ByteSink
  private let columns: [SchemaColumn]
  /// Texts that the file carries in its footer; may be added to until `finish()`.
  public var keyValueMetadata: [(String, String)]
  private let createdBy: String
  private var offset = 0
  private var rowCount = 0
  private var rowGroups: [RowGroup] = []
  /// For each row group and column, in the form they will have in the file: the smallest there is.
  private var pageIndexes: [[(column: [UInt8]?, offset: [UInt8])]] = []

  /// Starts a file.
  /// - Parameters:
  ///   - sink: Nothing else may be written to it. It is neither synchronized nor closed here.
  ///   - keyValueMetadata: Texts that the file carries in its footer.
  ///   - createdBy: The writing application in the form `NAME version VERSION (build HASH)`, by which readers know
  ///     writers whose files need special care.
  /// - Throws: What the sink throws.
  public init(
    to sink: any ByteSink, columns: [SchemaColumn], keyValueMetadata: [(String, String)] = [],
    createdBy: String
  ) throws {
    self.sink = sink
    self.columns = columns
    self.keyValueMetadata = keyValueMetadata
    self.createdBy = createdBy
    try write(Self.magic)
  }

  /// Writes a row group; one without rows is left out.
  /// - Parameter chunks: A chunk for each column, with the same number of rows.
  /// - Throws: What the sink throws.
  public func write(rowGroup chunks: [ColumnChunk]) throws {
    precondition(chunks.map(\.metaData.path) == columns.map { [$0.name] }, "a chunk for each column")
    let rows = chunks.first?.rowCount ?? 0
    precondition(chunks.allSatisfy { $0.rowCount == rows }, "columns of different lengths")
    if rows == 0 { return }
    let start = offset
    var metaData: [ColumnChunkMetaData] = []
    var indexes: [(column: [UInt8]?, offset: [UInt8])] = []
    for chunk in chunks {
      var moved = chunk.metaData
      moved.move(to: Int64(offset))
      metaData.append(moved)
      indexes.append((chunk.columnIndex?.serialized, chunk.offsetIndex.moved(by: Int64(offset)).serialized))
      try write(chunk.pages.bytes)
    }
    // Behind each row group and not behind all of them, so that none has to stay in memory.
    for (column, chunk) in chunks.enumerated() {
      guard let filter = chunk.bloomFilter else { continue }
      metaData[column].bloomFilterOffset = Int64(offset)
      metaData[column].bloomFilterLength = Int32(filter.count)
      try write(filter)
    }
    rowGroups.append(
      RowGroup(
        columns: metaData, rowCount: Int64(rows),
        fileOffset: Int64(start), ordinal: rowGroups.count))
    pageIndexes.append(indexes)
    rowCount += rows
  }

  /// Writes the page indexes and the footer: the file is whole.
  /// - Returns: The file's rows and bytes.
  /// - Throws: What the sink throws.
  @discardableResult public func finish() throws -> (rows: Int, bytes: Int) {
    // All column indexes together, then all offset indexes: readers fetch each kind in one piece.
    for group in rowGroups.indices {
      for column in columns.indices {
        guard let index = pageIndexes[group][column].column else { continue }
        rowGroups[group].columns[column].columnIndexOffset = Int64(offset)
        rowGroups[group].columns[column].columnIndexLength = Int32(index.count)
        try write(index)
      }
    }
    for group in rowGroups.indices {
      for column in columns.indices {
        let index = pageIndexes[group][column].offset
        rowGroups[group].columns[column].offsetIndexOffset = Int64(offset)
        rowGroups[group].columns[column].offsetIndexLength = Int32(index.count)
        try write(index)
      }
    }
    let footer = FileMetaData(
      schema: [SchemaElement(rootOf: columns)] + columns.map(SchemaElement.init), rowCount: Int64(rowCount),
      rowGroups: rowGroups,
      keyValueMetadata: keyValueMetadata.isEmpty
        ? nil : keyValueMetadata.map { KeyValue(key: $0, value: $1) },
      createdBy: createdBy
    ).serialized
    try write(footer)
    try write(withUnsafeBytes(of: UInt32(footer.count).littleEndian) { Array($0) } + Self.magic)
    return (rowCount, offset)
  }

  private func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

  private func write(_ bytes: UnsafeRawBufferPointer) throws {
    try sink.write(bytes)
    offset += bytes.count
  }
}

extension OffsetIndex {
  /// The same pages further on in the file.
  fileprivate func moved(by distance: Int64) -> OffsetIndex {
    var moved = self
    for page in moved.pages.indices { moved.pages[page].offset += distance }
    return moved
  }
}
