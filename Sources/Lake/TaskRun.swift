import Platform
import Schema
import TaskKit

/// The frame in which every task of a run does its work: one at a time, not again when it is done, all or nothing.
///
///     try TaskRun(TaskName.ingest(.labels), of: run, context, force: force, makes: .datasets(Entity.labels.datasets))
///       .perform(inputs: { [try dump.input()] }) { work in … }
///
/// 1. takes the task's lock in the run; a second same task waits here, and then finds the work done;
/// 2. finds the state file: with `succeeded`, the same inputs and all datasets it says so and returns; datasets made from
///    other inputs are made again if those are files of the run itself, and refused otherwise; those of an unfinished
///    session that an earlier version began are made again if there are more of them now;
/// 3. refuses to change the datasets of a run that `active` or an `active__prev_*` points to;
/// 4. runs the body, which writes into `work.staged` and tells what it read, made and counted;
/// 5. commits the staged datasets (looking at `active` once more), updates the manifest, and writes the state file last.
///
/// A report gets its name when the state that names it is written, or when the body throws: an execution that was
/// killed leaves none, and one that was killed between the two is finished by the next. So there is one report for each
/// outcome.
///
/// When the body throws, or the process is interrupted, the staged files are removed and no state is written. What it threw is
/// kept, of tasks that make datasets, as their `TaskFailure` until the task succeeds.
public struct TaskRun {
  /// What the task adds to the run.
  public enum Product {
    /// Datasets, and other files of the run that belong to them (relative paths).
    case datasets([Dataset], files: [String] = [])
    /// Only a state file, reports, or the manifest: allowed at any time.
    case findings
  }

  /// Whether the work was done now, or was found done.
  public enum Outcome: Sendable, Hashable { case done, alreadyDone }

  private let task: String
  private let run: RunFolder
  private let context: TaskContext
  private let force: Bool
  private let product: Product

  /// - Parameters:
  ///   - task: the task's name, which is also that of its lock and its state file.
  ///   - force: whether to do the work again although it is done.
  public init(_ task: String, of run: RunFolder, _ context: TaskContext, force: Bool, makes product: Product)
  {
    self.task = task
    self.run = run
    self.context = context
    self.force = force
    self.product = product
  }

  /// Does the work, unless it is done already, and waits for another process that is at it.
  /// - Parameters:
  ///   - inputs: what the task would read now; called only when there is a finished state to compare with. The state
  ///     file gets the inputs that the body sets in `work.inputs`.
  ///   - body: the work.
  /// - Throws: what the body throws; `TaskError` (`noPermission`) where a guardrail stands; `SystemError`.
  @discardableResult
  public func perform(
    inputs: () throws -> [TaskState.Input], _ body: (TaskWork) throws -> Void
  ) throws -> Outcome {
    let lock = try run.lake.lock("\(run.id).\(task)", log: context.log)
    defer { lock.release() }
    if try isDone(inputs) {
      if let state = try run.state(task) { try PendingReport.publish(state.reports ?? [], of: task, in: run) }
      return .alreadyDone
    }
    try PendingReport.discardAll(of: task, in: run)
    try checkProtection()

    let startedAt = UTCTime.now
    let isNewRun = try Files.found(run.path) == nil
    let staged = try stage()
    let work = TaskWork(task, of: run, staged: staged)
    // A run that there was not before, and that nothing came into, is none.
    let discard: @Sendable () -> Void = { [run] in
      staged?.discard()
      if isNewRun { Files.removeDirectoryIfEmpty(run.path) }
    }
    let registration = Interrupts.onInterrupt(discard)
    defer { registration.cancel() }
    do {
      try body(work)
      try commit(staged)
    } catch {
      discard()
      // What it found is worth reading all the same, unless the system kept it from looking: doing it again tells.
      let code = (error as? any ReportableError)?.exitCode
      if Interrupts.isInterrupted || code == .io || code == .noPermission {
        try? PendingReport.discardAll(of: task, in: run)
      } else {
        try? PendingReport.publish(work.reports, of: task, in: run)
      }
      // What has no datasets tells in reports what it found.
      if makesDatasets, !Interrupts.isInterrupted { run.note(TaskFailure(task, error)) }
      throw error
    }
    // Before it is done: nobody comes back to what is done.
    try run.forgetFailure(of: task)
    try finish(work, startedAt)
    try PendingReport.publish(work.reports, of: task, in: run)
    return .done
  }

