import CBytes
import Dump
import Rows
import Schema

// Coverage-guided search for a document that the scanner and libxml2 read differently (libFuzzer).
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
      mix(UInt8(truncatingIfNeeded: field.token))
      mix(UInt8(truncatingIfNeeded: field.token >> 8))
      for byte in field.bytes { mix(byte) }
      mix(0xFE)
    }
    return nil
  }

  func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
}

private func digest(_ document: UnsafeBufferPointer<UInt8>, _ entity: Entity, usesScanner: Bool) -> String {
  let reader = DocumentReader(entity.vocabulary, usesScanner: usesScanner)
  let sink = Digest()
  var position = DocumentPosition.beforeRoot
  var error = "none"
  let input = DocumentReader.Input(bytes: document, offset: 0, endsAtRecord: true, isLast: true)
  do {
    _ = try reader.read(input, position: &position, into: sink)
  } catch let thrown {
    error = "\(thrown)"
  }
  return
    "\(sink.records) \(sink.hash) \(reader.rejects.map { [$0.offset, $0.length] }) \(reader.drift.counts.sorted { $0.key < $1.key }) \(error)"
}

/// The input's first byte chooses the entity; the rest stands between the root's tags.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let start, count > 0 else { return 0 }
  let entity = Entity.allCases[Int(start[0]) % Entity.allCases.count]
  var document = Array("<\(entity)>\n".utf8)
  document += UnsafeBufferPointer(start: start + 1, count: count - 1)
  document += Array("\n</\(entity)>\n".utf8)
  let length = document.count
  document += [UInt8](repeating: 0, count: Int(CBYTES_PADDING))
  document.withUnsafeBufferPointer { bytes in
    let input = UnsafeBufferPointer(rebasing: bytes[..<length])
    let fast = digest(input, entity, usesScanner: true)
    let slow = digest(input, entity, usesScanner: false)
    if fast != slow {
      fatalError(
        "read differently: \(String(decoding: input, as: UTF8.self).debugDescription)\nscanner \(fast)\nlibxml2 \(slow)"
      )
    }
  }
  return 0
}
