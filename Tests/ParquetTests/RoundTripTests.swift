import Testing

@testable import Parquet

@Suite struct RoundTripTests {
  /// Small pages, so that few rows already make many.
  static let small = WriterOptions(compression: .uncompressed, pageBytes: 2000, pageRows: 300)

  @Test(arguments: [0, 1, 2, 7, 8, 9, 299, 300, 301, 5000])
  func everyKindOfColumnReadsBack(rows: Int) throws {
    let table = Table.ofEveryKind(rows: rows, seed: UInt64(rows))
    for group in [rows + 1, 1000, 7] where group > 7 || rows < 500 {
      let file = try table.file(Self.small, rowGroupRows: group)
      let columns = try ReferenceReader.read(file)
      for (column, values) in zip(table.columns, zip(table.values, columns)) {
        #expect(values.0 == values.1, "\(column.name), \(rows) rows in groups of \(group)")
      }
    }
  }

  @Test func everyKindOfColumnReadsBackFromLargePages() throws {
    let table = Table.ofEveryKind(rows: 50_000, seed: 1)
    let file = try table.file(WriterOptions(compression: .uncompressed), rowGroupRows: 30_000)
    let columns = try ReferenceReader.read(file)
    for (column, values) in zip(table.columns, zip(table.values, columns)) {
      #expect(values.0 == values.1, "\(column.name)")
    }
  }

  @Test func nullsMayBeAnywhere() throws {
    // Each pattern of NULLs in ten rows, then long runs of them with odd beginnings.
    let patterns =
      (0..<1024).map { pattern in (0..<10).map { pattern >> $0 & 1 == 1 } }
      + (0..<100).map { Array(repeating: true, count: $0) + Array(repeating: false, count: 200 - 2 * $0) }
    for (number, pattern) in patterns.enumerated() {
      let table = Table(
        columns: [
          SchemaColumn("text", .utf8), SchemaColumn("integer", .int64), SchemaColumn("flag", .boolean),
        ],
        values: [
          pattern.enumerated().map { $1 ? .text("value \($0)") : .null },
          pattern.enumerated().map { $1 ? .int64(Int64($0)) : .null },
          pattern.enumerated().map { $1 ? .boolean($0 % 3 == 0) : .null },
        ])
      #expect(try ReferenceReader.read(table.file(Self.small)) == table.values, "pattern \(number)")
    }
  }

  @Test func bytesDependOnRowsAndNotOnBatches() throws {
    let table = Table.ofEveryKind(rows: 20_000, seed: 2)
    let options = WriterOptions(pageBytes: 20_000, pageRows: 3000, dictionaryBytes: 100_000)
    let file = try table.file(options, rowGroupRows: 9000, batches: [1000])
    for batches in [[1], [20_000], [1, 2, 3, 5, 8, 13, 4096], [2999, 3001]] {
      #expect(try table.file(options, rowGroupRows: 9000, batches: batches) == file, "\(batches)")
    }
  }

  @Test(arguments: [0, 300, 1 << 20])
  func bytesDoNotDependOnWhetherAValueIsGivenAgain(dictionaryBytes: Int) throws {
    var chance = Chance(seed: 5)
    // Runs of few and of ever new texts, of empty ones and of NULL.
    var texts: [String?] = []
    while texts.count < 4000 {
      let text: String? =
        switch chance.below(4) {
        case 0: nil
        case 1: String(repeating: "few", count: chance.below(3))
        default: "\(texts.count) " + String(repeating: "x", count: chance.below(300))
        }
      texts += Array(repeating: text, count: 1 + chance.below(chance.oneIn(9) ? 200 : 4))
    }
    let options = WriterOptions(pageBytes: 5000, pageRows: 1000, dictionaryBytes: dictionaryBytes)
    func bytes(_ chunk: ColumnChunk) -> [UInt8] {
      withExtendedLifetime(chunk) { Array(chunk.pages.bytes) }
    }
    func chunks(isGivenAgain: Bool) throws -> [[UInt8]] {
      let values = ByteArrayValues()
      for (row, text) in texts.enumerated() {
        if isGivenAgain, row > 0, text == texts[row - 1] {
          values.appendAgain(1)
        } else {
          values.append(text)
        }
      }
      // Chunks and calls end anywhere, also between equal values.
      let encoder = ColumnChunkEncoder(column: SchemaColumn("text", .utf8), options: options)
      var chunks: [[UInt8]] = []
      for start in stride(from: 0, to: values.count, by: 61) {
        try encoder.append(.byteArray(values), rows: start..<min(start + 61, values.count))
        if start % 4 == 3 { chunks.append(bytes(try encoder.seal())) }
      }
      return chunks + [bytes(try encoder.seal())]
    }
    #expect(try chunks(isGivenAgain: true) == chunks(isGivenAgain: false))
  }

