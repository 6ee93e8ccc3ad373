import Platform
import Schema

/// What a finished task tells the later ones: `_state/<task>.json`.
public struct TaskState: Codable, Sendable, Hashable {
  /// Whether the task did its work, or had a reason not to; one that fails writes no state.
  public enum Status: String, Codable, Sendable { case succeeded, skipped }

  /// A file that the task read.
  public struct Input: Codable, Sendable, Hashable {
    /// Absolute, or relative to the run's folder if it is inside.
    public var path: String
    /// The file's size.
    public var bytes: Int
    /// Left out where the task did not read the file. For a state file, as `bytes`, that of what it says about its
    /// task's work: see `asInput()`.
    public var sha256: String?
    /// When the file last changed, in nanoseconds since 1970, and its number in the file system: what a dump is known
    /// by again without reading it.
    public var modified: Int?
    /// See `modified`: a file that replaces another within a tick of the clock has its time, but a number of its own.
    public var fileNumber: UInt64?

    enum CodingKeys: String, CodingKey {
      case path, bytes, sha256
      case modified = "modified_ns"
      case fileNumber = "file_number"
    }

    /// Whether it is a file of the run itself.
    public var isInRun: Bool { !path.hasPrefix("/") }

    /// - Parameter sha256: 64 lower-case hexadecimal digits; nil where the content was not read.
    public init(
      path: String, bytes: Int, sha256: String?, modified: Int? = nil, fileNumber: UInt64? = nil
    ) {
      self.path = path
      self.bytes = bytes
      self.sha256 = sha256
      self.modified = modified
      self.fileNumber = fileNumber
    }

    /// Whether the file system says that it is the same file, unchanged; false where one of the two does not know.
    func isUnchanged(since other: Input) -> Bool {
      modified != nil && fileNumber != nil
        && (bytes, modified, fileNumber) == (other.bytes, other.modified, other.fileNumber)
    }
  }

  /// A dataset that the task made.
  public struct Output: Codable, Sendable, Hashable {
    /// The dataset's name, which is its folder's.
    public var dataset: String
    /// How many Parquet files.
    public var files: Int
    /// How many rows they have together.
    public var rows: Int
    /// How large they are together.
    public var bytes: Int

    /// What the dataset's files come to once they are whole.
    public init(dataset: String, files: Int, rows: Int, bytes: Int) {
      self.dataset = dataset
      self.files = files
      self.rows = rows
      self.bytes = bytes
    }
  }

  /// What the task took of the machine, with the programs that it started.
  public struct Resources: Codable, Sendable, Hashable {
    /// The most memory that was taken at once, in bytes.
    public var peakMemoryBytes: Int
    /// Time on a processor, in milliseconds, of all threads together.
    public var processorMilliseconds: Int
    /// Time by the clock, in milliseconds, which the moments of a state tell to the second only; earlier versions did not
    /// note it.
    public var elapsedMilliseconds: Int?

    enum CodingKeys: String, CodingKey {
      case peakMemoryBytes = "peak_memory_bytes"
      case processorMilliseconds = "processor_milliseconds"
      case elapsedMilliseconds = "elapsed_milliseconds"
    }

    /// What this process has taken so far.
    public static var soFar: Resources {
      Resources(
        peakMemoryBytes: ResourceUse.peakMemoryBytes,
        processorMilliseconds: ResourceUse.processorMicroseconds / 1000)
    }
  }

