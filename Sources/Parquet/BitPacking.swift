/// Packs numbers of a fixed width of 0 to 64 bits one after the other, the lowest bit first.
///
/// Writes whole words: up to 7 bytes after the last packed one are overwritten, and must be there.
struct BitPacker {
  private var target: UnsafeMutableRawPointer
  /// Fewer than 32 bits wait for the next word.
  private var pending: UInt64 = 0
  private var pendingBits: UInt64 = 0

  /// What must be writable after the packed bytes.
  static let slack = 8

  init(to target: UnsafeMutablePointer<UInt8>) { self.target = UnsafeMutableRawPointer(target) }

  /// Appends the number, which has no bits beyond `width`; `width` is at most 32.
  @inline(__always) mutating func append(_ value: UInt32, width: UInt64) {
    assert(width <= 32 && UInt64(value) >> width == 0)
    pending |= UInt64(value) << pendingBits
    pendingBits &+= width
    if pendingBits >= 32 {
      target.storeBytes(of: UInt32(truncatingIfNeeded: pending), as: UInt32.self)
      target += 4
      pending >>= 32
      pendingBits &-= 32
    }
  }

  /// Appends a number that may have up to 64 bits.
  @inline(__always) mutating func appendWide(_ value: UInt64, width: UInt64) {
    append(UInt32(truncatingIfNeeded: value), width: min(width, 32))
    if width > 32 { append(UInt32(truncatingIfNeeded: value >> 32), width: width - 32) }
  }

  /// Writes what waits; the last byte is filled up with zero bits.
  mutating func finish() { target.storeBytes(of: UInt32(truncatingIfNeeded: pending), as: UInt32.self) }

  /// The bits that it takes to write the number; 0 for 0.
  static func width(of value: UInt64) -> Int { 64 - value.leadingZeroBitCount }
}

extension Buffer<UInt8> {
  /// Appends an unsigned number in groups of seven bits, the lowest first (ULEB128).
  mutating func appendVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }

  /// Appends a signed number with its sign in the lowest bit.
  mutating func appendZigZag(_ value: Int64) { appendVarint(UInt64(zigZag: value)) }

  /// Appends an integer's bytes, the lowest first.
  mutating func appendLittleEndian(_ value: some FixedWidthInteger & BitwiseCopyable) {
    let size = MemoryLayout.size(ofValue: value)
    UnsafeMutableRawPointer(reserve(size)).storeBytes(of: value.littleEndian, as: type(of: value))
    commit(size)
  }
}
