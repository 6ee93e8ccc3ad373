import Glibc

/// A batch of optional byte strings (UTF-8 text): the bytes of all values one after the other, and a length for
/// each row.
///
/// A value is built in place: any number of `append`s, then one `finishValue`. That is how text goes from the
/// parser's input to the column in a single copy. Used by one thread at a time.
///
/// A row that has the value of the row before takes no bytes. Appending is amortized O(bytes). Nothing here allocates until the first append.
public final class ByteArrayValues {
  @usableFromInline struct Storage {
    /// The values' bytes, those of the value that is being built last.
    @usableFromInline var bytes: UnsafeMutablePointer<UInt8>
    @usableFromInline var byteCount = 0
    /// What is allocated at `bytes`.
    @usableFromInline var byteCapacity = 0
    /// The bytes that rows with the value of the row before would take, if they had copies of it.
    @usableFromInline var repeatedCount = 0
    /// A length for each row, or what `TextRows` has for one.
    @usableFromInline var lengths: UnsafeMutablePointer<Int32>
    @usableFromInline var count = 0
    @usableFromInline var capacity = 0
    /// Where the value that is being built starts in `bytes`.
    @usableFromInline var valueStart = 0
    @usableFromInline init(bytes: UnsafeMutablePointer<UInt8>, lengths: UnsafeMutablePointer<Int32>) {
      self.bytes = bytes
      self.lengths = lengths
    }
  }

  // Behind a pointer that never changes: fields of a class would cost an exclusivity check at each access.
  @usableFromInline let storage: UnsafeMutablePointer<Storage>

  /// An empty batch.
  public init() {
    storage = .allocate(capacity: 1)
    storage.initialize(to: Storage(bytes: reallocated(nil, 0), lengths: reallocated(nil, 1)))
  }

  deinit {
    free(storage.pointee.bytes)
    free(storage.pointee.lengths)
    storage.deallocate()
  }

  // MARK: Rows

  /// The number of rows, NULLs included; the value that is being built does not count yet.
  @inlinable public var count: Int { storage.pointee.count }

  /// The bytes of all finished rows' values together, whether or not each has a copy of its own.
  @inlinable public var byteCount: Int { storage.pointee.valueStart &+ storage.pointee.repeatedCount }

  /// Appends a NULL.
  @inlinable public func appendNull() {
    assert(pendingCount == 0, "a value is being built")
    push(length: -1)
  }

  /// Appends a whole value; an empty one stays an empty value.
  public func append(_ value: some StringProtocol) {
    var value = String(value)
    value.withUTF8 { append(bytes: UnsafeRawBufferPointer($0)) }
    finishValue(emptyIsNull: false)
  }

  /// Appends a whole value or NULL.
  public func append(_ value: String?) { if let value { append(value) } else { appendNull() } }

  /// Removes everything and keeps the memory for the next batch.
  @inlinable public func removeAll() {
    storage.pointee.count = 0
    storage.pointee.byteCount = 0
    storage.pointee.valueStart = 0
    storage.pointee.repeatedCount = 0
  }

  /// Removes the rows after the first `count`, and the value that is being built.
  public func truncate(to count: Int) {
    precondition(count <= self.count)
    var before = lengths[..<count].last { $0 != TextRows.again } ?? 0
    for length in lengths[count...] {
      if length == TextRows.again {
        storage.pointee.repeatedCount -= Int(before)
      } else {
        before = length
        storage.pointee.valueStart -= Int(max(0, length))
      }
    }
    storage.pointee.count = count
    storage.pointee.byteCount = storage.pointee.valueStart
  }

  // MARK: Building a value in place

  /// The bytes of the value that is being built.
  @inlinable public var pendingCount: Int { storage.pointee.byteCount &- storage.pointee.valueStart }

  /// Appends bytes to the value that is being built.
  @inlinable public func append(bytes source: UnsafePointer<UInt8>, count: Int) {
    let target = reserve(count)
    copyBytes(from: source, to: target, count: count)
    storage.pointee.byteCount &+= count
  }

  /// Appends bytes to the value that is being built.
  @inlinable public func append(bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    append(bytes: start.assumingMemoryBound(to: UInt8.self), count: bytes.count)
  }

  /// Appends bytes to the value that is being built; meant for literals such as `", "`.
  @inlinable public func append(bytes: StaticString) {
    append(bytes: bytes.utf8Start, count: bytes.utf8CodeUnitCount)
  }

  /// Appends one byte to the value that is being built.
  @inlinable public func append(byte: UInt8) {
    reserve(1).pointee = byte
    storage.pointee.byteCount &+= 1
  }

  /// Room for `count` more bytes after those of the value that is being built; what was written there becomes
  /// part of the value with `commit(_:)`. Valid until the next call.
  @inlinable public func reserve(_ count: Int) -> UnsafeMutablePointer<UInt8> {
    if storage.pointee.byteCapacity &- storage.pointee.byteCount < count { growBytes(by: count) }
    return storage.pointee.bytes + storage.pointee.byteCount
  }

