/// The encoding `RLE`: runs of one repeated number, and runs of bit-packed numbers in groups of eight.
///
/// Definition levels are written in it (one bit each), and the indices of dictionary-encoded values.
/// Specification: Encodings.md, "Run Length Encoding / Bit-Packing Hybrid".
enum RLEBitPackedHybrid {
  /// Appends the numbers, none of which has bits beyond `width` (1 to 32).
  static func encode<Number: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    _ numbers: UnsafeBufferPointer<Number>, width: Int, to output: inout Buffer<UInt8>
  ) {
    assert((1...32).contains(width))
    // A repeated run is worth its header, and that of the bit-packed run after it, when it saves eight bytes.
    let worthwhile = max(8, 64 / width)
    var packedStart = 0
    var position = 0
    while numbers.count - position >= 8 {
      let run = repetitions(in: numbers, from: position)
      if run >= worthwhile {
        pack(numbers[packedStart..<position], width: width, to: &output)
        repeated(UInt32(numbers[position]), count: run, width: width, to: &output)
        position += run
        packedStart = position
      } else {
        position += max(8, run & ~7)
      }
    }
    pack(numbers[packedStart...], width: width, to: &output)
  }

  /// Appends a number `count` times.
  static func repeated(_ number: UInt32, count: Int, width: Int, to output: inout Buffer<UInt8>) {
    output.appendVarint(UInt64(count) << 1)
    for byte in 0..<(width + 7) / 8 { output.append(UInt8(truncatingIfNeeded: number >> UInt32(8 * byte))) }
  }

  /// How often the number at `start` stands there in a row.
  @inline(__always) private static func repetitions<Number: FixedWidthInteger>(
    in numbers: UnsafeBufferPointer<Number>, from start: Int
  ) -> Int {
    let number = numbers[start]
    var end = start + 1
    while end < numbers.count && numbers[end] == number { end += 1 }
    return end - start
  }

  private static func pack<Number: FixedWidthInteger & UnsignedInteger>(
    _ numbers: Slice<UnsafeBufferPointer<Number>>, width: Int, to output: inout Buffer<UInt8>
  ) {
    if numbers.isEmpty { return }
    let groups = (numbers.count + 7) / 8
    output.appendVarint(UInt64(groups) << 1 | 1)
    let size = groups * width
    let target = output.reserve(size + BitPacker.slack)
    var packer = BitPacker(to: target)
    for number in numbers { packer.append(UInt32(truncatingIfNeeded: number), width: UInt64(width)) }
    // The last group is filled up with zeros.
    for _ in numbers.count..<groups * 8 { packer.append(0, width: UInt64(width)) }
    packer.finish()
    output.commit(size)
  }
}
