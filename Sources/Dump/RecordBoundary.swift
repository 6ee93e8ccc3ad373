import CBytes
import Glibc

/// Finds where a record ends that the scanner does not take, and where the next one begins after one that is broken.
///
/// It looks at markup alone: tags are counted, quotes, comments, CDATA and processing instructions are stepped over.
/// What it decides depends only on the bytes of the document from the record's start on, never on how much of them
/// happens to be in memory: where that is not enough it says `incomplete`.
///
/// Broken records are looked at up to far behind their start, over many others that are broken in the same way. So that
/// this takes time in proportion to the input all the same, what was seen on the way is remembered for the next ones:
/// where a comment's end was found or looked for in vain, and which tags were open where a walk ended.
final class RecordBoundary {
  enum End {
    /// The record's tags are balanced; it ends before this byte.
    case balanced(UnsafePointer<UInt8>)
    /// The record is broken; the next one, or the root's end tag, begins at or after this byte.
    case broken(UnsafePointer<UInt8>)
    /// More input is needed.
    case incomplete
  }

  /// Longer records are rejected: libxml2 takes no text of more than 10 million bytes, and memory is bounded.
  static let maximumRecordLength = 8 << 20
  /// What is broken is rejected up to the next record's start, or in pieces of this length.
  static let maximumDebrisLength = 4 * maximumRecordLength
  /// Records with elements in elements deeper than this are rejected: each level that is open takes memory.
  static let maximumDepth = 1 << 17
  /// How far behind a start tag's name its content is looked for.
  static let lookahead = 4096

  let record: [UInt8]
  let rootEnd: [UInt8]
  /// Where it is so, a start tag alone does not tell where a record begins.
  let recordsNest: Bool
  /// The elements in which what looks like a record's start is none.
  private let nestingNames: [[UInt8]]

  init(_ vocabulary: Vocabulary) {
    record = Array("<\(vocabulary.recordName)".utf8)
    rootEnd = Array("</\(vocabulary.rootName)".utf8)
    recordsNest = vocabulary.recordsNest
    nestingNames = vocabulary.nestingNames.map { Array($0.utf8) }
  }

  /// Forgets what was seen: the next stretch of input may lie at the same place in memory.
  func beginInput() {
    for index in searches.indices { searches[index].from = nil }
    furthest.at = nil
    effort = 0
  }

  /// A search for the end of a comment, an instruction or a section, from the first place it was made from.
  private struct Search {
    let text: StaticString
    /// Nil before the first search.
    var from: UnsafePointer<UInt8>?
    /// The first hit at or behind `from`; if there is none, up to where there is none.
    var hit: UnsafePointer<UInt8>?
    var searchedTo: UnsafePointer<UInt8>?
  }
  private var searches = [Search(text: "-->"), Search(text: "]]>"), Search(text: "?>")]

  private typealias OpenTag = (name: UnsafePointer<UInt8>, length: Int)

  /// Where a walk over tags ended without an end of the element that it began with, and what was open there.
  private struct Walk {
    var open: [OpenTag] = []
    /// Which of them the walk began with; what is before it counts no more.
    var first = 0
    var at: UnsafePointer<UInt8>?
    /// Whether it ended because of what stands there; else because nobody looked further.
    var isMismatch = false
  }
  /// The walk that came furthest.
  private var furthest = Walk()
  /// The tags that are open in the walk under way.
  private var open: [OpenTag] = []

  /// How many bytes were looked at since the input began. Markup that is broken on purpose can make this more than a few
  /// times the input's size; then whoever asks should give up.
  private(set) var effort = 0

  /// Records with more attributes in one tag than this are not for libxml2, which compares each with each.
  static let maximumAttributes = 256
  /// The attributes of the tags that were looked at: the most in one of them.
  private var attributeCount = 0

