import Lake
import SQL

/// What the history's views say of a set of runs: the figures of the CSV files, and of every report.
public struct HistoryFigures: Sendable {
  /// The value of one KPI of one run: a row of `kpi_snapshot_latest`.
  public struct Value: Sendable, Hashable {
    /// When it was computed, UTC, with three digits after the second at least.
    public var moment: String
    public var runID: String
    /// The schema that it was read from.
    public var schemaName: String
    public var kpi: String
    public var value: Int64?
    public var status: String
    public var details: String?
    /// The version that introduced the KPI.
    public var version: Int64
  }

  /// The number of one KPI of one run for one value of its dimension: a row of `kpi_dimension_latest`.
  public struct DimensionValue: Sendable, Hashable {
    public var runID: String
    public var kpi: String
    /// The value of the dimension.
    public var dimension: String
    public var value: Int64?
    public var details: String?
  }

  /// One KPI of one run beside that of its previous run: a row of `kpi_growth`.
  public struct Growth: Sendable, Hashable {
    public var runID: String
    public var previousRunID: String?
    public var kpi: String
    public var value: Int64?
    public var previousValue: Int64?
    public var delta: Int64?
    /// The delta in basis points of the previous value.
    public var deltaBasisPoints: Int64?
  }

  /// How a run differs from its previous run in one kind of record: a row of `run_changes_latest`.
  public struct Changes: Sendable, Hashable {
    public var runID: String
    public var previousRunID: String
    public var entity: String
    public var added: Int64?
    public var removed: Int64?
    public var changed: Int64?
    public var same: Int64?
    public var details: String?
  }

  /// By run, then KPI.
  public let values: [Value]
  /// By run, then KPI, the largest number first, then the value of the dimension; those that are NULL left out.
  public let dimensionValues: [DimensionValue]
  /// By run, then KPI.
  public let growth: [Growth]
  /// By run, then entity; only the comparisons of a run with what its previous run is now.
  public let changes: [Changes]

  /// Whether the history knows nothing of these runs.
  public var isEmpty: Bool { values.isEmpty && dimensionValues.isEmpty && changes.isEmpty }

  /// Reads the views.
  /// - Parameters:
  ///   - onlyRunID: the only run; nil for all.
  ///   - activeRun: a run to leave out.
  /// - Throws: `SQLError`.
  public init(from engine: any SQLEngine, onlyRunID: RunID?, leavingOut activeRun: RunID?) throws {
    func isWanted(_ runID: String) -> Bool {
      runID != activeRun?.text && (onlyRunID == nil || runID == onlyRunID?.text)
    }
    var values: [Value] = []
    try engine.query(HistoryScript.exportedKPIs.sql) { row in
      guard let runID = row[1].string, isWanted(runID), let kpi = row[3].string else { return }
      values.append(
        Value(
          moment: Self.moment(row[0].string ?? ""), runID: runID, schemaName: row[2].string ?? "", kpi: kpi,
          value: row[4].int64, status: row[5].string ?? "", details: row[6].string,
          version: row[7].int64 ?? 0))
    }
    var dimensionValues: [DimensionValue] = []
    try engine.query(HistoryScript.exportedDimensions.sql) { row in
      guard let runID = row[0].string, isWanted(runID), let kpi = row[1].string, let value = row[2].string
      else { return }
      dimensionValues.append(
        DimensionValue(
          runID: runID, kpi: kpi, dimension: value, value: row[3].int64, details: row[4].string))
    }
    var growth: [Growth] = []
    try engine.query(HistoryScript.exportedGrowth.sql) { row in
      guard let runID = row[0].string, isWanted(runID), let kpi = row[2].string else { return }
      growth.append(
        Growth(
          runID: runID, previousRunID: row[1].string, kpi: kpi, value: row[3].int64,
          previousValue: row[4].int64, delta: row[5].int64, deltaBasisPoints: row[6].int64))
    }
    var changes: [Changes] = []
    try engine.query(Self.changesQuery) { row in
      guard let runID = row[0].string, isWanted(runID), let previous = row[1].string,
        let entity = row[2].string
      else { return }
      changes.append(
        Changes(
          runID: runID, previousRunID: previous, entity: entity, added: row[3].int64, removed: row[4].int64,
          changed: row[5].int64, same: row[6].int64, details: row[7].string))
    }
    self.init(values: values, dimensionValues: dimensionValues, growth: growth, changes: changes)
  }

  init(
    values: [Value], dimensionValues: [DimensionValue] = [], growth: [Growth] = [], changes: [Changes] = []
  ) {
    self.values = values.sorted {
      (ExactText($0.runID), ExactText($0.kpi)) < (ExactText($1.runID), ExactText($1.kpi))
    }
    self.dimensionValues = dimensionValues.sorted { one, other in
      let (a, b) = (
        (ExactText(one.runID), ExactText(one.kpi)), (ExactText(other.runID), ExactText(other.kpi))
      )
      if a != b { return a < b }
      let (x, y) = (one.value ?? .min, other.value ?? .min)
      if x != y { return x > y }
      return (ExactText(one.dimension), ExactText(one.details ?? ""))
        < (ExactText(other.dimension), ExactText(other.details ?? ""))
    }
    self.growth = growth.sorted {
      (ExactText($0.runID), ExactText($0.kpi)) < (ExactText($1.runID), ExactText($1.kpi))
    }
    self.changes = changes.sorted {
      (ExactText($0.runID), ExactText($0.entity)) < (ExactText($1.runID), ExactText($1.entity))
    }
  }

  private static var changesQuery: String {
    """
    SELECT counted.run_id, counted.previous_run_id, counted.entity, counted.n_added, counted.n_removed, \
    counted.n_changed, counted.n_same, counted.details \
    FROM \(HistoryView.latest(.runChanges).viewName.sql) AS counted \
    JOIN (\(PreviousRuns.select())) AS present \
    ON present.run_id = counted.run_id AND present.previous_run_id = counted.previous_run_id
    """
  }

  /// A time stamp with three digits after the second at least: the engines leave out zeros in different ways.
  static func moment(_ text: String) -> String {
    let parts = text.split(separator: ".", maxSplits: 1)
    guard let seconds = parts.first else { return text }
    var fraction = parts.count > 1 ? parts[1] : ""
    while fraction.count > 3, fraction.last == "0" { fraction.removeLast() }
    return "\(seconds).\(fraction)\(String(repeating: "0", count: max(0, 3 - fraction.count)))"
  }
}

/// A text as SQL compares it: to Swift's strings, é is é however it is composed, and two of the engine's rows one.
struct ExactText: Hashable, Comparable {
  let text: String

  init(_ text: String) { self.text = text }

  static func == (one: Self, other: Self) -> Bool { one.text.utf8.elementsEqual(other.text.utf8) }

  static func < (one: Self, other: Self) -> Bool {
    one.text.utf8.lexicographicallyPrecedes(other.text.utf8)
  }

  func hash(into hasher: inout Hasher) { for byte in text.utf8 { hasher.combine(byte) } }
}
