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

    try Rollback.Begun.read(in: run.lake)?.finish(pointer, context)

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
  ///
  /// A rollback that was begun and cut off is finished, instead of a second one being made.
  /// - Parameters:
  ///   - run: roll back only if this run is active; nil for whichever is.
  ///   - finding: why, if a check found the run at fault.
  ///   - report: the file that has all the findings.
  /// - Returns: the run that is active now; nil if there was nothing to do because `run` is not active.
  /// - Throws: `TaskError` (`noInput`) when there is no previous run; `SystemError`.
  @discardableResult
  public static func rollBack(
    _ lake: Lake, from run: RunID? = nil, because finding: String? = nil, report: String? = nil,
    _ context: TaskContext
  ) throws -> RunID? {
    let pointer = ActivePointer(of: lake)
    let lock = try pointer.lock(log: context.log)
    defer { lock.release() }

    if let begun = try Rollback.Begun.read(in: lake) {
      let isFinished = try begun.finish(pointer, context)
      if isFinished, run == nil || run == begun.from { return begun.rollback.to }
    }
    let target = try pointer.target()
    if target == .notALink { throw pointer.refusal }
    if let run, target != .run(run) {
      context.log.warning("run \(run) is not active (\(describe(target)) is): nothing is rolled back")
      return nil
    }
    let previous = try pointer.previousRun()
    var left: RunID?
    if case .run(let id) = target { left = id }
    let begun = Rollback.Begun(
      from: left, rollback: Rollback(to: previous, because: finding, report: report), startedAt: .now)
    try begun.write(in: lake)
    try begun.finish(pointer, context)
    return previous
  }

  /// Finishes a rollback that was begun and cut off, by whichever task; does nothing if there is none.
  /// - Throws: `SystemError`; `TaskError` (`noPermission`) when `active` is no link.
  public static func finishRollback(of lake: Lake, _ context: TaskContext) throws {
    guard try Files.found(Rollback.Begun.file(in: lake)) != nil else { return }
    let pointer = ActivePointer(of: lake)
    let lock = try pointer.lock(log: context.log)
    defer { lock.release() }
    try Rollback.Begun.read(in: lake)?.finish(pointer, context)
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
    if let task = RunFolder.task(ofStateName: input.path) {
      // A state that cannot be read is an error of its own, and no sign of a change.
      guard let state = try run.state(task), state.status == .succeeded else { return false }
      return try state.asInput() == input
    }
    let path = Files.join(run.path, input.path)
    guard try Files.found(path) != nil, try Files.size(path) == input.bytes else { return false }
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
  fileprivate func writePromoted(_ startedAt: UTCTime) throws {
    // Runs of older lakes have no manifest, and get none: it would say that they lack everything.
    if try Files.found(run.manifestFile) != nil, (try? run.manifest())?.runMode != RunMode.prod.rawValue {
      try run.updateManifest(toolVersion: context.toolVersion, log: context.log) {
        $0.runMode = RunMode.prod.rawValue
      }
    }
    try write(startedAt, runMode: .prod)
  }

  fileprivate func write(
    _ startedAt: UTCTime, skipped reason: String? = nil, runMode: RunMode? = nil, rollback: Rollback? = nil
  ) throws {
    var state = TaskState(
      task: TaskName.promote, runID: run.id, status: reason == nil ? .succeeded : .skipped, reason: reason,
      startedAt: startedAt, toolVersion: context.toolVersion, runMode: runMode)
    state.rollback = rollback
    try run.write(state)
  }
}

/// Where `active` went from a run, and why; in the promotion's state of the run that it left.
public struct Rollback: Codable, Sendable, Hashable {
  /// The run that is active since.
  public var to: RunID
  /// What a check found, if that was the reason; nil where a person wanted it.
  public var because: String?
  /// The file that has all the findings.
  public var report: String?

  /// A rollback that is under way: written down before `active` moves and removed when all that belongs to it is done,
  /// so that whoever comes after a crash finishes it. Its owner holds the lock of `active`.
  struct Begun: Codable {
    var from: RunID?
    var rollback: Rollback
    var startedAt: UTCTime

    static func file(in lake: Lake) -> String { Files.join(lake.metaFolder, "rollback.json") }

    static func read(in lake: Lake) throws -> Begun? {
      let file = file(in: lake)
      guard try Files.found(file) != nil else { return nil }
      return try readJSON(Begun.self, file, advice: "remove it, and look at where active points to")
    }

    func write(in lake: Lake) throws {
      try Files.createDirectory(lake.metaFolder)
      try Files.removeTemporaries(beside: Begun.file(in: lake))
      try Files.writeAtomically(jsonBytes(self), to: Begun.file(in: lake))
    }

    /// Does what is still to do.
    /// - Returns: whether the lake is where the rollback led to; false if `active` has been moved elsewhere since.
    @discardableResult
    func finish(_ pointer: ActivePointer, _ context: TaskContext) throws -> Bool {
      let lake = pointer.lake
      let target = try pointer.target()
      let isElsewhere: Bool
      switch target {
      case .notALink: throw pointer.refusal
      case .run(let id): isElsewhere = id != from && id != rollback.to
      case .nothing, .other: isElsewhere = from != nil
      }
      if !isElsewhere {
        try pointer.move(to: rollback.to)
        context.log.warning(
          "rolled back", ["active": rollback.to.text, "before": from?.text ?? describe(target)])
        try Promotion(of: lake.run(rollback.to), context).writePromoted(startedAt)
        if let from, try Files.found(lake.run(from).path) == .directory {
          try Promotion(of: lake.run(from), context)
            .write(startedAt, skipped: "rolled back to \(rollback.to)", rollback: rollback)
        }
      }
      try Files.remove(Begun.file(in: lake))
      try Files.syncDirectory(lake.metaFolder)
      return !isElsewhere
    }
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
