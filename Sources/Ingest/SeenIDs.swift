import Glibc
import Platform
import Rows

/// Which ids a dump's records have had so far, in bounded memory.
///
/// Ids below 2³¹ (all that Discogs has given, many times over) are bits, in pages that are made when they are needed:
/// 16 MB at most. Others are kept in a set; when that is full it becomes a sorted run in a file, and runs are merged so
/// that few remain. In a dump whose ids ascend nothing is ever looked up. One thread at a time.
final class SeenIDs {
  /// How many ids beyond the bits are kept in memory.
  static let defaultLimit = 400_000

  /// A page has 2¹² bits: where ids lie far apart, little of it is for nothing.
  private static let pageBits = 12
  private static let pageWords = 1 << (pageBits - 6)
  private static let pageCount = 1 << (31 - pageBits)
  /// Pages beyond these are not made: 16 MB.
  private static let mostPages = (16 << 20) / (pageWords * 8)
  // Memory that nobody writes to takes none: the system gives zeros.
  private let pages = UnsafeMutablePointer<UnsafeMutablePointer<UInt64>?>(
    OpaquePointer(calloc(pageCount, MemoryLayout<UnsafeMutablePointer<UInt64>?>.stride)!))
  private var made: [UnsafeMutablePointer<UInt64>] = []
  private var recent: Set<Int64> = []
  private var runs: [SortedRun] = []
  private let folder: String
  private let limit: Int
  private var largest: Int64?
  private var nextRun = 0

  /// - Parameters:
  ///   - folder: where files are made, and removed from at once: they go away with this.
  ///   - limit: how many ids beyond the bits are kept in memory.
  init(spillingTo folder: String, limit: Int = defaultLimit) {
    self.folder = folder
    self.limit = limit
  }

  deinit {
    for page in made { free(page) }
    free(pages)
  }

  /// Whether ids of the next stretch came before, in it or in an earlier one.
  ///
  /// - Returns: nil if none did; else those that came in an earlier stretch.
  /// - Throws: `SystemError`.
  func repeated(in ids: RecordIDs) throws -> Set<Int64>? {
    if ids.ascend, let first = ids.all.first, largest.map({ first > $0 }) ?? true { return nil }
    if areNewBits(ids.all) { return nil }
    let sorted = ids.ascend ? ids.all : ids.all.sorted()
    var before: Set<Int64> = []
    var rare: [Int64] = []
    var isTwiceHere = false
    var last: Int64?
    for id in sorted {
      if id == last {
        isTwiceHere = true
      } else if let page = page(of: id) {
        if page[SeenIDs.word(of: id)] & SeenIDs.bit(of: id) != 0 { before.insert(id) }
      } else if recent.contains(id) {
        before.insert(id)
      } else {
        rare.append(id)
      }
      last = id
    }
    if !rare.isEmpty { for run in runs { try run.find(rare) { before.insert($0) } } }
    return before.isEmpty && !isTwiceHere ? nil : before
  }

  /// Takes a stretch's ids as seen.
  /// - Throws: `SystemError`.
  func insert(_ ids: RecordIDs) throws {
    for id in ids.all {
      if let page = page(of: id) ?? newPage(for: id) {
        page[SeenIDs.word(of: id)] |= SeenIDs.bit(of: id)
      } else {
        recent.insert(id)
        if recent.count >= limit { try spill() }
      }
    }
    if let greatest = ids.ascend ? ids.all.last : ids.all.max() {
      largest = max(largest ?? greatest, greatest)
    }
  }

  /// Whether the ids all have bits, and each is new also among them; looked at without an order.
  private func areNewBits(_ ids: [Int64]) -> Bool {
    var marked = 0
    defer {
      for id in ids[..<marked] { page(of: id)![SeenIDs.word(of: id)] &= ~SeenIDs.bit(of: id) }
    }
    for id in ids {
      guard let page = page(of: id) ?? newPage(for: id) else { return false }
      let (word, bit) = (SeenIDs.word(of: id), SeenIDs.bit(of: id))
      if page[word] & bit != 0 { return false }
      page[word] |= bit
      marked += 1
    }
    return true
  }

  /// The page that has the id's bit; nil if there is none.
  @inline(__always) private func page(of id: Int64) -> UnsafeMutablePointer<UInt64>? {
    id >> 31 == 0 ? pages[Int(id) >> SeenIDs.pageBits] : nil
  }

  /// Makes the page that has the id's bit, unless there are as many as there may be, or the id is beyond them all.
  private func newPage(for id: Int64) -> UnsafeMutablePointer<UInt64>? {
    guard id >> 31 == 0, made.count < SeenIDs.mostPages else { return nil }
    let page = calloc(SeenIDs.pageWords, 8)!.bindMemory(to: UInt64.self, capacity: SeenIDs.pageWords)
    pages[Int(id) >> SeenIDs.pageBits] = page
    made.append(page)
    return page
  }

