import Platform
import Rows

/// Which ids a dump's records have had so far, in bounded memory.
///
/// Ids below 2²⁷ (all that Discogs has given, several times over) are bits, in pages that are made when they are needed:
/// 16 MB at most. Others are kept in a set; when that is full it becomes a sorted run in a file, and runs are merged so
/// that few remain. In a dump whose ids ascend nothing is ever looked up. One thread at a time.
final class SeenIDs {
  /// How many ids beyond the bits are kept in memory.
  static let defaultLimit = 400_000

  private static let pageBits = 16
  private var pages: [UnsafeMutablePointer<UInt64>?] = Array(repeating: nil, count: 1 << 11)
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

  deinit { for page in pages { page?.deallocate() } }

  /// Whether ids of the next stretch came before, in it or in an earlier one.
  ///
  /// - Returns: nil if none did; else those that came in an earlier stretch.
  /// - Throws: `SystemError`.
  func repeated(in ids: RecordIDs) throws -> Set<Int64>? {
    if ids.ascend, let first = ids.all.first, largest.map({ first > $0 }) ?? true { return nil }
    let sorted = ids.ascend ? ids.all : ids.all.sorted()
    var before: Set<Int64> = []
    var rare: [Int64] = []
    var isTwiceHere = false
    var last: Int64?
    for id in sorted {
      if id == last {
        isTwiceHere = true
      } else if let (page, word, bit) = place(of: id) {
        if let page = pages[page], page[word] & bit != 0 { before.insert(id) }
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
      if let (page, word, bit) = place(of: id) {
        if pages[page] == nil {
          let words = 1 << (SeenIDs.pageBits - 6)
          pages[page] = .allocate(capacity: words)
          pages[page]!.initialize(repeating: 0, count: words)
        }
        pages[page]![word] |= bit
      } else {
        recent.insert(id)
        if recent.count >= limit { try spill() }
      }
    }
    if let greatest = ids.ascend ? ids.all.last : ids.all.max() {
      largest = max(largest ?? greatest, greatest)
    }
  }

  private func place(of id: Int64) -> (page: Int, word: Int, bit: UInt64)? {
    guard id >= 0, id >> Int64(SeenIDs.pageBits) < pages.count else { return nil }
    let within = Int(id) & (1 << SeenIDs.pageBits - 1)
    return (Int(id) >> SeenIDs.pageBits, within >> 6, 1 << UInt64(within & 63))
  }

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
