/// The queries of the `Scripts` folder.
enum HistoryScript {
  case knownKPIValues, knownKPIDimensions, notedMissingTables, latestRunStatuses, exportedKPIs,
    exportedDimensions, exportedGrowth, knownChanges

  var sql: String {
    let bytes =
      switch self {
      case .knownKPIValues: PackageResources.known_kpi_values_sql
      case .knownKPIDimensions: PackageResources.known_kpi_dimensions_sql
      case .notedMissingTables: PackageResources.noted_missing_tables_sql
      case .latestRunStatuses: PackageResources.latest_run_statuses_sql
      case .exportedKPIs: PackageResources.exported_kpis_sql
      case .exportedDimensions: PackageResources.exported_dimensions_sql
      case .exportedGrowth: PackageResources.exported_growth_sql
      case .knownChanges: PackageResources.known_changes_sql
      }
    return String(decoding: bytes, as: UTF8.self)
  }
}
