/// Collects the values of a column chunk as hashes, and makes the chunk's Bloom filter of them: a few bits for each
/// value, which tell readers that a value is not there without a look at the pages.
///
/// Specification: BloomFilter.md of apache/parquet-format: split blocks, xxHash64.
struct BloomFilter: ~Copyable {
  /// Fewer different values than these need no filter: their dictionary is as soon looked through.
  static let fewestValues = 256

  private var hashes = Buffer<UInt64>()

  /// Forgets all values and keeps the memory.
  mutating func removeAll() { hashes.removeAll() }

  /// Adds a value by its hash.
  @inline(__always) mutating func insert(_ hash: UInt64) { hashes.append(hash) }

  /// Adds texts: a length for each, and all their bytes.
  mutating func insert(lengths: UnsafeBufferPointer<Int32>, bytes: UnsafePointer<UInt8>) {
    let target = hashes.reserve(lengths.count)
    var value = bytes
    for index in 0..<lengths.count {
      let length = Int(lengths[index])
      target[index] = XXHash64.hash(value, count: length)
      value += length
    }
    hashes.commit(lengths.count)
  }

  /// Adds numbers.
  mutating func insert(_ numbers: UnsafeBufferPointer<Int64>) {
    let target = hashes.reserve(numbers.count)
    for index in 0..<numbers.count { target[index] = XXHash64.hash(numbers[index]) }
    hashes.commit(numbers.count)
  }

  /// The filter as it stands in the file, behind its header; nil where there are too few different values to need one.
  func serialized() -> [UInt8]? {
    let distinct = distinctCount
    if distinct < BloomFilter.fewestValues { return nil }
    let size = BloomFilter.size(forDistinct: distinct)
    let header = BloomFilterHeader(byteCount: Int32(size)).serialized
    return [UInt8](unsafeUninitializedCapacity: header.count + size) { filter, count in
      filter.initialize(repeating: 0)
      _ = filter.update(fromContentsOf: header)
      let blocks = UnsafeMutableRawPointer(filter.baseAddress! + header.count)
      let blockCount = UInt64(size / BloomFilter.blockSize)
      for hash in hashes.elements {
        let block = ((hash >> 32) &* blockCount) >> 32
        BloomFilter.set(hash, in: blocks + Int(block) * BloomFilter.blockSize)
      }
      count = header.count + size
    }
  }

  /// Sets one bit in each of the block's eight words.
  @inline(__always) private static func set(_ hash: UInt64, in block: UnsafeMutableRawPointer) {
    let places = (SIMD8(repeating: UInt32(truncatingIfNeeded: hash)) &* salt) &>> 27
    let bits = SIMD8<UInt32>(repeating: 1) &<< places
    let words = block.loadUnaligned(as: SIMD8<UInt32>.self)
    block.storeBytes(of: words | bits, as: SIMD8<UInt32>.self)
  }

  /// The specification's numbers, by which each word of a block gets a bit of its own.
  private static let salt = SIMD8<UInt32>(
    0x47b6_137b, 0x4497_4d91, 0x8824_ad5b, 0xa2b7_289d, 0x7054_95c7, 0x2df1_424b, 0x9efc_4947, 0x5c6b_fb31)

  /// The bytes of a block.
  private static let blockSize = 32

  /// The bytes of a filter that takes one in a hundred values for one that it has: ten and a half bits for each value
  /// that it has (the specification's table), and then the next power of two, since some readers take no other size
  /// (Arrow, Velox, ClickHouse).
  static func size(forDistinct count: Int) -> Int {
    let bytes = max(blockSize, (count * 21 / 2 + 7) / 8)
    return 1 << (Int.bitWidth - (bytes - 1).leadingZeroBitCount)
  }

  /// How many of the hashes are different, right within a percent: linear counting (Whang, Vander-Zanden and Taylor:
  /// A linear-time probabilistic counting algorithm, 1990) in a table with eight bits for each hash.
  private var distinctCount: Int {
    if hashes.count < BloomFilter.fewestValues { return hashes.count }
    let width = UInt64(Int.bitWidth - (hashes.count * 8 - 1).leadingZeroBitCount)
    let size = 1 << Int(width)
    var taken = 0
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: size / 64) { table in
      table.initialize(repeating: 0)
      for hash in hashes.elements {
        let place = Int(hash >> (64 - width))
        let bit: UInt64 = 1 << UInt64(place & 63)
        let word = table[place >> 6]
        taken &+= word & bit == 0 ? 1 : 0
        table[place >> 6] = word | bit
      }
    }
    // The logarithm's series, in integers: the size must not depend on how a machine rounds.
    return taken + taken * taken / (2 * size) + taken * taken / size * taken / (3 * size)
  }
}

/// What stands before a filter's bits (`BloomFilterHeader`).
struct BloomFilterHeader: ThriftStructure {
  /// The size of what follows.
  var byteCount: Int32

  init(byteCount: Int32) { self.byteCount = byteCount }

  func write(to writer: inout ThriftCompactWriter) {
    writer.field(1, byteCount)
    // Algorithm, hash and compression: of each the specification has one.
    writer.field(2, OnlyChoice())
    writer.field(3, OnlyChoice())
    writer.field(4, OnlyChoice())
  }

  init(from reader: inout ThriftCompactReader) throws {
    var byteCount: Int32?
    var choices = 0
    try reader.beginStructure()
    while let (id, value) = try reader.nextField() {
      switch id {
      case 1: byteCount = try reader.int32(value)
      case 2, 3, 4:
        _ = try reader.structure(value, OnlyChoice.self)
        choices += 1
      default: break
      }
    }
    self.byteCount = try reader.required(byteCount, "size of a Bloom filter")
    guard choices == 3 else { throw reader.malformed("a Bloom filter that does not say how it is made") }
  }

  /// A union's first choice, which has no fields: split blocks, xxHash64, not compressed.
  private struct OnlyChoice: ThriftStructure {
    init() {}

    func write(to writer: inout ThriftCompactWriter) { writer.emptyStructure(1) }

    init(from reader: inout ThriftCompactReader) throws {
      var isKnown = false
      try reader.beginStructure()
      while let (id, _) = try reader.nextField() { isKnown = isKnown || id == 1 }
      guard isKnown else { throw reader.malformed("a Bloom filter of a kind that is not known") }
    }
  }
}
