/// The encodings of integers in a page, read from its bytes on (Encodings.md of the specification).
///
/// Every count and width is checked against the bytes that are there before any of them is read.
struct IntegerInput {
  private let bytes: UnsafeRawBufferPointer
  private var place = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  private var left: Int { bytes.count - place }

  private static var endsTooEarly: ParquetError { .malformed("a page that ends too early") }

  /// The next bytes, to be read apart.
  mutating func part(_ size: Int) throws -> IntegerInput {
    guard size >= 0, size <= left else { throw Self.endsTooEarly }
    defer { place += size }
    return IntegerInput(UnsafeRawBufferPointer(rebasing: bytes[place..<place + size]))
  }

  /// A number of up to eight bytes, the least significant first.
  mutating func littleEndian(_ size: Int) throws -> UInt64 {
    guard size <= left else { throw Self.endsTooEarly }
    defer { place += size }
    return bytes[place..<place + size].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// `PLAIN`
  mutating func plain(count: Int) throws -> [Int64] {
    guard left / 8 >= count else { throw Self.endsTooEarly }
    defer { place += count * 8 }
    return (0..<count).map {
      Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: place + $0 * 8, as: Int64.self))
    }
  }

  /// `RLE`: runs of equal numbers and stretches of bit-packed ones.
  mutating func hybrid(width: Int, count: Int) throws -> [UInt32] {
    guard width <= 32 else { throw ParquetError.malformed("numbers of \(width) bits") }
    return try [UInt32](unsafeUninitializedCapacity: count) { numbers, filled in
      while filled < count {
        let header = try varint()
        let length = Int(min(header >> 1, UInt64(count)))
        guard length > 0 else { throw ParquetError.malformed("a run of no length") }
        if header & 1 == 0 {
          let value = UInt32(truncatingIfNeeded: try littleEndian((width + 7) / 8))
          let end = min(count, filled + length)
          numbers[filled..<end].initialize(repeating: value)
          filled = end
        } else {
          let number = min(length * 8, count - filled)
          try unpack(number, width: width) {
            numbers.initializeElement(at: filled + $0, to: UInt32(truncatingIfNeeded: $1))
          }
          place = min(bytes.count, place + length * width)
          filled += number
        }
      }
    }
  }

  /// `DELTA_BINARY_PACKED`: differences in blocks of miniblocks.
  mutating func deltas(count: Int) throws -> [Int64] {
    let (block, miniblocks, total) = (try varint(), try varint(), try varint())
    guard block > 0, block <= 1 << 20, miniblocks > 0, block % miniblocks == 0, total == UInt64(count) else {
      throw ParquetError.malformed("blocks of \(block) differences")
    }
    let perMiniblock = Int(block / miniblocks)
    return try [Int64](unsafeUninitializedCapacity: count) { numbers, filled in
      var last = try zigZag()
      numbers.initializeElement(at: 0, to: last)
      filled = 1
      while filled < count {
        let smallest = try zigZag()
        var widths = try part(Int(miniblocks))
        for _ in 0..<Int(miniblocks) where filled < count {
          let width = Int(try widths.littleEndian(1))
          guard width <= 64 else { throw ParquetError.malformed("differences of \(width) bits") }
          let number = min(perMiniblock, count - filled)
          try unpack(number, width: width) {
            last = last &+ smallest &+ Int64(bitPattern: $1)
            numbers.initializeElement(at: filled + $0, to: last)
          }
          place = min(bytes.count, place + (perMiniblock * width + 7) / 8)
          filled += number
        }
      }
    }
  }

  /// Calls `body` with each of the next numbers of a fixed width, packed from the least significant bit on, and stays
  /// where it is.
  @inline(__always)
  private func unpack(_ count: Int, width: Int, _ body: (_ index: Int, _ number: UInt64) -> Void) throws {
    guard (count * width + 7) / 8 <= left else { throw Self.endsTooEarly }
    if width == 0 {
      for index in 0..<count { body(index, 0) }
      return
    }
    let mask = UInt64.max >> UInt64(64 - width)
    // Of up to 57 bits, all are in the eight bytes that begin with the first one's.
    let fast = width > 57 ? 0 : min(count, max(0, (left - 8) * 8 / width))
    for index in 0..<fast {
      let bit = index * width
      let word = bytes.loadUnaligned(fromByteOffset: place + bit >> 3, as: UInt64.self)
      body(index, UInt64(littleEndian: word) >> UInt64(bit & 7) & mask)
    }
    for index in fast..<count {
      var number: UInt64 = 0
      for shift in 0..<width {
        let bit = index * width + shift
        number |= UInt64(bytes[place + bit >> 3] >> UInt8(bit & 7) & 1) << UInt64(shift)
      }
      body(index, number)
    }
  }

  private mutating func zigZag() throws -> Int64 { Int64(zigZag: try varint()) }

  private mutating func varint() throws -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard left > 0 else { throw Self.endsTooEarly }
      let byte = bytes[place]
      place += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw ParquetError.malformed("a number of more than 64 bits")
  }
}
