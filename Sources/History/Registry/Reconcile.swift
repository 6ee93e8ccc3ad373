import Catalog
import Lake
import Platform
import SQL
import Schema
import TaskKit

/// Looks at the runs of a lake and tells what state each is in. It observes: runs, `active` and the runs' tables stay
/// as they are.
public struct Reconcile {
  /// The lake whose runs are looked at.
  public var lake: Lake
  /// Asked which runs are registered; it is only read from.
  public var engine: any SQLEngine
  /// Told which folders and runs are left out.
  public var log: Log
  /// The workflow on whose behalf runs are looked at.
  public var action: String
  /// The only run to look at; nil for all.
  public var onlyRunID: RunID?
  /// Whether the run that `active` points at gets its real status, and not `skipped_active`.
  public var includeActive: Bool

  /// A look at the runs of a lake; nothing is read before ``events()``.
  public init(
    lake: Lake, engine: any SQLEngine, log: Log, action: String, onlyRunID: RunID? = nil,
    includeActive: Bool = false
  ) {
    self.lake = lake
    self.engine = engine
    self.log = log
    self.action = action
    self.onlyRunID = onlyRunID
    self.includeActive = includeActive
  }

  /// One event for each run that is there, and one for each that was there when the history last looked and is gone, in
  /// the order of run ids.
  /// - Throws: `TaskError` when the only run that was asked for is not there and never was; `SQLError`; `SystemError`.
  public func events() throws -> [RunRegistryEvent] {
    let runs = try lake.runs()
    for name in runs.foreign {
      log.warning("ignored: the name is no run id", ["folder": Files.join(lake.runsFolder, name)])
    }
    let known = try KnownRuns(from: engine, log: log)
    if let onlyRunID, !runs.ids.contains(onlyRunID), !known.ids.contains(onlyRunID) {
      throw TaskError(
        .noInput, "there is no run \(onlyRunID.text) in \(lake.runsFolder)", advice: "check --only-run-id")
    }
    let active = ActiveRun.id(in: lake, log: log)
    // Where `active` points elsewhere than the registry says, the runs that it left and came to are looked at as well.
    let moved = Set((runs.ids + known.ids).filter { known.isNotedActive($0) != ($0 == active) })
    func isWanted(_ id: RunID) -> Bool { onlyRunID == nil || id == onlyRunID || moved.contains(id) }
    for id in moved.sorted() where id != onlyRunID && onlyRunID != nil {
      log.info(
        "recorded as well: \(id == active ? "active points to it now" : "it is not the active run any more")",
        ["run_id": id.text])
    }
    let events = try events(of: runs.ids.filter(isWanted).map(lake.run), active: active, known)
    // Once said, a run that is gone stays gone.
    let gone = known.ids.filter {
      isWanted($0) && !runs.ids.contains($0) && (!known.isNotedGone($0) || moved.contains($0))
    }
    return try (events + gone.map { try eventOfGone(lake.run($0), active: active) })
      .sorted { $0.runID < $1.runID }
  }

  /// The runs found `ok` whose schemas lack views.
  /// - Throws: `SQLError`.
  public func runsWithoutViews(_ events: [RunRegistryEvent]) throws -> [RunFolder] {
    let catalog = RunCatalog(engine: engine, lake: lake, log: log)
    let intact = Set(events.filter { $0.status == .ok }.map(\.runID))
    return try catalog.runsWithoutViews(lake.runs().ids.filter { intact.contains($0.text) }.map(lake.run))
  }

  private func events(of runs: [RunFolder], active: RunID?, _ known: KnownRuns) throws -> [RunRegistryEvent] {
    if let active, !includeActive, runs.contains(where: { $0.id == active }) {
      log.info(
        "recorded as skipped_active: it is the active run; --include-active looks at it like at the others",
        ["run_id": active.text])
    }
    let looked = runs.filter { includeActive || $0.id != active }
    let presence = try Dictionary(
      uniqueKeysWithValues: looked.map { ($0.id, try DatasetPresence(of: $0)) })
    let whole = looked.filter { presence[$0.id]?.missingRequired.isEmpty == true }
    let faults = try Sentinel.faults(of: whole, active: active, engine)
    return try runs.map { run in
      guard let state = presence[run.id] else {
        return try event(of: run, .skippedActive, [], isActive: true)
      }
      guard state.missingRequired.isEmpty else {
        return try event(of: run, .missingData, state.remarks, isActive: run.id == active)
      }
      let registration = Registration(
        with: engine.name, fault: faults[run.id], before: known.details(of: run.id))
      return try event(
        of: run, registration.isRegistered ? .ok : .failedIncomplete, registration.remarks + state.remarks,
        isActive: run.id == active)
    }
  }

  private func eventOfGone(_ run: RunFolder, active: RunID?) throws -> RunRegistryEvent {
    log.warning("the registry knows a run whose folder is gone", ["run_id": run.id.text])
    return try event(of: run, .missingData, [KnownRuns.folderIsGone], isActive: run.id == active)
  }

  private func event(
    of run: RunFolder, _ status: RunRegistryEvent.Status, _ details: [String], isActive: Bool
  ) throws -> RunRegistryEvent {
    RunRegistryEvent(
      runID: run.id.text, schemaName: run.id.schemaName, isActive: isActive, action: action, status: status,
      details: details.isEmpty ? nil : details.joined(separator: "; "),
      origin: try RunOrigin(of: run, log: log))
  }
}
