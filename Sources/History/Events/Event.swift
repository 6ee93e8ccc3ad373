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

  /// The values in the order of the columns of ``EventTable/kpiSnapshots``.
  public func values(at moment: EventTime) -> EventRow {
    [
      moment.value, .text(runID), .text(schemaName), .text(kpi), value.map(EventRow.Element.int64) ?? .null,
      .text(status.rawValue), .text(orNull: details), .int64(EventTable.schemaVersion),
    ]
  }
}

extension RowsWriter.Value {
  fileprivate static func text(orNull text: String?) -> Self { text.map(Self.text) ?? .null }
}
