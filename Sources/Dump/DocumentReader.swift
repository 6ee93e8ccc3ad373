import CBytes

/// Takes the records that a reader finds, one after the other.
public protocol RecordSink: AnyObject {
  /// Takes a record's fields; they are valid only during the call.
  /// - Returns: why the record is rejected, or nil if it was taken, or declined for now.
  func take(_ fields: UnsafeBufferPointer<Field>) -> String?
  /// Whether what was taken is to be handed on before another record is read.
  var isFull: Bool { get }
  /// Whether the last record was not taken, since there is no room for it beside what was taken before; it is read again.
  var hasDeclined: Bool { get }
}

extension RecordSink {
  /// Room without end.
  public var isFull: Bool { false }
  /// Nothing is declined.
  public var hasDeclined: Bool { false }
}

/// A part of a dump that was left out of the datasets, with the reason.
public struct Reject: Sendable, Hashable {
  /// Where it begins, in bytes from the start of the unpacked dump.
  public let offset: Int
  /// Its length in bytes.
  public let length: Int
  /// Why it was left out, as the rejects file has it.
  public let reason: String
  /// How it begins, at most 1,000 bytes of it; what is not UTF-8 is replaced.
  public let excerpt: String
}

/// Where in the document a stretch of input begins.
public enum DocumentPosition: Sendable, Hashable {
  /// Before the root element's start tag, in it where the next record is looked for, or after its end tag.
  case beforeRoot, betweenRecords, afterRoot
  /// Where the next record is looked for in a dump without a root element, as they were until 2014.
  case betweenBareRecords
}

/// Reads the level of the document that holds the records, and hands each record to the scanner or to libxml2.
///
/// One stretch of input after the other; each `read` begins where the document stands between two records.
public final class DocumentReader {
  private let vocabulary: Vocabulary
  private let boundary: RecordBoundary
  private let scanner: RecordScanner
  private let libxml: LibXMLRecordReader
  /// Off only in tests that compare the two ways.
  private let usesScanner: Bool

  /// Records that were read whole, also those that the sink rejected.
  public private(set) var recordCount = 0
  /// What was left out, in document order.
  public private(set) var rejects: [Reject] = []
  /// Unknown elements and attributes: how often each path was seen.
  public var drift: Drift { driftTree.found }
  private let driftTree: DriftTree
  /// Up to where the bytes of this stretch were counted in the dump's own encoding, and what that gave.
  private var counted: (end: UnsafePointer<UInt8>, count: Int)?

  /// Whether the last `read` stopped because the sink was full.
  public private(set) var isSinkFull = false
  /// Nothing is read on once there are more rejects than this since the last `reset()`.
  public var maximumRejects = Int.max

  /// How many bytes of entities this many bytes of a dump may be expanded by.
  public static func maximumExpansion(_ count: Int) -> Int { 2 * count + RecordBoundary.maximumRecordLength }
  /// How many bytes of entities the records since the last `reset()` were expanded by.
  public var expandedCount: Int { libxml.expandedCount }

  /// How many bytes may be looked at to find out where the records in so many bytes end: each once to find that a record
  /// does not end and once to find the next one, and what was read in vain at the end.
  private static func maximumEffort(_ count: Int) -> Int { 4 * count + RecordBoundary.maximumRecordLength }

  /// - Parameters:
  ///   - vocabulary: the names that the entity's dump uses.
  ///   - usesScanner: whether the scanner is tried before libxml2; the records are the same either way.
  public init(_ vocabulary: Vocabulary, usesScanner: Bool = true) {
    self.vocabulary = vocabulary
    self.usesScanner = usesScanner
    boundary = RecordBoundary(vocabulary)
    driftTree = DriftTree(vocabulary)
    scanner = RecordScanner(vocabulary, drift: driftTree)
    libxml = LibXMLRecordReader(vocabulary, drift: driftTree)
  }

  /// The document type declaration, once the input before the root has been read; empty if there is none.
  public var documentType: [UInt8] {
    get { libxml.documentType }
    set { libxml.documentType = newValue }
  }

