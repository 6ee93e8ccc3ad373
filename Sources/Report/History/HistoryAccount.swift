import History
import Lake
import Platform
import SQL
import Schema

/// All that the history's views tell, as its report shows it: the figures of the CSV files, and what only a page has room
/// for.
struct HistoryAccount {
  /// A run as the registry knows it.
  struct Run {
    let id: String
    let schemaName: String
    let isActive: Bool
    let status: String
    let details: String?
    let runMode: String?
    let gitSHA: String?
    /// `2026-08-01`: of its dumps; the first of the month where no more is known.
    let day: String

    /// `August 2026`
    var month: String { Figures.month(day) }
    /// Days since 1970.
    var dayNumber: Int {
      let parts = day.split(separator: "-").compactMap { Int($0) }
      guard parts.count == 3 else { return 0 }
      return CalendarDate(year: parts[0], month: parts[1], day: parts[2])?.daysSince1970 ?? 0
    }
    /// Whether its numbers can be used.
    var isUsable: Bool { ["ok", "skipped_active"].contains(status) }
  }

  /// A KPI of the newest run beside that of the run before.
  struct Growth {
    let previousValue: Int64?
    let delta: Int64?
    /// Basis points of the previous value.
    let relative: Int64?
  }

  /// What became of an entity's records since the run before.
  struct Changes {
    let added: Int64
    let removed: Int64
    let changed: Int64
    let same: Int64
    let details: String?
  }

  /// A record that was added, removed or changed.
  struct Example {
    let id: Int64
    /// Its name or title, where the run's tables tell it.
    var name: String?
    let changedColumns: String?
  }

  /// An entity and what became of a record of it.
  struct Kind: Hashable {
    let entity: String
    let change: String
  }

  /// A value of a KPI's dimension, in the newest run and the one before.
  struct Part {
    let name: String
    let value: Int64
    /// Nil where the run before has none.
    var previous: Int64?
  }

  /// By the date of their dumps, then by id: those with KPI values.
  private(set) var runs: [Run] = []
  /// Every run that the registry knows, in the same order.
  private(set) var registry: [Run] = []
  /// By run, then KPI.
  private(set) var values: [String: [String: Int64]] = [:]
  /// Of the newest run, by KPI.
  private(set) var growth: [String: Growth] = [:]
  /// The run that the newest one is compared with.
  private(set) var previous: Run?
  /// By KPI, the largest first.
  private(set) var dimensions: [String: [Part]] = [:]
  /// By entity.
  private(set) var changes: [String: Changes] = [:]
  private(set) var examples: [Kind: [Example]] = [:]
  /// How many changed records of an entity differ in each column, the most first.
  private(set) var changedColumns: [String: [(column: String, records: Int64)]] = [:]
  /// When the newest value was computed.
  private(set) var moment: String?

  /// How many examples of each kind are told.
  static let mostExamples = 100

  /// The newest run with KPI values.
  var newest: Run? { runs.last }

  /// Reads the views.
  /// - Parameters:
  ///   - onlyRunID: the only run to tell of; nil for all.
  ///   - activeRun: a run to leave out.
  /// - Throws: `SQLError`.
  init(from engine: any SQLEngine, onlyRunID: RunID?, leavingOut activeRun: RunID?) throws {
    let figures = try HistoryFigures(from: engine, onlyRunID: onlyRunID, leavingOut: activeRun)
    try readRegistry(engine) { $0 != activeRun?.text && (onlyRunID == nil || $0 == onlyRunID?.text) }
    take(figures.values)
    guard let newest else { return }
    take(figures.growth.filter { $0.runID == newest.id })
    take(figures.dimensionValues, of: newest)
    for row in figures.changes where row.runID == newest.id && row.previousRunID == previous?.id {
      changes[row.entity] = Changes(
        added: row.added ?? 0, removed: row.removed ?? 0, changed: row.changed ?? 0, same: row.same ?? 0,
        details: row.details)
    }
    if !changes.isEmpty, let previous { try readExamples(from: previous, to: newest, engine) }
  }

  /// A value of the newest run.
  func value(_ kpi: String) -> Int64? { newest.flatMap { values[$0.id]?[kpi] } }

  /// Every KPI that some run has a value of, by name.
  var kpiNames: [String] { Set(values.values.flatMap(\.keys)).sorted() }

  // MARK: Reading

  private mutating func readRegistry(_ engine: any SQLEngine, _ isWanted: (String) -> Bool) throws {
    try engine.query(ReportScript.registry.sql()) { row in
      guard let id = row[1].string, isWanted(id) else { return }
      let day = row[7].string ?? "\(row[6].string ?? String(id.prefix(7)))-01"
      registry.append(
        Run(
          id: id, schemaName: row[2].string ?? "", isActive: row[3].bool ?? false,
          status: row[4].string ?? "",
          details: row[5].string, runMode: row[8].string, gitSHA: row[9].string, day: day))
    }
    registry.sort { ($0.day, $0.id) < ($1.day, $1.id) }
  }

  private mutating func take(_ figures: [HistoryFigures.Value]) {
    // The schema that a run's values were read from is there whatever the registry says.
    var schemas: [String: String] = [:]
    for figure in figures {
      guard let value = figure.value else { continue }
      values[figure.runID, default: [:]][figure.kpi] = value
      schemas[figure.runID] = figure.schemaName
      moment = max(moment ?? "", figure.moment)
    }
    let known = Dictionary(registry.map { ($0.id, $0) }) { first, _ in first }
    runs = values.keys.map { id in
      known[id]
        ?? Run(
          id: id, schemaName: schemas[id] ?? "", isActive: false, status: "", details: nil, runMode: nil,
          gitSHA: nil, day: "\(id.prefix(7))-01")
    }.sorted { ($0.day, $0.id) < ($1.day, $1.id) }
  }

