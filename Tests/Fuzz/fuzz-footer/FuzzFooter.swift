import Glibc
import Parquet

// Coverage-guided search for bytes that the footer's reader, or the verification of pages, does more with than refuse
// them (libFuzzer).
//
//     make fuzz

private let path = "/dev/shm/fuzz-footer-\(getpid()).parquet"

/// A small whole file to start from.
private let whole: [UInt8] = {
  let sink = MemorySink()
  let columns = [
    SchemaColumn("id", .int64), SchemaColumn("text", .utf8), SchemaColumn("moment", .timestampMicros),
  ]
  do {
    let writer = try RowsWriter(
      to: sink, columns: columns, keyValueMetadata: [("key", "value")], createdBy: "fuzz", rowGroupRows: 20)
    for row in 0..<30 as Range<Int64> {
      try writer.append([
        .int64(row), row % 3 == 0 ? .null : .text("text \(row % 5)"), .timestampMicros(row * 1000),
      ])
    }
    try writer.finish()
  } catch { fatalError("\(error)") }
  return sink.bytes
}()

/// With an even first byte the rest of the input is a file's footer, between the magic numbers and the length that
/// belong around it; with an odd one it is changes to a whole file, each two bytes of place and one of content.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let start, count > 0 else { return -1 }
  let input = UnsafeBufferPointer(start: start + 1, count: count - 1)
  let bytes = start[0] & 1 == 0 ? file(withFooter: input) : changed(by: input)
  guard let file = fopen(path, "wb") else { return -1 }
  fwrite(bytes, 1, bytes.count, file)
  fclose(file)
  guard let footer = try? ParquetFooter(path: path) else { return 0 }
  for column in footer.columns.indices {
    _ = footer.nullCount(ofColumn: column)
    _ = footer.int64Range(ofColumn: column)
  }
  _ = try? ParquetFooter.verifyFile(path)
  return 0
}

private func file(withFooter footer: UnsafeBufferPointer<UInt8>) -> [UInt8] {
  let length = (0..<4).map { UInt8(truncatingIfNeeded: footer.count >> ($0 * 8)) }
  return Array("PAR1".utf8) + [UInt8](repeating: 0, count: 64) + footer + length + Array("PAR1".utf8)
}

private func changed(by input: UnsafeBufferPointer<UInt8>) -> [UInt8] {
  var bytes = whole
  for change in stride(from: 0, to: input.count - 2, by: 3) {
    let place = Int(input[change]) << 8 | Int(input[change + 1])
    bytes[place % bytes.count] = input[change + 2]
  }
  return bytes
}
