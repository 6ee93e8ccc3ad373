import Platform
import Schema

/// A dataset that is not as the run's tasks made it, by what the file system tells of its files without reading them.
public struct DatasetDamage: Sendable, Hashable {
  /// The dataset.
  public let dataset: Dataset
  /// What there is now; nothing if the dataset is gone.
  public let files: Int
  public let bytes: Int
  /// What its task made.
  public let made: TaskState.Output

  /// Whether nothing is left of it.
  public var isGone: Bool { files == 0 }

  /// In words, for messages: `labels_v10 is gone`.
  public var words: String {
    isGone
      ? "\(dataset.name) is gone"
      : "\(dataset.name) has \(counted(files, "file")) with \(counted(bytes, "byte")), and was made as \(made.files) with \(made.bytes)"
  }
}

extension RunFolder {
  /// What has become of the datasets that the run's tasks say they made: those that are gone, and those whose files have
  /// another number or other sizes together. Where there are no states the manifest tells; without either nobody knows.
  /// - Throws: `SystemError`.
  public func damages() throws -> [DatasetDamage] {
    var outputs: [String: TaskState.Output] = [:]
    for contents in (try? manifest())?.contents ?? [] {
      outputs[contents.dataset] = TaskState.Output(
        dataset: contents.dataset, files: contents.files, rows: contents.rows, bytes: contents.bytes)
    }
    for task in TaskName.makers {
      // A state that cannot be read is for sanity to complain about.
      guard let state = try? state(task), state.status == .succeeded else { continue }
      for output in state.outputs { outputs[output.dataset] = output }
    }
    return try Dataset.all.compactMap { dataset in try outputs[dataset.name].flatMap(damage) }
  }

  /// What has become of a dataset since its task made it; nil if it is as it was, or of a version that is not known here.
  func damage(to output: TaskState.Output) throws -> DatasetDamage? {
    guard let dataset = Dataset.named(output.dataset) else { return nil }
    let files = try parquetFiles(of: dataset)
    let bytes = try files.reduce(0) { try $0 + Files.size($1) }
    if files.count == output.files, bytes == output.bytes { return nil }
    return DatasetDamage(dataset: dataset, files: files.count, bytes: bytes, made: output)
  }
}