  private func isDone(_ inputs: () throws -> [TaskState.Input]) throws -> Bool {
    guard !force, let state = try run.state(task), state.status == .succeeded else { return false }
    let current = try inputs()
    // Findings also say where their inputs lie, as later tasks look for the dumps where preflight found them.
    if state.hasInputs(current), makesDatasets || Set(state.inputs.map(\.path)) == Set(current.map(\.path)) {
      guard try hasOutputs(state) else {
        context.log.warning(
          "\(task) is done for run \(run.id), but not all it made is still there: doing it again")
        return false
      }
      let missing = datasets.filter { state.output(of: $0) == nil }.map(\.name)
      if !missing.isEmpty {
        // An earlier version knew fewer datasets; what it finished stays as it is.
        guard try isFinished() else {
          context.log.info(
            "\(task) is done for run \(run.id), but did not make \(missing.joined(separator: ", ")): doing it again"
          )
          return false
        }
        context.log.info(
          "run \(run.id) was finished before there was \(missing.joined(separator: ", ")): it stays as it is")
        return true
      }
      context.log.info(
        "\(task) is already done for run \(run.id), at \(state.finishedAt); --force does it again")
      return true
    }
    guard makesDatasets else { return false }
    try checkProtection()
    guard !current.isEmpty, (state.inputs + current).allSatisfy(\.isInRun) else {
      throw TaskError(
        .noPermission, "\(task) is already done for run \(run.id), from other inputs",
        advice: "start a new session for the new inputs, or do it again into the same run with --force")
    }
    context.log.info("what \(task) is made from has changed in run \(run.id): doing it again")
    return false
  }

  private var makesDatasets: Bool { if case .datasets = product { true } else { false } }

  /// The datasets that should be there when the task is done.
  private var datasets: [Dataset] { if case .datasets(let datasets, _) = product { datasets } else { [] } }

  /// Whether the run's session has come to its end, with or without a promotion.
  private func isFinished() throws -> Bool {
    try run.lake.isProtected(run.id) || run.state(TaskName.promote) != nil
  }

  /// Whether the datasets that the state tells of are in place.
  private func hasOutputs(_ state: TaskState) throws -> Bool {
    try state.outputs.allSatisfy { try run.damage(to: $0) == nil }
  }

  private func checkProtection() throws {
    guard makesDatasets, try run.lake.isProtected(run.id) else { return }
    throw TaskError(
      .noPermission, "run \(run.id) is promoted (active or active__prev_* points to it): it must not change",
      advice: "start a new session to make a new run")
  }

  private func stage() throws -> StagedDatasets? {
    guard case .datasets(let datasets, let files) = product else { return nil }
    return try StagedDatasets(run: run, task: task, datasets: datasets, files: files)
  }

  private func commit(_ staged: StagedDatasets?) throws {
    guard let staged else { return }
    try staged.makeDurable()
    // The run may have been promoted since the work began; while the names change nobody promotes it.
    let lock = try ActivePointer(of: run.lake).lock(log: context.log)
    defer { lock.release() }
    try checkProtection()
    try staged.commit { try forgetState() }
  }

  /// From here until the new state is written, the datasets count as unfinished.
  private func forgetState() throws {
    guard try Files.found(run.stateFile(task)) != nil else { return }
    try Files.remove(run.stateFile(task))
    try Files.syncDirectory(run.stateFolder)
  }