  /// Forgets counts and rejects of what was read before.
  public func reset() {
    recordCount = 0
    rejects.removeAll(keepingCapacity: true)
    driftTree.removeAll()
    libxml.reset()
  }

  /// A stretch of the unpacked dump.
  public struct Input {
    /// The bytes, followed by `CBYTES_PADDING` zero bytes in memory.
    public var bytes: UnsafeBufferPointer<UInt8>
    /// Where in the dump they begin, in bytes of the dump as it is.
    public var offset: Int
    /// How the dump as it is writes its characters.
    public var encoding = DumpEncoding.utf8
    /// Whether they end where a record begins, or with the dump itself.
    public var endsAtRecord: Bool
    /// Whether nothing follows.
    public var isLast: Bool

    /// - Precondition: `bytes` is followed by `CBYTES_PADDING` zero bytes in memory.
    public init(bytes: UnsafeBufferPointer<UInt8>, offset: Int, endsAtRecord: Bool, isLast: Bool) {
      self.bytes = bytes
      self.offset = offset
      self.endsAtRecord = endsAtRecord
      self.isLast = isLast
    }
  }

  /// Reads as many whole records as there are.
  ///
  /// - Parameter position: where the document stands; moved on.
  /// - Returns: the number of bytes that were dealt with. What is left belongs to a record that goes on in the next
  ///   stretch; of the last stretch nothing is left. Unless the sink was full (`isSinkFull`), or there were too many
  ///   rejects: then it is what was not read.
  /// - Throws: `DumpError`.
  public func read(
    _ input: Input, position: inout DocumentPosition, into sink: some RecordSink
  ) throws -> Int {
    let base = input.bytes.baseAddress!
    let end = base + input.bytes.count
    var at = base
    counted = nil
    isSinkFull = false
    boundary.beginInput()
    func offset(_ pointer: UnsafePointer<UInt8>) -> Int { self.offset(of: pointer, in: input) }

    if position == .beforeRoot {
      guard let next = try readProlog(at, end, input, &position) else { return 0 }
      at = next
    }
    let hasRoot = position != .betweenBareRecords
    while position == .betweenRecords || position == .betweenBareRecords {
      if boundary.effort > DocumentReader.maximumEffort(input.bytes.count) {
        throw DumpError.notADump(
          reason: "its markup is broken in too many places", advice: noXML, offset: offset(at))
      }
      if libxml.expandedCount > DocumentReader.maximumExpansion(input.bytes.count) {
        throw DumpError.expandsTooMuch(offset: offset(at))
      }
      if rejects.count > maximumRejects { break }
      while at < end, Characters.isSpace(at[0]) { at += 1 }
      if at == end { break }
      if isRecord(at) {
        if usesScanner {
          if case .complete(let next) = scanner.scan(at), next - at <= RecordBoundary.maximumRecordLength {
            take(scanner.fields.all, at, next, input, into: sink)
            if !sink.hasDeclined { at = next }
            if sink.isFull {
              isSinkFull = true
              return at - base
            }
            continue
          }
          driftTree.discard()
        }
        switch boundary.find(
          from: at, to: end, base: base, isLast: input.isLast, endsAtRecord: input.endsAtRecord)
        {
        case .balanced(let next):
          readUnusual(at, next, input, into: sink, isBalanced: true)
          if !sink.hasDeclined { at = next }
          if sink.isFull {
            isSinkFull = true
            return at - base
          }
        case .broken(let next):
          if input.isLast, next == end {
            throw DumpError.endsEarly(reason: "its last record is cut off", offset: offset(at))
          }
          readUnusual(at, next, input, into: sink, isBalanced: false)
          at = next
        case .incomplete: return at - base
        }
        continue
      }
      // A tag's name may be cut off at the end of the stretch.
      if end - at < vocabulary.rootName.utf8.count + 12, !input.isLast, !input.endsAtRecord {
        return at - base
      }
      if hasRoot, boundary.isRootEnd(at, end: end) {
        let limit = min(end, at + RecordBoundary.maximumRecordLength)
        guard let close = boundary.find(UInt8(ascii: ">"), from: at, to: limit) else {
          if input.isLast { break }
          guard limit - at < RecordBoundary.maximumRecordLength else {
            throw DumpError.endsEarly(
              reason: "the end tag </\(vocabulary.rootName)> does not end", offset: offset(at))
          }
          return at - base
        }
        position = .afterRoot
        at = close + 1
        break
      }
      guard let next = try readOther(at, end, base, input, into: sink) else { return at - base }
      at = next
    }
    if rejects.count > maximumRejects { return at - base }
    if position == .afterRoot { at = try readEpilog(at, end, input) }
    if input.isLast, hasRoot, position != .afterRoot {
      throw DumpError.endsEarly(
        reason: "the end tag </\(vocabulary.rootName)> is missing", offset: offset(end))
    }
    return at - base
  }

