import Lake
import SQL
import TaskKit

extension RunCatalog {
  /// Registers every run of the lake that is not yet registered, oldest first.
  ///
  /// Each run stands by itself: one that cannot be registered keeps none of the others from it.
  /// - Returns: the runs that were registered.
  /// - Throws: `TaskError` that names the runs which cannot be registered, after all others are: `data` when they are at
  ///   fault, or what else they have in common; `SQLError` when the engine cannot be asked at all; `SystemError` when
  ///   the runs cannot be listed.
  @discardableResult
  public func registerAll(allowPartial: Bool) throws -> [RunID] {
    let runs = try lake.runs()
    for name in runs.foreign { log.warning("ignored: \(name) is no run id") }
    let seen = try CatalogContents(of: runs.ids, engine)
    var registered: [RunID] = []
    var failures: [TaskError] = []
    // Each run is a step here, and not each of its tables.
    var catalog = self
    catalog.steps = nil
    steps?.expect(runs.ids.count)
    for id in runs.ids {
      let run = lake.run(id)
      steps?.begin("run \(id)")
      do {
        // What one look at the whole catalog does not show is looked at closely.
        if try seen.shows(run) || isRegistered(run) {
          log.debug("already registered", ["run_id": id.text])
          continue
        }
        try catalog.register(run, allowPartial: allowPartial)
        registered.append(id)
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
        isAlike ? first.exitCode : .data, failures.map(\.message).joined(separator: "; "),
        advice: (isAlike ? first : failures.first { $0.exitCode == .data } ?? first).advice)
    }
    if registered.isEmpty { log.info("every run is registered") }
    return registered
  }

  private static func failure(of id: RunID, _ error: any ReportableError) -> TaskError {
    // That of a run that is refused names the run itself.
    if let error = error as? TaskError { return error }
    return TaskError(error.exitCode, "run \(id) cannot be registered: \(error.message)", advice: error.advice)
  }
}
