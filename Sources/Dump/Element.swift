/// A known element of a dump, declared as a tree: what it may contain, and which parts of it become fields.
///
/// A field's token is a number of the declaring side's own choosing (an enum's raw value); 0 stands for none.
public struct Element: Sendable {
  var name: String
  /// The token under which the element's own text is handed out; 0 if nobody wants it.
  var text: UInt8
  /// The token of the mark that is handed out when the element ends; 0 for none.
  var end: UInt8
  var attributes: [(name: String, token: UInt8)]
  var children: [Element]

  /// - Parameters:
  ///   - text: the token for the element's own text (not that of elements inside it).
  ///   - end: the token for a mark after everything inside the element.
  ///   - attributes: the known attributes with the token for their values, 0 for those that nobody wants.
  public init(
    _ name: String, text: UInt8 = 0, end: UInt8 = 0, attributes: KeyValuePairs<String, UInt8> = [:],
    _ children: [Element] = []
  ) {
    self.name = name
    self.text = text
    self.end = end
    self.attributes = attributes.map { ($0.key, $0.value) }
    self.children = children
  }
}
