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
  /// What it holds, in plain ASCII of at most 250 characters: catalogs keep it beside the table.
  public let comment: String
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
    /// What it holds, in plain ASCII of at most 250 characters.
    public let comment: String
    /// The columns that name the thing.
    public let keys: [String]
    /// Which events are shown.
    public let choice: Choice
  }

  init(
    _ name: String, _ comment: String, section: String, _ columns: [Column], added: [Column] = [],
    latest: LatestView, countedBy: String? = nil
  ) {
    self.name = name
    self.comment = comment
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
  private static let moment = Column(
    "event_ts_utc", .timestamp,
    comment: "When it was recorded, UTC; one moment for all events of an execution.")
  private static let version = Column(
    "schema_version", .bigint,
    comment: "The version that introduced the KPI; 1 in tables without KPIs.")
  private static let runID = Column(
    "run_id", comment: "The run: its dump month and the time of its session, YYYY-MM__YYYYMMDD_HHMMSS.")
  private static let previousRunID = Column(
    "previous_run_id", comment: "The run that it is compared with: the newest with an earlier dump date.")
  /// The columns of a table of KPIs: which KPI of which run, the table's own, and what there is to say of them.
  private static func ofKPI(_ own: Column...) -> [Column] {
    [
      moment, runID, Column("schema_name", comment: "The schema that the value was read from."),
      Column("kpi_name", comment: "The name of the KPI."),
    ] + own + [
      Column("status", comment: "ok where there is a value, else missing_table or failed_query."),
      Column(
        "details", comment: "Why there is no value, or where it comes from; NULL if there is nothing to say."),
      version,
    ]
  }
  private static let entity = Column("entity", comment: "What is compared: artist, label, master or release.")

  /// What was found when a run was looked at: one event for each run and execution.
  public static let runRegistry = EventTable(
    "run_registry_events", "What state each run was in whenever reconcile looked; rows are only ever added.",
    section: "registry",
    [
      moment, runID, Column("schema_name", comment: "The run's own schema, whether it is there or not."),
      Column("is_active", .boolean, comment: "Whether the link active pointed at the run then."),
      Column("action", comment: "The workflow on whose behalf the run was looked at."),
      Column("status", comment: "ok, failed_incomplete, missing_data or skipped_active."),
      Column("details", comment: "What is missing, and with which engines the run is registered."),
      Column("dump_month", comment: "The month of the run's dumps, YYYY-MM."),
      Column("dump_date", comment: "The date of the run's dumps, YYYY-MM-DD; NULL if the run does not tell."),
      Column("run_mode", comment: "What the run was made for, dev or prod; NULL if the run does not tell."),
      Column("git_sha", comment: "The commit that the programs were built from, where it is known."), version,
    ],
    latest: LatestView(
      name: "run_registry_latest", comment: "The newest state of each run.", keys: ["run_id"],
      choice: .newest(status: nil)))

  /// The value of one KPI of one run, or why there is none. An event without a value does not hide an older value.
  public static let kpiSnapshots = EventTable(
    "kpi_snapshot_events", "The KPIs of each run, one number each; rows are only ever added.", section: "kpi",
    ofKPI(
      Column(
        "kpi_value", .bigint, comment: "The value; names in _bp are basis points. NULL unless status is ok.")),
    latest: LatestView(
      name: "kpi_snapshot_latest", comment: "The newest value of each run and KPI.",
      keys: ["run_id", "kpi_name"], choice: .newest(status: KPISnapshotEvent.Status.ok.rawValue)))

  /// The values of one KPI of one run, a row for each value of its dimension, or why there are none.
  public static let kpiDimensions = EventTable(
    "kpi_dimension_events",
    "The KPIs of each run that count by genre, country and the like, a row for each; rows are only ever added.",
    section: "kpi",
    ofKPI(
      Column(
        "dim_value", comment: "The genre, country or the like that is counted; NULL where there is none."),
      Column(
        "kpi_value", .bigint, comment: "How many releases or masters have it. NULL unless status is ok.")),
    latest: LatestView(
      name: "kpi_dimension_latest", comment: "The newest values of each run and KPI, a row for each.",
      keys: ["run_id", "kpi_name"], choice: .newestMoment(status: KPISnapshotEvent.Status.ok.rawValue)))

  /// Which records one run has, lacks or has otherwise than another: a row for each. They belong to ``runChanges``.
  public static let entityChanges = EventTable(
    "entity_change_events",
    "Which records came, went and changed from one run to the next, a row for each; rows are only ever added.",
    section: "changes",
    [
      moment, runID, previousRunID, entity, Column("entity_id", .bigint, comment: "The id of the record."),
      Column("change", comment: "added, removed or changed."),
      Column("changed_columns", comment: "What changed, names joined by commas; NULL for added and removed."),
      version,
    ],
    latest: LatestView(
      name: "entity_changes_latest", comment: "The records behind the counts of run_changes_latest.",
      keys: ["run_id", "previous_run_id", "entity"], choice: .momentOf("run_change_events")),
    countedBy: "run_change_events")

  /// How many records one run has, lacks or has otherwise than another, or why that is not known.
  public static let runChanges = EventTable(
    "run_change_events",
    "How many records came, went, changed and stayed from one run to the next; rows are only ever added.",
    section: "changes",
    [
      moment, runID, previousRunID, entity,
      Column("n_added", .bigint, comment: "How many records are new."),
      Column("n_removed", .bigint, comment: "How many records are gone."),
      Column("n_changed", .bigint, comment: "How many records say something else."),
      Column("n_same", .bigint, comment: "How many records say the same."),
      Column("status", comment: "ok where there are counts."),
      Column("details", comment: "What was not compared, or why there are no counts."), version,
    ],
    latest: LatestView(
      name: "run_changes_latest", comment: "The newest counts of each pair of runs and entity.",
      keys: ["run_id", "previous_run_id", "entity"],
      choice: .newest(status: RunChangeEvent.Status.ok.rawValue)))

  /// All of them. The one that counts another's rows comes after it, in what is brought up to date, too: whoever sees
  /// the count sees the rows.
  public static let all = [runRegistry, kpiSnapshots, kpiDimensions, entityChanges, runChanges]
}
