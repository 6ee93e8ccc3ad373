import SQL
import Schema

/// An append-only table of the history: a folder of Parquet files, one for each execution that had something to tell.
///
/// This file is the one place that says which event tables there are and what their columns are.
public struct EventTable: Sendable, Hashable {
  /// The schema that holds the event tables and their views, on both engines.
  public static let schema = "discogs_history"

  /// The version of the columns and of what the values mean, written into each event.
  public static let schemaVersion: Int64 = 1

  /// The table's name, which is also its folder's.
  public let name: String
  /// The folder under `_meta/discogs_history` that holds the table's folder.
  public let section: String
  /// The columns in their order, all nullable. The first is the moment of the event.
  public let columns: [Column]
  /// The view of the newest events.
  public let latest: LatestView

  /// A view that keeps the newest event of each thing that events are about.
  public struct LatestView: Sendable, Hashable {
    /// The view's name, in the schema of the tables.
    public let name: String
    /// The columns that name the thing.
    public let keys: [String]
    /// The only status whose events count; nil for all.
    public let status: String?
  }

  /// The table in the catalog.
  public var tableName: TableName { TableName(EventTable.schema, name) }
  /// The view of the newest events in the catalog.
  public var latestViewName: TableName { TableName(EventTable.schema, latest.name) }

  /// The query behind ``latest``.
  ///
  /// Two executions may have told something at the same moment: which event counts must not depend on the order in
  /// which an engine reads files, so after the moment every other column decides.
  var latestSelect: String {
    let names = columns.map { SQLText.identifier($0.name) }
    let keys = latest.keys.map(SQLText.identifier)
    let order = names.filter { !keys.contains($0) }.map { "\($0) DESC NULLS LAST" }
    let filter = latest.status.map { " WHERE status = \(SQLText.literal($0))" } ?? ""
    return """
      SELECT \(names.joined(separator: ", ")) FROM (SELECT \(names.joined(separator: ", ")), \
      row_number() OVER (PARTITION BY \(keys.joined(separator: ", ")) ORDER BY \(order.joined(separator: ", "))) \
      AS place FROM \(tableName.sql)\(filter)) AS ordered WHERE place = 1
      """
  }
}

extension EventTable {
  /// What was found when a run was looked at: one event for each run and execution.
  public static let runRegistry = EventTable(
    name: "run_registry_events", section: "registry",
    columns: [
      Column("event_ts_utc", .timestamp), Column("run_id"), Column("schema_name"),
      Column("is_active", .boolean), Column("action"), Column("status"), Column("details"),
      Column("dump_month"), Column("dump_date"), Column("run_mode"), Column("git_sha"),
      Column("schema_version", .bigint),
    ], latest: LatestView(name: "run_registry_latest", keys: ["run_id"], status: nil))

  /// The value of one KPI of one run, or why there is none. An event without a value does not hide an older value.
  public static let kpiSnapshots = EventTable(
    name: "kpi_snapshot_events", section: "kpi",
    columns: [
      Column("event_ts_utc", .timestamp), Column("run_id"), Column("schema_name"), Column("kpi_name"),
      Column("kpi_value", .bigint), Column("status"), Column("details"), Column("schema_version", .bigint),
    ],
    latest: LatestView(
      name: "kpi_snapshot_latest", keys: ["run_id", "kpi_name"], status: KPISnapshotEvent.Status.ok.rawValue))

  /// Both, in the order in which they are documented.
  public static let all = [runRegistry, kpiSnapshots]
}
