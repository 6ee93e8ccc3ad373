import Catalog
import Lake
import Platform
import SQL
import Schema
import TaskKit

/// Looks at the runs of a lake and tells what state each is in. It observes: runs, `active` and the runs' tables stay
/// as they are.
public struct Reconcile {
  /// The table whose presence says that a run is registered.
  public static let sentinel = Dataset.releases

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
  /// Whether the run that `active` points at is recorded too, as `skipped_active`.
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

  /// One event for each run, in the order of run ids.
  /// - Throws: `TaskError` when the only run that was asked for is not there; `SQLError`; `SystemError`.
  public func events() throws -> [RunRegistryEvent] {
    let runs = try lake.runs()
    for name in runs.foreign {
      log.warning("ignored: the name is no run id", ["folder": Files.join(lake.runsFolder, name)])
    }
    if let onlyRunID, !runs.ids.contains(onlyRunID) {
      throw TaskError(
        .noInput, "there is no run \(onlyRunID.text) in \(lake.runsFolder)", advice: "check --only-run-id")
    }
    let active = ActiveRun.id(in: lake, log: log)
    return try runs.ids.filter { onlyRunID == nil || $0 == onlyRunID }.compactMap { id in
      guard id == active else { return try event(of: lake.run(id)) }
      guard includeActive else {
        log.info("left out: it is the active run; --include-active records it", ["run_id": id.text])
        return nil
      }
      return activeEvent(of: lake.run(id))
    }
  }

  /// The runs found `ok` whose schemas lack views.
  /// - Throws: `SQLError`.
  public func runsWithoutViews(_ events: [RunRegistryEvent]) throws -> [RunFolder] {
    let catalog = RunCatalog(engine: engine, lake: lake, log: log)
    let intact = Set(events.filter { $0.status == .ok }.map(\.runID))
    return try lake.runs().ids.filter { intact.contains($0.text) }.map(lake.run).filter {
      try !catalog.missingViews(of: $0).isEmpty
    }
  }

  private func event(of run: RunFolder) throws -> RunRegistryEvent {
    let state = try DatasetPresence(of: run)
    let status: RunRegistryEvent.Status
    var details = state.remarks
    if !state.missingRequired.isEmpty {
      status = .missingData
    } else if let fault = try Self.sentinelFault(of: run, in: run.id.schemaName, engine) {
      status = .failedIncomplete
      details.insert(fault, at: 0)
    } else {
      status = .ok
    }
    return RunRegistryEvent(
      runID: run.id.text, schemaName: run.id.schemaName, isActive: false, action: action, status: status,
      details: details.isEmpty ? nil : details.joined(separator: "; "), origin: RunOrigin(of: run, log: log))
  }

  /// What keeps a schema from showing a run, in words; nil if its sentinel table is there and reads the run's files.
  static func sentinelFault(
    of run: RunFolder, in schema: String, _ engine: any SQLEngine
  ) throws -> String? {
    let table = TableName(schema, sentinel.table)
    guard try engine.tableExists(table) else { return "\(table) is not registered" }
    // The catalog of a lake that was copied shows the original's runs.
    guard let folder = run.dataset(sentinel), try engine.reads(table, from: folder) == false else {
      return nil
    }
    return "\(table) reads files that are not the run's"
  }

  private func activeEvent(of run: RunFolder) -> RunRegistryEvent {
    RunRegistryEvent(
      runID: run.id.text, schemaName: RunCatalog.activeSchema, isActive: true, action: action,
      status: .skippedActive,
      details: nil, origin: RunOrigin(of: run, log: log))
  }
}
