import Lake
import Platform
import SQL
import TaskKit

/// The newest KPI values as rows for CSV files.
public struct HistoryExport: Sendable {
  /// One row of `kpi_snapshot_latest`.
  struct Value: Sendable, Hashable {
    var moment: String
    var runID: String
    var schemaName: String
    var kpi: String
    var value: Int64?
    var status: String
    var details: String?
  }

  /// By run, then KPI.
  private(set) var values: [Value] = []

  /// Reads the newest values.
  /// - Parameters:
  ///   - onlyRunID: the only run to export; nil for all.
  ///   - activeRun: a run to leave out.
  /// - Throws: `SQLError`.
  public init(from engine: any SQLEngine, onlyRunID: RunID?, leavingOut activeRun: RunID?) throws {
    try engine.query(HistoryScript.exportedKPIs.sql) { row in
      guard let runID = row[1].string, runID != activeRun?.text, onlyRunID == nil || runID == onlyRunID?.text,
        let kpi = row[3].string
      else { return }
      values.append(
        Value(
          moment: Self.moment(row[0].string ?? ""), runID: runID, schemaName: row[2].string ?? "", kpi: kpi,
          value: row[4].int64, status: row[5].string ?? "", details: row[6].string))
    }
    values.sort(by: Self.precedes)
  }

  init(values: [Value]) {
    self.values = values.sorted(by: Self.precedes)
  }

  private static func precedes(_ one: Value, _ other: Value) -> Bool {
    (ExactText(one.runID), ExactText(one.kpi)) < (ExactText(other.runID), ExactText(other.kpi))
  }

  /// A text as SQL compares it: to Swift's strings, é is é however it is composed, and two of the engine's rows one.
  private struct ExactText: Hashable, Comparable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (one: Self, other: Self) -> Bool { one.text.utf8.elementsEqual(other.text.utf8) }

    static func < (one: Self, other: Self) -> Bool {
      one.text.utf8.lexicographicallyPrecedes(other.text.utf8)
    }

    func hash(into hasher: inout Hasher) { for byte in text.utf8 { hasher.combine(byte) } }
  }

  /// Whether there is no value to export.
  public var isEmpty: Bool { values.isEmpty }

  /// One line for each run and KPI.
  public var long: String {
    var text = CSV.record([
      "event_ts_utc", "run_id", "schema_name", "kpi_name", "kpi_value", "status", "details",
    ])
    for value in values {
      text += CSV.record([
        value.moment, value.runID, value.schemaName, value.kpi, value.value.map { String($0) }, value.status,
        value.details,
      ])
    }
    return text
  }

  /// One line for each run, one column for each KPI in alphabetical order; blank where a run has no value.
  ///
  /// The columns do not depend on which runs there are. A KPI that this version does not know but the history does
  /// has its column too. A line's moment and schema are those of its newest value.
  public var wide: String {
    let kpis = Set((KPI.all.map(\.name) + values.map(\.kpi)).map(ExactText.init)).sorted()
    var text = CSV.record(["run_id", "schema_name", "event_ts_utc"] + kpis.map(\.text))
    var rest = values[...]
    while let first = rest.first {
      let run = rest.prefix { ExactText($0.runID) == ExactText(first.runID) }
      rest = rest.dropFirst(run.count)
      let newest = run.max { ($0.moment, $0.schemaName) < ($1.moment, $1.schemaName) } ?? first
      let byKPI = Dictionary(run.map { (ExactText($0.kpi), $0.value) }) { first, _ in first }
      text += CSV.record(
        [first.runID, newest.schemaName, newest.moment]
          + kpis.map { byKPI[$0, default: nil].map { String($0) } })
    }
    return text
  }

  /// A time stamp with three digits after the second at least: the engines leave out zeros in different ways.
  static func moment(_ text: String) -> String {
    let parts = text.split(separator: ".", maxSplits: 1)
    guard let seconds = parts.first else { return text }
    var fraction = parts.count > 1 ? parts[1] : ""
    while fraction.count > 3, fraction.last == "0" { fraction.removeLast() }
    return "\(seconds).\(fraction)\(String(repeating: "0", count: max(0, 3 - fraction.count)))"
  }

  /// Writes both files into a folder, each beside its place and renamed.
  ///
  /// - Parameter stamp: text for the files' names, before `.csv`.
  /// - Returns: the paths, the long file's first.
  /// - Throws: `SystemError`.
  public func write(to folder: String, stamp: UTCTime?) throws -> [String] {
    try Files.createDirectory(folder)
    let suffix = stamp.map { "_\($0.compact)" } ?? ""
    return try [("long", long), ("wide", wide)].map { name, text in
      let path = Files.join(folder, "history_kpis_\(name)_latest\(suffix).csv")
      try Files.writeAtomically(text.utf8, to: path)
      return path
    }
  }
}
