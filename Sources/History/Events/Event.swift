import Parquet

/// One row of an event table.
public protocol Event: Sendable {
  /// The table that it belongs to.
  static var table: EventTable { get }

  /// The values in the order of the table's columns. The moment is the execution's, the same for all its events.
  func values(at moment: EventTime) -> EventRow
}

/// What was found when a run was looked at.
public struct RunRegistryEvent: Event, Hashable {
  /// What a run can be used for.
  public enum Status: String, Sendable, Hashable, CaseIterable {
    /// An engine's catalog shows the run.
    case ok
    /// The data are there, and no catalog shows them.
    case failedIncomplete = "failed_incomplete"
    /// A required dataset is missing, or the whole run.
    case missingData = "missing_data"
    /// `active` points at the run, which was not looked at further.
    case skippedActive = "skipped_active"
  }

  /// `run_registry_events`
  public static let table = EventTable.runRegistry

  /// The run's id, as text.
  public var runID: String
  /// The run's own schema, whether it is there or not.
  public var schemaName: String
  /// Whether `active` points to it.
  public var isActive: Bool
  /// The workflow that looked.
  public var action: String
  /// What was found.
  public var status: Status
  /// What is missing or not registered, in words; nil if there is nothing to say.
  public var details: String?
  /// Where the run's data come from.
  public var origin: RunOrigin

  /// The values in the order of the columns of ``EventTable/runRegistry``.
  public func values(at moment: EventTime) -> EventRow {
    [
      moment.value, .text(runID), .text(schemaName), .boolean(isActive), .text(action),
      .text(status.rawValue), .text(orNull: details), .text(orNull: origin.dumpMonth),
      .text(orNull: origin.dumpDate), .text(orNull: origin.runMode), .text(orNull: origin.gitCommit),
      .int64(EventTable.schemaVersion),
    ]
  }
}

/// The value of one KPI of one run, or why there is none.
public struct KPISnapshotEvent: Event, Hashable {
  /// Whether there is a value, and if not, why.
  public enum Status: String, Sendable, Hashable, CaseIterable {
    /// The KPI has a value.
    case ok
    /// A table that the KPI is read from is not there.
    case missingTable = "missing_table"
    /// The engine could not answer; `details` has its message.
    case failedQuery = "failed_query"
  }

  /// `kpi_snapshot_events`
  public static let table = EventTable.kpiSnapshots

  /// The run's id, as text.
  public var runID: String
  /// The schema that the KPI was read from.
  public var schemaName: String
  /// The KPI's name.
  public var kpi: String
  /// The value; nil unless the status is `ok`.
  public var value: Int64?
  /// Whether there is a value, and if not, why.
  public var status: Status
  /// Why there is no value, or where it comes from if it was not computed now; nil if there is nothing to
  /// say.
  public var details: String?
  /// The version that introduced the KPI.
  public var version: Int64 = 1

  /// The values in the order of the columns of ``EventTable/kpiSnapshots``.
  public func values(at moment: EventTime) -> EventRow {
    [
      moment.value, .text(runID), .text(schemaName), .text(kpi), .int64(orNull: value),
      .text(status.rawValue), .text(orNull: details), .int64(version),
    ]
  }
}

/// A KPI of one run for one value of its dimension, or why there is none.
public struct KPIDimensionEvent: Event, Hashable {
  /// `kpi_dimension_events`
  public static let table = EventTable.kpiDimensions

  /// The run's id, as text.
  public var runID: String
  /// The schema that the KPI was read from.
  public var schemaName: String
  /// The KPI's name.
  public var kpi: String
  /// The value of the dimension; nil where the KPI has no values at all, and of a thing without a name.
  public var dimension: String?
  /// The KPI's value; nil unless the status is `ok`.
  public var value: Int64?
  /// Whether there is a value, and if not, why.
  public var status: KPISnapshotEvent.Status
  /// Why there is no value, or what the value of the dimension stands for; nil if there is nothing to say.
  public var details: String?
  /// The version that introduced the KPI.
  public var version: Int64

  /// The values in the order of the columns of ``EventTable/kpiDimensions``.
  public func values(at moment: EventTime) -> EventRow {
    [
      moment.value, .text(runID), .text(schemaName), .text(kpi), .text(orNull: dimension),
      .int64(orNull: value), .text(status.rawValue), .text(orNull: details), .int64(version),
    ]
  }
}

/// How many records of one kind one run has, lacks or has otherwise than another.
public struct RunChangeEvent: Event, Hashable {
  /// Whether the runs could be compared.
  public enum Status: String, Sendable, Hashable, CaseIterable {
    /// They were.
    case ok
    /// The engine could not answer; `details` has its message.
    case failedQuery = "failed_query"
  }

  /// What the comparison counted.
  public struct Counts: Sendable, Hashable {
    /// Records of the newer run alone.
    public var added: Int64 = 0
    /// Records of the older run alone.
    public var removed: Int64 = 0
    /// Records of both that differ in what is compared.
    public var changed: Int64 = 0
    /// Records of both that do not.
    public var same: Int64 = 0

    /// Nothing counted yet.
    public init() {}
  }

  /// `run_change_events`
  public static let table = EventTable.runChanges

  /// The newer run's id, as text.
  public var runID: String
  /// The older run's id, as text.
  public var previousRunID: String
  /// `artist`, `label`, `master` or `release`.
  public var entity: String
  /// What was counted; nil unless the status is `ok`.
  public var counts: Counts?
  /// Whether the runs could be compared.
  public var status: Status
  /// What is not compared because one of the runs cannot say it, or why nothing is; nil if there is nothing to say.
  public var details: String?

  /// The values in the order of the columns of ``EventTable/runChanges``.
  public func values(at moment: EventTime) -> EventRow {
    [
      moment.value, .text(runID), .text(previousRunID), .text(entity), .int64(orNull: counts?.added),
      .int64(orNull: counts?.removed), .int64(orNull: counts?.changed), .int64(orNull: counts?.same),
      .text(status.rawValue), .text(orNull: details), .int64(EventTable.schemaVersion),
    ]
  }
}

/// A record that one run has, lacks or has otherwise than another.
public struct EntityChangeEvent: Event, Hashable {
  /// What became of the record.
  public enum Change: String, Sendable, Hashable, CaseIterable { case added, removed, changed }

  /// `entity_change_events`
  public static let table = EventTable.entityChanges

  /// The newer run's id, as text.
  public var runID: String
  /// The older run's id, as text.
  public var previousRunID: String
  /// `artist`, `label`, `master` or `release`.
  public var entity: String
  /// The record's id.
  public var id: Int64
  /// What became of the record.
  public var change: Change
  /// The columns and datasets in which it differs; nil for one that only one run has.
  public var changedColumns: String?

  /// The values in the order of the columns of ``EventTable/entityChanges``.
  public func values(at moment: EventTime) -> EventRow {
    [
      moment.value, .text(runID), .text(previousRunID), .text(entity), .int64(id), .text(change.rawValue),
      .text(orNull: changedColumns), .int64(EventTable.schemaVersion),
    ]
  }
}

extension RowsWriter.Value {
  fileprivate static func text(orNull text: String?) -> Self { text.map(Self.text) ?? .null }
  fileprivate static func int64(orNull value: Int64?) -> Self { value.map(Self.int64) ?? .null }
}
