import Platform
import TaskKit

/// The folder that holds everything: runs, the pointer to the active one, dumps, catalog and history.
///
/// All paths inside a lake come from here and from `RunFolder`.
public struct Lake: Sendable, Hashable {
  /// Absolute.
  public let path: String

  /// - Parameter path: the folder, which need not exist yet.
  public init(path: String) { self.path = Files.absolute(path) }

  /// What to say when there is no such folder; nil where there is one.
  ///
  /// No task makes a lake: a path with a slip in it would become a second one.
  var absence: TaskError? {
    do {
      if try Files.found(path) == .directory {
        return try holdsDigdagsStateAlone() ? absenceBesideState : nil
      }
    } catch {
      let error = error as? any ReportableError
      return TaskError(
        error?.exitCode ?? .io, error?.message ?? "the lake \(path) cannot be reached",
        advice: error?.advice ?? "see to it that it can be read")
    }
    if (try? Files.kind(path)) != nil {
      return TaskError(.noInput, "the lake \(path) is no folder", advice: "name another with --lake")
    }
    return TaskError(
      .noInput, "there is no lake \(path)",
      advice: "name the right one with --lake, or make it: mkdir -p \(ShellText.word(path))")
  }

  /// Whether there is nothing in the folder but what `--save` has Digdag write into it. It does so after a session's first
  /// task, which finds an empty folder where one was made to become a lake, and puts `_runs` there: so that task was
  /// refused because there was no folder at all.
  private func holdsDigdagsStateAlone() throws -> Bool {
    guard try Files.list(path) == [Files.name(of: metaFolder)], try Files.found(metaFolder) == .directory
    else { return false }
    return try Files.list(metaFolder) == ["digdag"]
  }

  private var absenceBesideState: TaskError {
    TaskError(
      .noInput, "there is no lake \(path), only what Digdag noted there of a session that failed",
      advice: "name the right one with --lake and remove this folder, or make it one: "
        + "mkdir \(ShellText.word(runsFolder))")
  }

  /// `_runs`
  public var runsFolder: String { Files.join(path, "_runs") }
  /// `active`: the link to the active run.
  public var activeLink: String { Files.join(path, "active") }
  /// `_raw`: the dumps, unless another folder is named.
  public var rawFolder: String { Files.join(path, "_raw") }
  /// `_meta`
  public var metaFolder: String { Files.join(path, "_meta") }
  /// The catalog of the embedded engine.
  public var catalogFile: String { Files.join(metaFolder, "catalog.duckdb") }
  /// The event tables, and the reports made of them.
  public var historyFolder: String { Files.join(metaFolder, "discogs_history") }
  /// Where locks lie while they are held.
  public var locksFolder: String { Files.join(metaFolder, "locks") }

  /// The folder of a run, which need not exist.
  public func run(_ id: RunID) -> RunFolder { RunFolder(lake: self, id: id) }

  /// The folder of a run.
  /// - Throws: `TaskError` (`noInput`) if there is none.
  public func existingRun(_ id: RunID) throws -> RunFolder {
    let run = run(id)
    guard try Files.found(run.path) == .directory else {
      let newest = (try? runs().ids.last).flatMap { $0 }
      throw TaskError(
        .noInput, "there is no run \(id) in \(runsFolder)",
        advice: newest.map { "the newest run there is \($0)" } ?? "preflight and ingest-entity make runs")
    }
    return run
  }

  /// The runs that exist, oldest first, and the names of other things in their folder; hidden ones are left out.
  /// - Throws: `SystemError`.
  public func runs() throws -> (ids: [RunID], foreign: [String]) {
    guard try Files.found(runsFolder) != nil else { return ([], []) }
    var ids: [RunID] = []
    var foreign: [String] = []
    for name in try Files.list(runsFolder) where !name.hasPrefix(".") {
      if let id = try? RunID(validating: name),
        try Files.found(Files.join(runsFolder, name)) == .directory
      {
        ids.append(id)
      } else {
        foreign.append(name)
      }
    }
    return (ids.sorted(), foreign)
  }

  /// The run that `active` points to; nil if there is no such link or it points to something else.
  /// - Throws: `SystemError` when the link cannot be read.
  public func activeRun() throws -> RunID? { try target(ofLink: activeLink) }

  /// The previous pointers, oldest first, with the run that each points to, if it is one.
  ///
  /// The name of a pointer says when it was made. One that says it was made in the future (more than a day ahead, which
  /// no clock that is only a little wrong tells) was put there by somebody else, and comes before all others.
  /// - Throws: `SystemError`.
  public func previousPointers() throws -> [(name: String, run: RunID?)] {
    guard try Files.found(path) != nil else { return [] }
    let names = try Files.list(path, prefix: Lake.previousPrefix).sorted {
      let known = (Lake.isCredible(pointer: $0), Lake.isCredible(pointer: $1))
      return known.0 == known.1 ? $0.utf8.lexicographicallyPrecedes($1.utf8) : !known.0
    }
    return try names.map { ($0, try target(ofLink: Files.join(path, $0))) }
  }

  /// Whether a previous pointer's name can tell when it was made.
  static func isCredible(pointer name: String) -> Bool {
    guard let time = UTCTime(compact: String(name.dropFirst(previousPrefix.count))) else { return false }
    return time.compact <= UTCTime.now.adding(seconds: 86_400).compact
  }

  /// Whether `active` or a previous pointer points to the run, so that its datasets must not change any more.
  /// - Throws: `SystemError`.
  public func isProtected(_ id: RunID) throws -> Bool {
    if try activeRun() == id { return true }
    return try previousPointers().contains { $0.run == id }
  }

  static let previousPrefix = "active__prev_"

  /// The run that a link in the lake's folder leads to, by way of other links or not. A link to somewhere else does not
  /// count, whatever the last part of its path is called.
  private func target(ofLink link: String) throws -> RunID? {
    var link = link
    // As many as the system follows.
    for _ in 0..<40 {
      guard let target = try Files.readLink(link) else { return nil }
      let path = Files.absolute(Files.join(Files.parent(of: link), target))
      if let id = try run(at: path) { return id }
      link = path
    }
    return nil
  }

  /// The run whose folder the path is, or would be.
  func run(at path: String) throws -> RunID? {
    guard let id = try? RunID(validating: Files.name(of: path)) else { return nil }
    let folder = Files.parent(of: path)
    if folder == runsFolder { return id }
    // The same folder under another path: the lake is reached through a link, or `_runs` is one.
    guard let resolved = try? Files.resolve(folder), resolved == (try? Files.resolve(runsFolder)) else {
      return nil
    }
    return id
  }

  /// Takes a lock of this lake; waits for it, and says so.
  /// - Parameters:
  ///   - name: what is locked, such as `promote`.
  ///   - wait: how long to wait; nil is for ever.
  /// - Throws: `SystemError`.
  public func lock(_ name: String, wait: Duration? = nil, log: Log) throws -> FileLock {
    try Files.createDirectory(locksFolder)
    try removeAbandonedLocks()
    return try FileLock.acquire(Files.join(locksFolder, "\(name).lock"), wait: wait) {
      log.info("waiting for another task that holds the lock \(name)")
    }
  }

  /// Removes the locks of tasks that were killed. Taking a lock does so; a task that may find nothing to do, and takes
  /// none, calls this.
  /// - Throws: `SystemError`.
  public func removeAbandonedLocks() throws { try FileLock.removeAbandoned(in: locksFolder) }
}
