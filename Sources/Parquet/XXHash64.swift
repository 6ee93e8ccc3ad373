/// xxHash64 with the seed 0, the hash of Parquet's Bloom filters: the same number on every machine.
///
/// Specification: doc/xxhash_spec.md of Cyan4973/xxHash, "XXH64 algorithm description".
enum XXHash64 {
  private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
  private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
  private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
  private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
  private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

  /// The hash of `count` bytes.
  @inline(__always) static func hash(_ start: UnsafePointer<UInt8>, count: Int) -> UInt64 {
    var at = UnsafeRawPointer(start)
    let end = at + count
    var hash = prime5
    if count >= 32 { hash = stripes(&at, end) }
    hash &+= UInt64(truncatingIfNeeded: count)
    while end - at >= 8 {
      hash ^= round(0, word(at))
      hash = rotated(hash, 27) &* prime1 &+ prime4
      at += 8
    }
    if end - at >= 4 {
      hash ^= UInt64(UInt32(littleEndian: at.loadUnaligned(as: UInt32.self))) &* prime1
      hash = rotated(hash, 23) &* prime2 &+ prime3
      at += 4
    }
    while at < end {
      hash ^= UInt64(at.load(as: UInt8.self)) &* prime5
      hash = rotated(hash, 11) &* prime1
      at += 1
    }
    return avalanche(hash)
  }

  /// The hash of the number's eight bytes, the lowest first.
  @inline(__always) static func hash(_ number: Int64) -> UInt64 {
    let hash = (prime5 &+ 8) ^ round(0, UInt64(bitPattern: number))
    return avalanche(rotated(hash, 27) &* prime1 &+ prime4)
  }

  /// What comes before the last 31 bytes at most: four words at a time.
  @inline(never) private static func stripes(_ at: inout UnsafeRawPointer, _ end: UnsafeRawPointer) -> UInt64
  {
    var (a, b, c, d) = (prime1 &+ prime2, prime2, UInt64(0), 0 &- prime1)
    repeat {
      a = round(a, word(at))
      b = round(b, word(at + 8))
      c = round(c, word(at + 16))
      d = round(d, word(at + 24))
      at += 32
    } while end - at >= 32
    var hash = rotated(a, 1) &+ rotated(b, 7) &+ rotated(c, 12) &+ rotated(d, 18)
    hash = merged(hash, a)
    hash = merged(hash, b)
    hash = merged(hash, c)
    return merged(hash, d)
  }

  @inline(__always) private static func merged(_ hash: UInt64, _ lane: UInt64) -> UInt64 {
    (hash ^ round(0, lane)) &* prime1 &+ prime4
  }

  @inline(__always) private static func word(_ at: UnsafeRawPointer) -> UInt64 {
    UInt64(littleEndian: at.loadUnaligned(as: UInt64.self))
  }

  @inline(__always) private static func rotated(_ word: UInt64, _ bits: UInt64) -> UInt64 {
    word << bits | word >> (64 - bits)
  }

  @inline(__always) private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
    rotated(lane &+ word &* prime2, 31) &* prime1
  }

  @inline(__always) private static func avalanche(_ hash: UInt64) -> UInt64 {
    var hash = hash
    hash = (hash ^ hash >> 33) &* prime2
    hash = (hash ^ hash >> 29) &* prime3
    return hash ^ hash >> 32
  }
}
