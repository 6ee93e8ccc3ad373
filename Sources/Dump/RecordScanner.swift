import CBytes
import Glibc

/// Reads a record of the ordinary kind at the speed of memory.
///
/// What it accepts is a subset of well-formed XML: elements and attributes with ASCII names, text, character
/// references and the five predefined entities, in UTF-8. Whatever else a record holds — comments, CDATA, processing
/// instructions, other entities, other names, carriage returns, or anything that is wrong — makes it `unusual`, and
/// libxml2 decides (`LibXMLRecordReader`). So this scanner needs to be right only about what it accepts.
final class RecordScanner {
  enum Outcome {
    /// The record ends before this byte; `fields` and the drift that is pending hold what it contains.
    case complete(UnsafePointer<UInt8>)
    /// Not for this scanner; `fields` and the drift that is pending mean nothing.
    case unusual
  }

  /// An element whose end tag has not come yet.
  private struct OpenElement {
    var head: UInt64
    var mask: UInt64
    var name: UnsafePointer<UInt8>
    var length: Int
    /// -1 for an element that the vocabulary does not know.
    var node: Int32
    var end: UInt16
    /// Where what is unknown in it is counted.
    var place: DriftTree.Place
  }

  /// Deeper records are left to libxml2, which has a limit of its own.
  private static let maximumDepth = 64
  /// libxml2 takes names of up to 50,000 bytes; longer ones than this are its business.
  private static let maximumNameLength = 1000

  private let vocabulary: Vocabulary
  private let stack: UnsafeMutablePointer<OpenElement>
  /// Which element came next the last time: after this one closed (at its index), as the first one in it (at the
  /// number of nodes plus its index). Dumps are regular, so this saves most look-ups by name.
  private let guesses: UnsafeMutablePointer<Int32>

  // One thread uses a scanner, and none of these is handed out while it is written: checking that at each access
  // would cost as much as the access.
  /// The last record's fields.
  @exclusivity(unchecked) var fields = FieldList()
  /// Takes the elements and attributes that the vocabulary does not know.
  private let drift: DriftTree
  @exclusivity(unchecked) private var unknownAttributes = NameSet()

  init(_ vocabulary: Vocabulary, drift: DriftTree) {
    self.vocabulary = vocabulary
    self.drift = drift
    stack = .allocate(capacity: RecordScanner.maximumDepth)
    let slots = vocabulary.nodeCount * 2 + 2
    guesses = .allocate(capacity: slots)
    guesses.initialize(repeating: -1, count: slots)
    guesses[vocabulary.nodeCount * 2] = 0
  }

  deinit {
    stack.deallocate()
    guesses.deallocate()
  }

