@testable import Parquet

/// Columns of values for tests, and files made of them.
struct Table {
  var columns: [SchemaColumn]
  /// The rows of each column.
  var values: [[RowsWriter.Value]]

  var rowCount: Int { values.first?.count ?? 0 }

  /// The file, with this many rows in a row group, handed to the encoders in batches of the given sizes in turn.
  func file(
    _ options: WriterOptions = WriterOptions(), rowGroupRows: Int = .max, batches: [Int] = [1000]
  ) throws -> [UInt8] {
    let sink = MemorySink()
    try write(to: sink, options, rowGroupRows: rowGroupRows, batches: batches)
    return sink.bytes
  }

  func write(
    to sink: any ByteSink, _ options: WriterOptions = WriterOptions(), rowGroupRows: Int = .max,
    batches: [Int] = [1000]
  ) throws {
    let writer = try ParquetFileWriter(
      to: sink, columns: columns, keyValueMetadata: [("key", "välue")],
      createdBy: "tests version 1.2.3 (build 4)")
    let encoders = columns.map { ColumnChunkEncoder(column: $0, options: options) }
    var batch = 0
    var row = 0
    while row < rowCount {
      let group = min(rowCount, row + min(rowGroupRows, rowCount))
      while row < group {
        let end = min(group, row + batches[batch % batches.count])
        batch += 1
        for (column, encoder) in encoders.enumerated() {
          try encoder.append(Self.batch(values[column][row..<end], columns[column].type))
        }
        row = end
      }
      try writer.write(rowGroup: try encoders.map { try $0.seal() })
    }
    let (rows, bytes) = try writer.finish()
    precondition(rows == rowCount && bytes > 0)
  }

  private static func batch(
    _ rows: ArraySlice<RowsWriter.Value>, _ type: SchemaColumn.ValueType
  ) -> ColumnValues {
    let values = ColumnValues(for: type)
    for row in rows {
      switch (row, values) {
      case (.int64(let value), .int64(let values)), (.timestampMicros(let value), .int64(let values)):
        values.append(value)
      case (.text(let value), .byteArray(let values)): values.append(value)
      case (.boolean(let value), .boolean(let values)): values.append(value)
      default: values.appendNull()
      }
    }
    return values
  }

  /// The columns of these names.
  func keeping(_ names: Set<String>) -> Table {
    let kept = columns.indices.filter { names.contains(columns[$0].name) }
    return Table(columns: kept.map { columns[$0] }, values: kept.map { values[$0] })
  }

  /// Columns of every type and of every shape that encoders treat differently.
  static func ofEveryKind(rows: Int, seed: UInt64) -> Table {
    var chance = Chance(seed: seed)
    var table = Table(columns: [], values: [])
    func add(_ name: String, _ type: SchemaColumn.ValueType, _ value: (Int) -> RowsWriter.Value) {
      table.columns.append(SchemaColumn(name, type))
      table.values.append((0..<rows).map(value))
    }
    let words = (0..<40).map { _ in chance.text(upTo: 12) }
    add("id", .int64) { .int64(Int64($0 * 3 + chance.below(3))) }
    add("few integers", .int64) { _ in
      chance.oneIn(5) ? .null : .int64([-1, 0, 1 << 40, .min, .max][chance.below(5)])
    }
    add("any integer", .int64) { _ in .int64(Int64(bitPattern: chance.next() >> UInt64(chance.below(64)))) }
    add("one integer", .int64) { _ in .int64(42) }
    add("no integer", .int64) { _ in .null }
    add("few words", .utf8) { _ in chance.oneIn(7) ? .null : .text(words[chance.below(words.count)]) }
    add("one word", .utf8) { _ in .text("the same") }
    add("different texts", .utf8) { row in .text("\(row) " + chance.text(upTo: 30)) }
    add("mostly NULL", .utf8) { row in chance.oneIn(50) ? .text("\(row)") : .null }
    add("no text", .utf8) { _ in .null }
    add("empty texts", .utf8) { _ in chance.oneIn(2) ? .text("") : .null }
    add("different at first", .utf8) { row in .text(row < rows / 2 ? "text number \(row)" : "common") }
    add("different at last", .utf8) { row in .text(row > rows / 2 ? "text number \(row)" : "common") }
    add("long texts", .utf8) { row in
      chance.oneIn(50)
        ? .text(String(repeating: "long \(row) 🎵", count: 100 + chance.below(100))) : .text("short")
    }
    add("flags", .boolean) { _ in chance.oneIn(4) ? .null : .boolean(chance.oneIn(2)) }
    add("moments", .timestampMicros) { row in
      chance.oneIn(9) ? .null : .timestampMicros(1_785_542_400_000_000 + Int64(row) * 1_000_003)
    }
    return table
  }
}
