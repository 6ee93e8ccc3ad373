import Schema

/// A column of a table in the catalog.
///
/// Its type is the SQL name that both engines know: `BIGINT`, `INTEGER`, `DOUBLE`, `REAL`, `BOOLEAN`, `VARCHAR`, `DATE`
/// or `TIMESTAMP`. Datasets declare only four of these; files of older lakes may hold the others.
public struct TableColumn: Sendable, Hashable {
  /// As the files have it.
  public var name: String
  /// The SQL name of its type, in capitals.
  public var type: String
  /// What it holds, for the catalog to keep; empty for nothing.
  public var comment: String

  /// - Parameter type: one of the names above; it goes into SQL text as it is.
  public init(name: String, type: String, comment: String = "") {
    self.name = name
    self.type = type
    self.comment = comment
  }

  /// The column as a dataset declares it.
  public init(_ column: Column) {
    self.init(name: column.name, type: column.type.rawValue, comment: column.comment)
  }
}