  /// Reads the record whose start tag begins at `start`. Behind the input there must be `CBYTES_PADDING` zero bytes.
  func scan(_ start: UnsafePointer<UInt8>) -> Outcome {
    fields.removeAll()
    let nodes = vocabulary.nodes
    let firstChildSlot = vocabulary.nodeCount
    let recordSlot = vocabulary.nodeCount * 2
    let noSlot = recordSlot + 1
    let stack = self.stack
    let guesses = self.guesses

    var depth = 0
    var slot = recordSlot
    var at = start  // always at a '<'
    while true {
      if at[1] == UInt8(ascii: "/") {
        let open = stack[depth - 1]
        let name = at + 2
        guard cbytes_load8(name) & open.mask == open.head,
          Vocabulary.sameTail(open.name, name, open.length)
        else { return .unusual }
        at = name + open.length
        if at[0] != UInt8(ascii: ">") {
          at = skipSpace(at)
          guard at[0] == UInt8(ascii: ">") else { return .unusual }
        }
        at += 1
        depth -= 1
        if open.end != 0 { fields.append(open.end, at, 0) }
        if depth == 0 { return .complete(at) }
        slot = open.node >= 0 ? Int(open.node) : noSlot
      } else {
        // Start tag: which element is it?
        let name = at + 1
        var node = guesses[slot]
        var length: Int
        var head: UInt64
        var mask: UInt64
        var place = node
        if node >= 0, isNode(nodes[Int(node)], name) {
          length = nodes[Int(node)].nameLength
          head = nodes[Int(node)].head
          mask = nodes[Int(node)].mask
        } else {
          length = Characters.nameLength(name)
          guard length > 0, length <= RecordScanner.maximumNameLength else { return .unusual }
          mask = Vocabulary.mask(length)
          head = cbytes_load8(name) & mask
          let parent = depth > 0 ? stack[depth - 1].node : -2
          switch parent {
          case -2: return .unusual  // not a record at all
          case -1: node = -1
          default: node = vocabulary.find(name, length, in: nodes[Int(parent)].children)
          }
          if node < 0 {
            // Perhaps the next record, and this one has no end.
            if isNode(nodes[0], name) { return .unusual }
            place = drift.note(name, length, in: stack[depth - 1].place)
          } else {
            place = node
            // What follows an unknown element says nothing about what comes inside another one.
            if slot != noSlot { guesses[slot] = node }
          }
        }
        at = name + length

        let begin = node >= 0 ? nodes[Int(node)].begin : 0
        if begin != 0 { fields.append(begin, at, 0) }
        var isEmpty = false
        if at[0] == UInt8(ascii: ">") {
          at += 1
        } else {
          guard let tagEnd = scanAttributes(at, of: node, place)
          else { return .unusual }
          isEmpty = tagEnd[-2] == UInt8(ascii: "/")
          at = tagEnd
        }

        let text = node >= 0 ? nodes[Int(node)].text : 0
        let end = node >= 0 ? nodes[Int(node)].end : 0
        if !isEmpty {
          if text != 0 {
            guard let stop = readText(at, token: text) else { return .unusual }
            at = stop
          } else if at[0] != UInt8(ascii: "<") {
            guard let stop = skipText(at) else { return .unusual }
            at = stop
          }
          // Most elements are leaves: their end tag comes now.
          if at[1] == UInt8(ascii: "/"), cbytes_load8(at + 2) & mask == head,
            Vocabulary.sameTail(name, at + 2, length), at[2 + length] == UInt8(ascii: ">")
          {
            at += 3 + length
          } else {
            // Mixed content is libxml2's business where the text counts.
            if text != 0, at[1] != UInt8(ascii: "/") { return .unusual }
            if depth == RecordScanner.maximumDepth { return .unusual }
            stack[depth] = OpenElement(
              head: head, mask: mask, name: name, length: length, node: node, end: end, place: place)
            depth += 1
            slot = node >= 0 ? firstChildSlot + Int(node) : noSlot
            continue
          }
        }
        if end != 0 { fields.append(end, at, 0) }
        if depth == 0 { return .complete(at) }
        slot = node >= 0 ? Int(node) : noSlot
      }

      // Between elements; nobody wants this text.
      if at[0] != UInt8(ascii: "<") {
        guard let stop = skipText(at) else { return .unusual }
        at = stop
      }
    }
  }

  /// Whether the tag name at `name` is that of `node`, to its end.
  @inline(__always)
  private func isNode(_ node: Vocabulary.Node, _ name: UnsafePointer<UInt8>) -> Bool {
    guard cbytes_load8(name) & node.mask == node.head,
      Vocabulary.sameTail(node.name, name, node.nameLength)
    else { return false }
    let next = name[node.nameLength]
    return next == UInt8(ascii: ">") || next == UInt8(ascii: "/") || Characters.isSpace(next)
  }

  @inline(__always)
  private func skipSpace(_ start: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
    var at = start
    while Characters.isSpace(at[0]) { at += 1 }
    return at
  }

  // MARK: Text

