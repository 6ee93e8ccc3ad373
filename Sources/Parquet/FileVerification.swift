import Platform

extension ParquetFooter {
  /// Reads a whole file and checks that nothing of it is missing or damaged: the footer is consistent, the pages of
  /// each column chunk follow one another without a gap, hold as many rows as the footer says, and have the checksums
  /// that their headers say; the page indexes name exactly these pages.
  ///
  /// Pages are not decompressed. Memory: the footer and the largest page.
  /// - Returns: The footer.
  /// - Throws: `ParquetError` with what is wrong; `SystemError`.
  @discardableResult public static func verifyFile(_ path: String) throws -> ParquetFooter {
    let file = try InputFile(opening: path)
    let footer = try ParquetFooter(of: file)
    // A row group without rows has no pages to look at.
    for (number, group) in footer.metaData.rowGroups.enumerated() where group.rowCount > 0 {
      for chunk in group.columns {
        do { try footer.verify(chunk, in: file) } catch ParquetError.malformed(let what) {
          throw ParquetError.malformed("row group \(number), column \(chunk.path.joined()): \(what)")
        }
      }
    }
    return footer
  }

  private func verify(_ chunk: ColumnChunkMetaData, in file: InputFile) throws {
    let end = Int(chunk.firstPageOffset + chunk.compressedSize)
    var offset = Int(chunk.firstPageOffset)
    var rows = 0
    var dataPages: [PageLocation] = []
    while offset < end {
      let (header, headerSize) = try pageHeader(in: file, at: offset, end: end)
      let bodySize = Int(header.compressedSize)
      guard bodySize >= 0, header.uncompressedSize >= 0, bodySize <= end - offset - headerSize else {
        throw ParquetError.malformed("a page of \(counted(bodySize, "byte")) at \(offset)")
      }
      if let crc = header.crc {
        let body = try file.bytes(at: offset + headerSize, count: bodySize)
        guard body.withUnsafeBytes({ CRC32.checksum($0) }) == UInt32(bitPattern: crc) else {
          throw ParquetError.malformed("the page at \(offset) is not what its checksum says")
        }
      }
      if let count = header.rowCount {
        guard count >= 0 else { throw ParquetError.malformed("a page of \(count) rows at \(offset)") }
        dataPages.append(
          PageLocation(
            offset: Int64(offset), size: Int32(clamping: headerSize + bodySize), firstRow: Int64(rows)))
        rows += Int(count)
      }
      offset += headerSize + bodySize
    }
    guard rows == Int(chunk.valueCount) else {
      throw ParquetError.malformed("\(counted(rows, "row")) in its pages instead of \(chunk.valueCount)")
    }
    try verifyBloomFilter(of: chunk, in: file)
    // A page of a nested column has more values than rows, and only the index says how many rows.
    guard columns.contains(where: { [$0.name] == chunk.path }) else { return }
    try verifyIndexes(of: chunk, dataPages: dataPages, in: file)
  }

  /// A filter says how large it is, and what says so is as long as the footer says.
  private func verifyBloomFilter(of chunk: ColumnChunkMetaData, in file: InputFile) throws {
    guard let offset = chunk.bloomFilterOffset, let length = chunk.bloomFilterLength else { return }
    let bytes = try file.bytes(at: Int(offset), count: min(Int(length), 64))
    var reader = ThriftCompactReader(bytes[...])
    let header = try BloomFilterHeader(from: &reader)
    guard header.byteCount > 0, reader.position + Int(header.byteCount) == Int(length) else {
      throw ParquetError.malformed("a Bloom filter of \(header.byteCount) bytes in a place for \(length)")
    }
  }

  private func verifyIndexes(
    of chunk: ColumnChunkMetaData, dataPages: [PageLocation], in file: InputFile
  ) throws {
    if let offset = chunk.offsetIndexOffset, let length = chunk.offsetIndexLength {
      let bytes = try file.bytes(at: Int(offset), count: Int(length))
      var reader = ThriftCompactReader(bytes[...])
      guard try OffsetIndex(from: &reader).pages == dataPages else {
        throw ParquetError.malformed("an offset index of other pages")
      }
    }
    if let offset = chunk.columnIndexOffset, let length = chunk.columnIndexLength {
      let bytes = try file.bytes(at: Int(offset), count: Int(length))
      var reader = ThriftCompactReader(bytes[...])
      guard try ColumnIndex(from: &reader).nullPages.count == dataPages.count else {
        throw ParquetError.malformed("a column index of other pages")
      }
    }
  }

  /// The page header at this offset, and its size.
  func pageHeader(in file: InputFile, at offset: Int, end: Int) throws -> (PageHeader, size: Int) {
    // Nearly all headers are short; one that carries long statistics gets a second chance.
    for window in [256, 1 << 20] {
      let size = min(window, end - offset)
      let bytes = try file.bytes(at: offset, count: size)
      var reader = ThriftCompactReader(bytes[...])
      do {
        let header = try PageHeader(from: &reader)
        return (header, reader.position)
      } catch { if window > 256 || size < window { throw error } }
    }
    preconditionFailure("the last window returns or throws")
  }
}

extension PageHeader {
  /// The rows of a data page of a flat column; nil for other pages.
  fileprivate var rowCount: Int32? {
    switch content {
    case .data(let header): header.valueCount
    case .dataV2(let header): header.valueCount
    case .dictionary, .other: nil
    }
  }
}
