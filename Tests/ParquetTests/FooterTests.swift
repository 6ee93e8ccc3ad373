import Foundation
import TestSupport
import Testing

@testable import Parquet

@Suite struct FooterTests {
  static let table = Table.ofEveryKind(rows: 400, seed: 20)
  /// A few columns, for tests that go through every byte of a file.
  static let few = Table.ofEveryKind(rows: 20, seed: 21).keeping([
    "id", "few words", "different texts", "flags", "moments",
  ])
  static let options = WriterOptions(pageBytes: 1000, pageRows: 150)

  @Test func aFooterSaysWhatWasWritten() throws {
    try withTemporaryFolder { folder in
      let path = try folder.write(Self.table.file(Self.options, rowGroupRows: 250), to: "table.parquet")
      let footer = try ParquetFooter.verifyFile(path)
      #expect(footer.rowCount == 400)
      #expect(footer.rowGroups.map(\.rowCount) == [250, 150])
      #expect(footer.columns.map(\.name) == Self.table.columns.map(\.name))
      #expect(footer.columns.map(\.valueType) == Self.table.columns.map(\.type))
      #expect(footer.columns.allSatisfy { $0.isOptional })
      #expect(footer.value(forKey: "key") == "välue" && footer.value(forKey: "other") == nil)
      #expect(footer.createdBy == "tests version 1.2.3 (build 4)")
      let ids = Self.table.values[0].compactMap { if case .int64(let id) = $0 { id } else { nil } }
      #expect(footer.int64Range(ofColumn: 0) == ids.min()!...ids.max()!)
      #expect(footer.nullCount(ofColumn: 0) == 0 && footer.nullCount(ofColumn: 4) == 400)
      #expect(footer.int64Range(ofColumn: 4) == nil && footer.int64Range(ofColumn: 5) == nil)
    }
  }