  /// - Parameters:
  ///   - start: the record's '<'.
  ///   - end: the end of what is in memory.
  ///   - base: the first byte that may be looked at.
  ///   - isLast: whether the document goes on after `end`.
  ///   - endsAtRecord: whether what follows `end` looks like a record's start, or is nothing.
  func find(
    from start: UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>, base: UnsafePointer<UInt8>, isLast: Bool,
    endsAtRecord: Bool
  ) -> End {
    let isFinal = isLast || endsAtRecord
    let limit = min(end, start + RecordBoundary.maximumRecordLength)
    func resynchronized() -> End { resynchronize(after: start, to: end, base: base, isFinal: isFinal) }
    var at = start
    var bottom = 0
    if furthest.at != nil, let index = openIndex(of: start) {
      // A walk came by, and this element was open where it ended. So would this one end there, or go on from there.
      if furthest.isMismatch { return resynchronized() }
      bottom = index
      swap(&open, &furthest.open)
      if bottom > RecordBoundary.maximumDepth {
        open.removeFirst(bottom)
        bottom = 0
      }
      at = furthest.at!
      furthest.at = nil
    } else {
      open.removeAll(keepingCapacity: open.capacity <= 1 << 16)
    }
    let first = at
    var isMismatch = false
    var isTooDeep = false
    defer { effort += at - first }
    scan: while true {
      guard let tag = find(UInt8(ascii: "<"), from: at, to: limit), limit - tag >= 2 else { break scan }
      at = tag
      switch tag[1] {
      case UInt8(ascii: "!"):
        if begins(tag, limit, "<!--") {
          guard let next = after(.comment, from: tag + 4, to: limit) else { break scan }
          at = next
        } else if begins(tag, limit, "<![CDATA[") {
          guard let next = after(.section, from: tag + 9, to: limit) else { break scan }
          at = next
        } else {
          isMismatch = limit - tag >= 9
          break scan
        }
      case UInt8(ascii: "?"):
        guard let next = after(.instruction, from: tag + 2, to: limit) else { break scan }
        at = next
      case UInt8(ascii: "/"):
        guard let close = find(UInt8(ascii: ">"), from: tag, to: limit) else { break scan }
        let name = tag + 2
        guard open.count > bottom, let innermost = open.last, close - name >= innermost.length,
          memcmp(name, innermost.name, innermost.length) == 0,
          (innermost.length..<(close - name)).allSatisfy({ Characters.isSpace(name[$0]) })
        else {
          isMismatch = true
          break scan
        }
        open.removeLast()
        at = close + 1
        if open.count == bottom { return .balanced(at) }
      default:
        if tag > start, isRecordStart(tag, base: base, end: end), !mayNest(in: open) { return .broken(tag) }
        switch endOfStartTag(tag, to: limit) {
        case .closed(let nameLength, let next, let isEmpty):
          at = next
          if !isEmpty {
            open.append((tag + 1, nameLength))
            isTooDeep = open.count - bottom > RecordBoundary.maximumDepth
            if isTooDeep { break scan }
          } else if open.count == bottom {
            return .balanced(at)
          }
        case .broken:
          isMismatch = true
          break scan
        case .incomplete: break scan
        }
      }
    }
    if furthest.at.map({ $0 < at }) ?? true {
      furthest.at = at
      furthest.isMismatch = isMismatch
      furthest.first = bottom
      swap(&open, &furthest.open)
    }
    // Nothing closes the record within its greatest length, or within the document.
    // What looks like a record's start at `end` may be text in a CDATA section that goes on, so that does not count.
    if isMismatch || isTooDeep || limit < end || isLast || limit - start == RecordBoundary.maximumRecordLength
    {
      return resynchronized()
    }
    return .incomplete
  }

  /// Where the tag that begins here stands among those that the last walk left open.
  private func openIndex(of start: UnsafePointer<UInt8>) -> Int? {
    let open = furthest.open
    var (low, high) = (furthest.first, open.count)
    while low < high {
      let middle = (low + high) / 2
      if open[middle].name < start + 1 { low = middle + 1 } else { high = middle }
    }
    return low < open.count && open[low].name == start + 1 ? low : nil
  }

