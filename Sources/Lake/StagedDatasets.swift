import Platform
import Schema

/// Datasets that a task is making, out of sight until they are whole.
///
/// They are written below `<run>/.staging-<task>/`. `makeDurable()` brings every byte to the disk, then `commit()` gives
/// each dataset its name with one rename. What is in place without a state file that says `succeeded` is what a killed commit left; the
/// next run of the task replaces it. The owner holds the task's lock.
public final class StagedDatasets: Sendable {
  /// The run that the datasets are for.
  public let run: RunFolder
  /// The hidden folder everything is written below.
  public let folder: String
  private let task: String
  private let datasets: [Dataset]
  private let files: [String]
  private let phase = Monitor(Phase.writing)

  private enum Phase { case writing, committing, discarding }

  /// Makes the staging folder, empty: what an earlier, killed run of the task left is removed.
  /// - Parameters:
  ///   - datasets: what the task makes; each gets a folder.
  ///   - files: other files of the run that the task owns, relative to its folder, such as `_rejects/labels.jsonl`.
  /// - Throws: `SystemError`.
  public init(run: RunFolder, task: String, datasets: [Dataset], files: [String] = []) throws {
    self.run = run
    self.task = task
    self.datasets = datasets
    self.files = files
    folder = Files.join(run.path, ".staging-\(task)")
    try Files.removeTree(folder)
    // What is lost of it in a crash would be thrown away.
    for dataset in datasets { try Files.createDirectory(self.folder(for: dataset), durably: false) }
    for file in files { try Files.createDirectory(Files.parent(of: self.file(file)), durably: false) }
    if datasets.isEmpty, files.isEmpty { try Files.createDirectory(folder, durably: false) }
  }

  /// Where the files of a dataset are written, named by `RunFolder.partName`.
  public func folder(for dataset: Dataset) -> String { Files.join(folder, dataset.name) }

  /// Where a file of the run is written; `name` is one of those that were announced.
  public func file(_ name: String) -> String { Files.join(folder, name) }

  /// Moves one of the files into the run now, although the task is going to fail: rejects are worth reading then.
  ///
  /// While the task's state says `succeeded`, the file at the name belongs to the datasets in place, which stay; this
  /// one then becomes a report, such as `_reports/rejects_labels_<time>.jsonl`.
  /// - Returns: the path that it has now.
  /// - Throws: `SystemError`.
  @discardableResult
  public func publish(_ name: String) throws -> String {
    guard (try? run.state(task))?.status == .succeeded else { return try move(name) }
    let parts = name.drop { $0 == "_" }.replacing("/", with: "_").split(separator: ".", maxSplits: 1)
    let report = try run.newReport(String(parts[0]), extension: String(parts[1]))
    if try Files.found(file(name)) != nil { try Files.rename(file(name), to: report) }
    return report
  }

  /// Gives a staged file, if there is one, its place.
  @discardableResult
  private func move(_ name: String) throws -> String {
    let destination = Files.join(run.path, name)
    guard try Files.found(file(name)) != nil else { return destination }
    try Files.createDirectory(Files.parent(of: destination))
    try Files.rename(file(name), to: destination)
    return destination
  }

  /// Brings everything to the disk, which may take a while.
  /// - Throws: `SystemError`; the staged files may still be discarded.
  public func makeDurable() throws {
    let folders = datasets.map { folder(for: $0) }
    var written = try folders.flatMap { folder in try Files.walk(folder).map { Files.join(folder, $0) } }
    written += try files.map { file($0) }.filter { try Files.found($0) != nil }
    try Files.syncTogether(written)
    try Files.syncTogether(folders)
  }

  /// Puts everything in place; it must be durable.
  /// - Parameter willReplace: called once, before the first name changes.
  /// - Throws: `SystemError`; what was in place then is still there, or some of it already replaced.
  public func commit(willReplace: () throws -> Void = {}) throws {
    // Once an interrupt has begun to remove the staged files, there is nothing to commit: the process is about to end.
    phase.wait { phase -> Void? in
      guard phase == .writing else { return nil }
      phase = .committing
      return ()
    }
    try willReplace()
    for dataset in datasets {
      let destination = run.datasetFolder(dataset)
      if try Files.found(destination) != nil {
        try Files.exchange(folder(for: dataset), destination)
      } else {
        try Files.rename(folder(for: dataset), to: destination)
      }
    }
    for name in files {
      let destination = Files.join(run.path, name)
      if try Files.found(file(name)) != nil { try move(name) } else { try Files.remove(destination) }
      // A folder without files says nothing: `_rejects` is there only if records were rejected.
      let parent = Files.parent(of: destination)
      if try Files.found(parent) == .directory, try Files.list(parent).isEmpty {
        try? Files.removeTree(parent)
      }
      if try Files.found(parent) == .directory { try Files.syncDirectory(parent) }
    }
    try Files.syncDirectory(run.path)
    try Files.removeTree(folder)
  }

  /// Removes what was staged; nothing in place changes. Safe on any thread, and while others still write.
  public func discard() {
    let mayRemove: Bool = phase.update { phase in
      if phase == .committing { return false }
      phase = .discarding
      return true
    }
    guard mayRemove else { return }
    // Others may still add files: a few tries, and the next run of the task removes the rest.
    for _ in 0..<3 where (try? Files.removeTree(folder)) == nil {}
  }
}
