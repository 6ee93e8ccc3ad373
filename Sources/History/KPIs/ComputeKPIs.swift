import Catalog
import Lake
import Platform
import SQL
import Schema
import TaskKit

/// Computes the KPIs of runs, as far as they are not known yet.
public struct ComputeKPIs {
  /// The lake whose runs are measured.
  public var lake: Lake
  /// Sees the history's tables and the runs' schemas; it is only read from.
  public var engine: any SQLEngine
  /// Told which runs are left out and which queries fail.
  public var log: Log
  /// The KPIs to compute.
  public var kpis: [KPI] = KPI.all
  /// The only run to compute them for; nil for all that the registry knows and whose files are there.
  public var onlyRunID: RunID?
  /// Whether the active run takes part too, read from its own schema, or else from `discogs`.
  public var includeActive = false
  /// Whether known values are computed again.
  public var ignoresKnown = false
  /// Told which table of which run is read.
  public var steps: Steps?
  /// Whether the first query that fails ends it.
  public var isStrict = false

  /// All KPIs of all runs but the active one, as far as they are not known; the other properties narrow or
  /// widen that.
  public init(lake: Lake, engine: any SQLEngine, log: Log) {
    self.lake = lake
    self.engine = engine
    self.log = log
  }

  /// What an execution has to tell.
  public struct Result: Sendable {
    /// What to add to the history, run by run; empty when everything was known.
    public var events: [KPISnapshotEvent] = []
    /// The same of KPIs with a dimension.
    public var dimensionEvents: [KPIDimensionEvent] = []
    /// How many events of both kinds.
    public var count: Int { events.count + dimensionEvents.count }
    /// How many runs were looked at.
    public var runs = 0
    /// How many runs were left out, each with a line that says why.
    public var runsLeftOut = 0
    /// The first query that failed, if that ends the execution.
    public var failure: TaskError?
  }

  /// A run and the schema that its tables are read from.
  struct Subject: Sendable, Hashable {
    var run: RunFolder
    var schemaName: String
    var runID: String { run.id.text }

    static func == (one: Subject, other: Subject) -> Bool {
      one.run.id == other.run.id && one.schemaName == other.schemaName
    }
    func hash(into hasher: inout Hasher) {
      hasher.combine(run.id)
      hasher.combine(schemaName)
    }
  }

  /// Reads what is not known from the tables, each in one scan.
  /// - Throws: `TaskError` when the only run that was asked for cannot be measured; `SQLError` when the engine cannot be
  ///   asked at all.
  public func result() throws -> Result {
    var result = Result()
    let subjects = try subjects(&result)
    let known = ignoresKnown ? KnownKPIs() : try KnownKPIs(from: engine)
    for subject in subjects {
      let before = (result.events.count, result.dimensionEvents.count)
      guard try compute(for: subject, known: known, into: &result) else {
        result.runsLeftOut += 1
        continue
      }
      if try hasMoved(subject) {
        result.runsLeftOut += 1
        result.events.removeSubrange(before.0...)
        result.dimensionEvents.removeSubrange(before.1...)
        result.failure = nil
        log.warning(
          "left out: it stopped being the active run meanwhile, and its tables show another",
          ["run_id": subject.runID])
        continue
      }
      result.runs += 1
      if result.failure != nil { break }
    }
    return result
  }

  /// Whether the schema of the active run shows another run by now.
  private func hasMoved(_ subject: Subject) throws -> Bool {
    try subject.schemaName == RunCatalog.activeSchema && lake.activeRun() != subject.run.id
  }

  // MARK: Which runs

