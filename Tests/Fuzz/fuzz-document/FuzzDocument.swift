import CBytes
import Dump
import Rows
import Schema

// Coverage-guided search for a dump that is read differently when it comes in pieces (libFuzzer).
//
//     make fuzz

/// What a reader made of a document, as one number and its counts.
private final class Digest: RecordSink {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  var records = 0

  func take(_ fields: UnsafeBufferPointer<Field>) -> String? {
    records += 1
    mix(0xFF)
    for field in fields {
      mix(field.token)
      for byte in field.bytes { mix(byte) }
      mix(0xFE)
    }
    return nil
  }

  func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
}

/// Made once for each entity: that takes longer than most documents.
private nonisolated(unsafe) var readers: [Entity: DocumentReader] = [:]

/// Reads a document in stretches of this size, each with what was left of the one before.
private func digest(_ document: [UInt8], _ entity: Entity, stretch: Int) -> String {
  let reader = readers[entity] ?? DocumentReader(entity.vocabulary)
  readers[entity] = reader
  reader.reset()
  reader.documentType = []
  let sink = Digest()
  var position = DocumentPosition.beforeRoot
  var start = 0
  var end = 0
  var error = "none"
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
  if start != document.count { error = "\(document.count - start) bytes are left" }
  return "\(sink.records) \(sink.hash) \(reader.rejects.map { [$0.offset, $0.length] }) "
    + "\(reader.drift.counts.sorted { $0.key < $1.key }) \(reader.drift.otherCount) \(position) \(error)"
}

/// The input's first byte chooses the entity, the second one how large the pieces are; the rest is the dump.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let start, count > 2 else { return 0 }
  let entity = Entity.allCases[Int(start[0]) % Entity.allCases.count]
  let document = Array(UnsafeBufferPointer(start: start + 2, count: count - 2))
  let whole = digest(document, entity, stretch: document.count)
  let pieces = digest(document, entity, stretch: 1 + Int(start[1]))
  if whole != pieces {
    fatalError(
      "read differently: \(String(decoding: document, as: UTF8.self).debugDescription)\nwhole  \(whole)\npieces \(pieces)"
    )
  }
  return 0
}
