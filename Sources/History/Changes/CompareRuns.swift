import Catalog
import Lake
import Parquet
import Platform
import SQL
import Schema
import TaskKit

/// Compares runs: which records are new, gone, and changed, and in what.
public final class CompareRuns {
  /// Which pairs of runs are compared.
  public enum Choice: Sendable, Hashable {
    /// Each run that can be used with its previous one; with a run named, that one alone.
    case previous(onlyRunID: RunID?, includesActive: Bool)
    /// These two, whatever the history says of them.
    case pair(RunID, previous: RunID)
  }

  /// Whether known pairs are compared again.
  public var ignoresKnown = false

  private let history: HistorySession
  private let log: Log
  private var lake: Lake { history.lake }
  private var engine: any SQLEngine { history.engine }
  private var facts: [RunID: [Dataset: ColumnFacts]] = [:]
  private var columns: [String: [String: [String]]] = [:]

  /// Nothing is read before ``run(_:)``.
  public init(_ history: HistorySession, log: Log) {
    self.history = history
    self.log = log
  }

  /// What an execution has to tell.
  public struct Result: Sendable {
    /// How many pairs were compared.
    public var pairs = 0
    /// How many were known.
    public var known = 0
    /// How many runs, or pairs of them, were left out, each with a line that says why.
    public var leftOut = 0
    /// How many records were found to be new, gone or changed.
    public var changes = 0
    /// How many comparisons of one kind of record failed.
    public var failures = 0
  }

  /// Compares the pairs one after the other; what is found out about each is recorded before the next one's turn.
  /// - Throws: `TaskError` when runs that were named cannot be compared; `SQLError` when the engine cannot be asked at all;
  ///   `SystemError`.
  public func run(_ choice: Choice) throws -> Result {
    var result = Result()
    let active = ActiveRun.id(in: lake, log: log)
    let pairs = try pairs(choice, active: active, &result)
    let known = try ignoresKnown ? [:] : knownEntities()
    let runs = Set(pairs.flatMap { [$0.newer, $0.older] }).sorted().map(lake.run)
    let open = pairs.filter { known[$0]?.count != Entity.allCases.count }
    result.known = pairs.count - open.count
    guard !open.isEmpty else { return result }
    let showings = try Sentinel.showings(of: runs, active: active, engine)
    for pair in open {
      let faults = try [pair.older, pair.newer].compactMap { id -> String? in
        guard try Files.found(lake.run(id).path) == .directory else {
          return "the folder of run \(id) is gone"
        }
        let fault = showings[id]?.schema == nil ? showings[id]?.fault ?? "no schema shows it" : nil
        return fault.map { "run \(id) is not registered with \(engine.name.rawValue): \($0)" }
      }
      if let fault = faults.first {
        guard case .previous(nil, _) = choice else {
          throw TaskError(
            .noInput, "runs \(pair.older) and \(pair.newer) cannot be compared: \(fault)",
            advice: "register it with register-run-schema")
        }
        log.warning("left out: \(fault); register-run-schema registers it", pair.fields)
        result.leftOut += 1
        continue
      }
      let schemas = [pair.older, pair.newer].map { showings[$0]?.schema ?? $0.schemaName }
      let entities = Entity.allCases.filter { known[pair]?.contains($0.recordName) != true }
      let datasets = entities.flatMap(EntityComparison.datasets)
      try engine.expectReading(
        bytes: [pair.older, pair.newer].map { try lake.run($0).bytes(of: datasets) }.reduce(0, +))
      try compare(pair, schemas, entities, active: active, into: &result)
    }
    return result
  }

  // MARK: Which runs

  /// A run and the one that it is compared with.
  private struct Pair: Hashable {
    var newer: RunID
    var older: RunID
    var fields: Log.Fields { ["run_id": newer.text, "previous_run_id": older.text] }
  }

