import Glibc
import Lake
import Parquet
import Platform
import Schema
import TaskKit

/// What the file system and the files' footers say about a run: all that its checks look at.
struct RunFacts {
  /// A Parquet file of a dataset.
  struct File {
    var path: String
    /// Nil when it cannot be read.
    var bytes: Int?
    var footer: Result<ParquetFooter, any Error>
  }

  /// A dataset's folder.
  struct Contents {
    /// As it is: also one that is a dataset's only by its place in older lakes.
    var folder: String
    var files: [File]
    /// Names that engines would take for data, though they are no Parquet files.
    var foreign: [String]

    /// The footers of the files that have one.
    var footers: [ParquetFooter] { files.compactMap { try? $0.footer.get() } }
    /// Nil when a file is broken.
    var rows: Int? { footers.count == files.count ? footers.reduce(0) { $0 + $1.rowCount } : nil }
  }

  let run: RunFolder
  /// The datasets that have a folder.
  let contents: [Dataset: Contents]
  /// The states of the tasks that make a run, by task.
  let states: [String: TaskState]
  /// What is wrong with the state files that cannot be read, by task.
  let brokenStates: [String: String]
  /// What the manifest lacks of what the states tell, or why it cannot be read; nil where all is in it.
  let manifestFlaw: String?
  /// Whether the run was made before there were manifests and state files; such a run is taken as it is.
  let isOlder: Bool

  /// Looks at the run.
  /// - Parameter readsPages: whether to read each file whole, and not only its footer.
  /// - Throws: `SystemError` when a folder cannot be read.
  init(of run: RunFolder, readsPages: Bool = false) throws {
    self.run = run
    var states: [String: TaskState] = [:]
    var brokenStates: [String: String] = [:]
    for task in TaskName.makers {
      do { states[task] = try run.state(task) } catch let error as TaskError {
        brokenStates[task] = error.message
      }
    }
    self.states = states.filter { $0.value.status == .succeeded }
    self.brokenStates = brokenStates
    manifestFlaw = try RunFacts.manifestFlaw(of: run)
    isOlder = try run.isOlder()
    var contents: [Dataset: Contents] = [:]
    for dataset in Dataset.all {
      guard let folder = run.dataset(dataset) else { continue }
      contents[dataset] = try RunFacts.contents(of: folder, anyName: isOlder, readsPages)
    }
    self.contents = contents
  }

  /// The dates of the dumps that the run's datasets were read from, by entity; none of what does not say.
  var dumpDates: [Entity: String] {
    var dates: [Entity: String] = [:]
    for entity in Entity.allCases {
      let names = states[TaskName.ingest(entity)]?.inputs.map { Files.name(of: $0.path) } ?? []
      dates[entity] = names.compactMap { DumpFile.date(ofName: $0, entity) }.first
    }
    return dates
  }

  /// What the state files say was made of this dataset.
  func output(of dataset: Dataset) -> TaskState.Output? {
    states.values.lazy.compactMap { $0.output(of: dataset) }.first
  }

  /// The smallest and the largest value of a number column in all of a dataset's files; nil if they do not say.
  func range(of column: String, in dataset: Dataset) -> ClosedRange<Int64>? {
    guard let contents = contents[dataset], contents.rows != nil else { return nil }
    var range: ClosedRange<Int64>?
    for footer in contents.footers where footer.rowCount > 0 {
      guard let index = footer.columns.firstIndex(where: { $0.name == column }) else { return nil }
      if footer.nullCount(ofColumn: index) == footer.rowCount { continue }
      guard let own = footer.int64Range(ofColumn: index) else { return nil }
      range = min(own.lowerBound, range?.lowerBound ?? .max)...max(own.upperBound, range?.upperBound ?? .min)
    }
    return range
  }

  /// The NULLs of a column in all of a dataset's files; nil if they do not say.
  func nullCount(of column: String, in dataset: Dataset) -> Int? {
    guard let contents = contents[dataset], contents.rows != nil else { return nil }
    var sum = 0
    for footer in contents.footers where footer.rowCount > 0 {
      guard let index = footer.columns.firstIndex(where: { $0.name == column }),
        let count = footer.nullCount(ofColumn: index)
      else { return nil }
      sum += count
    }
    return sum
  }

  /// What sanity has looked at, for its state file: when any of it changes, what was found is no longer true.
  func inputs() throws -> [TaskState.Input] {
    var inputs = try TaskName.makers.filter { states[$0] != nil }.map(run.stateInput)
    for contents in Dataset.all.compactMap({ self.contents[$0] }) {
      for file in contents.files {
        let path = String(file.path.dropFirst(run.path.count + 1))
        inputs.append(TaskState.Input(path: path, bytes: file.bytes ?? 0, sha256: nil))
      }
    }
    return inputs
  }

  private static func manifestFlaw(of run: RunFolder) throws -> String? {
    let states = try run.finishedTasks().compactMap { try? run.state($0) }
    do {
      guard let manifest = try run.manifest() else { return "there is none" }
      let missing = manifest.missing(from: states)
      return missing.isEmpty ? nil : "it lacks \(missing.joined(separator: ", "))"
    } catch let error as TaskError { return error.message }
  }

  /// - Parameter anyName: whether files without the extension count too: Trino writes such, so older lakes have them.
  private static func contents(of folder: String, anyName: Bool, _ readsPages: Bool) throws -> Contents {
    var result = Contents(folder: folder, files: [], foreign: [])
    // Engines pass over hidden names and those that start with an underscore.
    for name in try Files.list(folder) where !name.hasPrefix(".") && !name.hasPrefix("_") {
      let path = Files.join(folder, name)
      guard anyName || name.hasSuffix(".parquet"), try Files.found(path) != .directory else {
        result.foreign.append(name)
        continue
      }
      result.files.append(
        File(path: path, bytes: try? Files.size(path), footer: try footer(of: path, readsPages)))
    }
    return result
  }

  /// A file that is damaged, or none at all, is a finding; that the system cannot read it is an error of the task.
  private static func footer(of path: String, _ readsPages: Bool) throws -> Result<ParquetFooter, any Error> {
    do {
      return .success(readsPages ? try ParquetFooter.verifyFile(path) : try ParquetFooter(path: path))
    } catch let error as SystemError {
      guard error.isAboutKindOrSize || [ENOENT, ELOOP, ENOTDIR].contains(error.code) else { throw error }
      return .failure(error)
    } catch {
      return .failure(error)
    }
  }
}