  private func finish(_ work: TaskWork, _ startedAt: UTCTime) throws {
    if !work.manifestChanges.isEmpty || !work.outputs.isEmpty {
      try run.updateManifest(toolVersion: context.toolVersion, log: context.log) { manifest in
        manifest.gitSHA = context.gitCommit ?? manifest.gitSHA
        for change in work.manifestChanges { change(&manifest) }
        manifest.record(work.outputs)
      }
    }
    var state = TaskState(
      task: task, runID: run.id, status: work.skipReason == nil ? .succeeded : .skipped,
      reason: work.skipReason,
      startedAt: startedAt, inputs: work.inputs, outputs: work.outputs, counters: work.counters,
      toolVersion: context.toolVersion, runMode: work.runMode, datasets: work.datasets,
      rawRoot: work.rawRoot)
    state.textEncoding = work.textEncoding
    if !work.reports.isEmpty { state.reports = work.reports }
    try run.write(state)
  }
}

/// A report that is written, and has not got its name yet: `_reports/.pending-<task>-<name>`.
private enum PendingReport {
  static func file(for report: String, of task: String) -> String {
    Files.join(Files.parent(of: report), ".pending-\(task)-\(Files.name(of: report))")
  }

  /// Gives the reports of these names their names; those that have them already stay.
  static func publish(_ reports: [String], of task: String, in run: RunFolder) throws {
    for name in reports {
      let report = Files.join(run.reportsFolder, name)
      let pending = file(for: report, of: task)
      if try Files.found(pending) != nil { try Files.rename(pending, to: report) }
    }
    if !reports.isEmpty, try Files.found(run.reportsFolder) == .directory {
      try Files.syncDirectory(run.reportsFolder)
    }
  }

  /// Removes what an execution that was killed has written.
  static func discardAll(of task: String, in run: RunFolder) throws {
    guard try Files.found(run.reportsFolder) == .directory else { return }
    for prefix in [".pending-\(task)-", "..pending-\(task)-"] {
      for name in try Files.list(run.reportsFolder, prefix: prefix) {
        try Files.remove(Files.join(run.reportsFolder, name))
      }
    }
  }
}

/// What a task tells about its work while it does it; for one thread.
public final class TaskWork {
  /// The run that the task works on.
  public let run: RunFolder
  private let stagedDatasets: StagedDatasets?

  /// What the task read.
  public var inputs: [TaskState.Input] = []
  /// What the task made.
  public var outputs: [TaskState.Output] = []
  /// What the task counted.
  public var counters: [String: Int] = [:]
  /// What the run is made for, if the task is told.
  public var runMode: RunMode?
  /// Which datasets the run has, if the task is told.
  public var datasets: DatasetChoice?
  /// Where the dumps are, if the task is told.
  public var rawRoot: String?
  /// How text that has no dictionary is laid out, if the task is told.
  public var textEncoding: String?
  var skipReason: String?
  /// The names of the reports that were written.
  private(set) var reports: [String] = []
  var manifestChanges: [(inout Manifest) -> Void] = []

  private let task: String

  init(_ task: String, of run: RunFolder, staged: StagedDatasets?) {
    self.task = task
    self.run = run
    stagedDatasets = staged
  }

  /// Where the task's datasets are written.
  /// - Precondition: the task makes datasets.
  public var staged: StagedDatasets {
    guard let stagedDatasets else { preconditionFailure("a task that makes no datasets stages none") }
    return stagedDatasets
  }

  /// Has the state file say that the task skipped its work, and why.
  public func skip(_ reason: String) { skipReason = reason }

  /// Writes a report to `_reports/<name>_<timestamp>.<extension>`, where it appears when the work has ended.
  /// - Returns: the path that it will have.
  /// - Throws: `SystemError`.
  public func report(_ name: String, extension pathExtension: String = "csv", _ bytes: some Collection<UInt8>)
    throws -> String
  {
    let path = try run.newReport(name, extension: pathExtension)
    try Files.writeAtomically(bytes, to: PendingReport.file(for: path, of: task))
    reports.append(Files.name(of: path))
    return path
  }

  /// Changes the run's manifest when the work is committed.
  public func changeManifest(_ change: @escaping (inout Manifest) -> Void) { manifestChanges.append(change) }
}
