/// The queries of the `Scripts` folder.
enum HistoryScript {
  case knownKPIValues, notedMissingTables, latestRunStatuses, exportedKPIs

  var sql: String {
    let bytes =
      switch self {
      case .knownKPIValues: PackageResources.known_kpi_values_sql
      case .notedMissingTables: PackageResources.noted_missing_tables_sql
      case .latestRunStatuses: PackageResources.latest_run_statuses_sql
      case .exportedKPIs: PackageResources.exported_kpis_sql
      }
    return String(decoding: bytes, as: UTF8.self)
  }
}
