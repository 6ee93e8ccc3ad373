import CBuild
import Platform

/// What a running task has at hand besides its options.
public struct TaskContext: Sendable {
  /// The executable's name.
  public let taskName: String
  /// Where messages go.
  public let log: Log
  /// The variables that options and credentials are read from.
  public let environment: [String: String]
  /// How progress is shown: none with `--quiet`, a bar on a terminal.
  public let progressStyle: Progress.Style
  private let write: @Sendable (String) -> Void

  /// - Parameter write: takes each line of the task's result; by default it is dropped.
  public init(
    taskName: String, log: Log = .none, environment: [String: String] = [:],
    progressStyle: Progress.Style = .none,
    write: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.taskName = taskName
    self.log = log
    self.environment = environment
    self.progressStyle = progressStyle
    self.write = write
  }

  /// The version of this build, as manifests and state files have it.
  public var toolVersion: String { Tool.version }

  /// The commit that this build was made from, where known.
  public var gitCommit: String? { Tool.commit(environment) }

  /// A line of the task's result, on standard output.
  public func print(_ text: String) { write(text) }

  /// A progress display in the style that suits the process: see `Progress`.
  public func progress(_ label: String, totalBytes: Int? = nil) -> Progress {
    Progress(label: label, totalBytes: totalBytes, log: log, style: progressStyle)
  }

  /// A display of steps in the style that suits the process: see `Steps`.
  public func steps(_ total: Int = 0) -> Steps { Steps(total, log: log, style: progressStyle) }
}

/// What this build is.
public enum Tool {
  /// The version that `--version` prints.
  public static let version = "0.1.0"
  /// The commit that this build was made from: what `git_sha` says, or else what the build was told.
  static func commit(_ environment: [String: String]) -> String? {
    if let named = environment["git_sha"], !named.isEmpty { return named }
    let stamped = String(cString: cbuild_git_commit())
    return stamped.isEmpty ? nil : stamped
  }
  /// The version in the form in which Parquet files name the application that wrote them.
  public static let createdBy = "discogs-lakehouse version \(version) (build 0)"
}
