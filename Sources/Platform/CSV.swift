/// Comma-separated values as RFC 4180 has them: lines end with CRLF; a field that holds a comma, a quote or a line
/// break is in quotes, quotes inside it doubled.
///
/// Programs that show tables take text that begins with certain characters for a formula, and would compute it. Such
/// text gets a `'` before it, by which they know it for text. Numbers are written as they are.
public enum CSV {
  /// A field.
  public enum Field: Sendable, Hashable, ExpressibleByStringLiteral {
    /// Text; nil is an empty field.
    case text(String?)
    /// A number; nil is an empty field.
    case number(Int64?)

    /// Text as it stands in the source.
    public init(stringLiteral text: String) { self = .text(text) }
  }

  /// One record with its line end.
  public static func record(_ fields: some Sequence<Field>) -> String {
    fields.map { field in
      switch field {
      case .text(let text): Self.field(guarded(text ?? ""))
      case .number(let number): number.map { String($0) } ?? ""
      }
    }.joined(separator: ",") + "\r\n"
  }

  /// One record of texts with its line end; nil is an empty field.
  public static func record(_ texts: some Sequence<String?>) -> String { record(texts.map(Field.text)) }

  private static func guarded(_ text: String) -> String {
    switch text.utf8.first {
    case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"), UInt8(ascii: "\t"),
      UInt8(ascii: "\r"):
      "'" + text
    default: text
    }
  }

  private static func field(_ text: String) -> String {
    // By bytes: CR LF is one Character, which is neither "\r" nor "\n".
    let needsQuotes = text.utf8.contains { byte in
      switch byte {
      case UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "\r"), UInt8(ascii: "\n"): true
      default: false
      }
    }
    guard needsQuotes else { return text }
    var quoted = String.UnicodeScalarView(["\""])
    for scalar in text.unicodeScalars {
      if scalar == "\"" { quoted.append(scalar) }
      quoted.append(scalar)
    }
    quoted.append("\"")
    return String(quoted)
  }
}
