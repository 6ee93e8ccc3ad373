/// The different values of an integer column, numbered in the order in which they first came.
struct Int64Dictionary: ~Copyable {
  private(set) var values = Buffer<Int64>()
  /// Open addressing with linear probing, at most half full; a value's number plus 1, 0 is free.
  private var slots = Buffer<UInt32>()
  private var slotBits: UInt64 = 10

  init() { clear(bits: slotBits) }

  /// The number of different values.
  var count: Int { values.count }

  /// The value's number; a value that is new gets the next one.
  @inline(__always) mutating func number(of value: Int64) -> UInt32 {
    let mask = (1 as UInt64) << slotBits &- 1
    var slot = Self.hash(value) >> (64 - slotBits)
    while true {
      let entry = slots.start[Int(slot)]
      if entry == 0 { return insert(value, slot: slot) }
      if values.start[Int(entry &- 1)] == value { return entry &- 1 }
      slot = (slot &+ 1) & mask
    }
  }

  @inline(never) private mutating func insert(_ value: Int64, slot: UInt64) -> UInt32 {
    let number = UInt32(values.count)
    values.append(value)
    slots.start[Int(slot)] = number + 1
    if values.count * 2 > 1 << slotBits { doubleSlots() }
    return number
  }

  private mutating func doubleSlots() {
    precondition(slotBits < 31)
    slotBits += 1
    clear(bits: slotBits)
    let mask = (1 as UInt64) << slotBits - 1
    for (number, value) in values.elements.enumerated() {
      var slot = Self.hash(value) >> (64 - slotBits)
      while slots.start[Int(slot)] != 0 { slot = (slot + 1) & mask }
      slots.start[Int(slot)] = UInt32(number + 1)
    }
  }

  private mutating func clear(bits: UInt64) {
    slots.removeAll()
    slots.reserve(1 << bits).initialize(repeating: 0, count: 1 << bits)
    slots.commit(1 << bits)
  }

  @inline(__always) private static func hash(_ value: Int64) -> UInt64 {
    let mixed = UInt64(bitPattern: value) &* 0x9E37_79B9_7F4A_7C15
    return (mixed ^ mixed >> 32) &* 0xD6E8_FEB8_6659_FD93
  }
}
