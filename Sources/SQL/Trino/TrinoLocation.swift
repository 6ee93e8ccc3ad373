/// Where Trino says that a table's files, or one of them, are.
struct TrinoLocation: Sendable, Hashable {
  /// The URI as Trino writes it.
  let uri: String

  init(uri: String) { self.uri = uri }

  /// The lake that the place is in, by the names of a lake's folders; the place itself where it is in none.
  var lake: String {
    let marks = ["/_runs/", "/active/", "/_meta/"]
    let ends = marks.compactMap { mark in uri.ranges(of: mark).last?.lowerBound }
    return ends.max().map { String(uri[..<$0]) } ?? uri
  }

  /// - Parameter statement: the answer to `SHOW CREATE TABLE`; nil if it names no location.
  init?(ofStatement statement: String) {
    // The properties come last; columns and comments before them may hold anything.
    var rest = Array(statement.utf8)[...]
    let property = Array("external_location = '".utf8)
    let quote = UInt8(ascii: "'")
    var found: [UInt8]?
    while let byte = rest.first {
      let isProperty = rest.starts(with: property)
      guard isProperty || byte == quote || byte == UInt8(ascii: "\"") else {
        rest.removeFirst()
        continue
      }
      let end = isProperty ? quote : byte
      rest.removeFirst(isProperty ? property.count : 1)
      var text: [UInt8] = []
      while let byte = rest.popFirst() {
        if byte == end {
          guard rest.first == end else { break }
          rest.removeFirst()
        }
        text.append(byte)
      }
      if isProperty { found = text }
    }
    guard let found else { return nil }
    uri = String(decoding: found, as: UTF8.self)
  }

  /// The path of ``lake`` where it is one of Hadoop's local file system, which may be this machine's.
  var lakePath: String? {
    let normal = Self.normal(lake)
    return normal.hasPrefix("file:/") ? String(normal.dropFirst("file:".count)) : nil
  }

  /// The folder as this machine sees it; the URI itself where that is not in the lake.
  func path(in settings: TrinoSettings) -> String {
    let (own, base) = (Self.normal(uri), Self.normal(settings.lakeURI))
    if own == base { return settings.lakePath }
    guard own.utf8.starts(with: (base + "/").utf8) else { return uri }
    return settings.lakePath + String(decoding: own.utf8.dropFirst(base.utf8.count), as: UTF8.self)
  }

  /// One of the ways to write a URI: a metastore may turn `file:/lake` into `file:///lake`, and drop a `/` at the end.
  private static func normal(_ uri: String) -> String {
    var bytes = Array(uri.utf8)
    let slash = UInt8(ascii: "/")
    if let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes[(colon + 1)...].starts(with: "///".utf8) {
      bytes.removeSubrange(colon + 1..<colon + 3)
    }
    while bytes.last == slash { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
}
