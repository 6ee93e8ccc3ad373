import Glibc

/// A batch of optional truth values. Used by one thread at a time.
public final class BooleanValues {
  @usableFromInline struct Storage {
    /// For each row 0 or 1, or 2 for NULL.
    @usableFromInline var rows: UnsafeMutablePointer<UInt8>
    @usableFromInline var count = 0
    @usableFromInline var capacity = 0
    @usableFromInline init(rows: UnsafeMutablePointer<UInt8>) { self.rows = rows }
  }

  // Behind a pointer that never changes: fields of a class would cost an exclusivity check at each access.
  @usableFromInline let storage: UnsafeMutablePointer<Storage>

  /// An empty batch.
  public init() {
    storage = .allocate(capacity: 1)
    storage.initialize(to: Storage(rows: reallocated(nil, 1)))
  }

  deinit {
    free(storage.pointee.rows)
    storage.deallocate()
  }

  /// The number of rows, NULLs included.
  @inlinable public var count: Int { storage.pointee.count }

  /// Appends a value or NULL.
  @inlinable public func append(_ value: Bool?) {
    if storage.pointee.count == storage.pointee.capacity { grow() }
    storage.pointee.rows[storage.pointee.count] = value.map { $0 ? 1 : 0 } ?? 2
    storage.pointee.count &+= 1
  }

  /// Appends a NULL.
  public func appendNull() { append(nil) }

  /// Removes the rows after the first `count`.
  public func truncate(to count: Int) {
    precondition(count <= self.count)
    storage.pointee.count = count
  }

  /// Removes everything and keeps the memory for the next batch.
  public func removeAll() { storage.pointee.count = 0 }

  /// The rows; nil for NULL.
  var rows: [Bool?] { encoded.map { $0 == 2 ? nil : $0 == 1 } }

  /// For each row 0 or 1, or 2 for NULL.
  var encoded: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: storage.pointee.rows, count: count) }

  @usableFromInline @inline(never) func grow() {
    let capacity = max(storage.pointee.capacity * 2, 256)
    storage.pointee.rows = reallocated(storage.pointee.rows, capacity)
    storage.pointee.capacity = capacity
  }
}
