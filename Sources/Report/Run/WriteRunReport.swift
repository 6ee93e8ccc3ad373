import Lake
import Platform
import Schema
import TaskKit

/// `run-report`: writes the page into the run's reports, unless there is one that tells the same.
public struct WriteRunReport {
  private let run: RunFolder
  private let context: TaskContext
  private static let name = "run_report"

  /// - Parameter run: the run to tell of.
  public init(of run: RunFolder, _ context: TaskContext) {
    self.run = run
    self.context = context
  }

  /// Does the work.
  /// - Returns: the page's path.
  /// - Throws: `TaskError`; `SystemError`.
  public func perform(force: Bool) throws -> String {
    let task = TaskRun(
      TaskName.runReport, of: run, context, force: try force || writtenPage() == nil, makes: .findings)
    try task.perform(inputs: inputs) { work in
      work.inputs = try inputs()
      let report = try RunReport(of: run)
      let path = try work.report(Self.name, extension: "html", report.page(at: .now))
      context.log.info(report.headline, ["report": path])
    }
    return try writtenPage() ?? run.reportsFolder
  }

  /// The page that the task's state names, if it is still there.
  private func writtenPage() throws -> String? {
    let state = try? run.state(TaskName.runReport)
    return try state?.reports?.last.map { Files.join(run.reportsFolder, $0) }.flatMap {
      try Files.found($0) != nil ? $0 : nil
    }
  }

  /// What the page tells of: the run's own files but for its data, the previous run's of the same kind, and pointers.
  private func inputs() throws -> [TaskState.Input] {
    var inputs: [TaskState.Input] = []
    func add(_ path: String) throws {
      guard try Files.found(path) != nil else { return }
      let (bytes, hash) = try SHA256.ofFile(path)
      let isInRun = path.hasPrefix(run.path + "/")
      inputs.append(
        TaskState.Input(
          path: isInRun ? String(path.dropFirst(run.path.count + 1)) : path, bytes: bytes, sha256: hash))
    }
    for task in try run.finishedTasks() where task != TaskName.runReport { try add(run.stateFile(task)) }
    for task in TaskName.makers { try add(run.failureFile(task)) }
    try add(run.manifestFile)
    for damage in try run.damages() {
      let text = Array(damage.words.utf8)
      inputs.append(
        TaskState.Input(
          path: damage.dataset.name, bytes: text.count, sha256: SHA256.of(text)))
    }
    for entity in Entity.allCases { try add(run.rejectsFile(entity)) }
    if try Files.found(run.reportsFolder) != nil {
      for name in try Files.list(run.reportsFolder) where name.hasSuffix(".csv") && !name.hasPrefix(".") {
        try add(Files.join(run.reportsFolder, name))
      }
    }
    if let previous = try RunAccount.previous(of: run) {
      try add(previous.manifestFile)
      for task in TaskName.ingests { try add(previous.stateFile(task)) }
    }
    for pointer in try [run.lake.activeLink]
      + run.lake.previousPointers().map({ Files.join(run.lake.path, $0.name) })
    {
      guard let target = try? Files.readLink(pointer) else { continue }
      let text = Array(target.utf8)
      inputs.append(TaskState.Input(path: pointer, bytes: text.count, sha256: SHA256.of(text)))
    }
    return inputs
  }
}
