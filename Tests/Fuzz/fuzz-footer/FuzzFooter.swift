import Glibc
import Platform
import Schema

@testable import Catalog
@testable import Lake
@testable import Parquet
@testable import Sanity
@testable import TaskKit

// Coverage-guided search for bytes of a Parquet file that its readers, the checks before promotion or the registration
// do more with than refuse them (libFuzzer).
//
//     make fuzz

private let dataset = Dataset.releaseTracks
private let run = Lake(path: "/dev/shm/fuzz-footer-\(getpid())").run(
  try! RunID(validating: "2026-08__20260801_000000"))
private let path = Files.join(run.datasetFolder(dataset), run.partName(0))

/// A small whole file to start from.
private let whole: [UInt8] = {
  let sink = MemorySink()
  do {
    let writer = try RowsWriter(
      to: sink, columns: dataset.columns.map { SchemaColumn($0) }, keyValueMetadata: [("key", "value")],
      createdBy: "fuzz", rowGroupRows: 20)
    for row in 0..<30 {
      try writer.append(
        dataset.columns.map { column in
          switch column.name {
          case "release_id": .int64(Int64(row / 3 * 7))
          case "position": .int64(Int64(row % 3 + 1))
          case "parent_position": row % 3 == 2 ? .int64(2) : .null
          default:
            column.type == .bigint
              ? .int64(Int64(row) * 1000) : row % 4 == 0 ? .null : .text("text \(row % 5)")
          }
        })
    }
    try writer.finish()
    try Files.createDirectory(run.datasetFolder(dataset))
    try run.write(
      TaskState(
        task: TaskName.ingest(.releases), runID: run.id, startedAt: .now,
        outputs: [TaskState.Output(dataset: dataset.name, files: 1, rows: 30, bytes: sink.bytes.count)],
        toolVersion: "fuzz"))
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
  if let footer = try? ParquetFooter(path: path) {
    for column in footer.columns.indices {
      _ = footer.nullCount(ofColumn: column)
      _ = footer.int64Range(ofColumn: column)
    }
    _ = try? ParquetFooter.verifyFile(path)
  }
  do {
    let context = TaskContext(taskName: "fuzz")
    _ = try RunSanity(run, maxShrink: 20, readsPages: false, context).findings(try RunFacts(of: run))
  } catch { fatalError("\(error)") }
  _ = FileColumns(of: [path], declared: dataset.columns)
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