  /// Whether a start tag with the record's name begins here; at the end of the input there are zero bytes.
  private func isRecord(_ at: UnsafePointer<UInt8>) -> Bool {
    let name = boundary.record
    for index in name.indices where at[index] != name[index] { return false }
    let next = at[name.count]
    return next == UInt8(ascii: ">") || next == UInt8(ascii: "/") || Characters.isSpace(next)
  }

  // MARK: Records

  private func take(
    _ fields: UnsafeBufferPointer<Field>, _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>,
    _ input: Input, into sink: some RecordSink
  ) {
    let reason = sink.take(fields)
    if sink.hasDeclined {
      driftTree.discard()
      return
    }
    recordCount += 1
    if driftTree.hasPending { driftTree.keep() }
    if let reason { reject(start, end, input, reason) }
  }

  private func readUnusual(
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ input: Input, into sink: some RecordSink,
    isBalanced: Bool
  ) {
    do throws(RecordFault) {
      if end - start > RecordBoundary.maximumRecordLength {
        throw RecordFault(reason: "longer than \(RecordBoundary.maximumRecordLength) bytes")
      }
      try readWithLibXML(start, end)
      if !isBalanced { throw RecordFault(reason: "not well-formed: the record does not end") }
    } catch {
      driftTree.discard()
      // Not the white space before the next record.
      var last = end
      while last > start, Characters.isSpace(last[-1]) { last -= 1 }
      let isForeign =
        input.encoding != .utf8
        && UnsafeBufferPointer(start: start, count: last - start)
          .contains(Transcoder.unreadable)
      reject(start, last, input, isForeign ? "a character is broken in the dump's encoding" : error.reason)
      return
    }
    take(libxml.fields.all, start, end, input, into: sink)
  }

  private func readWithLibXML(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) throws(RecordFault)
  {
    if boundary.hasTooManyAttributes(start, end) {
      throw RecordFault(reason: "an element has more than \(RecordBoundary.maximumAttributes) attributes")
    }
    try libxml.read(UnsafeBufferPointer(start: start, count: end - start))
  }

  private func reject(
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ input: Input, _ reason: String
  ) {
    let excerpt = UnsafeBufferPointer(start: start, count: min(1000, end - start))
    let offset = offset(of: start, in: input)
    rejects.append(
      Reject(
        offset: offset, length: self.offset(of: end, in: input) - offset, reason: reason,
        excerpt: String(decoding: excerpt, as: UTF8.self)))
  }

  /// Where this byte of the stretch is in the dump as it is.
  private func offset(of pointer: UnsafePointer<UInt8>, in input: Input) -> Int {
    let base = input.bytes.baseAddress!
    if input.encoding == .utf8 { return input.offset + (pointer - base) }
    // Places are asked for in their order, but for the ends of those that are asked for again.
    var (end, count) = counted ?? (base, 0)
    if pointer < end { (end, count) = (base, 0) }
    count += input.encoding.byteCount(ofUTF8: UnsafeBufferPointer(start: end, count: pointer - end))
    counted = (pointer, count)
    return input.offset + count
  }

  // MARK: Between records

