import Foundation
import Platform
import TestSupport
import Testing

@testable import Parquet

@Suite struct BloomFilterTests {
  /// Values that other implementations of the algorithm publish.
  @Test(
    arguments: [
      ("", 0xef46_db37_51d8_e999), ("a", 0xd24e_c4f1_a98c_6e5b), ("as", 0x1c33_0fb2_d66b_e179),
      ("asd", 0x631c_37ce_72a9_7393), ("asdf", 0x4158_72f5_99ce_a71e), ("abc", 0x44bc_2cf5_ad77_0999),
      ("Call me Ishmael. Some years ago--never mind how long precisely-", 0x02a2_e854_70d6_fd96),
    ] as [(String, UInt64)])
  func theHashIsXXHash64(text: String, hash: UInt64) {
    var text = text
    text.withUTF8 { #expect(XXHash64.hash($0.baseAddress!, count: $0.count) == hash) }
  }

  @Test func aNumbersHashIsThatOfItsBytes() {
    for number in [0, 1, -1, 255, 1 << 40, .max, .min] as [Int64] {
      let hash = number.littleEndianBytes.withUnsafeBufferPointer { XXHash64.hash($0.baseAddress!, count: 8) }
      #expect(XXHash64.hash(number) == hash)
    }
  }

  /// Columns with dictionaries and without, of values of all lengths.
  static let table = {
    var table = Table.ofEveryKind(rows: 6000, seed: 7).keeping([
      "id", "any integer", "few words", "different texts", "flags", "long texts", "no text", "empty texts",
    ])
    var chance = Chance(seed: 8)
    func add(_ name: String, _ type: SchemaColumn.ValueType, _ value: (Int) -> RowsWriter.Value) {
      table.columns.append(SchemaColumn(name, type))
      table.values.append((0..<table.rowCount).map(value))
    }
    add("repeated numbers", .int64) { _ in .int64(Int64(chance.below(900)) &* 7_919_000_000_007) }
    add("repeated texts", .utf8) { _ in
      let number = chance.below(900)
      return .text("\(number) " + String(repeating: "x", count: number % 70))
    }
    for column in table.columns.indices { table.columns[column].hasBloomFilter = true }
    return table
  }()

  /// The bits are those of another writer, for each column that has them.
  @Test(.needs(Tools.python)) func theFiltersAreThoseOfArrow() throws {
    try withTemporaryFolder { folder in
      let file = try folder.write(Self.table.file(WriterOptions(pageRows: 1000)), to: "table.parquet")
      try ParquetFooter.verifyFile(file)
      let comparing = try execute(
        try Tools.python.path(), ["-c", Self.comparingScript, file, folder.path("other.parquet")])
      #expect(comparing.status == 0, "\(comparing.stdout)\(comparing.stderr)")
      #expect(
        comparing.stdout.split(whereSeparator: \.isNewline).map(String.init) == [
          "any integer", "different texts", "repeated numbers", "repeated texts",
        ])
    }
  }

  /// Writes the same table with filters of the same size, and prints the columns whose filters are the same.
  private static let comparingScript = """
    import sys
    import pyarrow.parquet as pq
    ours, theirs = sys.argv[1:]
    metadata = pq.ParquetFile(ours).metadata
    assert metadata.num_row_groups == 1
    # Arrow makes filters of this many bits for each value at this share of mistakes; and then powers of two.
    ndv = {}
    for number in range(metadata.num_columns):
        column = metadata.row_group(0).column(number)
        if column.bloom_filter_offset is not None:
            ndv[column.path_in_schema] = {'ndv': column.bloom_filter_length * 6 // 10, 'fpp': 0.01}
    table = pq.read_table(ours)
    pq.write_table(table, theirs, bloom_filter_options=ndv, store_schema=False)
    def filters(path):
        metadata = pq.ParquetFile(path).metadata
        found = {}
        for number in range(metadata.num_columns):
            column = metadata.row_group(0).column(number)
            if column.bloom_filter_offset is not None:
                with open(path, 'rb') as file:
                    file.seek(column.bloom_filter_offset)
                    found[column.path_in_schema] = file.read(column.bloom_filter_length)
        return found
    a, b = filters(ours), filters(theirs)
    assert set(a) == set(b), (set(a), set(b))
    for name in a:
        assert a[name] == b[name], (name, len(a[name]), len(b[name]))
        print(name)
    """

