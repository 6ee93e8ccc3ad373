import SQL
import Schema

/// A column as two runs are compared in it.
struct ComparedColumn: Sendable, Hashable {
  let column: Column

  /// The expression for its value, in the declared type, whatever the run's files have; NULL where an earlier version
  /// wrote 0 for nothing.
  var sql: String {
    let value = "CAST(\(SQLText.identifier(column.name)) AS \(column.type.rawValue))"
    guard column.takesZeroForNothing else { return value }
    guard column.type == .varchar else { return "nullif(\(value), 0)" }
    // Ids joined with a comma, with or without a blank: each between commas of its own, so that those that are zero can be
    // taken out one by one.
    let apart = "',' || replace(replace(\(value), ', ', ','), ',', ',,') || ','"
    return "nullif(trim(BOTH ',' FROM replace(regexp_replace(\(apart), ',0+,', ''), ',,', ',')), '')"
  }

  /// The expression and its type, as an engine hashes them.
  var hashed: (sql: String, type: String) { (sql, column.type.rawValue) }
}
