import CBytes
import Dump
import Foundation
import Schema

@testable import Rows

/// What a reader made of a document, for comparison.
struct Recorded: Equatable {
  struct Item: Equatable, CustomStringConvertible {
    var token: UInt16
    var bytes: [UInt8]
    var description: String { "\(token):\(String(decoding: bytes, as: UTF8.self))" }
  }

  var records: [[Item]] = []
  var rejects: [Range<Int>] = []
  var drift: [String: Int] = [:]
  var otherDrift = 0
  var error: DumpError?

  /// The texts of the elements or attributes at a path, record by record.
  func texts(_ path: String, of entity: Entity) -> [[String]] {
    let tokens = RowPlan.whole(entity).tokens(of: path)
    return records.map { record in
      record.filter { tokens.contains($0.token) }.map { String(decoding: $0.bytes, as: UTF8.self) }
    }
  }
}

extension RowPlan {
  /// The tokens of the texts that stand at a path, from the record on.
  fileprivate func tokens(of path: String) -> [UInt16] {
    operations.indices.filter { token in
      let operation = operations[token]
      let set = sets[Int(operation.set)]
      guard operation.kind == .text || operation.kind == .leaf else { return false }
      return set.paths.contains { base in
        let slot = set.slots[Int(operation.slot)]
        return (base + (slot == "." ? [] : [slot])).joined(separator: "/") == path
      }
    }.map(UInt16.init)
  }
}

/// Keeps the fields of each record.
private final class Recorder: RecordSink {
  var records: [[Recorded.Item]] = []

  func take(_ fields: UnsafeBufferPointer<Field>) -> String? {
    records.append(fields.map { Recorded.Item(token: $0.token, bytes: Array($0.bytes)) })
    return nil
  }
}

/// Reads a whole document in one stretch.
func read(_ document: [UInt8], _ entity: Entity, usesScanner: Bool = true) -> Recorded {
  let reader = DocumentReader(entity.vocabulary, usesScanner: usesScanner)
  let recorder = Recorder()
  var position = DocumentPosition.beforeRoot
  let padded = document + [UInt8](repeating: 0, count: Int(CBYTES_PADDING))
  var recorded = Recorded()
  padded.withUnsafeBufferPointer { bytes in
    let input = DocumentReader.Input(
      bytes: UnsafeBufferPointer(rebasing: bytes[..<document.count]), offset: 0, endsAtRecord: true,
      isLast: true)
    do {
      let consumed = try reader.read(input, position: &position, into: recorder)
      precondition(consumed == document.count, "nothing is left of the last stretch")
    } catch {
      recorded.error = error as? DumpError
    }
  }
  recorded.records = recorder.records
  recorded.rejects = reader.rejects.map { $0.offset..<($0.offset + $0.length) }
  recorded.drift = reader.drift.counts
  recorded.otherDrift = reader.drift.otherCount
  return recorded
}

func read(_ document: String, _ entity: Entity, usesScanner: Bool = true) -> Recorded {
  read(Array(document.utf8), entity, usesScanner: usesScanner)
}

/// Reads a dump as ingest does: packed, in chunks, those that do not begin where they should with what comes before.
func readPacked(_ dump: [UInt8], _ entity: Entity, chunkSize: Int = 1 << 20) throws -> Recorded {
  try gzipped(dump).withTemporaryFile { path in
    let chunks = try ChunkReader(path: path, vocabulary: entity.vocabulary, chunkSize: chunkSize)
    let reader = DocumentReader(entity.vocabulary)
    let recorder = Recorder()
    var recorded = Recorded()
    var position = DocumentPosition.beforeRoot
    var carry: (chunk: Chunk, consumed: Int)?
    do {
      while var chunk = try chunks.next() {
        if let carry { chunk = Chunk.joining([carry.chunk, chunk], from: carry.consumed) }
        let consumed = try reader.read(chunk.input, position: &position, into: recorder)
        carry = consumed < chunk.count ? (chunk, consumed) : nil
      }
    } catch let error as DumpError {
      recorded.error = error
    }
    recorded.records = recorder.records
    recorded.rejects = reader.rejects.map { $0.offset..<($0.offset + $0.length) }
    recorded.drift = reader.drift.counts
    recorded.otherDrift = reader.drift.otherCount
    return recorded
  }
}

/// Compresses with the system's gzip, which is not what decompresses.
func gzipped(_ bytes: [UInt8], level: String = "-6") throws -> [UInt8] {
  try bytes.withTemporaryFile { path in
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gzip", level, "-n", "-c", path]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Array(data)
  }
}

/// SplitMix64, so that a failing case can be run again.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