  /// The runs that the registry knows and whose files are there. Whether the engine's catalog shows them is for
  /// ``isReadable(_:)``: what another engine's catalog shows, or does not, counts for nothing here.
  private func subjects(_ result: inout Result) throws -> [Subject] {
    let active = ActiveRun.id(in: lake, log: log)
    func leaveOut(_ id: RunID, _ reason: String) {
      result.runsLeftOut += 1
      log.info("left out: \(reason)", ["run_id": id.text])
    }
    var isKnown = false
    var subjects: [Subject] = []
    for row in try engine.rows(HistoryScript.latestRunStatuses.sql) {
      guard let text = row[0].string, let id = try? RunID(validating: text),
        onlyRunID == nil || id == onlyRunID, id != active
      else { continue }
      isKnown = true
      if row[2].string == RunRegistryEvent.Status.missingData.rawValue {
        if onlyRunID != nil { throw incomplete(id, details: row[3].string) }
        leaveOut(id, "the registry says missing_data\(row[3].string.map { " (\($0))" } ?? "")")
        continue
      }
      subjects.append(Subject(run: lake.run(id), schemaName: id.schemaName))
    }
    if let active, onlyRunID == nil || onlyRunID == active {
      isKnown = true
      if includeActive {
        subjects.append(try activeSubject(lake.run(active)))
      } else {
        leaveOut(active, "it is the active run; --include-active (include_active=true) computes it")
      }
    }
    if let onlyRunID, !isKnown {
      _ = try lake.existingRun(onlyRunID)
      throw TaskError(
        .noInput, "the registry knows no run \(onlyRunID.text)",
        advice: "register it with register-run-schema, then record it with reconcile")
    }
    return subjects.sorted { $0.runID < $1.runID }
  }

  /// The active run in its own schema, or in `discogs` where that is the one that shows it.
  private func activeSubject(_ run: RunFolder) throws -> Subject {
    let showing = try Sentinel.showings(of: [run], active: run.id, engine)[run.id]
    return Subject(run: run, schemaName: showing?.schema ?? run.id.schemaName)
  }

  private func incomplete(_ id: RunID, details: String?) -> TaskError {
    TaskError(
      .data, "the latest status of run \(id.text) is missing_data\(details.map { " (\($0))" } ?? "")",
      advice: "KPIs are computed of runs that are whole: mend that, register the run, and reconcile")
  }

  // MARK: One run

  /// - Returns: false if the run cannot be read, and so is left out.
  private func compute(for subject: Subject, known: KnownKPIs, into result: inout Result) throws -> Bool {
    let values = known.values(of: subject.runID)
    result.events += carriedOver(values, to: subject)
    var state = RunKPIs(known: values.mapValues(\.value))
    let open = kpis.filter {
      $0.hasDimension ? !known.hasValues(of: $0.name, in: subject.runID) : state.outcome(of: $0) == nil
    }
    guard !open.isEmpty else { return true }

    guard try isReadable(subject) else { return false }
    let tables = try engine.tables(in: subject.schemaName)
    let scans = TableScan.covering(state.unread(for: open))
    try engine.expectReading(bytes: subject.run.bytes(of: scans.flatMap(\.datasets)))
    steps?.expect(scans.count)
    for scan in scans {
      steps?.begin("\(scan.dataset.table) of run \(subject.runID)")
      if let reason = try scan.datasets.lazy.compactMap({ try absence(of: $0, subject, tables) }).first {
        for item in scan.items { state.set(item, of: scan.dataset, to: .missingTable(reason)) }
      } else {
        try read(scan, of: subject, into: &state)
      }
    }
    for kpi in open {
      guard let outcome = state.outcome(of: kpi) else { continue }
      let failure: String?
      if case .failedQuery(let message) = outcome { failure = message } else { failure = nil }
      result.events += event(kpi, of: subject, outcome, known).map { [$0] } ?? []
      result.dimensionEvents += dimensionEvents(kpi, of: subject, outcome, known)
      guard let failure else { continue }
      log.warning("no value: \(failure)", ["run_id": subject.runID, "kpi": kpi.name])
      if isStrict {
        result.failure = TaskError(
          .data, "KPI \(kpi.name) of run \(subject.runID) failed: \(failure)",
          advice: "mend the run's tables, or leave out --strict")
        return true
      }
    }
    return true
  }

  /// A run that was measured while it was active has its values under the schema `discogs`, which shows another run
  /// by now: they are told again under the run's own schema.
  private func carriedOver(_ values: [String: KnownKPIs.Value], to subject: Subject) -> [KPISnapshotEvent] {
    guard subject.schemaName != RunCatalog.activeSchema else { return [] }
    return kpis.compactMap { kpi in
      guard let known = values[kpi.name], known.schemaName == RunCatalog.activeSchema else { return nil }
      return KPISnapshotEvent(
        runID: subject.runID, schemaName: subject.schemaName, kpi: kpi.name, value: known.value, status: .ok,
        details: "computed when the run was active", version: kpi.version)
    }
  }

