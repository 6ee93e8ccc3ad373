import CBytes
import CLibXML2

/// Why a record is not well-formed, in libxml2's words.
struct RecordFault: Error, Equatable {
  var reason: String
}

/// Reads any record that is well-formed XML, with libxml2's SAX parser.
///
/// It yields what `RecordScanner` yields, and accepts all that the XML 1.0 recommendation allows. Entities that the
/// dump's own document type declares are resolved, up to the greatest length of a record; nothing outside the dump is
/// ever read.
final class LibXMLRecordReader {
  private let vocabulary: Vocabulary
  /// The dump's document type declaration; its entities are known in the records that are read from now on.
  var documentType: [UInt8] = [] {
    didSet { if documentType != oldValue { entities = nil } }
  }
  /// Of the document type; read when the first record wants one.
  private var entities: DeclaredEntities?
  /// How many bytes of entities the records since the last `reset()` were expanded by.
  private(set) var expandedCount = 0
  private var recordExpandedCount = 0
  /// Reused for many records: making one takes longer than reading a small record.
  private var context: xmlParserCtxtPtr?

  fileprivate(set) var fields = FieldList()
  /// Takes the elements and attributes that the vocabulary does not know.
  private let drift: DriftTree
  fileprivate var open: [OpenElement] = []
  fileprivate var fault: String?
  /// Whether the outermost element is the dump's root.
  private var isRoot = false

  fileprivate struct OpenElement {
    /// -1 for an element that the vocabulary does not know.
    var node: Int32
    /// Where what is unknown in it is counted.
    var place: DriftTree.Place
    var text: [UInt8] = []
  }

  init(_ vocabulary: Vocabulary, drift: DriftTree) {
    self.vocabulary = vocabulary
    self.drift = drift
    LibXMLRecordReader.prepareLibrary
  }

  /// Reads the record in `bytes`, from its start tag to its end tag.
  ///
  /// - Parameter isRoot: whether this is no record, but the root element without its content.
  /// - Throws: `RecordFault` if it is not well-formed.
  func read(_ bytes: UnsafeBufferPointer<UInt8>, isRoot: Bool = false) throws(RecordFault) {
    self.isRoot = isRoot
    fields.removeAll()
    open.removeAll(keepingCapacity: open.capacity <= 1024)
    fault = nil

    recordExpandedCount = 0

    guard let context = freshContext() else {
      throw RecordFault(reason: "libxml2 could not allocate a parser")
    }
    defer {
      // What libxml2 keeps of names and of buffers must not add up.
      if bytes.count > 1 << 16 || xmlDictSize(context.pointee.dict) > 4096 { discardContext() }
    }
    bytes.withMemoryRebound(to: CChar.self) { characters in
      _ = xmlParseChunk(context, characters.baseAddress, Int32(characters.count), 1)
    }

    if let fault { throw RecordFault(reason: fault) }
    if context.pointee.wellFormed == 0 {
      var reason = "not well-formed"
      if let error = xmlCtxtGetLastError(context), let message = error.pointee.message {
        reason += ": " + LibXMLRecordReader.oneLine(message)
      }
      throw RecordFault(reason: reason)
    }
  }

  /// Forgets what was counted before.
  func reset() { expandedCount = 0 }

  deinit { discardContext() }

  private func freshContext() -> xmlParserCtxtPtr? {
    if let context {
      if xmlCtxtResetPush(context, nil, 0, nil, nil) != 0 { discardContext() }
    }
    if context == nil {
      // No user data: libxml2's own callbacks for declarations want the context there. Ours find this reader in
      // `_private`.
      var handler = LibXMLRecordReader.handler
      context = xmlCreatePushParserCtxt(&handler, nil, nil, 0, nil)
      context?.pointee._private = Unmanaged.passUnretained(self).toOpaque()
    }
    // XML_PARSE_HUGE, since there are limits of our own: on the record's length, on depth, and on what entities are
    // expanded to. (libxml2's would also count what harmless entities have cost, and spoil them for later records.)
    // No DTDLOAD, no network.
    if let context {
      xmlCtxtUseOptions(
        context,
        Int32(
          XML_PARSE_NOENT.rawValue | XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue
            | XML_PARSE_NOWARNING.rawValue | XML_PARSE_HUGE.rawValue))
    }
    return context
  }