  /// The '<' behind text that nobody wants, which is checked all the same; nil if it is unusual.
  @inline(__always)
  private func skipText(_ start: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>? {
    var at = start
    while true {
      at = cbytes_text_stop(at)
      if at[0] == UInt8(ascii: "<") { return at }
      if at[0] == UInt8(ascii: "&") {
        guard let reference = Characters.reference(at) else { return nil }
        at += reference.length
      } else {
        guard let next = passCharacter(at) else { return nil }
        at = next
      }
    }
  }

  /// Appends the text up to the next '<' as a field, and returns that '<'; nil if the text is unusual.
  @inline(__always)
  private func readText(_ start: UnsafePointer<UInt8>, token: UInt16) -> UnsafePointer<UInt8>? {
    var at = start
    var run = start
    var isResolved = false
    while true {
      at = cbytes_text_stop(at)
      if at[0] == UInt8(ascii: "<") { break }
      if at[0] == UInt8(ascii: "&") {
        guard let reference = Characters.reference(at) else { return nil }
        if !isResolved {
          fields.beginText()
          isResolved = true
        }
        fields.appendText(run, at - run)
        fields.appendText(reference.scalar)
        at += reference.length
        run = at
      } else {
        guard let next = passCharacter(at) else { return nil }
        at = next
      }
    }
    if isResolved {
      fields.appendText(run, at - run)
      fields.endText(token)
    } else if at > start {
      fields.append(token, start, at - start)
    }
    return at
  }

  /// Steps over a character that stopped the search in text and is neither '<' nor '&'; nil if it is unusual: a
  /// carriage return (which XML turns into a line feed), another control character, broken UTF-8, or `]]>`.
  @inline(__always)
  private func passCharacter(_ at: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>? {
    let byte = at[0]
    if byte == 0x0A || byte == 0x09 { return at + 1 }
    if byte >= 0x80 {
      // Such characters come in runs.
      var at = at
      while at[0] >= 0x80 {
        let length = Characters.sequenceLength(at)
        if length == 0 { return nil }
        at += length
      }
      return at
    }
    if byte == UInt8(ascii: ">") {
      return at[-1] == UInt8(ascii: "]") && at[-2] == UInt8(ascii: "]") ? nil : at + 1
    }
    return nil
  }

  // MARK: Attributes

  /// Reads the attributes from behind the tag's name, and returns what follows the tag's '>'; nil if anything in it
  /// is unusual.
  @inline(__always)
  private func scanAttributes(
    _ start: UnsafePointer<UInt8>, of node: Int32, _ place: DriftTree.Place
  ) -> UnsafePointer<UInt8>? {
    let nodes = vocabulary.nodes
    let known = node >= 0 ? nodes[Int(node)].attributes : 0..<0
    var guess = known.lowerBound
    var seen: UInt64 = 0
    if !unknownAttributes.isEmpty { unknownAttributes.removeAll() }
    var at = start
    while true {
      let isSeparated = Characters.isSpace(at[0])
      if isSeparated { at = skipSpace(at) }
      if at[0] == UInt8(ascii: ">") { return at + 1 }
      if at[0] == UInt8(ascii: "/") { return at[1] == UInt8(ascii: ">") ? at + 2 : nil }
      guard isSeparated else { return nil }

      var token: UInt16 = 0
      if guess < known.upperBound, isAttribute(nodes[Int(guess)], at) {
        token = nodes[Int(guess)].text
        at += nodes[Int(guess)].nameLength
        let bit: UInt64 = 1 << UInt64(guess - known.lowerBound)
        if seen & bit != 0 { return nil }
        seen |= bit
        guess += 1
      } else {
        let length = Characters.nameLength(at)
        guard length > 0, length <= RecordScanner.maximumNameLength else { return nil }
        let found = vocabulary.find(at, length, in: known)
        if found >= 0 {
          token = nodes[Int(found)].text
          let bit: UInt64 = 1 << UInt64(found - known.lowerBound)
          if seen & bit != 0 { return nil }
          seen |= bit
          guess = found + 1
        } else {
          guard unknownAttributes.insert(at, length) else { return nil }
          drift.note(at, length, in: place, isAttribute: true)
        }
        at += length
      }
      at = skipSpace(at)
      guard at[0] == UInt8(ascii: "=") else { return nil }
      at = skipSpace(at + 1)
      let quote = at[0]
      guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else { return nil }
      let value = at + 1
      at = cbytes_attribute_stop(value, quote)
      if at[0] == quote {
        if token != 0, at > value { fields.append(token, value, at - value) }
      } else {
        guard let stop = readUnevenValue(value, stop: at, quote: quote, token: token) else { return nil }
        at = stop
      }
      at += 1
    }
  }

  @inline(__always)
  private func isAttribute(_ node: Vocabulary.Node, _ name: UnsafePointer<UInt8>) -> Bool {
    cbytes_load8(name) & node.mask == node.head && Vocabulary.sameTail(node.name, name, node.nameLength)
      && name[node.nameLength] == UInt8(ascii: "=")
  }

  /// Reads an attribute's value that holds more than plain ASCII, resolving references and turning line feeds and
  /// tabs into blanks (XML 1.0, 3.3.3); returns the closing quote, or nil if the value is unusual.
  @inline(never)
  private func readUnevenValue(
    _ value: UnsafePointer<UInt8>, stop: UnsafePointer<UInt8>, quote: UInt8, token: UInt16
  ) -> UnsafePointer<UInt8>? {
    var at = stop
    var run = value
    fields.beginText()
    while at[0] != quote {
      let byte = at[0]
      if byte == UInt8(ascii: "&") {
        guard let reference = Characters.reference(at) else { return nil }
        fields.appendText(run, at - run)
        fields.appendText(reference.scalar)
        at += reference.length
        run = at
      } else if byte == 0x0A || byte == 0x09 {
        fields.appendText(run, at - run)
        fields.appendText(" ")
        at += 1
        run = at
      } else {
        let length = byte >= 0x80 ? Characters.sequenceLength(at) : 0
        if length == 0 { return nil }
        at += length
      }
      at = cbytes_attribute_stop(at, quote)
    }
    fields.appendText(run, at - run)
    if token != 0 { fields.endText(token) }
    return at
  }
}

/// The unknown attributes of one element, to find one that is there twice; each in time proportional to its length.
private struct NameSet {
  private var names: [(start: UnsafePointer<UInt8>, length: Int, hash: Int)] = []
  /// A hash table of `names`, with open addresses; -1 where there is none. Empty while they are few.
  private var slots: [Int32] = []

  var isEmpty: Bool { names.isEmpty }

  mutating func removeAll() {
    names.removeAll(keepingCapacity: names.capacity <= 1024)
    slots = []
  }

  /// - Returns: false if it is there already.
  mutating func insert(_ start: UnsafePointer<UInt8>, _ length: Int) -> Bool {
    var hasher = Hasher()
    hasher.combine(bytes: UnsafeRawBufferPointer(start: start, count: length))
    let name = (start: start, length: length, hash: hasher.finalize())
    if slots.isEmpty {
      guard !names.contains(where: { NameSet.isSame($0, name) }) else { return false }
      names.append(name)
      if names.count == 16 { rebuild(1024) }
      return true
    }
    var slot = name.hash & (slots.count - 1)
    while slots[slot] >= 0 {
      if NameSet.isSame(names[Int(slots[slot])], name) { return false }
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = Int32(names.count)
    names.append(name)
    if names.count * 2 > slots.count { rebuild(slots.count * 4) }
    return true
  }

  private mutating func rebuild(_ count: Int) {
    slots = Array(repeating: -1, count: count)
    for (index, name) in names.enumerated() {
      var slot = name.hash & (count - 1)
      while slots[slot] >= 0 { slot = (slot + 1) & (count - 1) }
      slots[slot] = Int32(index)
    }
  }

  private static func isSame(
    _ a: (start: UnsafePointer<UInt8>, length: Int, hash: Int),
    _ b: (start: UnsafePointer<UInt8>, length: Int, hash: Int)
  ) -> Bool {
    a.hash == b.hash && a.length == b.length && memcmp(a.start, b.start, a.length) == 0
  }
}
