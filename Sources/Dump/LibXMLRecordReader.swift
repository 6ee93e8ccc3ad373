import CBytes
import CLibXML2

/// Why a record is not well-formed, in libxml2's words.
struct RecordFault: Error, Equatable {
  var reason: String
}

/// Reads any record that is well-formed XML, with libxml2's SAX parser.
///
/// It yields what `RecordScanner` yields, and accepts all that the XML 1.0 recommendation allows. Entities that the
/// dump's own document type declares are resolved within libxml2's limits on expansion; nothing outside the dump is
/// ever read.
final class LibXMLRecordReader {
  private let vocabulary: Vocabulary
  /// The dump's document type declaration, read before each record so that its entities are known.
  var documentType: [UInt8] = []

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

  /// Deeper elements make a record unreadable: each level that is open takes memory. (libxml2 has a limit only where it
  /// is not fed piece by piece.)
  static let maximumDepth = 1 << 17

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

    var handler = LibXMLRecordReader.handler
    // No user data: libxml2's own callbacks for declarations want the context there. Ours find this reader in
    // `_private`.
    guard let context = xmlCreatePushParserCtxt(&handler, nil, nil, 0, nil) else {
      throw RecordFault(reason: "libxml2 could not allocate a parser")
    }
    defer {
      if let document = context.pointee.myDoc { xmlFreeDoc(document) }
      context.pointee.myDoc = nil
      xmlFreeParserCtxt(context)
    }
    context.pointee._private = Unmanaged.passUnretained(self).toOpaque()
    // No XML_PARSE_HUGE: libxml2's limits on depth, names and expansion stay. No DTDLOAD, no network.
    xmlCtxtUseOptions(
      context,
      Int32(
        XML_PARSE_NOENT.rawValue | XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue
          | XML_PARSE_NOWARNING.rawValue))
    documentType.withUnsafeBufferPointer { feed(context, $0, isLast: false) }
    feed(context, bytes, isLast: true)

    if let fault { throw RecordFault(reason: fault) }
    if context.pointee.wellFormed == 0 {
      var reason = "not well-formed"
      if let error = xmlCtxtGetLastError(context), let message = error.pointee.message {
        reason += ": " + LibXMLRecordReader.oneLine(message)
      }
      throw RecordFault(reason: reason)
    }
  }

  private func feed(_ context: xmlParserCtxtPtr, _ bytes: UnsafeBufferPointer<UInt8>, isLast: Bool) {
    bytes.withMemoryRebound(to: CChar.self) { characters in
      _ = xmlParseChunk(context, characters.baseAddress, Int32(characters.count), isLast ? 1 : 0)
    }
  }

  /// A message of libxml2's without its line ends, and without most of a name that is endless.
  fileprivate static func oneLine(_ message: UnsafePointer<CChar>) -> String {
    let bytes = UnsafeBufferPointer(start: message, count: strlen(message)).prefix(200)
    let text = String(decoding: bytes.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return text.split(whereSeparator: \.isNewline).joined(separator: " ")
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
    if open.count > LibXMLRecordReader.maximumDepth {
      fault = "elements are nested deeper than \(LibXMLRecordReader.maximumDepth)"
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