  private func discardContext() {
    guard let context else { return }
    if let document = context.pointee.myDoc { xmlFreeDoc(document) }
    context.pointee.myDoc = nil
    xmlFreeParserCtxt(context)
    self.context = nil
  }

  /// The entity of this name, to be expanded once.
  fileprivate func entity(_ name: UnsafePointer<UInt8>) -> xmlEntityPtr? {
    if documentType.isEmpty || fault != nil { return nil }
    let entities = self.entities ?? DeclaredEntities(documentType)
    self.entities = entities
    guard let entity = entities.find(name) else { return nil }
    let cost = DeclaredEntities.referenceCost + Int(entity.pointee.length)
    recordExpandedCount += cost
    expandedCount += cost
    if entities.isEndless(entity) || recordExpandedCount > RecordBoundary.maximumRecordLength {
      fault = "its entities expand to more than \(RecordBoundary.maximumRecordLength) bytes"
      return nil
    }
    return entity
  }

  /// A message of libxml2's without its line ends, without most of a name that is endless, and without the numbers of
  /// lines, which nobody counts here: they are all 0.
  fileprivate static func oneLine(_ message: UnsafePointer<CChar>) -> String {
    let bytes = UnsafeBufferPointer(start: message, count: strlen(message)).prefix(200)
    let text = String(decoding: bytes.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return text.split(whereSeparator: \.isNewline).joined(separator: " ").replacing(" line 0", with: "")
  }

  // MARK: Events

  fileprivate func start(
    _ name: UnsafePointer<UInt8>, _ attributes: UnsafeMutablePointer<UnsafePointer<UInt8>?>?
  ) {
    guard fault == nil else { return }
    let length = strlen(UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self))
    let node: Int32
    let place: DriftTree.Place
    if let parent = open.last {
      node = parent.node < 0 ? -1 : find(name, length, in: vocabulary.nodes[Int(parent.node)].children)
      place = node < 0 ? drift.note(name, length, in: parent.place) : node
    } else if isRoot {
      node = -1
      place = DriftTree.root
    } else {
      node = isRecordName(name, length) ? 0 : -1
      place = node < 0 ? drift.note(name, length, in: DriftTree.root) : node
    }
    open.append(OpenElement(node: node, place: place))
    if open.count > RecordBoundary.maximumDepth {
      fault = "elements are nested deeper than \(RecordBoundary.maximumDepth)"
    }
    if node >= 0, vocabulary.nodes[Int(node)].begin != 0 {
      fields.append(vocabulary.nodes[Int(node)].begin, vocabulary.nodes[0].name, 0)
    }

    guard var at = attributes else { return }
    while let attribute = at[0], let value = at[1] {
      let length = strlen(UnsafeRawPointer(attribute).assumingMemoryBound(to: CChar.self))
      let known = node < 0 ? -1 : find(attribute, length, in: vocabulary.nodes[Int(node)].attributes)
      if known < 0 {
        drift.note(attribute, length, in: place, isAttribute: true)
      } else {
        let token = vocabulary.nodes[Int(known)].text
        let length = strlen(UnsafeRawPointer(value).assumingMemoryBound(to: CChar.self))
        if token != 0, length > 0 {
          fields.beginText()
          fields.appendText(value, length)
          fields.endText(token)
        }
      }
      at += 2
    }
  }

  fileprivate func end() {
    guard fault == nil, let element = open.popLast(), element.node >= 0 else { return }
    let node = vocabulary.nodes[Int(element.node)]
    if node.text != 0, !element.text.isEmpty {
      fields.beginText()
      element.text.withUnsafeBufferPointer { fields.appendText($0.baseAddress!, $0.count) }
      fields.endText(node.text)
    }
    if node.end != 0 { fields.append(node.end, vocabulary.nodes[0].name, 0) }
  }

