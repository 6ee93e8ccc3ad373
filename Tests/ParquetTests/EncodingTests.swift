import Testing

@testable import Parquet

@Suite struct EncodingTests {
  @Test func aHybridRunOfEightIsBitPackedAsTheSpecificationShows() {
    // Encodings.md: the numbers 0 to 7 in three bits are 10001000 11000110 11111010.
    #expect(hybrid([0, 1, 2, 3, 4, 5, 6, 7], width: 3) == [0b11, 0b1000_1000, 0b1100_0110, 0b1111_1010])
  }

  @Test func aLongRunIsRepeated() {
    #expect(hybrid(Array(repeating: 5, count: 100), width: 3) == [0xC8, 0x01, 5])
    #expect(hybrid(Array(repeating: 0x1234, count: 100), width: 13) == [0xC8, 0x01, 0x34, 0x12])
  }

  @Test(arguments: 1...32) func hybridRunsReadBack(width: Int) {
    var chance = Chance(seed: UInt64(width))
    let most = UInt32.max >> UInt32(32 - width)
    for _ in 0..<60 {
      var numbers: [UInt32] = []
      for _ in 0..<chance.below(12) {
        let run = chance.oneIn(2) ? 1 : chance.below(90)
        numbers += Array(repeating: UInt32.random(in: 0...most, using: &chance), count: run)
      }
      let bytes = hybrid(numbers, width: width)
      #expect(
        ReferenceReader.hybrid(bytes[...], width: width, count: numbers.count) == numbers.map(UInt64.init))
    }
  }

  @Test func deltasAreThoseOfTheSpecification() {
    // Encodings.md, examples 1 and 2, with this writer's block size of 128 and four miniblocks.
    #expect(delta([1, 2, 3, 4, 5]) == [0x80, 0x01, 4, 5, 2, 2, 0, 0, 0, 0])
    let second = delta([7, 5, 3, 1, 2, 3, 4, 5])
    #expect(Array(second.prefix(10)) == [0x80, 0x01, 4, 8, 14, 3, 2, 0, 0, 0])
    // The deltas above the smallest: 0, 0, 0, 3, 3, 3, 3 in two bits each.
    #expect(Array(second.dropFirst(10)) == [0b1100_0000, 0b0011_1111, 0, 0, 0, 0, 0, 0])
  }

  @Test(arguments: [0, 1, 2, 31, 32, 33, 34, 127, 128, 129, 130, 1000])
  func deltasReadBack(count: Int) {
    var chance = Chance(seed: UInt64(count))
    for width in 0...63 {
      var values = (0..<count).map { _ in Int64(bitPattern: chance.next() >> UInt64(63 - width)) }
      if width == 63 && count > 2 { (values[0], values[1], values[2]) = (.min, .max, .min) }
      var bytes = delta(values)[...]
      #expect(ReferenceReader.delta(&bytes) == values)
      #expect(bytes.isEmpty)
    }
  }

  @Test func theEstimateOfDeltasIsCloseToTheirSize() {
    var chance = Chance(seed: 1)
    for width in stride(from: 1, to: 60, by: 7) {
      let values = (0..<5000).map { _ in Int64(bitPattern: chance.next() >> UInt64(63 - width)) }
      let size = delta(values).count
      let estimate = values.withUnsafeBufferPointer(DeltaBinaryPacked.estimatedSize)
      #expect(abs(estimate - size) < size / 4 + 400)
    }
  }

  @Test func checksumsAreThoseOfGzip() {
    let bytes = Array("123456789".utf8)
    #expect(bytes.withUnsafeBytes { CRC32.checksum($0) } == 0xCBF4_3926)
    let head = bytes[..<4].withUnsafeBytes { CRC32.checksum($0) }
    #expect(bytes[4...].withUnsafeBytes { CRC32.checksum($0, previous: head) } == 0xCBF4_3926)
    #expect(CRC32.checksum(UnsafeRawBufferPointer(start: nil, count: 0)) == 0)
  }

  @Test func aDictionaryNumbersValuesInTheOrderInWhichTheyCome() {
    var chance = Chance(seed: 7)
    var dictionary = ByteArrayDictionary()
    var integers = Int64Dictionary()
    var numbers: [String: UInt32] = [:]
    for _ in 0..<20_000 {
      let text = chance.text(upTo: chance.oneIn(10) ? 60 : 3)
      let expected = numbers[text] ?? UInt32(numbers.count)
      numbers[text] = expected
      let bytes = Array(text.utf8)
      #expect(
        bytes.withUnsafeBufferPointer { dictionary.number(of: $0.baseAddress!, count: $0.count) } == expected)
      let value = dictionary[expected]
      #expect(Array(UnsafeBufferPointer(start: value.start, count: value.count)) == bytes)
      #expect(integers.number(of: Int64(expected) &* 0x1_0000_0001) == expected)
    }
    #expect(dictionary.count == numbers.count)
  }

  private func hybrid(_ numbers: [UInt32], width: Int) -> [UInt8] {
    var output = Buffer<UInt8>()
    numbers.withUnsafeBufferPointer { RLEBitPackedHybrid.encode($0, width: width, to: &output) }
    return Array(output.elements)
  }

  private func delta(_ values: [Int64]) -> [UInt8] {
    var output = Buffer<UInt8>()
    values.withUnsafeBufferPointer { DeltaBinaryPacked.encode($0, to: &output) }
    return Array(output.elements)
  }
}
