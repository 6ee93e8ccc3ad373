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

  /// A sentence in which run ids are not broken at the end of a line.
  static func sentence(_ text: String) -> [Node] {
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
