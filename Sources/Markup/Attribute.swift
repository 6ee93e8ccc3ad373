/// An attribute of an element.
///
/// Names are literals of the source code. There are none that a browser would run or fetch something for: no event
/// handlers, no `style`, no `src`; and `href` takes a ``Link``.
public struct Attribute: Sendable, Hashable {
  /// As it is written.
  public let name: String
  /// Escaped when it is written; nil for an attribute that is there or is not.
  public let value: String?

  init(_ name: StaticString, _ value: String?) {
    self.name = name.description
    self.value = value
  }

  /// Where styles and scripts find the element.
  public static func `class`(_ names: String) -> Attribute { Attribute("class", names) }
  /// The element's own name in the page, unique in it.
  public static func id(_ name: String) -> Attribute { Attribute("id", name) }
  /// Where a link leads.
  public static func href(_ link: Link) -> Attribute { Attribute("href", link.address) }
  /// A page elsewhere is not told where it was linked.
  public static let noReferrer = Attribute("rel", "noreferrer")
  /// What a `data` or `time` element says for programs.
  public static func value(_ text: String) -> Attribute { Attribute("value", text) }
  /// The moment of a `time` element, in ISO 8601.
  public static func datetime(_ text: String) -> Attribute { Attribute("datetime", text) }
  /// What is shown when a pointer rests on it.
  public static func title(_ text: String) -> Attribute { Attribute("title", text) }
  /// The language of the content (BCP 47).
  public static func lang(_ code: String) -> Attribute { Attribute("lang", code) }
  /// What a table's header cell heads.
  public static func scope(_ scope: HeaderScope) -> Attribute { Attribute("scope", scope.rawValue) }
  /// How many columns a cell covers.
  public static func columnSpan(_ count: Int) -> Attribute { Attribute("colspan", String(count)) }
  /// Whether a `details` element shows all of its content at first.
  public static let open = Attribute("open", nil)
  /// What kind of thing it is, for assistive technology.
  public static func role(_ name: String) -> Attribute { Attribute("role", name) }
  /// Its name for assistive technology.
  public static func label(_ text: String) -> Attribute { Attribute("aria-label", text) }
  /// The ids of the elements that name it.
  public static func labelled(by ids: String) -> Attribute { Attribute("aria-labelledby", ids) }
  /// Assistive technology passes it over.
  public static let hidden = Attribute("aria-hidden", "true")
  /// Can be reached with the keyboard, as what scrolls must be.
  public static let focusable = Attribute("tabindex", "0")
  /// For the page's own script: what it can do with the element.
  public static func behaviour(_ name: String) -> Attribute { Attribute("data-behaviour", name) }
  /// For the page's own script: the value by which a table is sorted, where that is not the text.
  public static func sortKey(_ value: String) -> Attribute { Attribute("data-sort", value) }

  /// The name of a `meta` element.
  public static func name(_ text: String) -> Attribute { Attribute("name", text) }
  /// The content of a `meta` element.
  public static func content(_ text: String) -> Attribute { Attribute("content", text) }
  /// The header that a `meta` element stands for.
  public static func httpEquivalent(_ text: String) -> Attribute { Attribute("http-equiv", text) }
  /// The file's encoding.
  public static let utf8 = Attribute("charset", "utf-8")
}

/// What a header cell of a table heads.
public enum HeaderScope: String, Sendable {
  case column = "col"
  case row
  case columnGroup = "colgroup"
}

/// Where a link leads: a place in the page, or a page of the web whose address begins with a literal.
public struct Link: Sendable, Hashable {
  /// As it is written, before escaping.
  public let address: String

  /// The element with this id in the page.
  public static func here(_ id: String) -> Link { Link(address: "#\(id)") }

  /// A page of a site.
  /// - Parameters:
  ///   - site: `https://www.discogs.com/release/`
  ///   - number: the rest of the address.
  public static func web(_ site: StaticString, _ number: Int64) -> Link {
    Link(address: "\(site)\(number)")
  }
}
