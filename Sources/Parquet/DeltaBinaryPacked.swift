/// The encoding `DELTA_BINARY_PACKED`: differences from number to number, in blocks of 128, each difference above the
/// block's smallest in as few bits as its miniblock of 32 needs.
///
/// Specification: Encodings.md, "Delta Encoding (DELTA_BINARY_PACKED = 5)".
enum DeltaBinaryPacked {
  private static let blockSize = 128
  private static let miniblocks = 4
  private static let miniblockSize = blockSize / miniblocks

  /// Appends the numbers. Differences wrap around, as the specification demands.
  static func encode<Number: FixedWidthInteger & SignedInteger & BitwiseCopyable>(
    _ numbers: UnsafeBufferPointer<Number>, to output: inout Buffer<UInt8>
  ) {
    output.appendVarint(UInt64(blockSize))
    output.appendVarint(UInt64(miniblocks))
    output.appendVarint(UInt64(numbers.count))
    output.appendZigZag(numbers.isEmpty ? 0 : Int64(numbers[0]))
    withUnsafeTemporaryAllocation(of: Int64.self, capacity: blockSize) { deltas in
      var position = 1
      while position < numbers.count {
        let count = min(blockSize, numbers.count - position)
        var smallest = Int64.max
        for index in 0..<count {
          let delta = Int64(numbers[position + index]) &- Int64(numbers[position + index - 1])
          deltas.initializeElement(at: index, to: delta)
          smallest = min(smallest, delta)
        }
        encodeBlock(UnsafeBufferPointer(rebasing: deltas[..<count]), smallest: smallest, to: &output)
        position += count
      }
    }
  }

  private static func encodeBlock(
    _ deltas: UnsafeBufferPointer<Int64>, smallest: Int64, to output: inout Buffer<UInt8>
  ) {
    output.appendZigZag(smallest)
    // The bodies follow the four widths; a miniblock without numbers has the width 0 and no body.
    let block = output.reserve(miniblocks + blockSize * 8 + BitPacker.slack)
    var size = miniblocks
    for miniblock in 0..<miniblocks {
      let start = min(deltas.count, miniblock * miniblockSize)
      let end = min(deltas.count, start + miniblockSize)
      var bits: UInt64 = 0
      for index in start..<end { bits |= UInt64(bitPattern: deltas[index] &- smallest) }
      let width = UInt64(BitPacker.width(of: bits))
      block[miniblock] = UInt8(width)
      if width == 0 { continue }
      var packer = BitPacker(to: block + size)
      if width <= 32 {
        for index in start..<end {
          packer.append(UInt32(truncatingIfNeeded: deltas[index] &- smallest), width: width)
        }
      } else {
        for index in start..<end {
          packer.appendWide(UInt64(bitPattern: deltas[index] &- smallest), width: width)
        }
      }
      // The last miniblock is filled up.
      for _ in end..<start + miniblockSize { packer.appendWide(0, width: width) }
      packer.finish()
      size += miniblockSize / 8 * Int(width)
    }
    output.commit(size)
  }

  /// The bytes that `encode` appends, near enough to choose an encoding by.
  static func estimatedSize(_ numbers: UnsafeBufferPointer<Int64>) -> Int {
    var size = 16
    var position = 1
    while position < numbers.count {
      let end = min(numbers.count, position + blockSize)
      var smallest = Int64.max
      var largest = Int64.min
      for index in position..<end {
        let delta = numbers[index] &- numbers[index - 1]
        smallest = min(smallest, delta)
        largest = max(largest, delta)
      }
      size += 8 + blockSize / 8 * BitPacker.width(of: UInt64(bitPattern: largest &- smallest))
      position = end
    }
    return size
  }
}

/// The encoding `PLAIN` of byte strings: each after its length in four bytes, the lowest first.
///
/// Specification: Encodings.md, "Plain (PLAIN = 0)".
enum PlainByteArray {
  /// Appends the values whose lengths and concatenated bytes these are.
  static func encode(
    lengths: UnsafeBufferPointer<Int32>, bytes: UnsafeBufferPointer<UInt8>, to output: inout Buffer<UInt8>
  ) {
    let size = bytes.count + 4 * lengths.count
    var target = output.reserve(size)
    guard var value = bytes.baseAddress else { return }
    for length in lengths {
      UnsafeMutableRawPointer(target).storeBytes(of: length.littleEndian, as: Int32.self)
      target += 4
      copyBytes(from: value, to: target, count: Int(length))
      target += Int(length)
      value += Int(length)
    }
    output.commit(size)
  }
}

/// The encoding `DELTA_LENGTH_BYTE_ARRAY`: all lengths as `DELTA_BINARY_PACKED`, then all bytes.
///
/// Specification: Encodings.md, "Delta-length byte array (DELTA_LENGTH_BYTE_ARRAY = 6)".
enum DeltaLengthByteArray {
  /// Appends the values whose lengths and concatenated bytes these are.
  static func encode(
    lengths: UnsafeBufferPointer<Int32>, bytes: UnsafeBufferPointer<UInt8>, to output: inout Buffer<UInt8>
  ) {
    DeltaBinaryPacked.encode(lengths, to: &output)
    output.append(bytes)
  }
}
