import Testing

@testable import Parquet

@Suite struct ColumnValuesTests {
  @Test func aValueIsBuiltInPlace() {
    let values = ByteArrayValues()
    values.append(bytes: "one")
    values.append(bytes: ", ")
    values.append(byte: UInt8(ascii: "2"))
    #expect(values.pendingCount == 6)
    values.finishValue()
    values.finishValue()
    values.finishValue(emptyIsNull: false)
    let room = values.reserve(5)
    room.update(repeating: UInt8(ascii: "x"), count: 5)
    values.commit(4)
    values.finishValue()
    #expect(rows(of: values) == ["one, 2", nil, "", "xxxx"])
    #expect(values.last.map { String(decoding: $0, as: UTF8.self) } == "xxxx")
  }

  @Test func copiesOfEveryLengthAreExact() {
    let source = (0..<200).map { UInt8($0 + 1) }
    let values = ByteArrayValues()
    for count in source.indices {
      source.withUnsafeBufferPointer { values.append(bytes: $0.baseAddress!, count: count) }
      values.finishValue(emptyIsNull: false)
    }
    var bytes = Array(values.bytes)[...]
    for count in source.indices {
      #expect(Array(bytes.prefix(count)) == Array(source.prefix(count)))
      bytes = bytes.dropFirst(count)
    }
    #expect(bytes.isEmpty)
  }

  private func rows(of values: ByteArrayValues) -> [String?] {
    var bytes = Array(values.bytes)[...]
    return values.lengths.map { length in
      if length < 0 { return nil }
      defer { bytes = bytes.dropFirst(Int(length)) }
      return String(decoding: bytes.prefix(Int(length)), as: UTF8.self)
    }
  }
}
