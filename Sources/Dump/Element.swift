/// A known element of a dump, declared as a tree: what it may contain, and which parts of it become fields.
///
/// A field's token is a number of the declaring side's own choosing; 0 stands for none.
public struct Element: Sendable {
  var name: String
  /// The token of the mark that is handed out when the element begins; 0 for none.
  var begin: UInt16
  /// The token under which the element's own text is handed out; 0 if nobody wants it.
  var text: UInt16
  /// The token of the mark that is handed out when the element ends; 0 for none.
  var end: UInt16
  var attributes: [(name: String, token: UInt16)]
  var children: [Element]

  /// - Parameters:
  ///   - begin: the token for a mark before everything inside the element, its attributes included.
  ///   - text: the token for the element's own text (not that of elements inside it).
  ///   - end: the token for a mark after everything inside the element.
  ///   - attributes: the known attributes with the token for their values, 0 for those that nobody wants.
  public init(
    _ name: String, begin: UInt16 = 0, text: UInt16 = 0, end: UInt16 = 0,
    attributes: [(name: String, token: UInt16)] = [], _ children: [Element] = []
  ) {
    self.name = name
    self.begin = begin
    self.text = text
    self.end = end
    self.attributes = attributes
    self.children = children
  }
}