  /// The task's name, which is also the state file's.
  public var task: String
  /// The run that the task worked on.
  public var runID: RunID
  /// How the task ended.
  public var status: Status
  /// Why it was skipped.
  public var reason: String?
  /// When the task began its work.
  public var startedAt: UTCTime
  /// When the work ended.
  public var finishedAt: UTCTime
  /// What the task read.
  public var inputs: [Input]
  /// The datasets that the task made.
  public var outputs: [Output]
  /// Records read, rejected, unknown elements, …
  public var counters: [String: Int]
  /// What the task took of the machine; earlier versions did not note it.
  public var resources: Resources?
  /// The version of the tool that ran.
  public var toolVersion: String
  /// What the run is made for: preflight, which is told, says so, and a promotion, which only a run for `prod` gets.
  public var runMode: RunMode?
  /// Which datasets the run has: preflight, which is told, says so. One of an earlier version does not: `core`.
  public var datasets: DatasetChoice?
  /// The folder of the dumps, absolute, if preflight was told another than the lake's own.
  public var rawRoot: String?
  /// How the task laid out text that has no dictionary, if it wrote any.
  public var textEncoding: String?
  /// The names of the reports in `_reports` that the task wrote.
  public var reports: [String]?
  /// Where `active` went from the run, if it was rolled back after its promotion.
  public var rollback: Rollback?

  /// The state of a task that has just ended, if `finishedAt` is not given.
  public init(
    task: String, runID: RunID, status: Status = .succeeded, reason: String? = nil, startedAt: UTCTime,
    finishedAt: UTCTime = .now, inputs: [Input] = [], outputs: [Output] = [], counters: [String: Int] = [:],
    resources: Resources? = .soFar, toolVersion: String, runMode: RunMode? = nil,
    datasets: DatasetChoice? = nil, rawRoot: String? = nil
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
    self.resources = resources
    self.resources?.elapsedMilliseconds = Int((finishedAt.microseconds - startedAt.microseconds) / 1000)
    self.toolVersion = toolVersion
    self.runMode = runMode
    self.datasets = datasets
    self.rawRoot = rawRoot
  }

  /// The keys of a state file; those of a state without a run are the same.
  public enum CodingKeys: String, CodingKey {
    case task, status, reason, inputs, outputs, counters, resources, datasets
    case runID = "run_id"
    case startedAt = "started_at"
    case finishedAt = "finished_at"
    case toolVersion = "tool_version"
    case runMode = "run_mode"
    case rawRoot = "raw_root"
    case textEncoding = "text_encoding"
    case reports, rollback
  }

  /// The output of this dataset, or nil if the task did not make it.
  public func output(of dataset: Dataset) -> Output? { outputs.first { $0.dataset == dataset.name } }

  /// Whether the task read these files: files of the same names, sizes and SHA-256, wherever they lie; where one side
  /// knows no hash, of the same paths and sizes, and unchanged as far as both sides say.
  public func hasInputs(_ current: [Input]) -> Bool {
    func sorted(_ inputs: [Input]) -> [Input] {
      inputs.sorted { (Files.name(of: $0.path), $0.path) < (Files.name(of: $1.path), $1.path) }
    }
    return inputs.count == current.count
      && zip(sorted(inputs), sorted(current)).allSatisfy { one, other in
        guard one.bytes == other.bytes else { return false }
        guard let hash = one.sha256, let otherHash = other.sha256 else {
          return one.path == other.path
            && (one.modified == nil || other.modified == nil || one.isUnchanged(since: other))
        }
        return hash == otherHash && Files.name(of: one.path) == Files.name(of: other.path)
      }
  }

  /// This state as the input of a later task of the run, which has changed when the work was done again with another
  /// outcome.
  ///
  /// Of a task that made datasets its inputs, outputs and counters count, and not when it was done; of any other the
  /// whole file does.
  /// - Throws: `EncodingError`.
  public func asInput() throws -> Input {
    var bytes = try jsonBytes(self)
    if !outputs.isEmpty {
      let inputs = inputs.map { input in
        // The same file may have been moved.
        let path = input.sha256 == nil ? input.path : Files.name(of: input.path)
        return Input(path: path, bytes: input.bytes, sha256: input.sha256)
      }
      bytes = try jsonBytes(Work(inputs: inputs, outputs: outputs, counters: counters))
    }
    return Input(path: RunFolder.stateName(task), bytes: bytes.count, sha256: SHA256.of(bytes))
  }

  /// What a state says about the work itself.
  private struct Work: Encodable {
    var inputs: [Input]
    var outputs: [Output]
    var counters: [String: Int]
  }
}