  /// Deals with what stands between records and is none: comments, processing instructions, text, unknown elements,
  /// and debris. Returns what follows it, or nil if the input does not tell.
  private func readOther(
    _ at: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ base: UnsafePointer<UInt8>, _ input: Input,
    into sink: some RecordSink
  ) throws -> UnsafePointer<UInt8>? {
    let isFinal = input.isLast || input.endsAtRecord
    if at[0] != UInt8(ascii: "<") {
      let limit = min(end, at + RecordBoundary.maximumDebrisLength)
      let next = boundary.find(UInt8(ascii: "<"), from: at, to: limit)
      let isWhole = isFinal || limit - at == RecordBoundary.maximumDebrisLength
      guard let next = next ?? (isWhole ? limit : nil) else { return nil }
      reject(at, next, input, "text between records")
      return next
    }
    let enclosure = comment(at, end)
    let furthest = min(end, at + RecordBoundary.maximumRecordLength)
    if let enclosure, let next = boundary.after(enclosure, from: at + 2, to: furthest) { return next }
    if enclosure != nil {
      if furthest - at < RecordBoundary.maximumRecordLength, !input.isLast { return nil }
    } else if Characters.isNameStart(at[1]) || at[1] >= 0x80 || at[1] == UInt8(ascii: ":") {
      switch boundary.find(
        from: at, to: end, base: base, isLast: input.isLast, endsAtRecord: input.endsAtRecord)
      {
      case .balanced(let next):
        do throws(RecordFault) {
          try readWithLibXML(at, next)
          driftTree.keep()
        } catch {
          driftTree.discard()
          reject(at, next, input, error.reason)
        }
        return next
      case .broken(let next):
        reject(at, next, input, "not well-formed: an element between records does not end")
        return next
      case .incomplete: return nil
      }
    }
    switch boundary.resynchronize(after: at, to: end, base: base, isFinal: isFinal) {
    case .balanced(let next), .broken(let next):
      reject(at, next, input, "not well-formed: stray markup between records")
      return next
    case .incomplete: return nil
    }
  }

  /// Dumps have no document type declaration; one that has much to declare is not read.
  private static let maximumDocumentTypeLength = 2 << 20

