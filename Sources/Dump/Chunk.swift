import CBytes
import Synchronization

/// A stretch of the unpacked dump in memory, which goes back to its pool when nobody holds it any more.
///
/// It is written by one thread, handed on, and only read from then on.
public final class Chunk: @unchecked Sendable {
  fileprivate(set) var memory: UnsafeMutableRawBufferPointer
  private let pool: ChunkPool?
  /// How many bytes of the dump it holds.
  public internal(set) var count = 0
  /// Where in the unpacked dump it begins, in bytes of the dump as it is.
  public internal(set) var offset = 0
  /// How the dump as it is writes its characters.
  public internal(set) var encoding = DumpEncoding.utf8
  /// How many bytes of the compressed file had been read when it was full.
  public internal(set) var compressedEnd = 0
  /// Whether it ends where a record begins, or with the dump.
  public internal(set) var endsAtRecord = false
  /// Whether nothing follows.
  public internal(set) var isLast = false

  init(capacity: Int, pool: ChunkPool?) {
    self.pool = pool
    memory = pool?.take(capacity) ?? .allocate(byteCount: capacity + Int(CBYTES_PADDING), alignment: 64)
  }

  deinit {
    if let pool { pool.give(memory) } else { memory.deallocate() }
  }

  var capacity: Int { memory.count - Int(CBYTES_PADDING) }

  /// Zeroes what the scanner may look at behind the end.
  func seal() {
    (memory.baseAddress! + count).initializeMemory(as: UInt8.self, repeating: 0, count: Int(CBYTES_PADDING))
  }

  /// The chunk as the document reader takes it; valid while the chunk is held.
  public var input: DocumentReader.Input { input(from: 0) }

  /// The chunk from this byte on, as the document reader takes it; valid while the chunk is held.
  public func input(from start: Int) -> DocumentReader.Input {
    var input = DocumentReader.Input(
      bytes: bytes(start..<count), offset: offset(at: start), endsAtRecord: endsAtRecord, isLast: isLast)
    input.encoding = encoding
    return input
  }

  private func bytes(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    let base = UnsafePointer(memory.baseAddress!.assumingMemoryBound(to: UInt8.self))
    return UnsafeBufferPointer(start: base + range.lowerBound, count: range.count)
  }

  /// Where in the unpacked dump the byte at this place in the chunk is.
  func offset(at place: Int) -> Int { offset + encoding.byteCount(ofUTF8: bytes(0..<place)) }

  /// A chunk that begins with what is left of the first of `chunks` from the byte `consumed` on, and goes on with the
  /// others.
  public static func joining(_ chunks: [Chunk], from consumed: Int) -> Chunk {
    let first = chunks[0]
    let last = chunks[chunks.count - 1]
    let joined = Chunk(capacity: chunks.reduce(-consumed) { $0 + $1.count }, pool: nil)
    for (index, chunk) in chunks.enumerated() {
      let part = chunk.memory[(index == 0 ? consumed : 0)..<chunk.count]
      UnsafeMutableRawBufferPointer(rebasing: joined.memory[joined.count...])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: part))
      joined.count += part.count
    }
    joined.encoding = first.encoding
    joined.offset = first.offset(at: consumed)
    joined.endsAtRecord = last.endsAtRecord
    joined.isLast = last.isLast
    joined.compressedEnd = last.compressedEnd
    joined.seal()
    return joined
  }
}

/// Memory of chunks that are done with, to be used again.
final class ChunkPool: Sendable {
  private struct Free: @unchecked Sendable {
    var memory: [UnsafeMutableRawBufferPointer] = []
  }

  private let size: Int
  private let free = Mutex(Free())

  init(chunkCapacity: Int) { size = chunkCapacity + Int(CBYTES_PADDING) }

  deinit {
    free.withLock { for memory in $0.memory { memory.deallocate() } }
  }

  func take(_ capacity: Int) -> UnsafeMutableRawBufferPointer {
    let needed = capacity + Int(CBYTES_PADDING)
    if needed <= size, let memory = free.withLock({ $0.memory.popLast() }) { return memory }
    return .allocate(byteCount: max(needed, size), alignment: 64)
  }

  func give(_ memory: UnsafeMutableRawBufferPointer) {
    if memory.count == size { free.withLock { $0.memory.append(memory) } } else { memory.deallocate() }
  }
}
