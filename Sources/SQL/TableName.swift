/// The name of a table or view. The catalog is always the session's (`hive`), so two parts are enough.
public struct TableName: Sendable, Hashable, CustomStringConvertible {
  public var schema: String
  public var table: String

  public init(_ schema: String, _ table: String) {
    self.schema = schema
    self.table = table
  }

  /// The name as SQL text, `"schema"."table"`.
  public var sql: String { "\(SQLText.identifier(schema)).\(SQLText.identifier(table))" }

  /// The name as a person reads it.
  public var description: String { "\(schema).\(table)" }
}
