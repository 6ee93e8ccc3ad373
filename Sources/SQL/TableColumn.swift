import Schema

/// A column of a table in the catalog.
///
/// Its type is the SQL name that both engines know: `BIGINT`, `INTEGER`, `DOUBLE`, `REAL`, `BOOLEAN`, `VARCHAR`, `DATE`
/// or `TIMESTAMP`. Datasets declare only four of these; files of older lakes may hold the others.
public struct TableColumn: Sendable, Hashable {
  public var name: String
  public var type: String

  public init(name: String, type: String) {
    self.name = name
    self.type = type
  }

  /// The column as a dataset declares it.
  public init(_ column: Column) {
    self.init(name: column.name, type: column.type.rawValue)
  }
}
