import SQL
import Schema

/// An append-only table of the history: a folder of Parquet files, one for each execution that had something to tell.
///
/// This file is the one place that says which event tables there are and what their columns are.
public struct EventTable: Sendable, Hashable {
  /// The schema that holds the event tables and their views, on both engines.
  public static let schema = "discogs_history"

  /// What `schema_version` says in tables without KPIs; in those with KPIs it is the version that introduced the KPI.
  public static let schemaVersion: Int64 = 1

  /// The table's name, which is also its folder's.
  public let name: String
  /// The folder under `_meta/discogs_history` that holds the table's folder.
  public let section: String
  /// The columns that every file of the table has, since there is such a table.
  public let foundingColumns: [Column]
  /// All columns in their order, all nullable. The first is the moment of the event. Of those behind the founding ones,
  /// older files lack some, which are NULL there.
  public let columns: [Column]
  /// The view of the newest events.
  public let latest: LatestView
  /// The name of the table that counts these rows: a file here stands for something only when that table has a file of
  /// the same name.
  public let countedBy: String?

  /// A view that keeps the newest events of each thing that events are about.
  public struct LatestView: Sendable, Hashable {
    /// What of the events about one thing is shown.
    public enum Choice: Sendable, Hashable {
      /// The newest one, of those with this status; nil for any.
      case newest(status: String?)
      /// All of the newest moment, of those with this status.
      case newestMoment(status: String)
      /// All of the moment that the newest event of another table has.
      case momentOf(String)
    }

    /// The view's name, in the schema of the tables.
    public let name: String
    /// The columns that name the thing.
    public let keys: [String]
    /// Which events are shown.
    public let choice: Choice
  }

  init(
    _ name: String, section: String, _ columns: [Column], added: [Column] = [], latest: LatestView,
    countedBy: String? = nil
  ) {
    self.name = name
    self.section = section
    foundingColumns = columns
    self.columns = columns + added
    self.latest = latest
    self.countedBy = countedBy
  }

  /// The table in the catalog.
  public var tableName: TableName { TableName(EventTable.schema, name) }

  /// The table of this name, or nil.
  static func named(_ name: String) -> EventTable? { all.first { $0.name == name } }
}

extension EventTable {
  private static let moment = Column("event_ts_utc", .timestamp)
  private static let version = Column("schema_version", .bigint)

  /// What was found when a run was looked at: one event for each run and execution.
  public static let runRegistry = EventTable(
    "run_registry_events", section: "registry",
    [
      moment, Column("run_id"), Column("schema_name"), Column("is_active", .boolean), Column("action"),
      Column("status"), Column("details"), Column("dump_month"), Column("dump_date"), Column("run_mode"),
      Column("git_sha"), version,
    ], latest: LatestView(name: "run_registry_latest", keys: ["run_id"], choice: .newest(status: nil)))

  /// The value of one KPI of one run, or why there is none. An event without a value does not hide an older value.
  public static let kpiSnapshots = EventTable(
    "kpi_snapshot_events", section: "kpi",
    [
      moment, Column("run_id"), Column("schema_name"), Column("kpi_name"), Column("kpi_value", .bigint),
      Column("status"), Column("details"), version,
    ],
    latest: LatestView(
      name: "kpi_snapshot_latest", keys: ["run_id", "kpi_name"],
      choice: .newest(status: KPISnapshotEvent.Status.ok.rawValue)))

  /// The values of one KPI of one run, a row for each value of its dimension, or why there are none.
  public static let kpiDimensions = EventTable(
    "kpi_dimension_events", section: "kpi",
    [
      moment, Column("run_id"), Column("schema_name"), Column("kpi_name"), Column("dim_value"),
      Column("kpi_value", .bigint), Column("status"), Column("details"), version,
    ],
    latest: LatestView(
      name: "kpi_dimension_latest", keys: ["run_id", "kpi_name"],
      choice: .newestMoment(status: KPISnapshotEvent.Status.ok.rawValue)))

  /// Which records one run has, lacks or has otherwise than another: a row for each. They belong to ``runChanges``.
  public static let entityChanges = EventTable(
    "entity_change_events", section: "changes",
    [
      moment, Column("run_id"), Column("previous_run_id"), Column("entity"), Column("entity_id", .bigint),
      Column("change"), Column("changed_columns"), version,
    ],
    latest: LatestView(
      name: "entity_changes_latest", keys: ["run_id", "previous_run_id", "entity"],
      choice: .momentOf("run_change_events")),
    countedBy: "run_change_events")

  /// How many records one run has, lacks or has otherwise than another, or why that is not known.
  public static let runChanges = EventTable(
    "run_change_events", section: "changes",
    [
      moment, Column("run_id"), Column("previous_run_id"), Column("entity"), Column("n_added", .bigint),
      Column("n_removed", .bigint), Column("n_changed", .bigint), Column("n_same", .bigint),
      Column("status"), Column("details"), version,
    ],
    latest: LatestView(
      name: "run_changes_latest", keys: ["run_id", "previous_run_id", "entity"],
      choice: .newest(status: RunChangeEvent.Status.ok.rawValue)))

  /// All of them. The one that counts another's rows comes after it, in what is brought up to date, too: whoever sees
  /// the count sees the rows.
  public static let all = [runRegistry, kpiSnapshots, kpiDimensions, entityChanges, runChanges]
}
