/// Turns nodes into bytes: the one place where text is escaped.
struct MarkupWriter {
  private(set) var bytes: [UInt8] = []

  mutating func raw(_ text: StaticString) { bytes += text.description.utf8 }

  mutating func write(_ nodes: [Node]) { for node in nodes { write(node) } }

  private mutating func write(_ node: Node) {
    switch node {
    case .text(let text): escape(text, quotes: false)
    case .sequence(let nodes): write(nodes)
    case .element(let element):
      open(element.tag, element.attributes)
      if element.tag.content == .nothing { return }
      write(element.children)
      close(element.tag)
    }
  }

  mutating func open(_ tag: Tag, _ attributes: [Attribute]) {
    if tag.startsLine { bytes.append(UInt8(ascii: "\n")) }
    bytes.append(UInt8(ascii: "<"))
    bytes += tag.name.utf8
    for attribute in attributes {
      bytes.append(UInt8(ascii: " "))
      bytes += attribute.name.utf8
      guard let value = attribute.value else { continue }
      raw("=\"")
      escape(value, quotes: true)
      bytes.append(UInt8(ascii: "\""))
    }
    bytes.append(UInt8(ascii: ">"))
  }

  mutating func close(_ tag: Tag) {
    raw("</")
    bytes += tag.name.utf8
    bytes.append(UInt8(ascii: ">"))
  }

  mutating func write(_ resource: Resource, as tag: Tag) {
    open(tag, [])
    bytes += resource.text.utf8
    close(tag)
  }

  /// Writes text so that a browser reads it as it is: characters that would be markup become references, those that HTML
  /// does not allow (section 13.1.4: controls and noncharacters) U+FFFD.
  private mutating func escape(_ text: String, quotes: Bool) {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", " ": bytes.append(UInt8(scalar.value))
      case "&": raw("&amp;")
      case "<": raw("&lt;")
      case ">": raw("&gt;")
      case "\"" where quotes: raw("&quot;")
      // A reference to it would be one to a control; where pages show text, it is white space like a line feed.
      case "\r": raw("\n")
      case "\t", "\n": bytes.append(UInt8(scalar.value))
      case _ where scalar.properties.generalCategory == .control || scalar.properties.isNoncharacterCodePoint:
        raw("\u{FFFD}")
      default: bytes += UTF8.encode(scalar)!
      }
    }
  }
}