  private func pairs(_ choice: Choice, active: RunID?, _ result: inout Result) throws -> [Pair] {
    guard case .previous(let onlyRunID, let includesActive) = choice else {
      guard case .pair(let newer, let older) = choice else { return [] }
      for id in [newer, older] { _ = try lake.existingRun(id) }
      return [Pair(newer: newer, older: older)]
    }
    var statuses: [(id: RunID, status: String?)] = []
    for row in try engine.rows(HistoryScript.latestRunStatuses.sql) {
      if let id = row[0].string.flatMap({ try? RunID(validating: $0) }) {
        statuses.append((id, row[2].string))
      }
    }
    // Of these the registry knows no engine that shows them; whether this one does, its catalog knows.
    let unregistered = statuses.filter { $0.status == RunRegistryEvent.Status.failedIncomplete.rawValue }.map(
      \.id)
    let showings =
      try unregistered.isEmpty
      ? [:] : Sentinel.showings(of: unregistered.map(lake.run), active: active, engine)
    let shown = unregistered.filter { showings[$0]?.schema != nil }
    var previous: [RunID: RunID] = [:]
    for row in try engine.rows(PreviousRuns.select(usable: shown)) {
      guard let newer = row[0].string.flatMap({ try? RunID(validating: $0) }),
        let older = row[1].string.flatMap({ try? RunID(validating: $0) })
      else { continue }
      previous[newer] = older
    }
    var pairs: [Pair] = []
    var isKnown = false
    func leaveOut(_ id: RunID, _ reason: String, isWarning: Bool = false) {
      result.leftOut += 1
      (isWarning ? log.warning : log.info)("left out: \(reason)", ["run_id": id.text])
    }
    for (id, status) in statuses where onlyRunID == nil || id == onlyRunID {
      isKnown = true
      if status == RunRegistryEvent.Status.missingData.rawValue {
        leaveOut(id, "the registry says missing_data")
      } else if id == active, !includesActive {
        leaveOut(id, "it is the active run; --include-active (include_active=true) compares it")
      } else if let showing = showings[id], showing.schema == nil {
        let fault =
          "it is not registered with \(engine.name.rawValue): \(showing.fault ?? "no schema shows it")"
        guard onlyRunID == nil else {
          throw TaskError(
            .noInput, "run \(id) cannot be compared: \(fault)", advice: "register it with register-run-schema"
          )
        }
        leaveOut(id, "\(fault); register-run-schema registers it", isWarning: true)
      } else if let older = previous[id] {
        pairs.append(Pair(newer: id, older: older))
      } else {
        log.info("not compared: it has no previous run that can be used", ["run_id": id.text])
      }
    }
    if let onlyRunID, !isKnown {
      _ = try lake.existingRun(onlyRunID)
      throw TaskError(
        .noInput, "the registry knows no run \(onlyRunID)",
        advice: "register it with register-run-schema, then record it with reconcile")
    }
    return pairs.sorted { $0.newer < $1.newer }
  }

  /// The kinds of record whose comparison is known, by pair.
  private func knownEntities() throws -> [Pair: Set<String>] {
    var known: [Pair: Set<String>] = [:]
    for row in try engine.rows(HistoryScript.knownChanges.sql) {
      guard let newer = row[0].string.flatMap({ try? RunID(validating: $0) }),
        let older = row[1].string.flatMap({ try? RunID(validating: $0) }), let entity = row[2].string
      else { continue }
      known[Pair(newer: newer, older: older), default: []].insert(entity)
    }
    return known
  }

  // MARK: One pair

  /// Compares two runs and records what was found. Where a comparison of one kind of record fails, those of the others
  /// count, and nothing that was found before the failure is kept of it.
  private func compare(
    _ pair: Pair, _ schemas: [String], _ entities: [Entity], active: RunID?, into result: inout Result
  ) throws {
    let now = UTCTime.now
    var failures: [Entity: String] = [:]
    while true {
      let draft = try history.tables.draftOfChanges()
      do {
        var events: [RunChangeEvent] = []
        var failed: (Entity, SQLError)?
        for entity in entities {
          if let message = failures[entity] {
            events.append(event(pair, entity, nil, .failedQuery, message))
            continue
          }
          do {
            events.append(try compare(pair, schemas, entity, draft, now))
          } catch let error as SQLError where error.isAboutTheQuery {
            failed = (entity, error)
            break
          }
        }
        if let (entity, error) = failed {
          log.warning("not compared: \(error)", pair.fields.merging(["entity": entity.recordName]) { $1 })
          failures[entity] = "\(error.name): \(error.reason)"
          draft.discard()
          continue
        }
        if schemas.contains(RunCatalog.activeSchema), try lake.activeRun() != active {
          draft.discard()
          result.leftOut += 1
          return log.warning("left out: active points to another run by now", pair.fields)
        }
        try draft.finish()
        let changes = draft.rows
        if changes == 0 { draft.discard() }
        let file = try history.tables.append(events, changes == 0 ? nil : draft, at: now)
        result.pairs += 1
        result.changes += changes
        result.failures += failures.count
        return log.info(
          "compared: \(counted(changes, "record differs", "records differ"))",
          pair.fields.merging(["file": file, "changes": changes]) { $1 })
      } catch {
        draft.discard()
        throw error
      }
    }
  }

