/// One value of a result row.
///
/// Two texts are equal as they are in SQL: code point by code point. To Swift's strings, é is é however it is composed.
public enum SQLValue: Sendable {
  /// No value, of whatever type.
  case null
  /// Any integer type; exact over the whole range of 64 bits.
  case bigint(Int64)
  /// `DOUBLE`, `REAL` and `DECIMAL`.
  case double(Double)
  /// Text, and the text form of every type that has no case of its own.
  case varchar(String)
  /// `BOOLEAN`.
  case boolean(Bool)
  /// A moment without a zone as both engines write it: `2026-08-01 00:00:00`, with a fraction where there is one.
  case timestamp(String)

  /// The integer, or nil for every other value.
  public var int64: Int64? {
    if case .bigint(let value) = self { value } else { nil }
  }

  /// The text of a `VARCHAR` or a timestamp, or nil for every other value.
  public var string: String? {
    switch self {
    case .varchar(let text), .timestamp(let text): text
    default: nil
    }
  }

  /// The truth value, or nil for every other value.
  public var bool: Bool? {
    if case .boolean(let value) = self { value } else { nil }
  }

  /// Whether it is NULL.
  public var isNull: Bool { self == .null }
}

extension SQLValue: Hashable {
  /// Values of different cases are never equal; NULL equals NULL, unlike in SQL.
  public static func == (one: SQLValue, other: SQLValue) -> Bool {
    switch (one, other) {
    case (.null, .null): true
    case (.bigint(let one), .bigint(let other)): one == other
    case (.double(let one), .double(let other)): one == other
    case (.boolean(let one), .boolean(let other)): one == other
    case (.varchar(let one), .varchar(let other)), (.timestamp(let one), .timestamp(let other)):
      one.utf8.elementsEqual(other.utf8)
    default: false
    }
  }

  /// Hashes text by its bytes, as `==` compares it.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .null: hasher.combine(0)
    case .bigint(let value): hasher.combine(value)
    case .double(let value): hasher.combine(value)
    case .boolean(let value): hasher.combine(value)
    case .varchar(let text), .timestamp(let text): for byte in text.utf8 { hasher.combine(byte) }
    }
  }
}

extension SQLValue: CustomStringConvertible {
  /// The value as a person reads it; NULL is `NULL`.
  public var description: String {
    switch self {
    case .null: "NULL"
    case .bigint(let value): String(value)
    case .double(let value): String(value)
    case .varchar(let text), .timestamp(let text): text
    case .boolean(let value): String(value)
    }
  }
}

extension [[SQLValue]] {
  /// Pairs of a schema and one of its tables, gathered by schema.
  var tablesBySchema: [String: Set<String>] {
    reduce(into: [:]) { tables, row in
      guard let schema = row[0].string, let table = row[1].string else { return }
      tables[schema, default: []].insert(table)
    }
  }
}