  @Test func aChunkDoesNotDependOnThoseBefore() throws {
    let table = Table.ofEveryKind(rows: 3000, seed: 3)
    for (column, rows) in zip(table.columns, table.values) where column.type == .utf8 {
      let encoder = ColumnChunkEncoder(column: column)
      let values = ByteArrayValues()
      for row in rows { if case .text(let text) = row { values.append(text) } else { values.appendNull() } }
      try encoder.append(.byteArray(values))
      let first = try encoder.seal()
      #expect(encoder.rowCount == 0)
      try encoder.append(.byteArray(values), rows: 0..<1234)
      try encoder.append(.byteArray(values), rows: 1234..<3000)
      let second = try encoder.seal()
      #expect(Array(first.pages.bytes) == Array(second.pages.bytes))
    }
  }

  @Test func valuesMayBeLargerThanPages() throws {
    let texts = [1 << 20, 3, 0, 2_500_000, 1].map { RowsWriter.Value.text(String(repeating: "ü", count: $0)) }
    for dictionary in [0, 1 << 20] {
      let table = Table(columns: [SchemaColumn("text", .utf8)], values: [texts + [.null] + texts])
      var options = Self.small
      options.dictionaryBytes = dictionary
      let file = try table.file(options)
      #expect(try ReferenceReader.read(file) == table.values)
      let chunk = try ReferenceReader.footer(of: file).metaData.rowGroups[0].columns[0]
      #expect(chunk.statistics?.maxValue?.count ?? 0 <= 64 && chunk.statistics?.minValue == [])
    }
  }

  @Test func pagesEndWithTheRowThatFillsThem() throws {
    let rows = (0..<1000).map { RowsWriter.Value.text(String(repeating: "x", count: 10) + "\($0 + 1000)") }
    let table = Table(columns: [SchemaColumn("text", .utf8)], values: [rows])
    var options = WriterOptions(compression: .uncompressed, pageBytes: 141, pageRows: 300, dictionaryBytes: 0)
    // Values of 14 bytes: the eleventh brings the page beyond 141.
    #expect(try rowsOfPages(table.file(options)) == Array(repeating: 11, count: 90) + [10])
    options.pageBytes = 1 << 20
    #expect(try rowsOfPages(table.file(options)) == [300, 300, 300, 100])
  }

  @Test func aDictionaryIsUsedWhereItPays() throws {
    let table = Table.ofEveryKind(rows: 40_000, seed: 4)
    let file = try table.file(WriterOptions(compression: .uncompressed))
    let chunks = try ReferenceReader.footer(of: file).metaData.rowGroups[0].columns
    func encoding(_ name: String) -> Encoding? { chunks.first { $0.path == [name] }?.encodings.last }
    #expect(encoding("few words") == .rleDictionary)
    #expect(encoding("few integers") == .rleDictionary)
    #expect(encoding("one word") == .rleDictionary)
    #expect(encoding("different texts") == .deltaLengthByteArray)
    #expect(encoding("different at last") == .deltaLengthByteArray)
    #expect(encoding("id") == .deltaBinaryPacked)
    #expect(encoding("any integer") == .deltaBinaryPacked)
  }

  @Test func encodingStatisticsTellWhetherEverythingIsInTheDictionary() throws {
    let file = try Table.ofEveryKind(rows: 2000, seed: 5).file(Self.small)
    for chunk in try ReferenceReader.footer(of: file).metaData.rowGroups[0].columns {
      let pages = try ReferenceReader.pages(of: chunk, file)
      var counted: [PageEncodingStatistics] = []
      for (header, _) in pages {
        let (type, encoding): (PageType, Encoding) =
          switch header.content {
          case .dictionary(let header): (.dictionary, header.encoding)
          case .data(let header): (.data, header.encoding)
          default: throw ParquetError.unsupported("a page of another type")
          }
        if let last = counted.last, last.pageType == type, last.encoding == encoding {
          counted[counted.count - 1].count += 1
        } else {
          counted.append(PageEncodingStatistics(pageType: type, encoding: encoding, count: 1))
        }
        #expect(chunk.encodings.contains(encoding))
      }
      #expect(chunk.encodingStatistics == counted)
      #expect((chunk.dictionaryPageOffset != nil) == (counted.first?.pageType == .dictionary))
    }
  }

  @Test func statisticsAndIndexesAreTrueOfTheValues() throws {
    for (rows, seed) in [(1, 6), (1000, 7), (5000, 8)] as [(Int, UInt64)] {
      let table = Table.ofEveryKind(rows: rows, seed: seed)
      let file = try table.file(Self.small, rowGroupRows: 2000)
      let footer = try ReferenceReader.footer(of: file)
      var first = 0
      for (group, summary) in zip(footer.metaData.rowGroups, footer.rowGroups) {
        for (column, chunk) in group.columns.enumerated() {
          let values = Array(table.values[column][first..<first + summary.rowCount])
          try check(chunk, values, in: file)
        }
        first += summary.rowCount
      }
    }
  }

