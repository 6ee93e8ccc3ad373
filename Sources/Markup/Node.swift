/// A piece of a page: text, an element, or several of these.
///
/// A page is a value, built from nodes and turned into bytes once. Text is escaped when it is written and nowhere else, so
/// that nothing in it can become markup: there is no way to make a node from markup.
public indirect enum Node: Sendable, Hashable {
  /// Text as a reader sees it.
  case text(String)
  /// An element with what is in it.
  case element(Element)
  /// Nodes one after the other.
  case sequence([Node])
}

/// An element: its tag, its attributes, and what is in it.
public struct Element: Sendable, Hashable {
  /// What kind of element it is.
  public var tag: Tag
  /// In the order in which they are written; a name must not occur twice.
  public var attributes: [Attribute]
  /// What is in it; nothing in a void element.
  public var children: [Node]
}

/// A kind of element. The names are literals of the source code: none comes from data.
public struct Tag: Sendable, Hashable {
  /// What may be in an element of the kind.
  public enum Content: Sendable, Hashable {
    /// Nodes; the element has an end tag.
    case nodes
    /// Nothing (HTML, section 13.1.2, void elements).
    case nothing
    /// Text that is not escaped, as HTML has it for `style` and `script`; see ``Resource``.
    case rawText
  }

  /// As it is written.
  public let name: String
  /// What may be in it.
  public let content: Content
  /// Whether it begins a line of the file, which is white space without meaning where blocks are.
  public let startsLine: Bool

  init(_ name: StaticString, _ content: Content = .nodes, startsLine: Bool = false) {
    self.name = name.description
    self.content = content
    self.startsLine = startsLine
  }

  /// An element of the kind with what is in it.
  public func callAsFunction(_ attributes: Attribute?..., @NodeBuilder content: () -> [Node]) -> Node {
    make(attributes.compactMap { $0 }, content())
  }

  /// An element of the kind with nothing in it.
  public func callAsFunction(_ attributes: Attribute?...) -> Node { make(attributes.compactMap { $0 }, []) }

  /// An element of the kind with this text in it.
  public func callAsFunction(_ attributes: Attribute?..., text: String) -> Node {
    make(attributes.compactMap { $0 }, [.text(text)])
  }

  /// An element of the kind, from lists.
  public func make(_ attributes: [Attribute], _ children: [Node]) -> Node {
    precondition(content == .nodes || children.isEmpty, "\(name) takes no nodes")
    return .element(Element(tag: self, attributes: attributes, children: children))
  }
}

/// Lets the content of an element be written as statements: nodes, texts, lists of nodes, `if`, `for`.
@resultBuilder
public enum NodeBuilder {
  /// A node as it is.
  public static func buildExpression(_ node: Node) -> [Node] { [node] }
  /// A node if there is one.
  public static func buildExpression(_ node: Node?) -> [Node] { node.map { [$0] } ?? [] }
  /// Text.
  public static func buildExpression(_ text: String) -> [Node] { [.text(text)] }
  /// Several nodes.
  public static func buildExpression(_ nodes: [Node]) -> [Node] { nodes }
  /// All statements of a block.
  public static func buildBlock(_ parts: [Node]...) -> [Node] { Array(parts.joined()) }
  /// An `if` without `else`.
  public static func buildOptional(_ part: [Node]?) -> [Node] { part ?? [] }
  /// The first branch.
  public static func buildEither(first part: [Node]) -> [Node] { part }
  /// The other branch.
  public static func buildEither(second part: [Node]) -> [Node] { part }
  /// A loop.
  public static func buildArray(_ parts: [[Node]]) -> [Node] { Array(parts.joined()) }
}
