import Lake
import Markup

/// Pieces of text that the pages have in common.
enum Phrases {
  /// A name of ours, or a line for a shell.
  static func code(_ text: String) -> Node { HTML.code(text: text) }

  /// A name of ours that may be broken where its words meet.
  static func name(_ text: String) -> Node {
    HTML.code {
      for (index, word) in text.split(separator: "_", omittingEmptySubsequences: false).enumerated() {
        if index > 0 {
          "_"
          HTML.wbr()
        }
        String(word)
      }
    }
  }

  /// A number that a program finds exactly, whatever is shown.
  static func number(_ value: Int64, shown: String) -> Node { HTML.data(.value(String(value)), text: shown) }

  /// At most so many characters of a text, of which each has at most a dozen code points.
  static func shortened(_ text: String, to most: Int) -> String {
    let characters = text.prefix(most + 1)
    guard characters.count > most || text.unicodeScalars.count > most * 4 else { return text }
    let scalars = characters.prefix(most).flatMap { $0.unicodeScalars.prefix(12) }.prefix(most * 4)
    return "\(String(String.UnicodeScalarView(scalars)))…"
  }

  /// Text from a dump: of any language, direction and length. What is too long to read is cut, and told whole when a pointer
  /// rests on it, up to a length.
  static func foreign(_ text: String, tip: Int = 1000) -> Node {
    let shown = shortened(text, to: 100)
    return shown == text || tip == 0
      ? HTML.bdi(text: shown) : HTML.bdi(.title(shortened(text, to: tip)), text: shown)
  }

  /// A sentence in which run ids are not broken at the end of a line, nor what stands in backticks, which is for a shell.
  static func sentence(_ text: String) -> [Node] {
    let parts = text.split(separator: "`", omittingEmptySubsequences: false)
    return parts.enumerated().flatMap { index, part in
      index % 2 == 1 && index < parts.count - 1 ? [code(String(part))] : words(String(part))
    }
  }

  private static func words(_ text: String) -> [Node] {
    var nodes: [Node] = []
    var plain = ""
    for (index, word) in text.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
      if index > 0 { plain += " " }
      let id = word.prefix { !",.:;".contains($0) }
      guard (try? RunID(validating: String(id))) != nil else {
        plain += word
        continue
      }
      if !plain.isEmpty { nodes.append(.text(plain)) }
      nodes.append(HTML.span(.class("d"), text: String(id)))
      plain = String(word.dropFirst(id.count))
    }
    return plain.isEmpty ? nodes : nodes + [.text(plain)]
  }

  /// `a`, `a and b`, `a, b and c`
  static func list(_ parts: [String]) -> String {
    guard let last = parts.last else { return "" }
    return parts.count == 1 ? last : "\(parts.dropLast().joined(separator: ", ")) and \(last)"
  }
}