  private func check(_ chunk: ColumnChunkMetaData, _ rows: [RowsWriter.Value], in file: [UInt8]) throws {
    let statistics = try #require(chunk.statistics)
    #expect(statistics.nullCount == Int64(rows.count { $0 == .null }))
    if let distinct = statistics.distinctCount { #expect(distinct == Set(rows).subtracting([.null]).count) }
    try checkBounds(statistics.minValue, statistics.maxValue, of: rows, chunk.type)
    let values = rows.compactMap(\.plain)
    if statistics.isMinValueExact == true { #expect(values.contains(statistics.minValue ?? [])) }
    if statistics.isMaxValueExact == true { #expect(values.contains(statistics.maxValue ?? [])) }

    var offsetReader = ThriftCompactReader(file[Int(chunk.offsetIndexOffset!)...])
    let offsets = try OffsetIndex(from: &offsetReader).pages
    var columnReader = ThriftCompactReader(file[Int(chunk.columnIndexOffset!)...])
    let index = try ColumnIndex(from: &columnReader)
    #expect(offsets.count == index.nullPages.count && offsets.first?.firstRow == 0)
    for (page, location) in offsets.enumerated() {
      let end = page + 1 < offsets.count ? Int(offsets[page + 1].firstRow) : rows.count
      let pageRows = Array(rows[Int(location.firstRow)..<end])
      #expect(index.nullCounts?[page] == Int64(pageRows.count { $0 == .null }))
      #expect(index.nullPages[page] == pageRows.allSatisfy { $0 == .null })
      if index.nullPages[page] {
        #expect(index.minValues[page].isEmpty && index.maxValues[page].isEmpty)
      } else {
        try checkBounds(index.minValues[page], index.maxValues[page], of: pageRows, chunk.type)
      }
    }
  }

  private func checkBounds(
    _ minimum: [UInt8]?, _ maximum: [UInt8]?, of rows: [RowsWriter.Value], _ type: PhysicalType
  ) throws {
    let values = rows.compactMap(\.plain).sorted(by: type.isBefore)
    guard let smallest = values.first, let largest = values.last else {
      #expect(minimum == nil && maximum == nil)
      return
    }
    let (minimum, maximum) = (try #require(minimum), try #require(maximum))
    #expect(
      smallest.count <= 64 ? minimum == smallest : minimum.count <= 64 && !type.isBefore(smallest, minimum))
    #expect(
      largest.count <= 64 ? maximum == largest : maximum.count <= 64 && !type.isBefore(maximum, largest))
  }

  @Test func withoutAnUpperBoundThereIsNone() throws {
    let last = String(repeating: "\u{10FFFF}", count: 17)
    let table = Table(columns: [SchemaColumn("text", .utf8)], values: [[.text("a"), .text(last)]])
    let chunk = try ReferenceReader.footer(of: table.file(Self.small)).metaData.rowGroups[0].columns[0]
    #expect(chunk.statistics?.minValue == [0x61] && chunk.statistics?.isMinValueExact == true)
    #expect(chunk.statistics?.maxValue == nil && chunk.statistics?.isMaxValueExact == nil)
    #expect(chunk.columnIndexOffset == nil && chunk.offsetIndexOffset != nil)
  }

  @Test func rowsGoIntoRowGroupsOfTheGivenSize() throws {
    let table = Table.ofEveryKind(rows: 250, seed: 9)
    let sink = MemorySink()
    let writer = try RowsWriter(
      to: sink, columns: table.columns, createdBy: "tests", options: Self.small, rowGroupRows: 100)
    for row in 0..<250 { try writer.append(table.values.map { $0[row] }) }
    let (rows, bytes) = try writer.finish()
    #expect(rows == 250 && bytes == sink.bytes.count)
    #expect(try ReferenceReader.footer(of: sink.bytes).rowGroups.map(\.rowCount) == [100, 100, 50])
    #expect(try ReferenceReader.read(sink.bytes) == table.values)
  }

  @Test func aFailingSinkFailsTheWriter() throws {
    final class FullSink: ByteSink {
      struct Full: Error {}
      var room: Int
      init(room: Int) { self.room = room }
      func write(_ bytes: UnsafeRawBufferPointer) throws {
        room -= bytes.count
        if room < 0 { throw Full() }
      }
    }
    let table = FooterTests.few
    let size = try table.file().count
    for room in 0..<size {
      #expect(throws: FullSink.Full.self) { try table.write(to: FullSink(room: room)) }
    }
    try table.write(to: FullSink(room: size))
  }

  private func rowsOfPages(_ file: [UInt8]) throws -> [Int32] {
    let chunk = try ReferenceReader.footer(of: file).metaData.rowGroups[0].columns[0]
    return try ReferenceReader.pages(of: chunk, file).compactMap { header, _ in
      if case .data(let header) = header.content { header.valueCount } else { nil }
    }
  }
}

extension RowsWriter.Value {
  /// The value in the plain encoding without a length; nil for NULL.
  fileprivate var plain: [UInt8]? {
    switch self {
    case .null: nil
    case .int64(let value), .timestampMicros(let value): value.littleEndianBytes
    case .text(let text): Array(text.utf8)
    case .boolean(let value): [value ? 1 : 0]
    }
  }
}
