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

  /// The commit that this build was made from, as the environment variable `git_sha` tells it.
  public var gitCommit: String? { environment["git_sha"].flatMap { $0.isEmpty ? nil : $0 } }

  /// A line of the task's result, on standard output.
  public func print(_ text: String) { write(text) }

  /// A progress display in the style that suits the process: see `Progress`.
  public func progress(_ label: String, totalBytes: Int? = nil) -> Progress {
    Progress(label: label, totalBytes: totalBytes, log: log, style: progressStyle)
  }
}

/// What this build is.
public enum Tool {
  /// The version that `--version` prints.
  public static let version = "0.1.0"
  /// The version in the form in which Parquet files name the application that wrote them.
  public static let createdBy = "discogs-lakehouse version \(version) (build 0)"
}