  @Test func aFileWithoutRowsIsWhole() throws {
    try withTemporaryFolder { folder in
      let path = try folder.write(Table.ofEveryKind(rows: 0, seed: 1).file(), to: "empty.parquet")
      let footer = try ParquetFooter.verifyFile(path)
      #expect(
        footer.rowCount == 0 && footer.rowGroups.isEmpty && footer.columns.count == Self.table.columns.count)
      #expect(footer.int64Range(ofColumn: 0) == nil)
    }
  }

  /// Not every writer leaves out a row group without rows, or names a place for its pages.
  @Test(.needs(Tools.python)) func aRowGroupWithoutRowsIsWhole() throws {
    try withTemporaryFolder { folder in
      let path = folder.path("empty.parquet")
      try Self.python("pa.table({'a': pa.array([], pa.int64()), 'b': pa.array([], pa.string())})", to: path)
      let footer = try ParquetFooter.verifyFile(path)
      #expect(footer.rowCount == 0 && footer.rowGroups.map(\.rowCount) == [0])
      #expect(footer.columns.map(\.valueType) == [.int64, .utf8])
    }
  }

  @Test(.needs(Tools.python)) func ofNestedColumnsTheNamesAreKnown() throws {
    try withTemporaryFolder { folder in
      let path = folder.path("nested.parquet")
      try Self.python(
        "pa.table({'l': [[1, 2], []], 'a': [5, 6], 's': [{'x': {'y': 1}, 'z': 2}, None], 'b': ['x', None]})",
        to: path, "write_page_index=True")
      let footer = try ParquetFooter.verifyFile(path)
      #expect(footer.columns.map(\.name) == ["a", "b"] && footer.nestedColumns == ["l", "s"])
      #expect(footer.rowGroups[0].columns.count == 2)
      #expect(footer.int64Range(ofColumn: 0) == 5...6 && footer.nullCount(ofColumn: 1) == 1)
    }
  }

  private static func python(_ table: String, to path: String, _ options: String = "") throws {
    let script =
      "import pyarrow as pa, pyarrow.parquet as pq, sys; pq.write_table(\(table), sys.argv[1], \(options))"
    let execution = try execute(try Tools.python.path(), ["-c", script, path])
    try #require(execution.status == 0, "\(execution.stderr)")
  }

  @Test func aFileCutOffAnywhereIsNotWhole() throws {
    try withTemporaryFolder { folder in
      let file = try Self.few.file(Self.options)
      for length in 0..<file.count {
        let path = try folder.write(Array(file[..<length]), to: "cut.parquet")
        #expect(throws: ParquetError.self) { try ParquetFooter(path: path) }
      }
    }
  }

  @Test func aByteChangedInAPageIsNoticed() throws {
    try withTemporaryFolder { folder in
      let file = try Self.few.file(Self.options)
      let footer = try ReferenceReader.footer(of: file)
      let end = footer.metaData.rowGroups[0].columns.map { Int($0.firstPageOffset + $0.compressedSize) }
        .max()!
      for place in 0..<end {
        var damaged = file
        damaged[place] ^= 0x10
        let path = try folder.write(damaged, to: "damaged.parquet")
        // A header's optional parts may change without harm to the values; bodies may not.
        if try isInBody(place, of: file, footer) || place < 4 {
          #expect(throws: ParquetError.self, "byte \(place)") { try ParquetFooter.verifyFile(path) }
        } else {
          _ = try? ParquetFooter.verifyFile(path)
        }
      }
    }
  }

  @Test func missingFilesAndFoldersAreErrorsOfTheSystem() throws {
    try withTemporaryFolder { folder in
      #expect(throws: (any Error).self) { try ParquetFooter(path: folder.path("none.parquet")) }
      #expect(throws: (any Error).self) { try ParquetFooter(path: folder.path) }
    }
  }

  /// Many footers, each with a few bytes changed, cut out or put in: every one is read or refused.
  @Test(arguments: 0..<8) func anyFooterIsReadOrRefused(seed: UInt64) throws {
    let file = try Self.few.file(Self.options, rowGroupRows: 12)
    let start = try ReferenceReader.footer(of: file).start
    let footer = Array(file[start..<file.count - 8])
    var chance = Chance(seed: seed)
    var read = 0
    for _ in 0..<5_000 {
      let mutated = Self.mutated(footer, &chance)
      guard let result = try? ParquetFooter(footer: mutated, at: start) else { continue }
      read += 1
      // What was read is consistent and may be asked anything.
      #expect(result.rowGroups.reduce(0) { $0 + $1.rowCount } == result.rowCount)
      for column in result.columns.indices {
        _ = result.nullCount(ofColumn: column)
        _ = result.int64Range(ofColumn: column)
      }
    }
    #expect(read > 100, "mutations in names and values leave readable footers")
  }

  /// The same with whole files, pages and indexes included.
  @Test(arguments: 0..<4) func anyFileIsVerifiedOrRefused(seed: UInt64) throws {
    let file = try Self.few.file(Self.options, rowGroupRows: 12)
    var chance = Chance(seed: 100 + seed)
    var verified = 0
    var refused = 0
    try withTemporaryFolder { folder in
      for _ in 0..<400 {
        let path = try folder.write(Self.mutated(file, &chance), to: "mutated.parquet")
        do {
          try ParquetFooter.verifyFile(path)
          verified += 1
        } catch is ParquetError { refused += 1 }
      }
    }
    // Most damage is to pages, whose checksums tell. Some is to what is no fact about the values, as a writer's name.
    #expect(verified > 0 && refused > 9 * verified, "\(verified) verified, \(refused) refused")
  }

  /// Sums of what several files say must fit into an Int.
  @Test(arguments: [Int64.max, 1 << 60, -1]) func aNumberOfRowsThatNoFileHasIsRefused(rows: Int64) throws {
    let metaData = FileMetaData(
      schema: [SchemaElement(rootOf: [])], rowCount: rows,
      rowGroups: [RowGroup(columns: [], rowCount: rows, fileOffset: 4, ordinal: 0)], keyValueMetadata: nil,
      createdBy: "tests")
    var writer = ThriftCompactWriter()
    writer.write(metaData)
    #expect(throws: ParquetError.self) { try ParquetFooter(footer: writer.bytes, at: 4) }
  }

  @Test func nestingWithoutEndIsRefused() {
    // Field 2, a list of one list of one list …; and a structure in a structure in a structure.
    for byte: UInt8 in [0x19, 0x1C] {
      #expect(throws: ParquetError.self) {
        try ParquetFooter(footer: Array(repeating: byte, count: 1 << 20), at: 100)
      }
    }
  }

  static func mutated(_ bytes: [UInt8], _ chance: inout Chance) -> [UInt8] {
    var bytes = bytes
    let telling: [UInt8] = [0, 1, 0x0F, 0x19, 0x1C, 0x7F, 0x80, 0xFF, 0xF9]
    for _ in 0...chance.below(4) {
      let place = chance.below(bytes.count)
      switch chance.below(6) {
      case 0: bytes[place] = UInt8(truncatingIfNeeded: chance.next())
      case 1: bytes[place] ^= 1 << UInt8(chance.below(8))
      case 2: bytes[place] = telling[chance.below(telling.count)]
      case 3: bytes.removeSubrange(place..<min(bytes.count, place + 1 + chance.below(8)))
      case 4:
        bytes.insert(
          contentsOf: (0...chance.below(9)).map { _ in telling[chance.below(telling.count)] }, at: place)
      default: bytes.replaceSubrange(place..., with: bytes[place...].prefix(chance.below(bytes.count)))
      }
      if bytes.isEmpty { return [0] }
    }
    return bytes
  }

  private func isInBody(_ place: Int, of file: [UInt8], _ footer: ParquetFooter) throws -> Bool {
    try footer.metaData.rowGroups.contains { group in
      try group.columns.contains { chunk in
        try ReferenceReader.pages(of: chunk, file).contains { $0.body.indices.contains(place) }
      }
    }
  }
}