  /// The comment or processing instruction that begins here.
  private func comment(_ at: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> RecordBoundary.Enclosure? {
    if boundary.begins(at, end, "<!--") { return .comment }
    return boundary.begins(at, end, "<?") ? .instruction : nil
  }

  /// Reads what stands before the records: byte order mark, XML declaration, comments, document type, root's start tag.
  private func readProlog(
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ input: Input,
    _ position: inout DocumentPosition
  ) throws -> UnsafePointer<UInt8>? {
    var at = start
    func fail(_ reason: String) -> DumpError {
      .notADump(reason: reason, advice: noXML, offset: offset(of: at, in: input))
    }
    func needMore() throws -> UnsafePointer<UInt8>? {
      if input.isLast {
        throw DumpError.endsEarly(
          reason: "there is no <\(vocabulary.rootName)> element", offset: offset(of: end, in: input))
      }
      if end - start > RecordBoundary.maximumRecordLength {
        throw fail("no <\(vocabulary.rootName)> element")
      }
      return nil
    }
    if boundary.begins(at, end, "\u{FEFF}") { at += 3 }
    while true {
      while at < end, Characters.isSpace(at[0]) { at += 1 }
      guard end - at > 1 else { return try needMore() }
      guard at[0] == UInt8(ascii: "<") else { throw fail("this is not XML") }
      if at[1] == UInt8(ascii: "?") {
        guard let next = boundary.after(.instruction, from: at, to: end) else { return try needMore() }
        at = next
      } else if boundary.begins(at, end, "<!--") {
        guard let next = boundary.after(.comment, from: at + 4, to: end) else { return try needMore() }
        at = next
      } else if at[1] == UInt8(ascii: "!") {
        guard let next = endOfDocumentType(at, end) else { return try needMore() }
        guard next - at <= DocumentReader.maximumDocumentTypeLength else {
          throw fail(
            "its document type declaration is longer than \(DocumentReader.maximumDocumentTypeLength) bytes")
        }
        documentType = Array(UnsafeBufferPointer(start: at, count: next - at))
        at = next
      } else if isRecord(at) {
        // Until 2014 dumps had no root element.
        position = .betweenBareRecords
        return at
      } else {
        switch boundary.endOfStartTag(at, to: end) {
        case .closed(_, let next, let isEmpty):
          try readRoot(at, next, offset: offset(of: at, in: input))
          position = isEmpty ? .afterRoot : .betweenRecords
          return next
        case .broken: throw fail("the root element is not well-formed")
        case .incomplete: return try needMore()
        }
      }
    }
  }

  private func readRoot(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, offset: Int) throws {
    var document = Array(UnsafeBufferPointer(start: start, count: end - start))
    let nameEnd = document.dropFirst().firstIndex {
      Characters.isSpace($0) || $0 == UInt8(ascii: ">") || $0 == UInt8(ascii: "/")
    }
    let name = String(decoding: document[1..<(nameEnd ?? document.endIndex)], as: UTF8.self)
    guard name == vocabulary.rootName else {
      throw DumpError.notADump(
        reason: "the first element is <\(name.prefix(100))>, not <\(vocabulary.rootName)>",
        advice: "this is not a dump of \(vocabulary.rootName): put the right one under the file's name",
        offset: offset)
    }
    if document.dropLast().last != UInt8(ascii: "/") { document += Array("</\(name)>".utf8) }
    do {
      try document.withUnsafeBufferPointer { (bytes) throws(RecordFault) in
        try libxml.read(bytes, isRoot: true)
      }
    } catch {
      throw DumpError.notADump(reason: "the root element is \(error.reason)", advice: noXML, offset: offset)
    }
    driftTree.keep()
  }

  /// What to do about a file that is whole and no dump.
  private var noXML: String {
    "look at what is in the file (gzip -dc FILE | head): Discogs' dumps are XML that begins with "
      + "<\(vocabulary.rootName)>"
  }

  /// What follows `<!DOCTYPE …>`, with its internal subset's brackets, quotes, comments and instructions.
  private func endOfDocumentType(
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
  ) -> UnsafePointer<UInt8>? {
    var at = start + 2
    var depth = 1
    var isInSubset = false
    while at < end {
      switch at[0] {
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        guard let quote = boundary.find(at[0], from: at + 1, to: end) else { return nil }
        at = quote + 1
        continue
      case UInt8(ascii: "<") where boundary.begins(at, end, "<!--"):
        guard let next = boundary.after(.comment, from: at + 4, to: end) else { return nil }
        at = next
        continue
      case UInt8(ascii: "<") where boundary.begins(at, end, "<?"):
        guard let next = boundary.after(.instruction, from: at + 2, to: end) else { return nil }
        at = next
        continue
      case UInt8(ascii: "<"): depth += 1
      case UInt8(ascii: "["): isInSubset = true
      case UInt8(ascii: "]"): isInSubset = false
      case UInt8(ascii: ">"):
        depth -= 1
        if depth == 0, !isInSubset { return at + 1 }
      default: break
      }
      at += 1
    }
    return nil
  }

  /// Reads what stands behind the root: white space, comments and processing instructions.
  private func readEpilog(
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ input: Input
  ) throws -> UnsafePointer<UInt8> {
    var at = start
    while true {
      while at < end, Characters.isSpace(at[0]) { at += 1 }
      if at == end { return at }
      guard let enclosure = comment(at, end) else {
        if !input.isLast, end - at < 4 { return at }
        throw DumpError.notADump(
          reason: "there is something behind the end tag </\(vocabulary.rootName)>",
          advice: "look at what is in the file (gzip -dc FILE | tail), and take it away",
          offset: offset(of: at, in: input))
      }
      let limit = min(end, at + RecordBoundary.maximumRecordLength)
      guard let next = boundary.after(enclosure, from: at + 2, to: limit) else {
        if !input.isLast, limit - at < RecordBoundary.maximumRecordLength { return at }
        throw DumpError.endsEarly(
          reason: "a comment does not end", offset: offset(of: at, in: input))
      }
      at = next
    }
  }
}