  /// Makes the first `count` bytes that were written to `reserve(_:)`'s room part of the value.
  @inlinable public func commit(_ count: Int) {
    assert(count >= 0 && storage.pointee.byteCount + count <= storage.pointee.byteCapacity)
    storage.pointee.byteCount &+= count
  }

  /// Ends the value that is being built: a new row. One without any bytes is NULL unless said otherwise.
  @inlinable public func finishValue(emptyIsNull: Bool = true) {
    let length = pendingCount
    storage.pointee.valueStart = storage.pointee.byteCount
    push(length: length == 0 && emptyIsNull ? -1 : Int32(length))
  }

  /// Appends rows that have the value of the last one, or NULL if it is.
  public func appendAgain(_ rows: Int) {
    assert(pendingCount == 0, "a value is being built")
    guard rows > 0 else { return }
    precondition(count > 0, "there is no row before")
    let before = lengths.last { $0 != TextRows.again }!
    if storage.pointee.capacity &- storage.pointee.count < rows { growRows(by: rows) }
    let length = before < 0 ? TextRows.null : TextRows.again
    (storage.pointee.lengths + storage.pointee.count).initialize(repeating: length, count: rows)
    storage.pointee.count += rows
    storage.pointee.repeatedCount += rows * Int(max(0, before))
  }

  // MARK: Rows from elsewhere

  /// The bytes behind a text that `appendRows` may read.
  public static let readableBeyond = 32

  /// Appends rows, one for each text; empty ones are NULL.
  /// - Parameter text: a text by its number. Behind each there must be `readableBeyond` bytes that may be read.
  /// - Precondition: no value is being built.
  @inlinable @inline(__always)
  public func appendRows(_ rows: Int, _ text: (Int) -> (start: UnsafePointer<UInt8>, count: Int)) {
    assert(pendingCount == 0, "a value is being built")
    if storage.pointee.capacity &- storage.pointee.count < rows { growRows(by: rows) }
    let lengths = storage.pointee.lengths + storage.pointee.count
    var target = UnsafeMutableRawPointer(storage.pointee.bytes + storage.pointee.byteCount)
    var room = storage.pointee.byteCapacity &- storage.pointee.byteCount
    for row in 0..<rows {
      let (start, count) = text(row)
      if count == 0 {
        lengths[row] = -1
        continue
      }
      if room < count &+ 32 {
        storage.pointee.byteCount = storage.pointee.byteCapacity &- room
        growBytes(by: count &+ 32)
        target = UnsafeMutableRawPointer(storage.pointee.bytes + storage.pointee.byteCount)
        room = storage.pointee.byteCapacity &- storage.pointee.byteCount
      }
      if count <= 32 {
        // Most texts are short: what is copied too much is overwritten by the next.
        let source = UnsafeRawPointer(start)
        let (head, tail) = (
          source.loadUnaligned(as: SIMD16<UInt8>.self), (source + 16).loadUnaligned(as: SIMD16<UInt8>.self)
        )
        target.storeBytes(of: head, as: SIMD16<UInt8>.self)
        (target + 16).storeBytes(of: tail, as: SIMD16<UInt8>.self)
      } else {
        memcpy(target, start, count)
      }
      lengths[row] = Int32(truncatingIfNeeded: count)
      target += count
      room &-= count
    }
    storage.pointee.count &+= rows
    storage.pointee.byteCount = storage.pointee.byteCapacity &- room
    storage.pointee.valueStart = storage.pointee.byteCount
  }

  // MARK: Reading back

  /// The last finished row's bytes, or nil if it is NULL; valid until the next call that changes the batch.
  public var last: UnsafeRawBufferPointer? {
    precondition(count > 0)
    let length = Int(lengths.last { $0 != TextRows.again }!)
    guard length >= 0 else { return nil }
    return UnsafeRawBufferPointer(
      start: storage.pointee.bytes + storage.pointee.valueStart - length, count: length)
  }

  /// All finished rows.
  var rows: TextRows { TextRows(lengths: lengths, bytes: UnsafePointer(storage.pointee.bytes)) }

  private var lengths: UnsafeBufferPointer<Int32> {
    UnsafeBufferPointer(start: storage.pointee.lengths, count: storage.pointee.count)
  }

  // MARK: Growing

  @inlinable func push(length: Int32) {
    if storage.pointee.count == storage.pointee.capacity { growRows() }
    storage.pointee.lengths[storage.pointee.count] = length
    storage.pointee.count &+= 1
  }

  @usableFromInline @inline(never) func growBytes(by count: Int) {
    let capacity = max(storage.pointee.byteCapacity * 2, storage.pointee.byteCount + count, 4096)
    storage.pointee.bytes = reallocated(storage.pointee.bytes, capacity)
    storage.pointee.byteCapacity = capacity
  }

  @usableFromInline @inline(never) func growRows(by rows: Int = 1) {
    let capacity = max(storage.pointee.capacity * 2, storage.pointee.count + rows, 256)
    storage.pointee.lengths = reallocated(storage.pointee.lengths, capacity)
    storage.pointee.capacity = capacity
  }
}