  private func event(
    _ pair: Pair, _ entity: Entity, _ counts: RunChangeEvent.Counts?, _ status: RunChangeEvent.Status,
    _ details: String?
  ) -> RunChangeEvent {
    RunChangeEvent(
      runID: pair.newer.text, previousRunID: pair.older.text, entity: entity.recordName, counts: counts,
      status: status, details: details)
  }

  private func compare(
    _ pair: Pair, _ schemas: [String], _ entity: Entity, _ draft: EventFile.Draft, _ now: UTCTime
  ) throws -> RunChangeEvent {
    let comparison = try comparison(pair, schemas, entity)
    let moment = EventTime(now)
    var counts = RunChangeEvent.Counts()
    var names: [Int64: String] = [:]
    func tell(_ id: Int64, _ change: EntityChangeEvent.Change, _ mask: Int64 = 0) throws {
      if change == .changed, names[mask] == nil { names[mask] = comparison.names(of: mask) }
      let event = EntityChangeEvent(
        runID: pair.newer.text, previousRunID: pair.older.text, entity: entity.recordName, id: id,
        change: change, changedColumns: change == .changed ? names[mask] : nil)
      try draft.append(event.values(at: moment))
    }
    for range in try ranges(of: entity, pair, schemas) {
      var several: [EntityComparison.Difference] = []
      try engine.query(comparison.differences(in: range, engine)) { row in
        guard let older = row[1].int64, let newer = row[2].int64, let mask = row[3].int64 else { return }
        guard let id = row[0].int64 else {
          // How many there were; what is found gone or changed is taken off.
          counts.same += older
          return
        }
        let difference = EntityComparison.Difference(id: id, older: older, newer: newer, mask: mask)
        if older == 0 {
          counts.added += 1
          try tell(id, .added)
        } else if newer == 0 {
          counts.removed += 1
          try tell(id, .removed)
        } else if difference.isOfSeveralRows, mask & comparison.columnBits != 0 {
          several.append(difference)
        } else {
          counts.changed += 1
          try tell(id, .changed, mask)
        }
      }
      for difference in try settled(several, comparison) where difference.mask != 0 {
        counts.changed += 1
        try tell(difference.id, .changed, difference.mask)
      }
    }
    counts.same -= counts.removed + counts.changed
    let details =
      comparison.leftOut.isEmpty ? nil : "not compared: \(comparison.leftOut.joined(separator: ", "))"
    return event(pair, entity, counts, .ok, details)
  }

  /// What really differs in records of several rows: a record that is there twice counts once, so of each column only which
  /// values there are counts, not how often.
  private func settled(
    _ differences: [EntityComparison.Difference], _ comparison: EntityComparison
  ) throws -> [EntityComparison.Difference] {
    var settled: [EntityComparison.Difference] = []
    var rest = differences[...]
    while !rest.isEmpty {
      let batch = rest.prefix(1000)
      rest = rest.dropFirst(batch.count)
      var values: [Int64: [[Set<SQLValue>]]] = [:]
      let nothing = [[Set<SQLValue>]](
        repeating: Array(repeating: [], count: comparison.columns.count), count: 2)
      try engine.query(comparison.rows(of: batch.map(\.id))) { row in
        guard let side = row[0].int64, let id = row[1].int64 else { return }
        for column in comparison.columns.indices {
          values[id, default: nothing][Int(side)][column].insert(row[2 + column])
        }
      }
      for var difference in batch {
        guard let found = values[difference.id] else { continue }
        difference.mask &= ~comparison.columnBits
        for column in comparison.columns.indices where found[0][column] != found[1][column] {
          difference.mask |= 1 << Int64(column)
        }
        settled.append(difference)
      }
    }
    return settled
  }

