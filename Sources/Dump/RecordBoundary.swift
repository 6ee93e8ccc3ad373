import CBytes
import Glibc

/// Finds where a record ends that the scanner does not take, and where the next one begins after one that is broken.
///
/// It looks at markup alone: tags are counted, quotes, comments, CDATA and processing instructions are stepped over.
/// What it decides depends only on the bytes of the document from the record's start on, never on how much of them
/// happens to be in memory: where that is not enough it says `incomplete`.
struct RecordBoundary {
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
    var open: [(name: UnsafePointer<UInt8>, length: Int)] = []
    var at = start
    scan: while true {
      guard let tag = find(UInt8(ascii: "<"), from: at, to: limit), limit - tag >= 2 else { break scan }
      switch tag[1] {
      case UInt8(ascii: "!"):
        if begins(tag, limit, "<!--") {
          guard let next = after("-->", from: tag + 4, to: limit) else { break scan }
          at = next
        } else if begins(tag, limit, "<![CDATA[") {
          guard let next = after("]]>", from: tag + 9, to: limit) else { break scan }
          at = next
        } else if limit - tag < 9, limit == end {
          break scan
        } else {
          return resynchronize(after: start, to: end, base: base, isFinal: isFinal)
        }
      case UInt8(ascii: "?"):
        guard let next = after("?>", from: tag + 2, to: limit) else { break scan }
        at = next
      case UInt8(ascii: "/"):
        guard let close = find(UInt8(ascii: ">"), from: tag, to: limit) else { break scan }
        let name = tag + 2
        guard let innermost = open.popLast(), close - name >= innermost.length,
          memcmp(name, innermost.name, innermost.length) == 0,
          (innermost.length..<(close - name)).allSatisfy({ Characters.isSpace(name[$0]) })
        else { return resynchronize(after: start, to: end, base: base, isFinal: isFinal) }
        at = close + 1
        if open.isEmpty { return .balanced(at) }
      default:
        if tag > start, isRecordStart(tag, base: base, end: end), !mayNest(in: open) { return .broken(tag) }
        switch endOfStartTag(tag, to: limit) {
        case .closed(let nameLength, let next, let isEmpty):
          at = next
          if !isEmpty {
            open.append((tag + 1, nameLength))
          } else if open.isEmpty {
            return .balanced(at)
          }
        case .broken: return resynchronize(after: start, to: end, base: base, isFinal: isFinal)
        case .incomplete: break scan
        }
      }
    }
    // Nothing closes the record within its greatest length, or within the document.
    // What looks like a record's start at `end` may be text in a CDATA section that goes on, so that does not count.
    if limit < end || isLast || limit - start == RecordBoundary.maximumRecordLength {
      return resynchronize(after: start, to: end, base: base, isFinal: isFinal)
    }
    return .incomplete
  }

  /// The first record start, or the root's end tag, behind `start`; where that is too far, as far as one goes.
  func resynchronize(
    after start: UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>, base: UnsafePointer<UInt8>, isFinal: Bool
  ) -> End {
    let limit = min(end, start + RecordBoundary.maximumDebrisLength)
    var at = start + 1
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

  private func mayNest(in open: [(name: UnsafePointer<UInt8>, length: Int)]) -> Bool {
    guard let parent = open.last else { return false }
    return nestingNames.contains { $0.count == parent.length && memcmp(parent.name, $0, $0.count) == 0 }
  }

  enum StartTag {
    case closed(nameLength: Int, next: UnsafePointer<UInt8>, isEmpty: Bool)
    case broken
    case incomplete
  }

  /// Where a start tag ends, with quotes stepped over.
  func endOfStartTag(_ tag: UnsafePointer<UInt8>, to limit: UnsafePointer<UInt8>) -> StartTag {
    var at = tag + 1
    while at < limit, !Characters.isSpace(at[0]), at[0] != UInt8(ascii: ">"), at[0] != UInt8(ascii: "/"),
      at[0] != UInt8(ascii: "<")
    { at += 1 }
    let nameLength = at - (tag + 1)
    while at < limit {
      switch at[0] {
      case UInt8(ascii: ">"):
        if nameLength == 0 { return .broken }
        return .closed(nameLength: nameLength, next: at + 1, isEmpty: at[-1] == UInt8(ascii: "/"))
      case UInt8(ascii: "<"): return .broken
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        let quote = at[0]
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

  /// What follows the first `text` in the range.
  func after(
    _ text: StaticString, from start: UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>
  ) -> UnsafePointer<UInt8>? {
    var at = start
    while let hit = find(text.utf8Start[0], from: at, to: end) {
      if begins(hit, end, text) { return hit + text.utf8CodeUnitCount }
      at = hit + 1
    }
    return nil
  }

  func begins(_ at: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ text: StaticString) -> Bool {
    end - at >= text.utf8CodeUnitCount && Characters.matches(at, text)
  }
}
