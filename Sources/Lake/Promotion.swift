import Platform
import TaskKit

/// What a run is made for.
public enum RunMode: String, OptionValue, CaseIterable, Codable { case dev, prod }

/// Making a run the active one, with its guardrails, and going back to the one before.
///
/// What is done is decided by where `active` points, not by what was done earlier.
public struct Promotion {
  /// What `perform` came to.
  public enum Outcome: Sendable, Hashable {
    /// `active` was moved to the run.
    case promoted
    /// `active` pointed to it before.
    case alreadyActive
    /// With the reason.
    case skipped(String)
  }

  private let run: RunFolder
  private let context: TaskContext

  /// - Parameter run: the run to make active.
  public init(of run: RunFolder, _ context: TaskContext) {
    self.run = run
    self.context = context
  }

  /// Promotes the run, or says why not, and writes the state file.
  /// - Parameters:
  ///   - mode: only `prod` promotes.
  ///   - isAllowed: whether the operator said so.
  ///   - allowOlder: whether the run's dumps may be older than the active run's.
  /// - Throws: `TaskError` (`noPermission`) where a guardrail stands; `SystemError`.
  @discardableResult
  public func perform(mode: RunMode, isAllowed: Bool, allowOlder: Bool) throws -> Outcome {
    let startedAt = UTCTime.now
    let pointer = ActivePointer(of: run.lake)
    let lock = try pointer.lock(log: context.log)
    defer { lock.release() }

    let target = try pointer.target()
    if target == .run(run.id) {
      // Also when the last promotion was cut off right after its rename.
      try pointer.move(to: run.id)
      context.log.info("run \(run.id) is already active")
      let state = try run.state(TaskName.promote)
      if state?.status != .succeeded || state?.runMode != .prod { try writePromoted(startedAt) }
      return .alreadyActive
    }
    if let reason = skipReason(mode, isAllowed) {
      context.log.info("not promoted: \(reason)")
      try write(startedAt, skipped: reason)
      return .skipped(reason)
    }
    if target == .notALink { throw pointer.refusal }
    try checkSanity()
    if case .run(let active) = target, !allowOlder { try checkAge(active) }
    try pointer.move(to: run.id)
    try writePromoted(startedAt)
    context.log.info("promoted", ["active": run.id.text, "before": describe(target)])
    return .promoted
  }

  /// Goes back to the run of the newest previous pointer, by the same single rename.
  /// - Parameter run: roll back only if this run is active; nil for whichever is.
  /// - Returns: the run that is active now; nil if there was nothing to do because `run` is not active.
  /// - Throws: `TaskError` (`noInput`) when there is no previous run; `SystemError`.
  @discardableResult
  public static func rollBack(_ lake: Lake, from run: RunID? = nil, _ context: TaskContext) throws -> RunID? {
    let startedAt = UTCTime.now
    let pointer = ActivePointer(of: lake)
    let lock = try pointer.lock(log: context.log)
    defer { lock.release() }

    let target = try pointer.target()
    if target == .notALink { throw pointer.refusal }
    if let run, target != .run(run) {
      context.log.warning("run \(run) is not active (\(describe(target)) is): nothing is rolled back")
      return nil
    }
    let previous = try pointer.previousRun()
    try pointer.move(to: previous)
    context.log.warning("rolled back", ["active": previous.text, "before": describe(target)])
    let promotion = Promotion(of: lake.run(previous), context)
    try promotion.writePromoted(startedAt)
    if case .run(let left) = target, Files.isDirectory(lake.run(left).path) {
      try Promotion(of: lake.run(left), context).write(startedAt, skipped: "rolled back to \(previous)")
    }
    return previous
  }

  private func skipReason(_ mode: RunMode, _ isAllowed: Bool) -> String? {
    var missing: [String] = []
    if mode != .prod { missing.append("run_mode is \(mode.rawValue), not prod") }
    if !isAllowed { missing.append("allow_promote is not true") }
    return missing.isEmpty ? nil : missing.joined(separator: " and ")
  }

  /// The run's sanity state must say `succeeded`, about the run as it is now.
  private func checkSanity() throws {
    guard let state = try run.state(TaskName.sanity), state.status == .succeeded else {
      throw TaskError(
        .noPermission, "run \(run.id) has no successful sanity state",
        advice: "run sanity --run-id \(run.id) first")
    }
    for input in state.inputs {
      guard try isUnchanged(input) else {
        throw TaskError(
          .noPermission, "run \(run.id) has changed since sanity checked it: \(input.path)",
          advice: "run sanity --run-id \(run.id) again")
      }
    }
  }

  private func isUnchanged(_ input: TaskState.Input) throws -> Bool {
    if let task = RunFolder.task(ofStateName: input.path) { return (try? run.stateInput(task)) == input }
    let path = Files.join(run.path, input.path)
    guard Files.exists(path), try Files.size(path) == input.bytes else { return false }
    guard let hash = input.sha256 else { return true }
    return try SHA256.ofFile(path).hex == hash
  }

  private func checkAge(_ active: RunID) throws {
    let (own, others) = try (dumpDate(run), dumpDate(run.lake.run(active)))
    // A month's dump can come twice, with two dates; where one of the runs does not know its date, the month counts.
    let isOlder = own.count == others.count ? own < others : run.id.dumpMonth < active.dumpMonth
    guard isOlder else { return }
    throw TaskError(
      .noPermission,
      "run \(run.id) is made from older dumps (\(own)) than the active run \(active) (\(others))",
      advice: "give --allow-older if that is meant")
  }

  private func dumpDate(_ run: RunFolder) throws -> String {
    try run.manifest()?.dumpDate ?? run.id.dumpMonth
  }

  /// Writes the state of a run that is active now, and into its manifest that it is one of production's.
  private func writePromoted(_ startedAt: UTCTime) throws {
    // Runs of older lakes have no manifest, and get none: it would say that they lack everything.
    if Files.exists(run.manifestFile), (try? run.manifest())?.runMode != RunMode.prod.rawValue {
      try run.updateManifest(toolVersion: context.toolVersion, log: context.log) {
        $0.runMode = RunMode.prod.rawValue
      }
    }
    try write(startedAt, runMode: .prod)
  }

  private func write(
    _ startedAt: UTCTime, skipped reason: String? = nil, runMode: RunMode? = nil
  ) throws {
    try run.write(
      TaskState(
        task: TaskName.promote, runID: run.id, status: reason == nil ? .succeeded : .skipped, reason: reason,
        startedAt: startedAt, toolVersion: context.toolVersion, runMode: runMode))
  }
}

private func describe(_ target: ActivePointer.Target) -> String {
  switch target {
  case .nothing: "nothing"
  case .run(let id): id.text
  case .other(let path): path
  case .notALink: "a real folder"
  }
}