  /// Engines pass over what lacks a value, and over nothing that has it.
  @Test(.needs(Tools.duckdb)) func duckDBFindsWhatIsThere() throws {
    try withTemporaryFolder { folder in
      // Several pages each, so that what is sorted shows.
      let file = try folder.write(
        Self.table.file(WriterOptions(pageRows: 100), rowGroupRows: 1500), to: "table.parquet")
      let sql = """
        CREATE MACRO excluded(name, value) AS TABLE SELECT count(*) FILTER (bloom_filter_excludes), count(*)
          FROM parquet_bloom_probe('\(file)', name, value);
        SELECT count(*) FROM '\(file)' WHERE "different texts" = (SELECT "different texts" FROM '\(file)' LIMIT 1 OFFSET 4567);
        FROM excluded('different texts', 'nowhere at all');
        FROM excluded('any integer', 123456789123);
        FROM excluded('repeated numbers', 5);
        FROM excluded('repeated texts', 'absent');
        FROM excluded('id', 5);
        FROM excluded('few words', 'nowhere at all');
        """
      let result = try execute(try Tools.duckdb.path(), ["-csv", "-noheader", "-c", sql])
      #expect(result.status == 0, "\(result.stderr)")
      // The different texts begin with the number of their row: behind the first row group they ascend, without a filter.
      #expect(
        result.stdout.split(whereSeparator: \.isNewline).map(String.init)
          == ["1", "1,4", "4,4", "4,4", "4,4", "0,4", "0,4"])
      // One after the other, the texts of the first row group.
      let texts = Self.table.columns.firstIndex { $0.name == "different texts" }!
      let probes = Self.table.values[texts][..<40].map { value in
        guard case .text(let text) = value else { return "" }
        return "SELECT bloom_filter_excludes FROM parquet_bloom_probe('\(file)', 'different texts', "
          + "'\(text.replacing("'", with: "''"))') WHERE row_group_id = 0;"
      }
      let probing = try execute(
        try Tools.duckdb.path(), ["-csv", "-noheader", "-c", probes.joined(separator: "\n")])
      #expect(
        probing.stdout.split(whereSeparator: \.isNewline).allSatisfy { $0 == "false" }, "\(probing.stderr)")
      #expect(probing.stdout.split(whereSeparator: \.isNewline).count == 40)
    }
  }

  /// One in a hundred of the values that are not there passes for being there, or fewer.
  @Test(arguments: [300, 5000, 70_000]) func mistakesAreRare(distinct: Int) throws {
    let numbers = (0..<distinct).map { Int64($0) &* 1_000_003 }
    let filter = try #require(Self.filter(numbers + numbers))
    #expect(filter.count.nonzeroBitCount == 1)
    #expect(numbers.allSatisfy { Self.mayContain($0, filter) })
    let mistakes = (0..<20_000).count { Self.mayContain(-1 - Int64($0) &* 7, filter) }
    #expect(mistakes <= 240, "\(mistakes) of 20,000")
  }

  /// How large a filter is depends on how many values are different, not on how often they come.
  @Test func repetitionsTakeNoRoom() throws {
    let numbers = (0..<700).map { Int64($0) }
    let once = try #require(Self.filter(numbers))
    #expect(once == Self.filter(Array(repeatElement(numbers, count: 50).joined())))
    #expect(Self.filter(Array(numbers.prefix(200))) == nil)
    #expect(Self.filter(Array(repeatElement(Array(numbers.prefix(200)), count: 50).joined())) == nil)
  }

  @Test func whatIsSortedHasNone() throws {
    let columns = [
      SchemaColumn("up", .int64, hasBloomFilter: true), SchemaColumn("down", .utf8, hasBloomFilter: true),
      SchemaColumn("mixed", .int64, hasBloomFilter: true), SchemaColumn("undeclared", .int64),
    ]
    let rows = 0..<4000
    let table = Table(
      columns: columns,
      values: [
        rows.map { .int64(Int64($0 / 3)) }, rows.map { .text(String(9_999_999 - $0)) },
        rows.map { .int64(Int64($0 * 7919 % 4000)) }, rows.map { .int64(Int64($0 * 7919 % 4000)) },
      ])
    try withTemporaryFolder { folder in
      let file = try folder.write(table.file(WriterOptions(pageRows: 500)), to: "table.parquet")
      let chunks = try ParquetFooter.verifyFile(file).metaData.rowGroups[0].columns
      #expect(chunks.map { $0.bloomFilterOffset != nil } == [false, false, true, false])
    }
  }

  /// A filter that is not as long as it says is damage.
  @Test func aWrongLengthIsNoticed() throws {
    try withTemporaryFolder { folder in
      var bytes = try Self.table.file()
      let file = try folder.write(bytes, to: "table.parquet")
      let chunks = try ParquetFooter.verifyFile(file).metaData.rowGroups[0].columns
      let offset = try #require(chunks.compactMap(\.bloomFilterOffset).first)
      // The second byte is the first of the number of bytes.
      bytes[Int(offset) + 1] ^= 2
      let damaged = try folder.write(bytes, to: "damaged.parquet")
      #expect(throws: ParquetError.self) { try ParquetFooter.verifyFile(damaged) }
    }
  }

  /// The filter's bits for these values.
  private static func filter(_ numbers: [Int64]) -> [UInt8]? {
    var filter = BloomFilter()
    numbers.withUnsafeBufferPointer { filter.insert($0) }
    guard let bytes = filter.serialized() else { return nil }
    var reader = ThriftCompactReader(bytes[...])
    guard let header = try? BloomFilterHeader(from: &reader) else { return nil }
    #expect(bytes.count - reader.position == Int(header.byteCount))
    return Array(bytes[reader.position...])
  }

  /// BloomFilter.md, word by word.
  private static func mayContain(_ number: Int64, _ filter: [UInt8]) -> Bool {
    let hash = XXHash64.hash(number)
    let block = Int(((hash >> 32) * UInt64(filter.count / 32)) >> 32)
    let salt: [UInt32] = [
      0x47b6_137b, 0x4497_4d91, 0x8824_ad5b, 0xa2b7_289d, 0x7054_95c7, 0x2df1_424b, 0x9efc_4947, 0x5c6b_fb31,
    ]
    return salt.enumerated().allSatisfy { index, factor in
      let bit = Int((UInt32(truncatingIfNeeded: hash) &* factor) >> 27)
      return filter[block * 32 + index * 4 + bit / 8] & (1 << (bit % 8)) != 0
    }
  }
}
