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
  fileprivate(set) var drift: [String] = []
  fileprivate var open: [OpenElement] = []
  fileprivate var fault: String?

  fileprivate struct OpenElement {
    var node: Int32
    var name: String
    var text: [UInt8] = []
  }

  init(_ vocabulary: Vocabulary) {
    self.vocabulary = vocabulary
    LibXMLRecordReader.prepareLibrary
  }

  /// Reads the record in `bytes`, from its start tag to its end tag.
  ///
  /// - Throws: `RecordFault` if it is not well-formed.
  func read(_ bytes: UnsafeBufferPointer<UInt8>) throws(RecordFault) {
    fields.removeAll()
    drift.removeAll(keepingCapacity: true)
    open.removeAll(keepingCapacity: true)
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
        reason += ": " + LibXMLRecordReader.oneLine(String(cString: message))
      }
      throw RecordFault(reason: reason)
    }
  }

  private func feed(_ context: xmlParserCtxtPtr, _ bytes: UnsafeBufferPointer<UInt8>, isLast: Bool) {
    bytes.withMemoryRebound(to: CChar.self) { characters in
      _ = xmlParseChunk(context, characters.baseAddress, Int32(characters.count), isLast ? 1 : 0)
    }
  }

  private static func oneLine(_ message: String) -> String {
    message.split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  // MARK: Events

  fileprivate func start(
    _ name: UnsafePointer<UInt8>, _ attributes: UnsafeMutablePointer<UnsafePointer<UInt8>?>?
  ) {
    let nameText = String(cString: name)
    let node: Int32
    if let parent = open.last {
      node = parent.node < 0 ? -1 : find(nameText, in: vocabulary.nodes[Int(parent.node)].children)
    } else {
      node = nameText == vocabulary.recordName ? 0 : -1
    }
    open.append(OpenElement(node: node, name: nameText))
    if node < 0 { drift.append(path) }

    guard var at = attributes else { return }
    while let attribute = at[0], let value = at[1] {
      let attributeName = String(cString: attribute)
      let known = node < 0 ? -1 : find(attributeName, in: vocabulary.nodes[Int(node)].attributes)
      if known < 0 {
        drift.append(path + "/@" + attributeName)
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
    guard let element = open.popLast(), element.node >= 0 else { return }
    let node = vocabulary.nodes[Int(element.node)]
    if node.text != 0, !element.text.isEmpty {
      fields.beginText()
      element.text.withUnsafeBufferPointer { fields.appendText($0.baseAddress!, $0.count) }
      fields.endText(node.text)
    }
    if node.end != 0 { fields.append(node.end, vocabulary.nodes[0].name, 0) }
  }

  fileprivate func characters(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
    guard let last = open.indices.last, open[last].node >= 0 else { return }
    if vocabulary.nodes[Int(open[last].node)].text != 0 {
      open[last].text.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
    }
  }

  private var path: String { open.map(\.name).joined(separator: "/") }

  private func find(_ name: String, in candidates: Range<Int32>) -> Int32 {
    // The look-up reads eight bytes at a time.
    let padded = Array(name.utf8) + [UInt8](repeating: 0, count: 8)
    return padded.withUnsafeBufferPointer {
      vocabulary.find($0.baseAddress!, name.utf8.count, in: candidates)
    }
  }

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
      guard let name else { return }
      reader(context)?.start(name, attributes)
    }
    handler.endElement = { context, _ in reader(context)?.end() }
    handler.characters = { context, bytes, count in
      guard let bytes else { return }
      reader(context)?.characters(bytes, Int(count))
    }
    handler.ignorableWhitespace = handler.characters
    handler.cdataBlock = handler.characters
    handler.reference = { context, name in
      reader(context)?.fault =
        "refers to an entity that is not declared" + (name.map { ": " + String(cString: $0) } ?? "")
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
