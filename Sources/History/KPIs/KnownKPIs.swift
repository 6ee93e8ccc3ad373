import SQL

/// What earlier executions found out about the runs' KPIs. A run never changes, so neither do its values.
struct KnownKPIs: Sendable {
  struct Value: Sendable, Hashable {
    var value: Int64
    /// The schema that it was read from.
    var schemaName: String
  }

  private var valuesByRun: [String: [String: Value]] = [:]
  private var dimensionsByRun: [String: Set<String>] = [:]
  private var missingByRun: [String: Set<String>] = [:]

  /// Knows nothing: everything is computed again.
  init() {}

  /// Reads the newest values of the KPIs as they are declared now.
  /// - Throws: `SQLError`.
  init(from engine: any SQLEngine) throws {
    let versions = Dictionary(uniqueKeysWithValues: KPI.all.map { ($0.name, SQLValue.bigint($0.version)) })
    /// A row's run and KPI, if it is of the version that is declared now.
    func subject(_ row: [SQLValue]) -> (runID: String, kpi: String)? {
      guard let runID = row[0].string, let kpi = row[1].string, row[2] == versions[kpi] else { return nil }
      return (runID, kpi)
    }
    try engine.query(HistoryScript.knownKPIValues.sql) { row in
      guard let (runID, kpi) = subject(row), let value = row[3].int64, let schemaName = row[4].string
      else { return }
      valuesByRun[runID, default: [:]][kpi] = Value(value: value, schemaName: schemaName)
    }
    try engine.query(HistoryScript.knownKPIDimensions.sql) { row in
      guard let (runID, kpi) = subject(row) else { return }
      dimensionsByRun[runID, default: []].insert(kpi)
    }
    try engine.query(HistoryScript.notedMissingTables.sql) { row in
      guard let (runID, kpi) = subject(row) else { return }
      missingByRun[runID, default: []].insert(kpi)
    }
  }

  /// The values of a run by KPI.
  func values(of runID: String) -> [String: Value] { valuesByRun[runID] ?? [:] }

  /// Whether the values of a KPI with a dimension are known.
  func hasValues(of kpi: String, in runID: String) -> Bool { dimensionsByRun[runID]?.contains(kpi) ?? false }

  /// Whether it was told before that the run lacks the KPI's table.
  func isNotedMissing(_ kpi: String, in runID: String) -> Bool { missingByRun[runID]?.contains(kpi) ?? false }
}
