import SQL
import Schema

/// What is counted in one table apart for each value that something in its rows has; NULL is no such value.
public enum Dimension: Sendable, Hashable {
  /// The different ids of the rows with each value; counted in the same scan as the table's measures.
  case distinct(RowValue, by: RowValue)
  /// The rows with the largest numbers, so many of them, each with its number and its name; those without a name left out.
  case largest(Int, String, named: String, then: String)
  /// The things with the most different ids in their rows, so many of them, each with that number. Their names are those
  /// that another table has for them, else the smallest in this one.
  case mostRows(Int, of: String, distinct: String, named: String, nameIn: Dataset, column: String)

  /// Whether it is a part of the scan that reads the table's measures.
  var isScanned: Bool { if case .distinct = self { true } else { false } }

  /// The query for what is no part of a scan: name, number, and details.
  ///
  /// Which come first of those with the same number must not depend on the engine: the name decides, by the bytes of its
  /// UTF-8, NULL first, then what names the thing.
  /// - Parameter ids: what is known of the table's ids.
  func sql(of dataset: Dataset, in schema: String, knowing ids: KnownIDs = KnownIDs()) -> String? {
    let table = TableName(schema, dataset.table).sql
    switch self {
    case .distinct: return nil
    case .largest(let count, let number, let name, let then):
      let (number, name, then) = (
        SQLText.identifier(number), SQLText.identifier(name), SQLText.identifier(then)
      )
      return """
        SELECT \(name), \(number), CAST(NULL AS VARCHAR) AS details FROM \(table) \
        WHERE \(name) IS NOT NULL AND \(number) IS NOT NULL \
        ORDER BY \(number) DESC, \(name), \(then) NULLS FIRST LIMIT \(count)
        """
    case .mostRows(let count, let id, let distinct, let name, let other, let otherName):
      let areDistinct = ids.areDistinct(.nonzero(distinct), by: .nonzero(id))
      let (id, distinct, name) = (
        SQLText.identifier(id), (areDistinct ? "" : "DISTINCT ") + RowValue.nonzero(distinct).sql,
        SQLText.identifier(name)
      )
      // Where several have the same number in the last place, their names decide, so all of them are looked up.
      return """
        SELECT coalesce(min(other.\(SQLText.identifier(otherName))), thing.name) AS thing_name, thing.number, \
        CAST(thing.id AS VARCHAR) AS details FROM (SELECT id, number, name, \
        rank() OVER (ORDER BY number DESC) AS place FROM (SELECT \(id) AS id, \
        count(\(distinct)) AS number, min(\(name)) AS name FROM \(table) \
        WHERE \(id) <> 0 GROUP BY \(id)) AS counted WHERE number > 0) AS thing \
        LEFT JOIN \(TableName(schema, other.table).sql) AS other ON other.\(id) = thing.id \
        WHERE thing.place <= \(count) GROUP BY thing.id, thing.number, thing.name \
        ORDER BY number DESC, thing_name NULLS FIRST, thing.id LIMIT \(count)
        """
    }
  }

  /// The column whose different ids it counts; nil if it counts none.
  var countedColumn: String? {
    switch self {
    case .distinct(let id, _): id.column
    case .mostRows(_, _, let distinct, _, _, _): distinct
    case .largest: nil
    }
  }

  /// The tables that it needs beside its own.
  var otherDatasets: [Dataset] { if case .mostRows(_, _, _, _, let other, _) = self { [other] } else { [] } }
}