  fileprivate func characters(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
    guard fault == nil, let last = open.indices.last, open[last].node >= 0 else { return }
    if vocabulary.nodes[Int(open[last].node)].text != 0 {
      open[last].text.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
    }
  }

  private func isRecordName(_ name: UnsafePointer<UInt8>, _ length: Int) -> Bool {
    length == vocabulary.recordName.utf8.count
      && vocabulary.recordName.utf8.elementsEqual(
        UnsafeBufferPointer(start: name, count: length))
  }

  private func find(
    _ name: UnsafePointer<UInt8>, _ length: Int, in candidates: Range<Int32>
  ) -> Int32 {
    guard length <= LibXMLRecordReader.longestKnownName else { return -1 }
    // The look-up reads eight bytes at a time, and libxml2's names have nothing behind them.
    return withUnsafeTemporaryAllocation(
      of: UInt8.self, capacity: LibXMLRecordReader.longestKnownName + 8
    ) { padded in
      padded.initialize(repeating: 0)
      padded.baseAddress!.update(from: name, count: length)
      return vocabulary.find(padded.baseAddress!, length, in: candidates)
    }
  }

  /// No vocabulary has a name that comes near this.
  private static let longestKnownName = 64

  // MARK: libxml2

  /// Once per process: initialises libxml2 for several threads and forbids it to open anything.
  private static let prepareLibrary: Void = {
    xmlInitParser()
    xmlSetExternalEntityLoader { _, _, context in
      reader(UnsafeMutableRawPointer(context))?.fault = "refers to an external entity"
      return nil
    }
  }()

  /// libxml2's default handler for declarations, ours for content. SAX 1, since namespaces play no role.
  private static var handler: xmlSAXHandler {
    var handler = xmlSAXHandler()
    xmlSAXVersion(&handler, 1)
    handler.startElement = { context, name, attributes in
      guard let name, let reader = reader(context) else { return }
      reader.start(name, attributes)
      if reader.fault != nil { xmlStopParser(context!.assumingMemoryBound(to: xmlParserCtxt.self)) }
    }
    handler.endElement = { context, _ in reader(context)?.end() }
    handler.characters = { context, bytes, count in
      guard let bytes else { return }
      reader(context)?.characters(bytes, Int(count))
    }
    handler.ignorableWhitespace = handler.characters
    handler.cdataBlock = handler.characters
    handler.reference = { context, name in
      let name = name.map {
        LibXMLRecordReader.oneLine(UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
      }
      reader(context)?.fault = "refers to an entity that is not declared" + (name.map { ": " + $0 } ?? "")
    }
    handler.getEntity = { context, name in
      guard let name, let reader = reader(context) else { return nil }
      let entity = reader.entity(name)
      if reader.fault != nil { xmlStopParser(context!.assumingMemoryBound(to: xmlParserCtxt.self)) }
      return entity
    }
    // Nobody wants a document.
    handler.startDocument = nil
    handler.comment = nil
    handler.processingInstruction = nil
    return handler
  }
}

/// The reader behind a parser context.
private func reader(_ context: UnsafeMutableRawPointer?) -> LibXMLRecordReader? {
  guard let context else { return nil }
  let parser = context.assumingMemoryBound(to: xmlParserCtxt.self)
  return parser.pointee._private.map {
    Unmanaged<LibXMLRecordReader>.fromOpaque($0).takeUnretainedValue()
  }
}

/// The entities that a dump's document type declares.
private final class DeclaredEntities {
  /// What a reference costs besides its text, in bytes.
  static let referenceCost = 16

  private let document: xmlDocPtr?
  private var extents: [xmlEntityPtr: Extent] = [:]

