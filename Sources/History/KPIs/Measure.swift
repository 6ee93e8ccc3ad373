import SQL

/// What is counted in one table. Every measure is a BIGINT that is not NULL, 0 where there is nothing to count.
public enum Measure: Sendable, Hashable {
  /// The rows of the table, of those that meet the condition.
  case rows(where: Condition? = nil)
  /// The different values, NULL left out, of the rows that meet the condition.
  case distinct(RowValue, where: Condition? = nil)
  /// The sum of a BIGINT column; an error of the engine if it does not fit 64 bits.
  case sum(String)
  /// The sum of the squares of a BIGINT column; an error of the engine if it does not fit 64 bits.
  case sumOfSquares(String)
  /// The largest values of a column, so many of them, summed.
  case sumOfLargest(Int, String)

  /// Every row of the table.
  public static let rows = Measure.rows()

  /// The expression that computes it beside others in one scan of the table.
  ///
  /// `sum` of BIGINTs is a HUGEINT in DuckDB, hence the casts; one that does not fit fails the query.
  /// - Parameter ids: what is known of the table's ids.
  func sql(knowing ids: KnownIDs = KnownIDs()) -> String {
    switch self {
    case .rows(let condition): return "count(*)\(Self.clause(condition))"
    case .distinct(let value, let condition):
      if let column = countedColumn, ids.unique.contains(column) {
        return "count(\(value.sql))\(Self.clause(condition))"
      }
      if let column = countedColumn, let range = ids.ranges[column] {
        let bits = "bitstring_agg(\(value.sql), \(range.lowerBound), \(range.upperBound))"
        return "coalesce(bit_count(\(bits)\(Self.clause(condition))), 0)"
      }
      return "count(DISTINCT \(value.sql))\(Self.clause(condition))"
    case .sum(let column): return Self.sum(SQLText.identifier(column))
    case .sumOfSquares(let column):
      return Self.sum("\(SQLText.identifier(column)) * \(SQLText.identifier(column))")
    case .sumOfLargest(1, let column):
      return "CAST(coalesce(max(\(SQLText.identifier(column))), 0) AS BIGINT)"
    case .sumOfLargest(let count, let column):
      return Self.sum(
        "CASE WHEN \(SQLText.identifier(Measure.rank(column))) <= \(count) THEN "
          + "\(SQLText.identifier(column)) END")
    }
  }

  private static func sum(_ value: String) -> String { "CAST(coalesce(sum(\(value)), 0) AS BIGINT)" }

  private static func clause(_ condition: Condition?) -> String {
    condition.map { " FILTER (WHERE \($0.sql))" } ?? ""
  }

  /// The table's own columns that it looks at.
  var columns: [String] {
    switch self {
    case .rows(let condition): condition?.columns ?? []
    case .distinct(let value, let condition): value.columns + (condition?.columns ?? [])
    case .sum(let column), .sumOfSquares(let column), .sumOfLargest(_, let column): [column]
    }
  }

  /// The column whose different values it counts; nil if it counts none, or something made of a column.
  var countedColumn: String? {
    if case .distinct(let value, _) = self { value.column } else { nil }
  }

  /// The column whose ranks the expression needs beside the table's own columns.
  var rankedColumn: String? {
    if case .sumOfLargest(2..., let column) = self { column } else { nil }
  }

  /// The name of the column of ranks, from the largest value of `column` down.
  static func rank(_ column: String) -> String { "\(column) rank" }
}

/// A value of a row, or NULL.
public indirect enum RowValue: Sendable, Hashable {
  /// What stands in a column.
  case column(String)
  /// What stands in a BIGINT column, where 0 is as good as NULL: an id, or a year.
  case nonzero(String)
  /// The year of a date as it is printed: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, month and day of one or two digits; NULL for
  /// other text and for 0.
  case yearOfDate(String)
  /// The ten years of a year: `1990s`.
  case decade(RowValue)

  /// The expression.
  var sql: String {
    switch self {
    case .column(let name): SQLText.identifier(name)
    case .nonzero(let name): "nullif(\(SQLText.identifier(name)), 0)"
    case .yearOfDate(let name):
      "nullif(CAST(CASE WHEN regexp_like(\(SQLText.identifier(name)), "
        + "'\\A[0-9]{4}(-[0-9]{1,2}(-[0-9]{1,2})?)?\\z') "
        + "THEN substr(\(SQLText.identifier(name)), 1, 4) END AS BIGINT), 0)"
    case .decade(let year): "CAST(\(year.sql) - \(year.sql) % 10 AS VARCHAR) || 's'"
    }
  }

  /// The columns that it is made of.
  var columns: [String] {
    switch self {
    case .column(let name), .nonzero(let name), .yearOfDate(let name): [name]
    case .decade(let year): year.columns
    }
  }
}

/// What a row must be like to count.
public enum Condition: Sendable, Hashable {
  /// It has such a value.
  case has(RowValue)
  /// A column holds this text.
  case equal(String, String)
  /// A column holds text, and not this one, in whatever case.
  case isTextOtherThan(String, String)

  /// The expression; not true, be it NULL, where the row does not count.
  var sql: String {
    switch self {
    case .has(let value): "\(value.sql) IS NOT NULL"
    case .equal(let column, let text): "\(SQLText.identifier(column)) = \(SQLText.literal(text))"
    case .isTextOtherThan(let column, let text):
      "lower(\(SQLText.identifier(column))) <> \(SQLText.literal(text))"
    }
  }

  /// The columns that it looks at.
  var columns: [String] {
    switch self {
    case .has(let value): value.columns
    case .equal(let column, _), .isTextOtherThan(let column, _): [column]
    }
  }
}
