import Glibc

/// A batch of optional 64-bit integers, for `INT64` and `TIMESTAMP` columns (the latter in microseconds since
/// 1970-01-01T00:00:00Z). Used by one thread at a time.
public final class Int64Values {
  @usableFromInline struct Storage {
    /// A value for each row; 0 where the row is NULL.
    @usableFromInline var values: UnsafeMutablePointer<Int64>
    /// 1 for each row with a value, 0 for NULL: the row's definition level.
    @usableFromInline var levels: UnsafeMutablePointer<UInt8>
    @usableFromInline var count = 0
    @usableFromInline var capacity = 0
    @usableFromInline init(values: UnsafeMutablePointer<Int64>, levels: UnsafeMutablePointer<UInt8>) {
      self.values = values
      self.levels = levels
    }
  }

  // Behind a pointer that never changes: fields of a class would cost an exclusivity check at each access.
  @usableFromInline let storage: UnsafeMutablePointer<Storage>

  /// An empty batch.
  public init() {
    storage = .allocate(capacity: 1)
    storage.initialize(to: Storage(values: reallocated(nil, 1), levels: reallocated(nil, 1)))
  }

  deinit {
    free(storage.pointee.values)
    free(storage.pointee.levels)
    storage.deallocate()
  }

  /// The number of rows, NULLs included.
  @inlinable public var count: Int { storage.pointee.count }

  /// Appends rows, one for each number.
  @inlinable @inline(__always)
  public func appendRows(_ rows: Int, _ number: (Int) -> Int64?) {
    if storage.pointee.capacity &- storage.pointee.count < rows { grow(by: rows) }
    let values = storage.pointee.values + storage.pointee.count
    let levels = storage.pointee.levels + storage.pointee.count
    for row in 0..<rows {
      let number = number(row)
      values[row] = number ?? 0
      levels[row] = number == nil ? 0 : 1
    }
    storage.pointee.count &+= rows
  }

  /// Appends a value.
  @inlinable public func append(_ value: Int64) { push(value, level: 1) }

  /// Appends a NULL.
  @inlinable public func appendNull() { push(0, level: 0) }

  /// Appends a value or NULL.
  @inlinable public func append(_ value: Int64?) {
    if let value { push(value, level: 1) } else { push(0, level: 0) }
  }

  /// Removes everything and keeps the memory for the next batch.
  @inlinable public func removeAll() { storage.pointee.count = 0 }

  /// Removes the rows after the first `count`.
  public func truncate(to count: Int) {
    precondition(count <= self.count)
    storage.pointee.count = count
  }

  /// A value for each row, 0 where the row is NULL.
  var values: UnsafeBufferPointer<Int64> { UnsafeBufferPointer(start: storage.pointee.values, count: count) }

  /// 1 for each row with a value, 0 for NULL.
  var levels: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: storage.pointee.levels, count: count) }

  @inlinable func push(_ value: Int64, level: UInt8) {
    if storage.pointee.count == storage.pointee.capacity { grow() }
    storage.pointee.values[storage.pointee.count] = value
    storage.pointee.levels[storage.pointee.count] = level
    storage.pointee.count &+= 1
  }

  @usableFromInline @inline(never) func grow(by rows: Int = 1) {
    let capacity = max(storage.pointee.capacity * 2, storage.pointee.count + rows, 256)
    storage.pointee.values = reallocated(storage.pointee.values, capacity)
    storage.pointee.levels = reallocated(storage.pointee.levels, capacity)
    storage.pointee.capacity = capacity
  }
}
