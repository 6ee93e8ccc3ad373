/// How names and values are written in SQL text. Nothing reaches a statement in any other way.
public enum SQLText {
  /// `name` as a delimited identifier, `"name"`.
  public static func identifier(_ name: String) -> String {
    precondition(!name.isEmpty && !name.utf8.contains(0), "not an identifier: \(name)")
    return enclose(name, in: "\"")
  }

  /// `text` as an expression of type `VARCHAR`: `'text'`.
  ///
  /// Two characters are written as `chr(…)`: no statement's text can hold U+0000, and DuckDB's shell drops a carriage
  /// return before a line feed.
  public static func literal(_ text: String) -> String {
    var parts: [String] = []
    var plain = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      guard scalar == "\0" || scalar == "\r" else {
        plain.append(scalar)
        continue
      }
      parts += [enclose(String(plain), in: "'"), "chr(\(scalar.value))"]
      plain = String.UnicodeScalarView()
    }
    guard !parts.isEmpty else { return enclose(text, in: "'") }
    parts.append(enclose(String(plain), in: "'"))
    return "(\(parts.joined(separator: " || ")))"
  }

  /// `values` as a list for `IN (…)`.
  public static func literals(_ values: some Sequence<String>) -> String {
    values.map(literal).joined(separator: ", ")
  }

  private static func enclose(_ text: String, in quote: Unicode.Scalar) -> String {
    var quoted = String.UnicodeScalarView([quote])
    for scalar in text.unicodeScalars {
      if scalar == quote { quoted.append(quote) }
      quoted.append(scalar)
    }
    quoted.append(quote)
    return String(quoted)
  }
}
