import Platform
import Schema

/// What a finished task tells the later ones: `_state/<task>.json`.
public struct TaskState: Codable, Sendable, Hashable {
  public enum Status: String, Codable, Sendable { case succeeded, skipped }

  /// A file that the task read.
  public struct Input: Codable, Sendable, Hashable {
    /// Absolute, or relative to the run's folder if it is inside.
    public var path: String
    public var bytes: Int
    /// Left out where only a file's size and footer were looked at.
    public var sha256: String?

    public init(path: String, bytes: Int, sha256: String?) {
      self.path = path
      self.bytes = bytes
      self.sha256 = sha256
    }
  }

  /// A dataset that the task made.
  public struct Output: Codable, Sendable, Hashable {
    public var dataset: String
    /// How many Parquet files.
    public var files: Int
    public var rows: Int
    public var bytes: Int

    public init(dataset: String, files: Int, rows: Int, bytes: Int) {
      self.dataset = dataset
      self.files = files
      self.rows = rows
      self.bytes = bytes
    }
  }

  public var task: String
  public var runID: RunID
  public var status: Status
  /// Why it was skipped.
  public var reason: String?
  public var startedAt: UTCTime
  public var finishedAt: UTCTime
  public var inputs: [Input]
  public var outputs: [Output]
  /// Records read, rejected, unknown elements, …
  public var counters: [String: Int]
  public var toolVersion: String

  public init(
    task: String, runID: RunID, status: Status = .succeeded, reason: String? = nil, startedAt: UTCTime,
    finishedAt: UTCTime = .now, inputs: [Input] = [], outputs: [Output] = [], counters: [String: Int] = [:],
    toolVersion: String
  ) {
    self.task = task
    self.runID = runID
    self.status = status
    self.reason = reason
    self.startedAt = startedAt
    self.finishedAt = finishedAt
    self.inputs = inputs
    self.outputs = outputs
    self.counters = counters
    self.toolVersion = toolVersion
  }

  enum CodingKeys: String, CodingKey {
    case task, status, reason, inputs, outputs, counters
    case runID = "run_id"
    case startedAt = "started_at"
    case finishedAt = "finished_at"
    case toolVersion = "tool_version"
  }

  /// The output of this dataset, or nil if the task did not make it.
  public func output(of dataset: Dataset) -> Output? { outputs.first { $0.dataset == dataset.name } }

  /// Whether the task read these files: the same paths and sizes, and hashes where both sides know them.
  public func hasInputs(_ current: [Input]) -> Bool {
    let recorded = inputs.sorted { $0.path < $1.path }
    let current = current.sorted { $0.path < $1.path }
    return recorded.count == current.count
      && zip(recorded, current).allSatisfy { one, other in
        one.path == other.path && one.bytes == other.bytes
          && (one.sha256 == nil || other.sha256 == nil || one.sha256 == other.sha256)
      }
  }
}
