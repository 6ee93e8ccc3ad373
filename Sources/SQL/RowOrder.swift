/// How the rows of a dataset are sorted in its files.
public struct RowOrder: Sendable, Hashable, ExpressibleByArrayLiteral {
  /// Columns of the files that put any two different rows in an order. The first is what rows are looked up by.
  public var columns: [String]
  /// What puts the rows in an order by ``columns``, or at least by the first, and is cheaper to compare: expressions that
  /// may be used at ``place``. Empty where the columns themselves are meant.
  public var keys: [String]

  /// - Parameter keys: SQL that both engines know.
  public init(_ columns: [String], keys: [String] = []) {
    self.columns = columns
    self.keys = keys
  }

  public init(arrayLiteral columns: String...) { self.init(columns) }

  /// Where in a query's text its rows can be sorted, before values are added that follow from others: to sort those, too,
  /// would cost memory for nothing.
  public static let place = "${order}"

  /// A query with `ORDER BY` at its ``place``, or else around it; the rows keep that order on the way out in an engine
  /// that preserves it.
  /// - Parameter columns: what is selected, as SQL text.
  func sorted(_ query: String, selecting columns: [String]) -> String {
    let select = "SELECT \(columns.joined(separator: ", ")) FROM"
    let names = self.columns.map(SQLText.identifier)
    if query.contains(Self.place) {
      return "\(select) (\(query.replacing(Self.place, with: orderBy(keys.isEmpty ? names : keys))))"
    }
    return "\(select) (\(query)) \(orderBy(names))"
  }

  private func orderBy(_ terms: [String]) -> String {
    terms.isEmpty ? "" : "ORDER BY \(terms.map { "\($0) NULLS FIRST" }.joined(separator: ", "))"
  }
}
