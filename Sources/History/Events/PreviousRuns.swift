import Lake
import SQL

/// Which run each run is compared with.
///
/// The previous run of a run is the newest with an earlier dump date, of several the one with the largest run id, among
/// those that can be used. A run whose dump date is not known counts as one of the first day of its dump month.
enum PreviousRuns {
  /// The query: run_id and previous_run_id of each run that the registry knows and that has a previous one.
  /// - Parameter usable: runs that can be used whatever the registry says of them.
  static func select(usable: [RunID] = []) -> String {
    let days = """
      SELECT run_id, status, \
      coalesce(dump_date, coalesce(dump_month, substr(run_id, 1, 7)) || '-01') AS dump_day \
      FROM \(HistoryView.latest(.runRegistry).viewName.sql)
      """
    let statuses = [RunRegistryEvent.Status.ok, .skippedActive].map { "'\($0.rawValue)'" }
    let alsoUsable =
      usable.isEmpty ? "" : " OR earlier.run_id IN (\(SQLText.literals(usable.map(\.text))))"
    return """
      SELECT run_id, previous_run_id FROM (SELECT later.run_id, earlier.run_id AS previous_run_id, \
      row_number() OVER (PARTITION BY later.run_id ORDER BY earlier.dump_day DESC, earlier.run_id DESC) AS place \
      FROM (\(days)) AS later JOIN (\(days)) AS earlier ON earlier.dump_day < later.dump_day \
      WHERE earlier.status IN (\(statuses.joined(separator: ", ")))\(alsoUsable)) AS ordered WHERE place = 1
      """
  }
}