  private func isReadable(_ subject: Subject) throws -> Bool {
    let problem: String
    let active = subject.schemaName == RunCatalog.activeSchema ? subject.run.id : nil
    if try Files.found(subject.run.path) != .directory {
      problem = "its folder is gone"
    } else if let fault = try Sentinel.showings(of: [subject.run], active: active, engine)[subject.run.id]?
      .fault
    {
      problem = "it is not registered with \(engine.name.rawValue): \(fault)"
    } else {
      return true
    }
    guard onlyRunID == nil else {
      throw TaskError(
        .noInput, "run \(subject.runID) cannot be measured: \(problem)",
        advice: "register it with register-run-schema")
    }
    log.warning("left out: \(problem); register-run-schema registers it", ["run_id": subject.runID])
    return false
  }

  private func absence(of dataset: Dataset, _ subject: Subject, _ tables: Set<String>) throws -> String? {
    if try subject.run.parquetFiles(of: dataset).isEmpty { return "the run has no dataset \(dataset.name)" }
    if !tables.contains(dataset.table) { return "\(subject.schemaName).\(dataset.table) is not registered" }
    return nil
  }

  /// A scan that fails is tried again item by item, so that one bad column costs only its own KPIs.
  private func read(_ scan: TableScan, of subject: Subject, into state: inout RunKPIs) throws {
    do {
      let ids = try KnownIDs(for: scan, in: subject.schemaName, engine)
      let outcomes = scan.outcomes(of: try engine.rows(scan.sql(in: subject.schemaName, knowing: ids)))
      for (item, outcome) in zip(scan.items, outcomes) { state.set(item, of: scan.dataset, to: outcome) }
    } catch let error as SQLError where error.isAboutTheQuery {
      if scan.items.count == 1 {
        state.set(scan.items[0], of: scan.dataset, to: .failedQuery("\(error.name): \(error.reason)"))
      } else {
        for part in scan.parts { try read(part, of: subject, into: &state) }
      }
    }
  }

  /// The event that the outcome of a KPI of one number calls for, if it calls for one.
  private func event(
    _ kpi: KPI, of subject: Subject, _ outcome: RunKPIs.Outcome, _ known: KnownKPIs
  ) -> KPISnapshotEvent? {
    guard !kpi.hasDimension else { return nil }
    let (status, value, details): (KPISnapshotEvent.Status, Int64?, String?)
    switch outcome {
    case .value(let number):
      if let fitting = Int64(exactly: number) {
        (status, value, details) = (.ok, fitting, nil)
      } else {
        (status, value, details) = (.failedQuery, nil, "\(number) does not fit a BIGINT")
      }
    case .missingTable(let reason):
      if known.isNotedMissing(kpi.name, in: subject.runID) { return nil }
      (status, value, details) = (.missingTable, nil, reason)
    case .failedQuery(let message): (status, value, details) = (.failedQuery, nil, message)
    case .undefined, .values: return nil
    }
    return KPISnapshotEvent(
      runID: subject.runID, schemaName: subject.schemaName, kpi: kpi.name, value: value, status: status,
      details: details, version: kpi.version)
  }

  /// The events that the outcome of a KPI with a dimension calls for.
  private func dimensionEvents(
    _ kpi: KPI, of subject: Subject, _ outcome: RunKPIs.Outcome, _ known: KnownKPIs
  ) -> [KPIDimensionEvent] {
    guard kpi.hasDimension else { return [] }
    func event(
      _ status: KPISnapshotEvent.Status, _ dimension: String? = nil, _ value: Int64? = nil, details: String?
    ) -> KPIDimensionEvent {
      KPIDimensionEvent(
        runID: subject.runID, schemaName: subject.schemaName, kpi: kpi.name, dimension: dimension,
        value: value, status: status, details: details, version: kpi.version)
    }
    switch outcome {
    // Without values there is still something to say: that the run was looked at.
    case .values(let values) where values.isEmpty: return [event(.ok, nil, 0, details: nil)]
    case .values(let values): return values.map { event(.ok, $0.dimension, $0.value, details: $0.details) }
    case .missingTable(let reason):
      return known.isNotedMissing(kpi.name, in: subject.runID) ? [] : [event(.missingTable, details: reason)]
    case .failedQuery(let message): return [event(.failedQuery, details: message)]
    case .value, .undefined: return []
    }
  }
}