  /// - Parameter documentType: from `<!DOCTYPE` to its `>`. What is wrong with it declares nothing.
  init(_ documentType: [UInt8]) {
    var handler = xmlSAXHandler()
    xmlSAXVersion(&handler, 1)
    // Of all declarations only entities matter.
    handler.attributeDecl = nil
    handler.elementDecl = nil
    handler.notationDecl = nil
    handler.unparsedEntityDecl = nil
    handler.comment = nil
    handler.processingInstruction = nil
    guard let context = xmlCreatePushParserCtxt(&handler, nil, nil, 0, nil) else {
      document = nil
      return
    }
    xmlCtxtUseOptions(
      context,
      Int32(XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue))
    (documentType + Array("<x/>".utf8)).withUnsafeBytes {
      _ = xmlParseChunk(context, $0.baseAddress!.assumingMemoryBound(to: CChar.self), Int32($0.count), 1)
    }
    document = context.pointee.wellFormed == 1 ? context.pointee.myDoc : nil
    if document == nil, let broken = context.pointee.myDoc { xmlFreeDoc(broken) }
    context.pointee.myDoc = nil
    xmlFreeParserCtxt(context)
  }

  deinit { if let document { xmlFreeDoc(document) } }

  func find(_ name: UnsafePointer<UInt8>) -> xmlEntityPtr? {
    guard let document else { return nil }
    return xmlGetDocEntity(document, name)
  }

  /// Whether the entity is expanded to more than a record may hold, or holds others in one another without end.
  func isEndless(_ entity: xmlEntityPtr) -> Bool {
    let extent = extent(of: entity)
    return extent.size > RecordBoundary.maximumRecordLength || extent.depth > DeclaredEntities.maximumDepth
  }

  /// As in libxml2.
  private static let maximumDepth = 40

  /// Looks at an entity and those in it, each once for all; without recursion, since they may be many in a row.
  private func extent(of entity: xmlEntityPtr) -> Extent {
    if let known = extents[entity] { return known }
    var path = [Visit(entity)]
    extents[entity] = .endless
    while var visit = path.popLast() {
      guard let inner = nextReference(&visit) else {
        extents[visit.entity] = visit.extent
        if !path.isEmpty { path[path.count - 1].extent.add(visit.extent) }
        continue
      }
      if let known = extents[inner] {
        visit.extent.add(known)
        path.append(visit)
      } else {
        extents[inner] = .endless
        path += [visit, Visit(inner)]
      }
    }
    return extents[entity]!
  }

  /// The next entity that an entity's text refers to.
  private func nextReference(_ visit: inout Visit) -> xmlEntityPtr? {
    // An external entity has no content, and is refused elsewhere.
    guard var at = visit.at else { return nil }
    while at[0] != 0 {
      guard at[0] == UInt8(ascii: "&"), at[1] != UInt8(ascii: "#") else {
        at += 1
        continue
      }
      var end = at + 1
      while end[0] != 0, end[0] != UInt8(ascii: ";"), end[0] != UInt8(ascii: "&") { end += 1 }
      let name = Array(UnsafeBufferPointer(start: at + 1, count: end - at - 1)) + [0]
      at = end
      if let inner = find(name) {
        visit.at = at
        return inner
      }
    }
    visit.at = at
    return nil
  }

  private struct Visit {
    let entity: xmlEntityPtr
    var at: UnsafeMutablePointer<UInt8>?
    var extent: Extent

    init(_ entity: xmlEntityPtr) {
      self.entity = entity
      at = entity.pointee.content
      extent = Extent(size: Int(entity.pointee.length), depth: 1)
    }
  }

  /// What an entity is expanded to in all, in bytes, and how deep others are in it.
  private struct Extent {
    var size: Int
    var depth: Int
    /// Of one that holds itself.
    static let endless = Extent(size: .max, depth: .max)

    mutating func add(_ inner: Extent) {
      let (sum, overflow) = inner.size.addingReportingOverflow(size + DeclaredEntities.referenceCost)
      size = overflow || inner.size == .max ? .max / 2 : min(sum, .max / 2)
      depth = max(depth, inner.depth == .max ? .max : inner.depth + 1)
    }
  }
}
