import Markup

/// Pieces of text that the pages have in common.
enum Phrases {
  /// A name of ours, or a line for a shell.
  static func code(_ text: String) -> Node { HTML.code(text: text) }

  /// A number that a program finds exactly, whatever is shown.
  static func number(_ value: Int64, shown: String) -> Node { HTML.data(.value(String(value)), text: shown) }

  /// `a`, `a and b`, `a, b and c`
  static func list(_ parts: [String]) -> String {
    guard let last = parts.last else { return "" }
    return parts.count == 1 ? last : "\(parts.dropLast().joined(separator: ", ")) and \(last)"
  }
}
