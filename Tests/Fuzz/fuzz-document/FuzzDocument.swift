import CBytes
import Dump
import Glibc
import Platform
import Rows
import Schema

@testable import Ingest
@testable import Lake
@testable import Parquet
@testable import TaskKit

// Coverage-guided search for a dump that is read differently when it comes in pieces (libFuzzer).
//
//     make fuzz

/// What a reader made of a document: the fields of its records as one number, and their rows.
private final class Digest: RecordSink {
  private var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  private var records = 0
  private let rows: EntityRows

  init(_ rows: EntityRows) { self.rows = rows }

  var isFull: Bool { rows.isFull }
  var hasDeclined: Bool { rows.hasDeclined }

  func take(_ fields: UnsafeBufferPointer<Field>) -> String? {
    records += 1
    mix(0xFF)
    for field in fields {
      mix(UInt8(truncatingIfNeeded: field.token))
      mix(UInt8(truncatingIfNeeded: field.token >> 8))
      for byte in field.bytes { mix(byte) }
      mix(0xFE)
    }
    return rows.take(fields)
  }

  func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }

  /// The numbers so far, and those of the rows.
  var text: String {
    for column in rows.batches.flatMap(\.columns) {
      mix(UInt8(truncatingIfNeeded: column.count))
      guard case .byteArray(let values) = column else { continue }
      var value = values.rows.bytes
      for length in values.rows.lengths where length >= 0 {
        for byte in UnsafeBufferPointer(start: value, count: Int(length)) { mix(byte) }
        mix(0xFE)
        value += Int(length)
      }
    }
    return "\(records) \(hash) \(rows.batches.map(\.count)) \(rows.unreadableNumbers)"
  }
}

/// Made once for each entity: that takes longer than most documents.
private nonisolated(unsafe) var readers: [Entity: (DocumentReader, EntityRows)] = [:]

/// Reads a document in stretches of this size, each with what was left of the one before.
private func digest(_ document: [UInt8], _ entity: Entity, stretch: Int) -> String {
  let (reader, rows) =
    readers[entity] ?? (DocumentReader(entity.vocabulary), EntityRows(RowPlan.whole(entity)))
  readers[entity] = (reader, rows)
  reader.reset()
  reader.documentType = []
  rows.removeAll()
  let sink = Digest(rows)
  var position = DocumentPosition.beforeRoot
  var start = 0
  var end = 0
  do {
    repeat {
      end = min(end + stretch, document.count)
      let bytes = document[start..<end] + [UInt8](repeating: 0, count: Int(CBYTES_PADDING))
      let consumed = try bytes.withUnsafeBufferPointer { bytes in
        let input = DocumentReader.Input(
          bytes: UnsafeBufferPointer(rebasing: bytes[..<(end - start)]), offset: start,
          endsAtRecord: end == document.count, isLast: end == document.count)
        return try reader.read(input, position: &position, into: sink)
      }
      start += consumed
    } while end < document.count
  } catch {
    // Which of several errors comes first may depend on the pieces; that there is one may not.
    return "error"
  }
  let rest = start == document.count ? "" : "\(document.count - start) bytes are left"
  return "\(sink.text) \(reader.rejects.map { [$0.offset, $0.length] }) "
    + "\(reader.drift.counts.sorted { $0.key < $1.key }) \(reader.drift.otherCount) \(position) \(rest)"
}

private let folder = "/dev/shm/fuzz-document-\(getpid())"
private let run = Lake(path: Files.join(folder, "lake")).run(
  try! RunID(validating: "2026-08__20260801_000000"))

/// What becomes of the dump on its whole way into files, unpacked and cut into chunks of this size.
private func files(_ dump: [UInt8], _ entity: Entity, chunkSize: Int, threads: Int) -> String {
  do {
    try Files.removeTree(run.path)
    try Files.createDirectory(run.path)
    let month = Files.join(folder, "2026-08")
    try Files.createDirectory(month)
    guard let file = fopen(Files.join(month, "discogs_20260801_\(entity).xml.gz"), "wb") else { return "" }
    fwrite(dump, 1, dump.count, file)
    fclose(file)
    var ingest = Ingest(entity, threads: threads)
    ingest.chunkSize = chunkSize
    do {
      try ingest.run(
        try DumpFile.find(entity, for: run, rawRoot: folder), into: run, force: false,
        TaskContext(taskName: "fuzz"))
    } catch is TaskError {
      return "error"
    }
    var hash = SHA256()
    for dataset in entity.datasets {
      for path in try run.parquetFiles(of: dataset) {
        try Files.read(path).withUnsafeBytes { hash.update($0) }
      }
    }
    let rejects = run.rejectsFile(entity)
    let rejected = try Files.found(rejects) == nil ? [] : try Files.read(rejects)
    let counters = try run.state(TaskName.ingest(entity))?.counters ?? [:]
    return
      "\(hash.finish()) \(counters.sorted { $0.key < $1.key }) \(String(decoding: rejected, as: UTF8.self))"
  } catch { fatalError("\(error)") }
}

/// The bytes as a gzip file that stores them.
private func packed(_ bytes: [UInt8]) -> [UInt8] {
  func little(_ number: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
  }
  let checksum = bytes.withUnsafeBytes { CRC32.checksum($0) }
  return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1] + little(bytes.count, 2) + little(~bytes.count, 2) + bytes
    + little(Int(checksum), 4) + little(bytes.count, 4)
}

/// The input's first byte chooses the entity, and what of the way is gone: from a document in UTF-8 to rows, or from a
/// gzip file in any encoding to Parquet files. The second byte says how large the pieces are; the rest is the dump, or
/// the file.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let start, count > 2 else { return -1 }
  let entity = Entity.allCases[Int(start[0] & 3)]
  let bytes = Array(UnsafeBufferPointer(start: start + 2, count: count - 2))
  let piece = 1 + Int(start[1])
  let (whole, pieces): (String, String)
  switch start[0] >> 2 & 3 {
  case 0, 1:
    whole = digest(bytes, entity, stretch: bytes.count)
    pieces = digest(bytes, entity, stretch: piece)
  case let kind:
    // The first bytes, which tell the encoding, are looked at together.
    let dump = kind == 2 ? packed(bytes) : bytes
    whole = files(dump, entity, chunkSize: 1 << 20, threads: 1)
    pieces = files(dump, entity, chunkSize: 256 + piece, threads: 2)
  }
  if whole != pieces {
    fatalError(
      "read differently: \(String(decoding: bytes, as: UTF8.self).debugDescription)\nwhole  \(whole)\npieces \(pieces)"
    )
  }
  return 0
}
