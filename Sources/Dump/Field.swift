/// A piece of a record: a text, an attribute's value, or the mark that an element begins or has ended.
public struct Field {
  /// What the declaring side calls it (see `Element`).
  public let token: UInt16
  /// The number of bytes at `start`; 0 for marks.
  @inlinable public var count: Int { Int(byteCount) }
  // A record has at most 8 MiB, and libxml2 resolves no entity to much more.
  @usableFromInline let byteCount: UInt32
  /// Resolved UTF-8, not trimmed: in the dump's own bytes where they need no resolving, in the record's text store
  /// elsewhere. Valid until the next record is read; 32 bytes behind it may be read as well.
  public let start: UnsafePointer<UInt8>

  @inlinable
  init(token: UInt16, start: UnsafePointer<UInt8>, count: Int) {
    self.token = token
    self.start = start
    byteCount = UInt32(truncatingIfNeeded: count)
  }

  /// The field's bytes.
  @inlinable
  public var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: count) }
}

/// The fields of one record in document order, and the store for texts that had to be resolved.
///
/// Bytes in the store never move while the record lives: it grows by blocks.
struct FieldList: ~Copyable {
  private(set) var fields: UnsafeMutablePointer<Field>
  private(set) var count = 0
  private var capacity = 256

  private var blocks: [UnsafeMutableBufferPointer<UInt8>]
  private var block = 0
  private var used = 0
  private var textStart = 0

  init() {
    fields = .allocate(capacity: capacity)
    blocks = [FieldList.newBlock(64 * 1024)]
  }

  deinit {
    fields.deallocate()
    for block in blocks { block.deallocate() }
  }

  var all: UnsafeBufferPointer<Field> { UnsafeBufferPointer(start: fields, count: count) }

  mutating func removeAll() {
    count = 0
    if capacity > FieldList.usualCapacity { shrink() }
    block = 0
    used = 0
    textStart = 0
  }

  /// Few records have more fields.
  private static let usualCapacity = 1 << 16

  /// Gives back what a large record has taken.
  @inline(never)
  private mutating func shrink() {
    fields.deallocate()
    capacity = 256
    fields = .allocate(capacity: capacity)
    for later in blocks[1...] { later.deallocate() }
    blocks.removeSubrange(1...)
  }

  @inline(__always)
  mutating func append(_ token: UInt16, _ start: UnsafePointer<UInt8>, _ byteCount: Int) {
    if count == capacity { grow() }
    fields[count] = Field(token: token, start: start, count: byteCount)
    count += 1
  }

  @inline(never)
  private mutating func grow() {
    let larger = UnsafeMutablePointer<Field>.allocate(capacity: capacity * 2)
    larger.moveInitialize(from: fields, count: count)
    fields.deallocate()
    fields = larger
    capacity *= 2
  }

  /// Begins a text in the store; one at a time.
  mutating func beginText() { textStart = used }

  /// The bytes of the text under way.
  var textCount: Int { used - textStart }

  mutating func appendText(_ start: UnsafePointer<UInt8>, _ byteCount: Int) {
    if byteCount > blocks[block].count - used { moveTextToLargerBlock(adding: byteCount) }
    (blocks[block].baseAddress! + used).update(from: start, count: byteCount)
    used += byteCount
  }

  mutating func appendText(_ scalar: UnicodeScalar) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4) { buffer in
      var length = 0
      for byte in UTF8.encode(scalar)! {
        buffer[length] = byte
        length += 1
      }
      appendText(UnsafePointer(buffer.baseAddress!), length)
    }
  }

  /// Ends the text under way and appends it as a field.
  mutating func endText(_ token: UInt16) {
    append(token, UnsafePointer(blocks[block].baseAddress! + textStart), textCount)
    textStart = used
  }

  /// A block with bytes behind it that may be read.
  private static func newBlock(_ size: Int) -> UnsafeMutableBufferPointer<UInt8> {
    let spare = 64
    let start = UnsafeMutablePointer<UInt8>.allocate(capacity: size + spare)
    (start + size).initialize(repeating: 0, count: spare)
    return UnsafeMutableBufferPointer(start: start, count: size)
  }

  /// Only the text under way moves: those that fields refer to stay where they are.
  private mutating func moveTextToLargerBlock(adding byteCount: Int) {
    let pending = textCount
    let source = blocks[block].baseAddress! + textStart
    let needed = pending + byteCount
    if block + 1 < blocks.count, blocks[block + 1].count >= needed {
      block += 1
    } else {
      for later in blocks[(block + 1)...] { later.deallocate() }
      blocks.removeSubrange((block + 1)...)
      blocks.append(FieldList.newBlock(max(needed * 2, blocks[block].count * 2)))
      block += 1
    }
    blocks[block].baseAddress!.update(from: source, count: pending)
    textStart = 0
    used = pending
  }
}
