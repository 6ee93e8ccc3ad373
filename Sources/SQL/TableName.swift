/// The name of a table or view. The catalog is always the session's (`hive`), so two parts are enough.
public struct TableName: Sendable, Hashable, CustomStringConvertible {
  /// Without quotes, as it is.
  public var schema: String
  /// The name of the table or view, without quotes, as it is.
  public var table: String

  /// Any text will do: quoting is the work of ``sql``.
  public init(_ schema: String, _ table: String) {
    self.schema = schema
    self.table = table
  }

  /// The name as SQL text, `"schema"."table"`.
  public var sql: String { "\(SQLText.identifier(schema)).\(SQLText.identifier(table))" }

  /// The name as a person reads it.
  public var description: String { "\(schema).\(table)" }
}
