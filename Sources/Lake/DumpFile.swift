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

  /// The date of a dump with this name (`2026-08-01`), if it is a dump of the entity.
  public static func date(ofName name: String, _ entity: Entity) -> String? {
    stamp(ofName: name, entity).map(date(ofStamp:))
  }

  /// The folder of a month's dumps.
  public static func folder(rawRoot: String, month: String) -> String {
    Files.join(Files.absolute(rawRoot), month)
  }

  /// The dumps of a month, oldest first; those of other months in its folder do not count.
  /// - Throws: `SystemError` if the folder cannot be read; a missing one is empty.
  public static func all(rawRoot: String, month: String) throws -> [DumpFile] {
    let folder = folder(rawRoot: rawRoot, month: month)
    guard try Files.found(folder) != nil else { return [] }
    let monthStamp = String(month.filter { $0 != "-" })
    let dumps = try Files.list(folder).flatMap { name in
      Entity.allCases.compactMap { entity in
        stamp(ofName: name, entity).map { DumpFile(entity: entity, stamp: $0, folder: folder) }
      }
    }
    return dumps.filter { $0.stamp.hasPrefix(monthStamp) }.sorted { $0.stamp < $1.stamp }
  }

  /// The dumps of one date: the newest of which all of these entities are there, or else the newest there is.
  /// - Parameter dumps: oldest first.
  public static func newestSet(of entities: [Entity], in dumps: [DumpFile]) -> [DumpFile] {
    let dumps = dumps.filter { entities.contains($0.entity) }
    let dates = Dictionary(grouping: dumps, by: \.stamp)
    let complete = dates.filter { $0.value.count == entities.count }
    let stamp = (complete.isEmpty ? dates : complete).keys.max()
    return stamp.flatMap { dates[$0] } ?? []
  }

  /// The entity's dump for a run: the one that download fetched, or that preflight chose, or else that of the newest
  /// date of the run's month of which every entity's is there.
  ///
  /// So all entities of a run come from dumps of one date, also when dumps of other dates lie beside them.
  /// - Parameter rawRoot: nil for where the run's earlier tasks found the dumps, or else the lake's own folder.
  /// - Throws: `TaskError` (`noInput`) when there is none.
  public static func find(
    _ entity: Entity, for run: RunFolder, rawRoot: String?, log: Log = .none
  ) throws -> DumpFile {
    let root = try rawRoot ?? run.rawRoot()
    let folder = folder(rawRoot: root, month: run.id.dumpMonth)
    var lost: TaskError?
    for task in [TaskName.download, TaskName.preflight] {
      guard let state = try run.state(task), state.status == .succeeded,
        let input = state.inputs.first(where: { stamp(ofName: Files.name(of: $0.path), entity) != nil }),
        let stamp = stamp(ofName: Files.name(of: input.path), entity)
      else { continue }
      let named = DumpFile(entity: entity, stamp: stamp, folder: folder)
      if rawRoot == nil, try Files.found(input.path) != nil {
        return DumpFile(entity: entity, stamp: stamp, folder: Files.parent(of: input.path))
      }
      if try Files.found(named.path) != nil { return named }
      lost =
        lost
        ?? TaskError(
          .noInput,
          "the dump that \(task) has for run \(run.id) is gone: there is no \(rawRoot == nil ? input.path : named.path)",
          advice: "bring it back, name its folder with --raw-root, or run \(task) --run-id \(run.id) again")
    }
    // Another date's dump in its place would not fit the other entities'.
    if let lost { throw lost }

    let all = try all(rawRoot: root, month: run.id.dumpMonth)
    let set = newestSet(of: Entity.allCases, in: all)
    // Of dates that are all incomplete each has what there is of it.
    let isComplete = set.count == Entity.allCases.count
    guard
      let dump = isComplete
        ? set.first(where: { $0.entity == entity }) : all.last(where: { $0.entity == entity })
    else {
      throw TaskError(
        .noInput, "there is no dump of \(entity) in \(folder)",
        advice: "download it, or name the dumps' folder with --raw-root")
    }
    let passedOver = all.filter { $0.stamp > dump.stamp }.map { Files.name(of: $0.path) }
    if !passedOver.isEmpty {
      log.warning(
        "the dumps of \(dump.date) are taken, and not what is newer but incomplete: \(passedOver.joined(separator: ", "))"
      )
    }
    return dump
  }

  /// The dump as `preflight` saw it for a run; nil where it saw none of this name, or `download` came after it.
  /// - Throws: `TaskError` (`data`) when a state cannot be read.
  public func chosenInput(of run: RunFolder) throws -> TaskState.Input? {
    guard let state = try run.state(TaskName.preflight), state.status == .succeeded,
      try run.state(TaskName.download) == nil
    else { return nil }
    return state.inputs.first { Files.name(of: $0.path) == Files.name(of: path) }
  }

  /// The file as a task's input: what the file system says of it, and nothing that would have to be read.
  /// - Throws: `SystemError`.
  public func input() throws -> TaskState.Input {
    TaskState.Input(
      path: path, bytes: try Files.size(path), sha256: nil, modified: try Files.modificationTime(path),
      fileNumber: try Files.fileNumber(path))
  }

  /// The file as the input of a task that has read one, to see whether it is that one again.
  ///
  /// The file itself is read only where nothing else tells: neither the state, nor the note beside it, nor its size.
  /// - Parameter state: what the task said then; nil if it has said nothing.
  /// - Throws: `SystemError`.
  public func input(knownFrom state: TaskState?) throws -> TaskState.Input {
    var input = try input()
    let name = Files.name(of: path)
    let before = state?.inputs.first { Files.name(of: $0.path) == name }
    if let before, input.isUnchanged(since: before) {
      input.sha256 = before.sha256
    } else if let known = RememberedHash.known(path) {
      input.sha256 = known.hex
    } else if before?.bytes == input.bytes {
      input.sha256 = try RememberedHash.of(path).hex
    }
    return input
  }

  /// `discogs_20260801_CHECKSUM.txt`: the SHA-256 of a date's dumps.
  public static func checksumName(_ stamp: String) -> String { "discogs_\(stamp)_CHECKSUM.txt" }

  /// What was published as the dump's SHA-256, if the date's list lies beside it and names it.
  /// - Throws: `SystemError` when it is there and cannot be read; `TaskError` (`data`) when it has more than one of the dump.
  public func publishedHash(log: Log = .none) throws -> (hex: String, list: String)? {
    let list = Files.join(Files.parent(of: path), DumpFile.checksumName(stamp))
    guard try Files.kind(list) != nil else { return nil }
    guard try Files.found(list) == .file else {
      log.warning("\(list) is no file that could be read: the dump cannot be compared with it")
      return nil
    }
    let bytes = try Files.read(list, limit: 1 << 20)
    guard let published = ChecksumList(bytes) else {
      log.warning("\(list) is no list of SHA-256 digests: the dump cannot be compared with it")
      ChecksumList.warnOfLines(ChecksumList.text(bytes), in: list, log)
      return nil
    }
    published.warnOfUnreadableLines(in: list, log)
    guard let digest = try published.digest(of: Files.name(of: path), in: list) else {
      log.warning("\(list) does not name \(Files.name(of: path)): the dump cannot be compared with it")
      return nil
    }
    return (digest, list)
  }
}
