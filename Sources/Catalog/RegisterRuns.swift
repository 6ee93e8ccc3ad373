import Lake
import SQL
import TaskKit

extension RunCatalog {
  /// Registers every run of the lake that is not yet registered, oldest first.
  ///
  /// Each run stands by itself: one that cannot be registered keeps none of the others from it.
  /// - Returns: the runs that were registered.
  /// Runs whose files cannot make the tables of a run are told and passed over: nobody can register them as they are.
  /// - Throws: `TaskError` that names the runs which could be registered and were not, after all others are, with the exit
  ///   code that their reasons have in common; `SQLError` when the engine cannot be asked at all; `SystemError` when
  ///   the runs cannot be listed.
  @discardableResult
  public func registerAll(allowPartial: Bool) throws -> [RunID] {
    try lake.removeAbandonedLocks()
    // Of the runs' files it only looks at the ends.
    try engine.expectReading(bytes: 0)
    let runs = try lake.runs()
    for name in runs.foreign { log.warning("ignored: \(name) is no run id") }
    let seen = try CatalogContents(of: runs.ids, engine)
    var registered: [RunID] = []
    var failures: [TaskError] = []
    // Each run is a step here, and not each of its tables.
    var catalog = self
    catalog.steps = nil
    steps?.expect(runs.ids.count)
    var isEveryRunRegistered = true
    for id in runs.ids {
      let run = lake.run(id)
      steps?.begin("run \(id)")
      do {
        // What one look at the whole catalog does not show is looked at closely. A run that has lost files since is
        // registered anew, as far as what is left allows.
        if try seen.shows(run) || isRegistered(run) {
          log.debug("already registered", ["run_id": id.text])
          continue
        }
        try catalog.register(run, allowPartial: allowPartial)
        registered.append(id)
      } catch let error as TaskError where error.exitCode == .data {
        isEveryRunRegistered = false
        log.warning("passed over: \(error.message)", ["run_id": id.text, "advice": error.advice ?? ""])
      } catch let error as SQLError where !error.isAboutTheQuery {
        throw error
      } catch let error as any ReportableError {
        let failure = Self.failure(of: id, error)
        log.warning(failure.message)
        failures.append(failure)
      }
    }
    if let first = failures.first {
      let isAlike = failures.allSatisfy { $0.exitCode == first.exitCode }
      throw TaskError(
        isAlike ? first.exitCode : .configuration, failures.map(\.message).joined(separator: "; "),
        advice: first.advice)
    }
    if registered.isEmpty, isEveryRunRegistered { log.info("every run is registered") }
    return registered
  }

  private static func failure(of id: RunID, _ error: any ReportableError) -> TaskError {
    // That of a run that is refused names the run itself.
    if let error = error as? TaskError { return error }
    // What an engine refuses of a run that is whole is for the catalog to blame: something stands in a table's place.
    let isOfCatalog = error.exitCode == .software
    return TaskError(
      isOfCatalog ? .configuration : error.exitCode, "run \(id) cannot be registered: \(error.message)",
      advice: isOfCatalog ? "drop what stands in its way in schema \(id.schemaName)" : error.advice)
  }
}
