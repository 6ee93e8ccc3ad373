/// How a column's JSON values become values.
enum TrinoType {
  case integer, floating, boolean, timestamp, text

  /// - Throws: ``SQLError`` for a type that has no single value, such as an array.
  init(_ name: String) throws {
    switch name {
    case "bigint", "integer", "smallint", "tinyint": self = .integer
    case "double", "real": self = .floating
    case "boolean": self = .boolean
    case _ where name.hasPrefix("decimal"): self = .floating
    case _ where name.hasPrefix("timestamp") && !name.hasSuffix("with time zone"): self = .timestamp
    case _ where ["array", "map", "row"].contains { name.hasPrefix("\($0)(") }:
      throw SQLError(engine: .trino, name: "NOT_SUPPORTED", message: "a column of type \(name) is not read")
    default: self = .text
    }
  }

  func value(_ json: JSON) throws -> SQLValue {
    switch (self, json) {
    case (_, .null): return .null
    case (.integer, .number(let digits)):
      if let value = Int64(digits) { return .bigint(value) }
    // NaN and the infinities come as text, and so do decimals.
    case (.floating, .number(let text)), (.floating, .string(let text)):
      if let value = Double(text) { return .double(value) }
    case (.boolean, .boolean(let value)): return .boolean(value)
    case (.timestamp, .string(let text)): return .timestamp(Self.withoutTrailingZeros(text))
    case (.text, .string(let text)): return .varchar(text)
    default: break
    }
    throw SQLError(engine: .trino, name: "PROTOCOL", message: "\(Self.shown(json)) is no value of its column")
  }

  /// A value as a message shows it: not the whole of one that is long.
  private static func shown(_ json: JSON) -> String {
    switch json {
    case .number(let digits): digits.utf8.count > 40 ? "\(digits.prefix(40))…" : digits
    case .string(let text): text.utf8.count > 80 ? "“\(text.prefix(40))…”" : "“\(text)”"
    case .boolean(let value): "\(value)"
    default: "null"
    }
  }

  /// `… 01:02:03.000400` as `… 01:02:03.0004`, as DuckDB writes it.
  private static func withoutTrailingZeros(_ text: String) -> String {
    guard text.contains(".") else { return text }
    var rest = text[...]
    while rest.last == "0" { rest.removeLast() }
    if rest.last == "." { rest.removeLast() }
    return String(rest)
  }
}
