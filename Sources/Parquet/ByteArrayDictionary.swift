/// The different values of a text column, numbered in the order in which they first came.
///
/// Looking a value up hashes it once and is O(length). The values lie in memory as they stand in the dictionary
/// page: in the encoding `PLAIN`, each after its length in four bytes.
struct ByteArrayDictionary: ~Copyable {
  /// The dictionary page before compression.
  private(set) var plainBytes = Buffer<UInt8>()
  /// Where each value starts in `plainBytes`, after its length.
  private var starts = Buffer<UInt32>()
  /// Open addressing with linear probing, at most half full. A slot holds 32 bits of the value's hash above the
  /// value's number plus 1; 0 is free.
  private var slots: Buffer<UInt64>
  /// The hash's upper bits that choose the slot.
  private var slotBits: UInt64 = 10

  init() {
    slots = Buffer(capacity: 0)
    Self.clear(&slots, bits: slotBits)
  }

  /// The number of different values.
  var count: Int { starts.count }

  /// The value with this number.
  @inline(__always) subscript(number: UInt32) -> (start: UnsafePointer<UInt8>, count: Int) {
    let start = UnsafePointer(plainBytes.start + Int(starts.start[Int(number)]))
    return (start, Int(UnsafeRawPointer(start - 4).loadUnaligned(as: UInt32.self)))
  }

  /// The value's number; a value that is new gets the next one.
  @inline(__always) mutating func number(of value: UnsafePointer<UInt8>, count: Int) -> UInt32 {
    let tag = Self.hash(value, count: count) >> 32
    let mask = (1 as UInt64) << slotBits &- 1
    var slot = tag >> (32 - slotBits)
    while true {
      let entry = slots.start[Int(slot)]
      if entry == 0 { return insert(value, count: count, tag: tag, slot: slot) }
      if entry >> 32 == tag {
        let number = UInt32(truncatingIfNeeded: entry) &- 1
        let known = self[number]
        if known.count == count && Self.areEqual(known.start, value, count: count) { return number }
      }
      slot = (slot &+ 1) & mask
    }
  }

  @inline(never) private mutating func insert(
    _ value: UnsafePointer<UInt8>, count: Int, tag: UInt64, slot: UInt64
  ) -> UInt32 {
    let number = UInt32(starts.count)
    plainBytes.appendLittleEndian(UInt32(count))
    starts.append(UInt32(plainBytes.count))
    plainBytes.append(UnsafeBufferPointer(start: value, count: count))
    slots.start[Int(slot)] = tag << 32 | UInt64(number + 1)
    if starts.count * 2 > 1 << slotBits { doubleSlots() }
    return number
  }

  private mutating func doubleSlots() {
    precondition(slotBits < 31)
    let bits = slotBits + 1
    var doubled = Buffer<UInt64>()
    Self.clear(&doubled, bits: bits)
    let mask = (1 as UInt64) << bits - 1
    for entry in slots.elements where entry != 0 {
      var slot = entry >> (64 - bits)
      while doubled.start[Int(slot)] != 0 { slot = (slot + 1) & mask }
      doubled.start[Int(slot)] = entry
    }
    slots = doubled
    slotBits = bits
  }

  private static func clear(_ slots: inout Buffer<UInt64>, bits: UInt64) {
    slots.reserve(1 << bits).initialize(repeating: 0, count: 1 << bits)
    slots.commit(1 << bits)
  }

  @inline(__always) static func areEqual(
    _ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, count: Int
  ) -> Bool {
    let a = UnsafeRawPointer(a)
    let b = UnsafeRawPointer(b)
    var offset = 0
    while offset &+ 8 <= count {
      if (a + offset).loadUnaligned(as: UInt64.self) != (b + offset).loadUnaligned(as: UInt64.self) {
        return false
      }
      offset &+= 8
    }
    while offset < count {
      if (a + offset).load(as: UInt8.self) != (b + offset).load(as: UInt8.self) { return false }
      offset &+= 1
    }
    return true
  }

  /// A hash by folded 64 by 64 bit multiplications, sixteen bytes a step; the same in every process, so that nothing
  /// about the file depends on chance.
  @inline(__always) static func hash(_ value: UnsafePointer<UInt8>, count: Int) -> UInt64 {
    var bytes = UnsafeRawPointer(value)
    var state = 0x9E37_79B9_7F4A_7C15 ^ UInt64(truncatingIfNeeded: count)
    let a: UInt64
    let b: UInt64
    if count >= 8 {
      let end = bytes + count
      while end - bytes > 16 {
        state = fold(
          bytes.loadUnaligned(as: UInt64.self) ^ 0xA076_1D64_78BD_642F,
          (bytes + 8).loadUnaligned(as: UInt64.self) ^ state)
        bytes += 16
      }
      // The last sixteen bytes, or the first and the last eight when there are fewer; they may overlap.
      a = (count >= 16 ? end - 16 : bytes).loadUnaligned(as: UInt64.self)
      b = (end - 8).loadUnaligned(as: UInt64.self)
    } else if count >= 4 {
      a = UInt64(bytes.loadUnaligned(as: UInt32.self))
      b = UInt64((bytes + count - 4).loadUnaligned(as: UInt32.self))
    } else if count > 0 {
      a = UInt64(value[0]) << 16 | UInt64(value[count / 2]) << 8 | UInt64(value[count - 1])
      b = 0
    } else {
      a = 0
      b = 0
    }
    return fold(a ^ 0xE703_7ED1_A0B4_28DB, b ^ state)
  }

  @inline(__always) private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }
}
