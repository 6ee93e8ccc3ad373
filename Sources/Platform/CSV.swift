/// Comma-separated values as RFC 4180 has them: lines end with CRLF; a field that holds a comma, a quote or a line
/// break is in quotes, quotes inside it doubled.
public enum CSV {
  /// One record with its line end; nil is an empty field.
  public static func record(_ fields: some Sequence<String?>) -> String {
    fields.map { field($0 ?? "") }.joined(separator: ",") + "\r\n"
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
