import TestSupport
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
    var value = values.rows.bytes
    for count in source.indices {
      #expect(Array(UnsafeBufferPointer(start: value, count: count)) == Array(source.prefix(count)))
      value += count
    }
    #expect(values.byteCount == value - values.rows.bytes)
  }

  @Test func aValueThatComesAgainTakesNoBytesAndCountsAllTheSame() {
    let values = ByteArrayValues()
    values.append("three")
    values.appendAgain(2)
    values.appendNull()
    values.appendAgain(1)
    values.append("")
    values.appendAgain(1)
    values.append("one")
    values.appendAgain(0)
    #expect(rows(of: values) == ["three", "three", "three", nil, nil, "", "", "one"])
    #expect(values.byteCount == 18)
    #expect(values.last.map { String(decoding: $0, as: UTF8.self) } == "one")
    for count in (0...7).reversed() {
      values.truncate(to: count)
      #expect(values.byteCount == [0, 5, 10, 15, 15, 15, 15, 15][count])
    }
    values.append("new")
    values.appendAgain(1)
    #expect(rows(of: values) == ["new", "new"])
    #expect(values.last.map { String(decoding: $0, as: UTF8.self) } == "new")
    values.removeAll()
    #expect(values.byteCount == 0)
  }

  private func rows(of values: ByteArrayValues) -> [String?] {
    textValues(lengths: values.rows.lengths, bytes: values.rows.bytes, null: TextRows.null)
  }
}
