import Lake
import SQL
import TaskKit

extension RunCatalog {
  /// Registers every run of the lake that is not yet registered, oldest first.
  ///
  /// A run that cannot be keeps none of the others from it.
  /// - Returns: the runs that were registered.
  /// - Throws: `TaskError` (`data`) that names the runs which cannot be registered, after all others are;
  ///   `SQLError`; `SystemError`.
  @discardableResult
  public func registerAll(allowPartial: Bool) throws -> [RunID] {
    let runs = try lake.runs()
    for name in runs.foreign { log.warning("ignored: \(name) is no run id") }
    var registered: [RunID] = []
    var refused: [TaskError] = []
    for id in runs.ids {
      let run = lake.run(id)
      if try isRegistered(run) {
        log.debug("already registered", ["run_id": id.text])
        continue
      }
      do {
        try register(run, allowPartial: allowPartial)
        registered.append(id)
      } catch let error as TaskError where error.exitCode == .data {
        log.warning(error.message)
        refused.append(error)
      }
    }
    guard refused.isEmpty else {
      throw TaskError(
        .data, refused.map(\.message).joined(separator: "; "),
        advice: "make them again, or register what there is with --allow-partial")
    }
    if registered.isEmpty { log.info("every run is registered") }
    return registered
  }
}
