import Foundation
import Parquet
import Platform
import TestSupport
import Testing

/// Files read back by pyarrow and DuckDB: values, types, statistics, checksums.
@Suite struct OtherReadersTests {
  static let codecs: [Compression] = [.zstd(), .zstd(level: -5), .gzip(), .snappy, .uncompressed]

  @Test(.needs(Tools.python), arguments: codecs) func pyarrowReadsEveryKindOfColumn(codec: Compression) throws
  {
    try withTemporaryFolder { folder in
      for table in Self.tables {
        let file = folder.path("table.parquet")
        let expected = try folder.write(table.json(), to: "expected.json")
        try table.write(to: file, codec)
        let reading = try execute(
          try Tools.python.path(), ["-c", Self.pyarrowScript, file, expected, codec.name])
        #expect(reading.status == 0, "\(reading.stdout)\(reading.stderr)")
      }
    }
  }

  @Test(.needs(Tools.python, Tools.duckdb), arguments: codecs)
  func duckDBReadsEveryKindOfColumn(codec: Compression) throws {
    try withTemporaryFolder { folder in
      for table in Self.tables where table.rowCount > 0 {
        let file = folder.path("table.parquet")
        let expected = try folder.write(table.json(), to: "expected.json")
        try table.write(to: file, codec)
        // The expected rows in DuckDB's own words, from pyarrow's file of them.
        let rewriting = try execute(
          try Tools.python.path(), ["-c", Self.rewritingScript, folder.path("other.parquet"), expected])
        #expect(rewriting.status == 0, "\(rewriting.stderr)")
        let differences = table.columns.map { "ours.\"\($0.name)\" IS DISTINCT FROM theirs.\"\($0.name)\"" }
        let sql = """
          SELECT count(*) FROM '\(file)' ours POSITIONAL JOIN '\(folder.path("other.parquet"))' theirs
            WHERE \(differences.joined(separator: " OR "));
          SELECT string_agg(column_type, ',') FROM (DESCRIBE SELECT * FROM '\(file)');
          -- A value that is there is found, and so is nothing above the largest: statistics do not hide rows.
          SELECT count(*) FROM '\(file)' WHERE "long texts" = 'short';
          SELECT count(*) FROM '\(file)' WHERE id >= (SELECT max(id) FROM '\(file)');
          """
        let result = try execute(try Tools.duckdb.path(), ["-csv", "-noheader", "-c", sql])
        #expect(result.status == 0, "\(result.stderr)")
        let lines = result.stdout.split(whereSeparator: \.isNewline).map(String.init)
        try #require(lines.count == 4, "\(result.stdout)")
        #expect(lines[0] == "0")
        #expect(
          lines[1].trimmingCharacters(in: ["\""])
            == table.columns.map(\.type.duckDBName).joined(separator: ","))
        let longTexts = try #require(table.columns.firstIndex { $0.name == "long texts" })
        #expect(Int(lines[2]) == table.values[longTexts].count { $0 == .text("short") })
        #expect(lines[3] == "1")
      }
    }
  }

  @Test(.needs(Tools.duckdb)) func duckDBReadsFilesWithoutRows() throws {
    try withTemporaryFolder { folder in
      let file = folder.path("empty.parquet")
      try Table.ofEveryKind(rows: 0, seed: 1).write(to: file, .zstd())
      let result = try execute(
        try Tools.duckdb.path(), ["-csv", "-noheader", "-c", "SELECT count(*), count(id) FROM '\(file)'"])
      #expect(result.stdout == "0,0\n" || result.stdout == "0,0\r\n", "\(result.stderr)")
    }
  }

  /// No rows, one, and enough for several row groups, pages and dictionaries.
  private static let tables = [0, 1, 3000, 30_000].map { Table.ofEveryKind(rows: $0, seed: UInt64($0)) }

  private static let pyarrowScript = """
    import json, sys
    import pyarrow.parquet as pq
    path, expected, codec = sys.argv[1:]
    expected = json.load(open(expected))
    table = pq.read_table(path, page_checksum_verification=True)
    types = {'int64': 'int64', 'utf8': 'string', 'boolean': 'bool', 'timestampMicros': 'timestamp[us]'}
    assert table.column_names == [column['name'] for column in expected], table.column_names
    file = pq.ParquetFile(path)
    assert file.schema_arrow.metadata[b'key'].decode() == 'v\\u00e4lue'
    for number, column in enumerate(expected):
        name, values = column['name'], column['values']
        read = table.column(name)
        assert str(read.type) == types[column['type']], (name, read.type)
        if column['type'] == 'timestampMicros': read = read.cast('int64')
        read = read.to_pylist()
        assert read == values, next((name, i, a, b) for i, (a, b) in enumerate(zip(read, values)) if a != b)
        start = 0
        for group in range(file.metadata.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            chunk = file.metadata.row_group(group).column(number)
            part = [v for v in values[start:start + rows] if v is not None]
            start += rows
            assert chunk.compression == codec, chunk.compression
            assert chunk.num_values == rows and chunk.statistics.null_count == rows - len(part), name
            assert chunk.has_offset_index and chunk.has_column_index, name
            if not part:
                assert not chunk.statistics.has_min_max, name
            elif column['type'] in ('int64', 'boolean'):
                assert (chunk.statistics.min, chunk.statistics.max) == (min(part), max(part)), name
            elif column['type'] == 'utf8':
                assert chunk.statistics.min <= min(part) and chunk.statistics.max >= max(part), name
    """

  private static let rewritingScript = """
    import json, sys
    import pyarrow as pa, pyarrow.parquet as pq
    path, expected = sys.argv[1:]
    types = {'int64': pa.int64(), 'utf8': pa.string(), 'boolean': pa.bool_(), 'timestampMicros': pa.timestamp('us')}
    columns = json.load(open(expected))
    pq.write_table(pa.table({c['name']: pa.array(c['values'], types[c['type']]) for c in columns}), path)
    """
}

extension Table {
  fileprivate func write(to path: String, _ codec: Compression) throws {
    let file = try OutputFile(creating: path)
    let options = WriterOptions(compression: codec, pageBytes: 30_000, pageRows: 4096)
    try write(to: file, options, rowGroupRows: 12_288)
    try file.close()
  }

  /// A list of columns, each with its name, its type and its values.
  fileprivate func json() -> String {
    let columns = zip(columns, values).map { column, rows in
      let list = rows.map { row in
        switch row {
        case .null: "null"
        case .int64(let value), .timestampMicros(let value): "\(value)"
        case .boolean(let value): "\(value)"
        case .text(let text): "\"\(text)\""
        }
      }
      return
        #"{"name": "\#(column.name)", "type": "\#(column.type)", "values": [\#(list.joined(separator: ","))]}"#
    }
    return "[\(columns.joined(separator: ",\n"))]"
  }
}

extension Compression {
  /// pyarrow's name of the codec.
  fileprivate var name: String {
    switch self {
    case .uncompressed: "UNCOMPRESSED"
    case .snappy: "SNAPPY"
    case .gzip: "GZIP"
    case .zstd: "ZSTD"
    }
  }
}

extension SchemaColumn.ValueType {
  fileprivate var duckDBName: String {
    switch self {
    case .int64: "BIGINT"
    case .utf8: "VARCHAR"
    case .boolean: "BOOLEAN"
    case .timestampMicros: "TIMESTAMP"
    }
  }
}