  private mutating func take(_ figures: [HistoryFigures.Growth]) {
    for figure in figures {
      growth[figure.kpi] = Growth(
        previousValue: figure.previousValue, delta: figure.delta, relative: figure.deltaBasisPoints)
    }
    let previousID = figures.lazy.compactMap(\.previousRunID).first
    // A run that is left out has no place in the tables, but the newest one was compared with it all the same.
    previous = previousID.map { id in
      (runs + registry).first { $0.id == id }
        ?? Run(
          id: id, schemaName: "", isActive: false, status: "", details: nil, runMode: nil, gitSHA: nil,
          day: "\(id.prefix(7))-01")
    }
  }

  private mutating func take(_ figures: [HistoryFigures.DimensionValue], of newest: Run) {
    // Two names are one thing if their bytes are the same, as they are to SQL; where there are ids, these count: several
    // artists have one name, and one may get another.
    struct Name: Hashable {
      let kpi: String
      let bytes: [UInt8]

      init(_ figure: HistoryFigures.DimensionValue) {
        kpi = figure.kpi
        bytes = Array((figure.details ?? figure.dimension).utf8)
      }
    }
    var earlier: [Name: Int64] = [:]
    for figure in figures where figure.runID == previous?.id {
      earlier[Name(figure)] = figure.value
    }
    // By KPI, the largest first.
    for figure in figures where figure.runID == newest.id {
      guard let value = figure.value else { continue }
      dimensions[figure.kpi, default: []].append(
        Part(name: figure.dimension, value: value, previous: earlier[Name(figure)]))
    }
  }

  private mutating func readExamples(from previous: Run, to newest: Run, _ engine: any SQLEngine) throws {
    let pair = ["run_id": SQLText.literal(newest.id), "previous_run_id": SQLText.literal(previous.id)]
    let most = ["most": String(Self.mostExamples)]
    try engine.query(ReportScript.changeExamples.sql(pair.merging(most) { $1 })) { row in
      guard let entity = row[0].string, let change = row[1].string, let id = row[2].int64 else { return }
      examples[Kind(entity: entity, change: change), default: []].append(
        Example(id: id, changedColumns: row[3].string))
    }
    var columns: [String: [String: Int64]] = [:]
    try engine.query(ReportScript.changedColumns.sql(pair)) { row in
      guard let entity = row[0].string, let names = row[1].string, let count = row[2].int64 else { return }
      for name in names.split(separator: ", ") {
        columns[entity, default: [:]][String(name), default: 0] += count
      }
    }
    changedColumns = columns.mapValues { counts in
      counts.map { (column: $0.key, records: $0.value) }.sorted {
        ($1.records, $0.column) < ($0.records, $1.column)
      }
    }
    for kind in examples.keys {
      let run = kind.change == "removed" ? previous : newest
      let names = try names(of: kind.entity, examples[kind]!.map(\.id), in: run, engine)
      for index in examples[kind]!.indices { examples[kind]![index].name = names[examples[kind]![index].id] }
    }
  }

  /// What records are called; empty where the run's table cannot be asked.
  private func names(of entity: String, _ ids: [Int64], in run: Run, _ engine: any SQLEngine) throws
    -> [Int64: String]
  {
    guard let entity = ReportedEntity.named(entity), !ids.isEmpty, !run.schemaName.isEmpty else { return [:] }
    var names: [Int64: String] = [:]
    do {
      try engine.query(
        ReportScript.names.sql([
          "id": SQLText.identifier(entity.idColumn), "name": SQLText.identifier(entity.nameColumn),
          "table": TableName(run.schemaName, entity.dataset.table).sql,
          "ids": ids.map { String($0) }.joined(separator: ", "),
        ])
      ) { row in
        if let id = row[0].int64, let name = row[1].string { names[id] = name }
      }
    } catch let error as SQLError where error.isAboutTheQuery { return [:] }
    return names
  }
}

/// The kinds of records that the report tells of.
struct ReportedEntity {
  /// As the tables of changes have it: `release`.
  let name: String
  let dataset: Dataset
  let idColumn: String
  let nameColumn: String
  /// The KPI that counts its records.
  let countKPI: String
  /// Where a record is on discogs.com, before its id.
  let site: StaticString

  /// In the order in which they are told.
  static let all = [
    ReportedEntity(
      name: "release", dataset: .releases, idColumn: "release_id", nameColumn: "title",
      countKPI: "n_releases_distinct", site: "https://www.discogs.com/release/"),
    ReportedEntity(
      name: "artist", dataset: .artists, idColumn: "artist_id", nameColumn: "name",
      countKPI: "n_artists_distinct",
      site: "https://www.discogs.com/artist/"),
    ReportedEntity(
      name: "label", dataset: .labels, idColumn: "label_id", nameColumn: "name",
      countKPI: "n_labels_distinct",
      site: "https://www.discogs.com/label/"),
    ReportedEntity(
      name: "master", dataset: .masters, idColumn: "master_id", nameColumn: "title",
      countKPI: "n_masters_distinct",
      site: "https://www.discogs.com/master/"),
  ]

  /// `releases`
  var several: String { "\(name)s" }

  /// The entity that the tables of changes call this.
  static func named(_ name: String) -> ReportedEntity? { all.first { $0.name == name } }
}
