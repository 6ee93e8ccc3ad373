/// The type of a column, as SQL names it; its Parquet form follows from it.
public enum ColumnType: String, Sendable, Hashable, Codable {
  /// A 64-bit signed integer (Parquet `INT64`).
  case bigint = "BIGINT"
  /// UTF-8 text (Parquet `BYTE_ARRAY` annotated `STRING`).
  case varchar = "VARCHAR"
  /// True or false (Parquet `BOOLEAN`).
  case boolean = "BOOLEAN"
  /// A moment in UTC, in microseconds, without a zone (Parquet `INT64` annotated `TIMESTAMP`); event tables only.
  case timestamp = "TIMESTAMP"
}

/// A named, nullable column of a dataset: what it is called, where its values come from, what may be expected of them.
///
/// In JSON it is its name and its type.
public struct Column: Sendable, Hashable, Codable {
  /// How many NULLs a sound run may have in a column.
  public enum Nulls: Sendable, Hashable {
    /// As many as there are: nobody looks.
    case any
    /// NULL by nature where there is nothing to name: the share is reported, and never wrong.
    case reported
    /// At most this share, from 0 to 1; more is worth a warning.
    case atMost(Double)
    /// None at all: a row without it is an error.
    case never
  }

  /// As Parquet files and SQL have it, in lower case.
  public var name: String
  /// What its values are.
  public var type: ColumnType
  /// Where its values come from.
  public var source: Source
  /// How many NULLs are believed.
  public var nulls: Nulls
  /// The records that its values name; nil for a column that names none.
  public var references: ReferenceTarget?
  /// Whether rows are looked up by its values, though they stand in another order: its column chunks have Bloom
  /// filters, which tell readers where a value is not.
  public var isLookedUp: Bool
  /// What it holds, in plain ASCII of at most 250 characters: catalogs keep it beside the column.
  public var comment: String

  /// - Parameters:
  ///   - source: where its values come from; `computed` where a script or a task says so.
  ///   - isLookedUp: whether rows are looked up by its values, though they stand in another order.
  ///   - comment: at most 250 characters of ASCII.
  public init(
    _ name: String, _ type: ColumnType, _ source: Source, nulls: Nulls = .any,
    references: ReferenceTarget? = nil, lookedUp isLookedUp: Bool = false, _ comment: String
  ) {
    self.name = name
    self.type = type
    self.source = source
    self.nulls = nulls
    self.references = references
    self.isLookedUp = isLookedUp
    self.comment = comment
  }

  /// A column of text.
  public init(
    _ name: String, _ source: Source, nulls: Nulls = .any, lookedUp isLookedUp: Bool = false,
    _ comment: String
  ) {
    self.init(name, .varchar, source, nulls: nulls, lookedUp: isLookedUp, comment)
  }

  /// A column whose values a script or a task computes, text unless said otherwise.
  public init(
    _ name: String, _ type: ColumnType = .varchar, nulls: Nulls = .any, references: ReferenceTarget? = nil,
    comment: String = ""
  ) {
    self.init(name, type, .computed, nulls: nulls, references: references, comment)
  }

  private enum CodingKeys: String, CodingKey { case name, type }

  /// - Throws: `DecodingError`.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      try values.decode(String.self, forKey: .name), try values.decode(ColumnType.self, forKey: .type))
  }

  /// Two columns are the same if readers of files cannot tell them apart: by name and type.
  public static func == (one: Column, other: Column) -> Bool {
    one.name == other.name && one.type == other.type
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(type)
  }
}