  @inline(__always) private static func word(of id: Int64) -> Int { Int(id) >> 6 & (pageWords - 1) }
  @inline(__always) private static func bit(of id: Int64) -> UInt64 { 1 << UInt64(id & 63) }

  private func spill() throws {
    let run = try SortedRunWriter(newFile())
    for id in recent.sorted() { try run.append(id) }
    runs.append(try run.finish())
    recent.removeAll(keepingCapacity: true)
    // Each run is several times as large as the next: few to look into, and each id is copied few times.
    while runs.count >= 2, runs[runs.count - 1].count * 4 >= runs[runs.count - 2].count {
      let (newer, older) = (runs.removeLast(), runs.removeLast())
      runs.append(try SortedRun.merging(older, newer, into: newFile()))
    }
  }

  private func newFile() -> String {
    nextRun += 1
    return Files.join(folder, ".ids-\(nextRun)")
  }
}

/// Ascending ids in a file that has no name any more.
private final class SortedRun {
  /// How many ids are read at once, a page of the file.
  static let blockSize = 512

  let count: Int
  private let file: InputFile
  /// The first id of each block.
  private let firsts: [Int64]
  private let block = UnsafeMutableBufferPointer<Int64>.allocate(capacity: blockSize)

  init(_ file: InputFile, count: Int, firsts: [Int64]) {
    self.file = file
    self.count = count
    self.firsts = firsts
  }

  deinit { block.deallocate() }

  /// Hands out those of `ids`, which ascend, that are in the run; reads each block once at most.
  func find(_ ids: [Int64], _ body: (Int64) -> Void) throws {
    var loaded: (number: Int, ids: UnsafeMutableBufferPointer<Int64>.SubSequence)?
    for id in ids {
      // The last block that begins with no larger id.
      let number = firsts.partitioningIndex { $0 > id } - 1
      if number < 0 { continue }
      if loaded?.number != number { loaded = (number, try load(number)) }
      let found = loaded!.ids
      let index = found.partitioningIndex { $0 >= id }
      if index < found.endIndex, found[index] == id { body(id) }
    }
  }

  private func load(_ number: Int) throws -> UnsafeMutableBufferPointer<Int64>.SubSequence {
    let stride = MemoryLayout<Int64>.stride
    let bytes = try file.read(
      into: UnsafeMutableRawBufferPointer(block), at: number * SortedRun.blockSize * stride)
    return block[..<(bytes / stride)]
  }

  static func merging(_ first: SortedRun, _ second: SortedRun, into path: String) throws -> SortedRun {
    let writer = try SortedRunWriter(path)
    var (left, right) = (Cursor(first), Cursor(second))
    var (a, b) = (try left.next(), try right.next())
    while let smaller = a.map({ a in b.map { min(a, $0) } ?? a }) ?? b {
      try writer.append(smaller)
      if a == smaller { a = try left.next() } else { b = try right.next() }
    }
    return try writer.finish()
  }

  /// Goes through a run once.
  private struct Cursor {
    private let run: SortedRun
    private var number = 0
    private var ids: UnsafeMutableBufferPointer<Int64>.SubSequence = UnsafeMutableBufferPointer(
      start: nil, count: 0)[...]

    init(_ run: SortedRun) { self.run = run }

    mutating func next() throws -> Int64? {
      if ids.isEmpty {
        if number == run.firsts.count { return nil }
        ids = try run.load(number)
        number += 1
      }
      return ids.popFirst()
    }
  }
}

/// Writes a run; the ids must come in ascending order.
private final class SortedRunWriter {
  private let path: String
  private let file: OutputFile
  private var buffer: [Int64] = []
  private var firsts: [Int64] = []
  private var count = 0

  init(_ path: String) throws {
    self.path = path
    file = try OutputFile(creating: path)
    buffer.reserveCapacity(16 * SortedRun.blockSize)
  }

  func append(_ id: Int64) throws {
    if count % SortedRun.blockSize == 0 { firsts.append(id) }
    count += 1
    buffer.append(id)
    if buffer.count == buffer.capacity { try flush() }
  }

  private func flush() throws {
    try buffer.withUnsafeBytes { try file.write($0) }
    buffer.removeAll(keepingCapacity: true)
  }

  func finish() throws -> SortedRun {
    try flush()
    try file.close()
    let run = SortedRun(try InputFile(opening: path), count: count, firsts: firsts)
    // It goes away with whoever has it open, however the task ends.
    try Files.remove(path)
    return run
  }
}

extension RandomAccessCollection where Index == Int {
  /// The first index for whose element `isBehind` holds; it must hold for all that follow.
  fileprivate func partitioningIndex(where isBehind: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = low + (high - low) / 2
      if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
