import SQL

/// What is counted in one table. Every measure is a BIGINT that is not NULL, 0 where there is nothing to count.
public enum Measure: Sendable, Hashable {
  /// The rows of the table.
  case rows
  /// The different values of a column, NULL left out.
  case distinct(String)
  /// The sum of a BIGINT column; an error of the engine if it does not fit 64 bits.
  case sum(String)
  /// The largest values of a column, so many of them, summed.
  case sumOfLargest(Int, String)

  /// The expression that computes it beside others in one scan of the table.
  ///
  /// `sum` of BIGINTs is a HUGEINT in DuckDB, hence the casts; one that does not fit fails the query.
  var sql: String {
    switch self {
    case .rows: "count(*)"
    case .distinct(let column): "count(DISTINCT \(SQLText.identifier(column)))"
    case .sum(let column): "CAST(coalesce(sum(\(SQLText.identifier(column))), 0) AS BIGINT)"
    case .sumOfLargest(1, let column): "CAST(coalesce(max(\(SQLText.identifier(column))), 0) AS BIGINT)"
    case .sumOfLargest(let count, let column):
      "CAST(coalesce(sum(CASE WHEN \(SQLText.identifier(Measure.rank(column))) <= \(count) "
        + "THEN \(SQLText.identifier(column)) END), 0) AS BIGINT)"
    }
  }

  /// The column whose ranks the expression needs beside the table's own columns.
  var rankedColumn: String? {
    if case .sumOfLargest(2..., let column) = self { column } else { nil }
  }

  /// The name of the column of ranks, from the largest value of `column` down.
  static func rank(_ column: String) -> String { "\(column) rank" }
}
