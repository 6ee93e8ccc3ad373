import Platform
import TaskKit

/// The link `active`, which says which run readers see, and the previous pointers beside it.
///
/// It is only ever replaced by a rename: at no moment is it missing or half-written. Those who change it hold the
/// lake's lock `promote`.
public struct ActivePointer: Sendable {
  /// What is at the name `active`.
  public enum Target: Sendable, Hashable {
    /// There is no such name.
    case nothing
    /// A link to a run of this lake by its id; the run's folder may be missing.
    case run(RunID)
    /// A link that leads to something else than a run of this lake.
    case other(String)
    /// A folder or file, which a link cannot replace.
    case notALink
  }

  /// The lake whose pointer it is.
  public let lake: Lake

  /// Nothing is read yet.
  public init(of lake: Lake) { self.lake = lake }

  /// Takes the lock that guards the pointer.
  /// - Throws: `SystemError`.
  public func lock(log: Log) throws -> FileLock { try lake.lock(TaskName.promote, log: log) }

  /// What `active` is now.
  /// - Throws: `SystemError`.
  public func target() throws -> Target {
    switch try Files.kind(lake.activeLink) {
    case nil: return .nothing
    case .link:
      if let run = try lake.activeRun() { return .run(run) }
      return .other(try Files.readLink(lake.activeLink) ?? "")
    default: return .notALink
    }
  }

  /// Points `active` to a run, after the present pointer was kept as `active__prev_<time>`.
  ///
  /// When it ends early, by an error or the process's end, `active` is as before or already the run's; another call
  /// completes what is missing.
  /// - Throws: `TaskError` (`noPermission`) when `active` is no link; `SystemError`.
  public func move(to run: RunID) throws {
    try Files.removeTemporaries(beside: lake.activeLink)
    let target = try target()
    switch target {
    case .run(run): return try Files.syncDirectory(lake.path)
    case .notALink: throw refusal
    case .nothing: break
    case .run(let present): try keepPresent(present)
    case .other: try keepPresent(nil)
    }
    let beside = Files.temporaryName(beside: lake.activeLink)
    try Files.link(beside, to: "_runs/\(run)")
    do { try Files.rename(beside, to: lake.activeLink) } catch {
      try? Files.remove(beside)
      throw error
    }
    try Files.syncDirectory(lake.path)
  }

  /// The run that a rollback leads to: that of the newest previous pointer to a run that exists and is not active.
  /// - Throws: `TaskError` (`noInput`) when there is none.
  public func previousRun() throws -> RunID {
    let active = try lake.activeRun()
    for pointer in try lake.previousPointers().reversed() {
      if let run = pointer.run, run != active, try Files.found(lake.run(run).path) == .directory {
        return run
      }
    }
    throw TaskError(
      .noInput, "there is no previous pointer to a run in \(lake.path)",
      advice: "promote the run that should be active, with --run-id and --allow-older")
  }

  /// What to say when `active` is a folder or a file.
  var refusal: TaskError {
    let aside = Files.join(lake.path, "active__old")
    return TaskError(
      .noPermission, "\(lake.activeLink) is no link but a real folder or file, which is not moved silently",
      advice:
        "move it away yourself (mv \(ShellText.word(lake.activeLink)) \(ShellText.word(aside))), then run this again"
    )
  }

  /// Gives the present pointer a second name, later than all others of its kind.
  /// - Parameter run: where it leads, if that is a run. One that leads there by way of another link is kept without it: that
  ///   link may lead elsewhere tomorrow.
  private func keepPresent(_ run: RunID?) throws {
    guard var target = try Files.readLink(lake.activeLink) else { return }
    if let run, try lake.run(at: Files.absolute(Files.join(lake.path, target))) == nil {
      target = "_runs/\(run)"
    }
    var stamp = UTCTime.now
    if let newest = try lake.previousPointers().last?.name, Lake.isCredible(pointer: newest) {
      // What a call that was cut off before its rename has kept need not be kept twice.
      if try Files.readLink(Files.join(lake.path, newest)) == target { return }
      if let taken = UTCTime(compact: String(newest.dropFirst(Lake.previousPrefix.count))),
        stamp.compact <= taken.compact
      {
        stamp = taken.adding(seconds: 1)
      }
    }
    try Files.link(Files.join(lake.path, Lake.previousPrefix + stamp.compact), to: target)
    try Files.syncDirectory(lake.path)
  }
}