  // MARK: What is compared

  private func comparison(_ pair: Pair, _ schemas: [String], _ entity: Entity) throws -> EntityComparison {
    var leftOut: [String] = []
    var compared: [(dataset: Dataset, columns: [ComparedColumn])] = []
    for dataset in EntityComparison.datasets(of: entity) {
      let isMain = dataset == entity.main
      let tables = try schemas.map { try catalogColumns(in: $0)[dataset.table] ?? [] }
      let found = try [pair.older, pair.newer].map { try facts(of: dataset, $0) }
      guard isMain || zip(tables, found).allSatisfy({ !$0.0.isEmpty && $0.1.rows > 0 }) else {
        leftOut.append(dataset.name)
        continue
      }
      let isIDAlone = found.contains { $0.rows == 0 }
      var columns: [ComparedColumn] = []
      // The id is what rows are compared by.
      for column in dataset.columns.dropFirst() {
        var isThere = true
        for (side, schema) in schemas.enumerated() where isThere {
          isThere =
            try tables[side].contains(column.name)
            && holdsValues(column, found[side], TableName(schema, dataset.table))
        }
        if isThere {
          columns.append(ComparedColumn(column: column))
        } else if !isIDAlone {
          leftOut.append(isMain ? column.name : "\(dataset.name).\(column.name)")
        }
      }
      if isIDAlone { leftOut.append(dataset.name) }
      compared.append((dataset, columns))
    }
    return EntityComparison(
      entity: entity, schemas: schemas, columns: compared[0].columns,
      parts: compared.dropFirst().filter { !$0.columns.isEmpty }, leftOut: leftOut)
  }

  private func holdsValues(_ column: Column, _ facts: ColumnFacts, _ table: TableName) throws -> Bool {
    switch facts.presence(of: column) {
    case .yes: true
    case .no: false
    case .unknown:
      try engine.rows(EntityComparison.counts(of: [column], table)).first?.first?.int64 != 0
    }
  }

  private func catalogColumns(in schema: String) throws -> [String: [String]] {
    if let known = columns[schema] { return known }
    let found = try engine.columns(in: schema)
    columns[schema] = found
    return found
  }

  private func facts(of dataset: Dataset, _ id: RunID) throws -> ColumnFacts {
    if let known = facts[id]?[dataset] { return known }
    let found: ColumnFacts
    do { found = try ColumnFacts(of: dataset, in: lake.run(id)) } catch let error as ParquetError {
      throw SQLError(engine: engine.name, name: "PARQUET", message: "\(dataset.name) of run \(id): \(error)")
    }
    facts[id, default: [:]][dataset] = found
    return found
  }

  /// Ranges of ids that hold about as many rows each. Where the files do not say which ids are where, they are of equal
  /// width.
  private func ranges(of entity: Entity, _ pair: Pair, _ schemas: [String]) throws -> [IDRange] {
    var groups: [(last: Int64, rows: Int)] = []
    for (id, schema) in zip([pair.older, pair.newer], schemas) {
      let facts = try facts(of: entity.main, id)
      if let own = facts.idGroups {
        groups += own
      } else if facts.rows > IDRange.rows / 4 {
        let column = "CAST(\(SQLText.identifier(entity.main.columns[0].name)) AS BIGINT)"
        let table = TableName(schema, entity.main.table).sql
        let row = try engine.rows("SELECT min(\(column)), max(\(column)) FROM \(table)").first ?? []
        guard row.count == 2, let low = row[0].int64, let high = row[1].int64 else { continue }
        groups += Self.evenGroups(from: low, to: high, rows: facts.rows)
      } else {
        groups.append((.max, facts.rows))
      }
    }
    return IDRange.covering(groups)
  }

  private static func evenGroups(from low: Int64, to high: Int64, rows: Int) -> [(last: Int64, rows: Int)] {
    let count = Int64(max(rows / (IDRange.rows / 4), 1))
    let width = max(high.subtractingReportingOverflow(low).partialValue / count, 1)
    return (1...count).map { number in
      (number == count ? high : low &+ width &* number, rows / Int(count))
    }
  }
}
