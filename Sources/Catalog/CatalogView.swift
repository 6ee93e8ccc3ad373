import SQL
import Schema

/// A view that every schema has over one of its tables.
struct CatalogView {
  let name: String
  let source: Dataset
  /// What it holds, in plain ASCII of at most 250 characters.
  let comment: String
  /// The columns it shows; nil for all that the table has.
  let columns: [String]?
  /// Whether rows that are alike in these columns are shown once.
  let isDistinct: Bool

  init(
    _ name: String, of source: Dataset, columns: [String]? = nil, isDistinct: Bool = false, _ comment: String
  ) {
    self.name = name
    self.source = source
    self.comment = comment
    self.columns = columns
    self.isDistinct = isDistinct
  }

  static let all = [
    // The names without `_typed` are those that queries were written for when text and typed tables were two.
    CatalogView("artists_v1", of: .artists, sameAs(.artists)),
    CatalogView("artist_aliases_v1", of: .artistAliases, sameAs(.artistAliases)),
    CatalogView("artist_memberships_v1", of: .artistMemberships, sameAs(.artistMemberships)),
    CatalogView("masters_v1", of: .masters, sameAs(.masters)),
    CatalogView(
      "artist_memberships_v1_typed_dedup", of: .artistMemberships, isDistinct: true,
      "Each membership once: the group tells of it and the member does, so that most are twice in the table."),
    CatalogView(
      "release_label_xref_v1_canon", of: .releaseLabelXref, columns: labelColumns,
      "Labels of releases without catalogue numbers, a row for each number."),
    CatalogView(
      "release_label_xref_v1_dedup", of: .releaseLabelXref, columns: labelColumns, isDistinct: true,
      "Labels of releases without catalogue numbers, a row for each label."),
  ]

  private static func sameAs(_ source: Dataset) -> String {
    "The rows of \(source.table) under the name that older queries use."
  }

  /// The comments of its columns, which are those of the table.
  func columnComments(of shown: [String]) -> [(name: String, comment: String)] {
    shown.map { name in (name, source.columns.first { $0.name == name }?.comment ?? "") }
  }

  private static let labelColumns = ["release_id", "label_name", "label_norm"]

  /// The view's query, or nil if the table lacks a column that the view shows.
  /// - Parameter tableColumns: the names of the table's columns.
  func select(from schema: String, tableColumns: [String]) -> String? {
    guard let shown = shown(of: tableColumns) else { return nil }
    let list = shown.map(SQLText.identifier).joined(separator: ", ")
    return "SELECT \(isDistinct ? "DISTINCT " : "")\(list) FROM \(TableName(schema, source.table).sql)"
  }

  /// The columns that it shows, or nil if the table lacks one of them.
  func shown(of tableColumns: [String]) -> [String]? {
    let shown = columns ?? tableColumns
    return shown.allSatisfy(tableColumns.contains) ? shown : nil
  }

  /// Makes the view over a table with these columns, with its comments.
  /// - Throws: `SQLError`.
  func create(in schema: String, tableColumns: [String], _ engine: any SQLEngine) throws {
    guard let shown = shown(of: tableColumns), let select = select(from: schema, tableColumns: tableColumns)
    else { return }
    let view = TableName(schema, name)
    try engine.createView(view, as: select)
    try engine.comment(on: view, comment, columns: columnComments(of: shown))
  }
}