  /// Whether a tag in the range has more attributes than libxml2 should see.
  func hasTooManyAttributes(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Bool {
    // Each takes five bytes or more.
    if end - start < RecordBoundary.maximumAttributes * 5 { return false }
    attributeCount = 0
    var at = start
    while let tag = find(UInt8(ascii: "<"), from: at, to: end) {
      at = tag + 1
      if case .closed(_, let next, _) = endOfStartTag(tag, to: end) { at = next }
    }
    return attributeCount > RecordBoundary.maximumAttributes
  }

  /// The first record start, or the root's end tag, behind `start`; where that is too far, as far as one goes.
  func resynchronize(
    after start: UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>, base: UnsafePointer<UInt8>, isFinal: Bool
  ) -> End {
    let limit = min(end, start + RecordBoundary.maximumDebrisLength)
    var at = start + 1
    defer { effort += at - start }
    while let tag = find(UInt8(ascii: "<"), from: at, to: limit) {
      if isRecordStart(tag, base: base, end: end) || isRootEnd(tag, end: end) { return .broken(tag) }
      at = tag + 1
    }
    if isFinal || end - limit >= RecordBoundary.lookahead + record.count { return .broken(limit) }
    return .incomplete
  }

  /// Whether a record's start tag begins at `tag`: by its name, and because it begins a line or follows the end of a
  /// record. In a dump whose records hold elements of their own name, what follows has to be a record's content too.
  func isRecordStart(_ tag: UnsafePointer<UInt8>, base: UnsafePointer<UInt8>, end: UnsafePointer<UInt8>)
    -> Bool
  {
    guard end - tag > record.count, memcmp(tag, record, record.count) == 0 else { return false }
    let next = tag[record.count]
    guard next == UInt8(ascii: ">") || Characters.isSpace(next) || next == UInt8(ascii: "/") else {
      return false
    }
    var before = tag
    while before > base, Characters.isSpace(before[-1]), before[-1] != 0x0A { before -= 1 }
    let beginsLine = before > base && before[-1] == 0x0A
    guard beginsLine || endsRecord(before, base: base) else { return false }
    guard recordsNest else { return true }
    guard next == UInt8(ascii: ">") else { return false }
    var content = tag + record.count + 1
    let furthest = min(end, content + RecordBoundary.lookahead)
    while content < furthest, Characters.isSpace(content[0]) { content += 1 }
    return end - content >= 2 && content[0] == UInt8(ascii: "<") && content[1] != UInt8(ascii: "/")
  }

  /// Whether `</record>` ends right before `at`.
  private func endsRecord(_ at: UnsafePointer<UInt8>, base: UnsafePointer<UInt8>) -> Bool {
    let length = record.count + 2
    guard at - base >= length, at[-1] == UInt8(ascii: ">") else { return false }
    let tag = at - length
    return tag[0] == UInt8(ascii: "<") && tag[1] == UInt8(ascii: "/")
      && record.withUnsafeBufferPointer { memcmp(tag + 2, $0.baseAddress! + 1, record.count - 1) == 0 }
  }

  func isRootEnd(_ tag: UnsafePointer<UInt8>, end: UnsafePointer<UInt8>) -> Bool {
    guard end - tag > rootEnd.count, memcmp(tag, rootEnd, rootEnd.count) == 0 else { return false }
    return tag[rootEnd.count] == UInt8(ascii: ">") || Characters.isSpace(tag[rootEnd.count])
  }

  private func mayNest(in open: [OpenTag]) -> Bool {
    guard let parent = open.last else { return false }
    return nestingNames.contains { $0.count == parent.length && memcmp(parent.name, $0, $0.count) == 0 }
  }

  enum StartTag {
    case closed(nameLength: Int, next: UnsafePointer<UInt8>, isEmpty: Bool)
    case broken
    case incomplete
  }

  /// Where a start tag ends, with quotes stepped over; counts its attributes.
  func endOfStartTag(_ tag: UnsafePointer<UInt8>, to limit: UnsafePointer<UInt8>) -> StartTag {
    var at = tag + 1
    while at < limit, !Characters.isSpace(at[0]), at[0] != UInt8(ascii: ">"), at[0] != UInt8(ascii: "/"),
      at[0] != UInt8(ascii: "<")
    { at += 1 }
    let nameLength = at - (tag + 1)
    var quoteCount = 0
    defer { attributeCount = max(attributeCount, quoteCount) }
    while at < limit {
      switch at[0] {
      case UInt8(ascii: ">"):
        if nameLength == 0 { return .broken }
        return .closed(nameLength: nameLength, next: at + 1, isEmpty: at[-1] == UInt8(ascii: "/"))
      case UInt8(ascii: "<"): return .broken
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        let quote = at[0]
        quoteCount += 1
        at += 1
        while at < limit, at[0] != quote {
          if at[0] == UInt8(ascii: "<") { return .broken }
          at += 1
        }
        at += 1
      default: at += 1
      }
    }
    return .incomplete
  }

  // MARK: Searches

  func find(
    _ byte: UInt8, from start: UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>
  ) -> UnsafePointer<UInt8>? {
    guard start < end, let hit = memchr(start, Int32(byte), end - start) else { return nil }
    return UnsafePointer(hit.assumingMemoryBound(to: UInt8.self))
  }

  /// What ends with a text of its own.
  enum Enclosure: Int { case comment, section, instruction }

  /// What follows the first end of such a thing in the range.
  func after(
    _ enclosure: Enclosure, from start: UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>
  ) -> UnsafePointer<UInt8>? {
    var search = searches[enclosure.rawValue]
    let length = search.text.utf8CodeUnitCount
    if let from = search.from, from <= start {
      if let hit = search.hit, hit >= start { return hit + length <= end ? hit + length : nil }
      // Up to there is none; one may begin just before.
      if search.hit == nil, let searchedTo = search.searchedTo, searchedTo - length >= start {
        if searchedTo >= end { return nil }
        search.hit = first(search.text, from: searchedTo - length + 1, to: end)
        search.searchedTo = end
        searches[enclosure.rawValue] = search
        return search.hit.map { $0 + length }
      }
    }
    search.from = start
    search.hit = first(search.text, from: start, to: end)
    search.searchedTo = end
    searches[enclosure.rawValue] = search
    return search.hit.map { $0 + length }
  }

  /// The first `text` in the range.
  private func first(
    _ text: StaticString, from start: UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>
  ) -> UnsafePointer<UInt8>? {
    var at = start
    defer { effort += at - start }
    while let hit = find(text.utf8Start[0], from: at, to: end) {
      if begins(hit, end, text) { return hit }
      at = hit + 1
    }
    at = max(start, end)
    return nil
  }

  func begins(_ at: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ text: StaticString) -> Bool {
    end - at >= text.utf8CodeUnitCount && Characters.matches(at, text)
  }
}
