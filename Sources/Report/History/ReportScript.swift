import SQL

/// The queries of the `Scripts` folder, for what only the report tells; its figures are those of `HistoryFigures`.
enum ReportScript {
  case registry, changeExamples, changedColumns, names

  /// The query with these in its places; a place's text is SQL already.
  func sql(_ places: [String: String] = [:]) -> String {
    let bytes =
      switch self {
      case .registry: PackageResources.registry_sql
      case .changeExamples: PackageResources.change_examples_sql
      case .changedColumns: PackageResources.changed_columns_sql
      case .names: PackageResources.names_sql
      }
    var sql = String(decoding: bytes, as: UTF8.self)
    for (name, text) in places { sql = sql.replacing("${\(name)}", with: text) }
    return sql
  }
}
