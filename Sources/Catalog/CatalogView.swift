import SQL
import Schema

/// A view that every schema has over one of its tables.
struct CatalogView {
  let name: String
  let source: Dataset
  /// The columns it shows; nil for all that the table has.
  let columns: [String]?
  /// Whether rows that are alike in these columns are shown once.
  let isDistinct: Bool

  init(_ name: String, of source: Dataset, columns: [String]? = nil, isDistinct: Bool = false) {
    self.name = name
    self.source = source
    self.columns = columns
    self.isDistinct = isDistinct
  }

  static let all = [
    // The names without `_typed` are those that queries were written for when text and typed tables were two.
    CatalogView("artists_v1", of: .artists),
    CatalogView("artist_aliases_v1", of: .artistAliases),
    CatalogView("artist_memberships_v1", of: .artistMemberships),
    CatalogView("masters_v1", of: .masters),
    // A membership is told by the group and by the member, so most are there twice.
    CatalogView("artist_memberships_v1_typed_dedup", of: .artistMemberships, isDistinct: true),
    // A release's labels without catalogue numbers: a row for each number, and a row for each label.
    CatalogView("release_label_xref_v1_canon", of: .releaseLabelXref, columns: labelColumns),
    CatalogView(
      "release_label_xref_v1_dedup", of: .releaseLabelXref, columns: labelColumns, isDistinct: true),
  ]

  private static let labelColumns = ["release_id", "label_name", "label_norm"]

  /// The view's query, or nil if the table lacks a column that the view shows.
  /// - Parameter tableColumns: the names of the table's columns.
  func select(from schema: String, tableColumns: [String]) -> String? {
    let shown = columns ?? tableColumns
    guard shown.allSatisfy(tableColumns.contains) else { return nil }
    let list = shown.map(SQLText.identifier).joined(separator: ", ")
    return "SELECT \(isDistinct ? "DISTINCT " : "")\(list) FROM \(TableName(schema, source.table).sql)"
  }
}
