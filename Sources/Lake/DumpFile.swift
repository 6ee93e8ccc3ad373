import Platform
import Schema
import TaskKit

/// A dump: `<raw_root>/<YYYY-MM>/discogs_<YYYYMMDD>_<entity>.xml.gz`.
public struct DumpFile: Sendable, Hashable {
  /// What it is a dump of.
  public let entity: Entity
  /// `20260801`
  public let stamp: String
  /// Absolute.
  public let path: String

  /// `2026-08-01`
  public var date: String { DumpFile.date(ofStamp: stamp) }

  /// `2026-08-01` for `20260801`.
  static func date(ofStamp stamp: String) -> String {
    "\(stamp.prefix(4))-\(stamp.dropFirst(4).prefix(2))-\(stamp.suffix(2))"
  }

  /// Names a dump; whether there is such a file is not looked at.
  /// - Parameters:
  ///   - stamp: `20260801`.
  ///   - folder: the folder of its month, absolute.
  public init(entity: Entity, stamp: String, folder: String) {
    self.entity = entity
    self.stamp = stamp
    path = Files.join(folder, DumpFile.name(entity, stamp))
  }

  /// `discogs_20260801_artists.xml.gz`
  public static func name(_ entity: Entity, _ stamp: String) -> String { "discogs_\(stamp)_\(entity).xml.gz" }

  /// The day of a dump with this name (`20260801`), if it is a dump of the entity and the day is real.
  public static func stamp(ofName name: String, _ entity: Entity) -> String? {
    guard name.hasPrefix("discogs_"), name.hasSuffix("_\(entity).xml.gz") else { return nil }
    let stamp = String(name.dropFirst("discogs_".count).prefix(8))
    guard DumpFile.name(entity, stamp) == name, stamp.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let number = Int(stamp),
      CalendarDate(year: number / 10_000, month: number / 100 % 100, day: number % 100) != nil
    else { return nil }
    return stamp
  }

  /// The folder of a month's dumps.
  public static func folder(rawRoot: String, month: String) -> String {
    Files.join(Files.absolute(rawRoot), month)
  }

  /// The dumps of a month, oldest first; those of other months in its folder do not count.
  /// - Throws: `SystemError` if the folder cannot be read; a missing one is empty.
  public static func all(rawRoot: String, month: String) throws -> [DumpFile] {
    let folder = folder(rawRoot: rawRoot, month: month)
    guard Files.exists(folder) else { return [] }
    let monthStamp = String(month.filter { $0 != "-" })
    let dumps = try Files.list(folder).flatMap { name in
      Entity.allCases.compactMap { entity in
        stamp(ofName: name, entity).map { DumpFile(entity: entity, stamp: $0, folder: folder) }
      }
    }
    return dumps.filter { $0.stamp.hasPrefix(monthStamp) }.sorted { $0.stamp < $1.stamp }
  }

  /// The entity's dump for a run: the one that preflight chose, or else the newest of the run's month.
  /// - Parameter rawRoot: nil for where preflight found the dumps, or else the lake's own folder.
  /// - Throws: `TaskError` (`noInput`) when there is none.
  public static func find(_ entity: Entity, for run: RunFolder, rawRoot: String?) throws -> DumpFile {
    let chosen = try run.state(TaskName.preflight)?.inputs.first { input in
      stamp(ofName: Files.name(of: input.path), entity) != nil
    }
    if let chosen, let stamp = stamp(ofName: Files.name(of: chosen.path), entity) {
      let folder =
        rawRoot.map { self.folder(rawRoot: $0, month: run.id.dumpMonth) } ?? Files.parent(of: chosen.path)
      let dump = DumpFile(entity: entity, stamp: stamp, folder: folder)
      if Files.exists(dump.path) { return dump }
    }
    let root = rawRoot ?? run.lake.rawFolder
    if let newest = try all(rawRoot: root, month: run.id.dumpMonth).last(where: { $0.entity == entity }) {
      return newest
    }
    throw TaskError(
      .noInput, "there is no dump of \(entity) in \(folder(rawRoot: root, month: run.id.dumpMonth))",
      advice: "download it, or name the dumps' folder with --raw-root")
  }

  /// The file as a task's input; its hash is computed once and remembered beside it.
  /// - Throws: `SystemError`.
  public func input() throws -> TaskState.Input {
    let (bytes, hash) = try RememberedHash.of(path)
    return TaskState.Input(path: path, bytes: bytes, sha256: hash)
  }
}
