import Glibc

/// Memory for `capacity` elements that holds what was at `old`, which is gone (`realloc(3)`: large blocks are
/// moved by the page tables, not copied). The new part is not initialized.
@usableFromInline func reallocated<Element: BitwiseCopyable>(
  _ old: UnsafeMutablePointer<Element>?, _ capacity: Int
) -> UnsafeMutablePointer<Element> {
  guard let new = realloc(old, max(1, capacity) * MemoryLayout<Element>.stride) else {
    fatalError("out of memory: \(capacity) elements of \(MemoryLayout<Element>.stride) bytes")
  }
  return new.bindMemory(to: Element.self, capacity: capacity)
}

/// Copies bytes, faster than `memcpy` when they are few: whole words that overlap in the middle, never a byte
/// outside source or target.
@inlinable @inline(__always)
func copyBytes(from source: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>, count: Int) {
  let from = UnsafeRawPointer(source)
  let to = UnsafeMutableRawPointer(target)
  switch count {
  case 17...32:
    let head = from.loadUnaligned(as: SIMD16<UInt8>.self)
    let tail = (from + count - 16).loadUnaligned(as: SIMD16<UInt8>.self)
    to.storeBytes(of: head, as: SIMD16<UInt8>.self)
    (to + count - 16).storeBytes(of: tail, as: SIMD16<UInt8>.self)
  case 8...16:
    let head = from.loadUnaligned(as: UInt64.self)
    let tail = (from + count - 8).loadUnaligned(as: UInt64.self)
    to.storeBytes(of: head, as: UInt64.self)
    (to + count - 8).storeBytes(of: tail, as: UInt64.self)
  case 4...7:
    let head = from.loadUnaligned(as: UInt32.self)
    let tail = (from + count - 4).loadUnaligned(as: UInt32.self)
    to.storeBytes(of: head, as: UInt32.self)
    (to + count - 4).storeBytes(of: tail, as: UInt32.self)
  case 1...3:
    target[0] = source[0]
    target[count / 2] = source[count / 2]
    target[count - 1] = source[count - 1]
  case 0: break
  default: memcpy(target, source, count)
  }
}

/// A growable run of plain elements for encoders: an array whose spare room may be written through a pointer.
///
/// Invariant: `count <= capacity`, and the first `count` elements are initialized.
struct Buffer<Element: BitwiseCopyable>: ~Copyable {
  private(set) var start: UnsafeMutablePointer<Element>
  private(set) var count = 0
  private(set) var capacity: Int

  init(capacity: Int = 0) {
    start = reallocated(nil, capacity)
    self.capacity = capacity
  }

  deinit { free(start) }

  var elements: UnsafeBufferPointer<Element> { UnsafeBufferPointer(start: start, count: count) }
  var rawBytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(elements) }

  /// Room for `additional` elements after the last; valid until the next call.
  @inline(__always) mutating func reserve(_ additional: Int) -> UnsafeMutablePointer<Element> {
    if capacity &- count < additional { grow(by: additional) }
    return start + count
  }

  /// Counts `additional` elements that were written to `reserve(_:)`'s room.
  @inline(__always) mutating func commit(_ additional: Int) {
    assert(additional >= 0 && count + additional <= capacity)
    count &+= additional
  }

  @inline(__always) mutating func append(_ element: Element) {
    reserve(1).initialize(to: element)
    count &+= 1
  }

  mutating func append(_ elements: UnsafeBufferPointer<Element>) {
    guard let source = elements.baseAddress else { return }
    reserve(elements.count).update(from: source, count: elements.count)
    count += elements.count
  }

  mutating func removeAll() { count = 0 }

  /// Removes everything, and gives the memory back if it is for more elements than usual.
  mutating func removeAll(keepingAtMost usual: Int) {
    if capacity > usual { release() } else { count = 0 }
  }

  /// Removes everything and gives the memory back.
  mutating func release() {
    free(start)
    start = reallocated(nil, 0)
    count = 0
    capacity = 0
  }

  @inline(never) private mutating func grow(by additional: Int) {
    capacity = max(capacity * 2, count + additional, 64)
    start = reallocated(start, capacity)
  }
}
