import Parquet
import Platform
import TestSupport
import Testing

/// Columns of integers read back: our own files, and those of another writer.
@Suite struct Int64ColumnTests {
  private func read(_ path: String, _ column: String = "id") throws -> (values: [Int64], nulls: Int) {
    var (reader, values, nulls) = (try Int64Column(column, ofFile: path), [Int64](), 0)
    while let page = try reader.nextPage() {
      values += page.values
      nulls += page.nulls
    }
    return (values, nulls)
  }

  /// Ascending ids, few different values, numbers of any size, and NULLs among them.
  private static let columns: [[Int64?]] = [
    (0..<70_000).map { Int64($0) * 3 + 1 }, (0..<50_000).map { Int64($0 % 7) },
    (0..<5_000).map { Int64(bitPattern: UInt64($0) &* 0x9E37_79B9_7F4A_7C15) },
    (0..<5_000).map { $0 % 3 == 0 ? nil : Int64($0) }, [nil, nil], [.min, .max, 0, nil, -1], [],
  ]

  @Test(arguments: OtherReadersTests.codecs) func whatThisPackageWrites(codec: Compression) throws {
    try withTemporaryFolder { folder in
      for values in Self.columns {
        let path = folder.path("a.parquet")
        let file = try OutputFile(creating: path)
        let writer = try RowsWriter(
          to: file, columns: [SchemaColumn("id", .int64)], createdBy: "tests",
          options: WriterOptions(compression: codec), rowGroupRows: 30_000)
        for value in values { try writer.append([value.map { .int64($0) } ?? .null]) }
        try writer.finish()
        try file.close()
        let found = try read(path)
        #expect(found.values == values.compactMap { $0 })
        #expect(found.nulls == values.count { $0 == nil })
      }
    }
  }

  @Test(.needs(Tools.python)) func whatPyarrowWrites() throws {
    try withTemporaryFolder { folder in
      let script = """
        import sys, itertools, pyarrow as pa, pyarrow.parquet as pq
        columns = {"ids": list(range(1, 90000, 3)), "few": [i % 5 for i in range(40000)],
          "nulls": [None if i % 3 == 0 else i * 10**12 for i in range(40000)]}
        for (name, values), codec, version, dictionary, encoding in itertools.product(columns.items(),
            ["none", "snappy", "gzip", "zstd"], ["1.0", "2.0"], [True, False], ["PLAIN", "DELTA_BINARY_PACKED"]):
          if dictionary and encoding != "PLAIN": continue
          pq.write_table(pa.table({"id": pa.array(values, pa.int64())}),
            f"{sys.argv[1]}/{name}_{codec}_{version}_{dictionary}_{encoding}.parquet", compression=codec,
            data_page_version=version, use_dictionary=dictionary, row_group_size=20000,
            column_encoding=None if dictionary else {"id": encoding})
        """
      let writing = try execute(try Tools.python.path(), ["-c", script, folder.path])
      #expect(writing.status == 0, "\(writing.stderr)")
      let expected: [Substring: [Int64?]] = [
        "ids": stride(from: 1, to: 90_000, by: 3).map { Int64($0) },
        "few": (0..<40_000).map { Int64($0 % 5) },
        "nulls": (0..<40_000).map { $0 % 3 == 0 ? nil : Int64($0) * 1_000_000_000_000 },
      ]
      let names = try Files.list(folder.path)
      #expect(names.count == 72)
      for name in names {
        let values = try #require(expected[name.prefix { $0 != "_" }])
        let found = try read(folder.path(name))
        #expect(found.values == values.compactMap { $0 }, "\(name)")
        #expect(found.nulls == values.count { $0 == nil }, "\(name)")
      }
    }
  }

  /// A damaged file is an error, never a crash.
  @Test func damageIsAnError() throws {
    try withTemporaryFolder { folder in
      let path = folder.path("a.parquet")
      let file = try OutputFile(creating: path)
      let writer = try RowsWriter(
        to: file, columns: [SchemaColumn("id", .int64)], createdBy: "tests",
        options: WriterOptions(compression: .uncompressed))
      for value in 0..<2_000 {
        try writer.append([value % 11 == 0 ? .null : .int64(Int64(value * value % 977))])
      }
      try writer.finish()
      try file.close()
      let whole = try Files.read(path)
      let body = 4..<(try ParquetFooter(path: path).rowGroups[0].columns[0].compressedBytes + 4)
      for place in body {
        for bit in 0..<8 where place < 200 || bit == place % 8 {
          var bytes = whole
          bytes[place] ^= 1 << UInt8(bit)
          try folder.write(bytes, to: "b.parquet")
          do { _ = try read(folder.path("b.parquet")) } catch is ParquetError {}
        }
      }
    }
  }
}
