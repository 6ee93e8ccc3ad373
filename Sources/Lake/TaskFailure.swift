import Platform
import TaskKit

/// Why a task that makes datasets of a run failed last: `_reports/.failed-<task>.json`, which is there until it succeeds.
///
/// It is for those who tell of the run. No task takes anything from it, and one that was killed leaves none.
public struct TaskFailure: Codable, Sendable, Hashable {
  /// The task's name, as its state would have it.
  public var task: String
  /// When it failed.
  public var failedAt: UTCTime
  /// What went wrong, as the task said.
  public var message: String
  /// What to do about it, if the task said so.
  public var advice: String?
  /// How it ended.
  public var exitCode: Int32

  enum CodingKeys: String, CodingKey {
    case task, message, advice
    case failedAt = "failed_at"
    case exitCode = "exit_code"
  }

  /// A failure of now.
  init(_ task: String, _ error: any Error) {
    let told = error as? any ReportableError
    self.task = task
    failedAt = .now
    message = told?.message ?? "\(error)"
    advice = told?.advice
    exitCode = (told?.exitCode ?? .software).rawValue
  }

  /// Whether what the task was given is at fault, so that doing the same again fails again.
  public var isAboutData: Bool { exitCode == ExitCode.data.rawValue }
}

extension RunFolder {
  /// Where a task's failure is kept.
  public func failureFile(_ task: String) -> String { Files.join(reportsFolder, ".failed-\(task).json") }

  /// Why a task failed last; nil if it succeeded since, or did not say.
  /// - Throws: `TaskError` (`data`) when the note cannot be read.
  public func failure(_ task: String) throws -> TaskFailure? {
    guard try Files.found(failureFile(task)) != nil else { return nil }
    return try readJSON(TaskFailure.self, failureFile(task), advice: "remove it")
  }

  /// Keeps a failure. What ends the task is the failure itself, whether or not there is room to note it.
  func note(_ failure: TaskFailure) {
    guard (try? Files.found(path)) == .directory else { return }
    try? Files.createDirectory(reportsFolder)
    try? Files.removeTemporaries(beside: failureFile(failure.task))
    try? Files.writeAtomically(jsonBytes(failure), to: failureFile(failure.task))
  }

  /// Removes what is not true any more, and the folder where nothing else is in it.
  /// - Throws: `SystemError`.
  func forgetFailure(of task: String) throws {
    guard try Files.found(reportsFolder) == .directory else { return }
    try Files.removeTemporaries(beside: failureFile(task))
    try Files.remove(failureFile(task))
    Files.removeDirectoryIfEmpty(reportsFolder)
  }
}
