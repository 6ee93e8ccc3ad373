import Platform

/// The history's figures as CSV files.
public struct HistoryExport: Sendable {
  private let figures: HistoryFigures

  /// Nothing is written before ``write(to:stamp:)``.
  public init(of figures: HistoryFigures) { self.figures = figures }

  /// One line for each run and KPI.
  public var long: String {
    var text = CSV.record([
      "event_ts_utc", "run_id", "schema_name", "kpi_name", "kpi_value", "status", "details",
    ])
    for value in figures.values {
      text += CSV.record([
        .text(value.moment), .text(value.runID), .text(value.schemaName), .text(value.kpi),
        .number(value.value), .text(value.status), .text(value.details),
      ])
    }
    return text
  }

  /// One line for each run, one column for each KPI, those of version 1 first, of each version in alphabetical order; blank
  /// where a run has no value.
  ///
  /// The columns do not depend on which runs there are. A KPI that this version does not know but the history does
  /// has its column too, behind the others. A line's moment and schema are those of its newest value.
  public var wide: String {
    let declared = Dictionary(uniqueKeysWithValues: KPI.scalars.map { (ExactText($0.name), $0.version) })
    let known = Set(declared.keys).union(figures.values.map { ExactText($0.kpi) })
    let kpis = known.sorted { one, other in
      let (a, b) = (declared[one] ?? .max, declared[other] ?? .max)
      return a == b ? one < other : a < b
    }
    var text = CSV.record(
      ["run_id", "schema_name", "event_ts_utc"] + kpis.map { CSV.Field.text($0.text) })
    var rest = figures.values[...]
    while let first = rest.first {
      let run = rest.prefix { ExactText($0.runID) == ExactText(first.runID) }
      rest = rest.dropFirst(run.count)
      let newest = run.max { ($0.moment, $0.schemaName) < ($1.moment, $1.schemaName) } ?? first
      let byKPI = Dictionary(run.map { (ExactText($0.kpi), $0.value) }) { first, _ in first }
      text += CSV.record(
        [.text(first.runID), .text(newest.schemaName), .text(newest.moment)]
          + kpis.map { CSV.Field.number(byKPI[$0, default: nil]) })
    }
    return text
  }

  /// One line for each run, KPI and value of the KPI's dimension.
  public var dimensions: String {
    var text = CSV.record(["run_id", "kpi_name", "dim_value", "kpi_value"])
    for value in figures.dimensionValues {
      text += CSV.record([
        .text(value.runID), .text(value.kpi), .text(value.dimension), .number(value.value),
      ])
    }
    return text
  }

  /// One line for each run and KPI, beside the previous run's value.
  public var growth: String {
    var text = CSV.record(HistoryView.kpiGrowth.columns.map(\.name))
    for growth in figures.growth {
      text += CSV.record([
        .text(growth.runID), .text(growth.previousRunID), .text(growth.kpi), .number(growth.value),
        .number(growth.previousValue), .number(growth.delta), .number(growth.deltaBasisPoints),
      ])
    }
    return text
  }

  /// One line for each run and kind of record, compared with the previous run.
  public var changes: String {
    var text = CSV.record([
      "run_id", "previous_run_id", "entity", "n_added", "n_removed", "n_changed", "n_same", "details",
    ])
    for changes in figures.changes {
      text += CSV.record([
        .text(changes.runID), .text(changes.previousRunID), .text(changes.entity), .number(changes.added),
        .number(changes.removed), .number(changes.changed), .number(changes.same), .text(changes.details),
      ])
    }
    return text
  }

  /// Writes the files into a folder, each beside its place and renamed.
  ///
  /// - Parameter stamp: text for the files' names, before `.csv`.
  /// - Returns: the paths, the long file's first, then the wide one's.
  /// - Throws: `SystemError`.
  public func write(to folder: String, stamp: UTCTime?) throws -> [String] {
    let suffix = stamp.map { "_\($0.compact)" } ?? ""
    let files = [
      ("kpis_long", long), ("kpis_wide", wide), ("kpis_dim", dimensions), ("growth", growth),
      ("changes", changes),
    ]
    return try ReportsFolder.write(
      files.map { ("history_\($0)_latest\(suffix).csv", Array($1.utf8)) }, to: folder)
  }
}
