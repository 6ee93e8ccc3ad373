import Lake
import Platform
import TaskKit

/// The folder of an event table in a lake, and the copy of it that the engines' tables read.
///
/// Anybody can put a file into the folder, and neither engine can leave one out: DuckDB stops at the first file of a
/// glob that is no Parquet file, Trino reads whatever lies in a table's folder. So the tables read another folder,
/// `tables/<table>`, in which a file appears only after it was found whole to the last page and its columns the
/// declared ones. The folder of events itself is the truth: the copy is brought up to date by every task of the history,
/// can be thrown away, and nothing in the folder of events is ever changed or removed but the remains of a killed write.
///
/// The copy also holds one file without rows, so that both engines have a table to read before the first event.
public struct EventFolder: Sendable {
  /// The table whose events it holds.
  public let table: EventTable
  /// Where the event files are.
  public let path: String
  /// Where the files are that the engines read.
  public let readablePath: String
  private let lake: Lake
  private let log: Log

  /// What lies in the folder.
  public struct Contents: Sendable, Hashable {
    /// The events of all event files.
    public var rows = 0
    /// What is no event file.
    public var foreign: [ForeignFile] = []
  }

  /// A file that is no event file, and why.
  public struct ForeignFile: Sendable, Hashable {
    /// Where it lies, absolute.
    public let path: String
    /// What is wrong with it, in one line.
    public let reason: String
  }

  /// Names the folders; they are made when something is written or brought up to date.
  public init(_ table: EventTable, in lake: Lake, log: Log) {
    self.table = table
    self.lake = lake
    self.log = log
    path = Files.join(Files.join(lake.historyFolder, table.section), table.name)
    readablePath = Files.join(Files.join(lake.historyFolder, "tables"), table.name)
  }

  /// Adds the events of one execution as one file, which appears whole or not at all.
  ///
  /// - Returns: the file's path; nil when there are no events.
  /// - Throws: `SystemError`.
  @discardableResult
  public func append(_ rows: [EventRow], at moment: UTCTime = .now) throws -> String? {
    guard !rows.isEmpty else { return nil }
    return try locked {
      let file = Files.join(path, EventFile.name(at: moment))
      try EventFile.write(rows, of: table, to: file)
      try mirror()
      return file
    }
  }

  /// Adds the rows of a draft, which a file of the table that counts them makes count.
  ///
  /// Killed at whatever step: either both files are there for readers, at the latest when the next task of the history
  /// has brought its copies up to date, or neither.
  /// - Parameters:
  ///   - draft: finished, in this folder; nil when there are no rows.
  ///   - counts: the rows of the counting table.
  ///   - counting: the folder of that table.
  /// - Returns: the path of the file with the counts.
  /// - Throws: `SystemError`, `ParquetError`.
  func append(
    _ draft: EventFile.Draft?, countedBy counts: [EventRow], in counting: EventFolder, at moment: UTCTime
  ) throws -> String {
    try locked {
      try counting.locked {
        let name = EventFile.name(at: moment)
        let pending = Files.join(path, EventFile.pendingName(name))
        if let draft {
          try Files.rename(draft.path, to: pending)
          try Files.syncDirectory(path)
        }
        let counted = Files.join(counting.path, name)
        try EventFile.write(counts, of: counting.table, to: counted)
        try mirror()
        try counting.mirror()
        return counted
      }
    }
  }

  /// Begins a file of this table; what an execution that was killed has left of one is removed.
  /// - Precondition: Nobody else is writing drafts of this table.
  /// - Throws: `SystemError`, `ParquetError`.
  func draft() throws -> EventFile.Draft {
    try Files.createDirectory(path)
    for name in try Files.list(path) where EventFile.isDraft(name) {
      try Files.remove(Files.join(path, name))
    }
    return try EventFile.Draft(Files.join(path, EventFile.draftName()), of: table)
  }

  /// Brings the copy that the engines read up to date.
  /// - Throws: `SystemError`; ``EventReadError``.
  public func refresh() throws -> Contents {
    try locked { try mirror() }
  }

  /// The bytes of the copy that the engines read; 0 before there is one.
  /// - Throws: `SystemError`.
  func readableBytes() throws -> Int {
    guard try Files.found(readablePath) == .directory else { return 0 }
    return try Files.list(readablePath).map { try Files.size(Files.join(readablePath, $0)) }.reduce(0, +)
  }

  private func locked<Result>(_ body: () throws -> Result) throws -> Result {
    try Files.createDirectory(path)
    try Files.createDirectory(readablePath)
    let lock = try lake.lock("history.\(table.name)", log: log)
    defer { lock.release() }
    return try body()
  }

  /// Complexity: one footer for each event file; only files that are new or were changed are read whole, and copied.
  @discardableResult
  private func mirror() throws -> Contents {
    try removeRemains()
    try settlePending()
    var contents = Contents()
    var good: Set<String> = [EventFile.nameWithoutRows]
    for name in try Files.list(path) where !name.hasPrefix(".") {
      let file = Files.join(path, name)
      let isCopied = isCopied(name)
      switch try EventFile.check(file, as: table, readsPages: !isCopied) {
      case .foreign(let reason): contents.foreign.append(ForeignFile(path: file, reason: reason))
      case .whole(let rows):
        contents.rows += rows
        good.insert(name)
        if !isCopied { try copy(name) }
      }
    }
    let readable = Files.join(readablePath, EventFile.nameWithoutRows)
    // It has every column, so that both engines know them all whichever the other files have.
    if try EventFile.check(readable, as: table, readsPages: true, isOurs: true) != .whole(rows: 0) {
      try EventFile.write([], of: table, to: readable)
    }
    for name in try Files.list(readablePath) where name.hasSuffix(EventFile.suffix) && !good.contains(name) {
      try Files.remove(Files.join(readablePath, name))
    }
    return contents
  }

  /// Whether the copy is of the file as it is now. A copy bears its file's time: any change of either shows.
  private func isCopied(_ name: String) -> Bool {
    let (file, readable) = (Files.join(path, name), Files.join(readablePath, name))
    guard let size = try? Files.size(readable), let time = try? Files.modificationTime(readable) else {
      return false
    }
    return (try? Files.size(file)) == size && (try? Files.modificationTime(file)) == time
  }

  private func copy(_ name: String) throws {
    let (file, readable) = (Files.join(path, name), Files.join(readablePath, name))
    // Taken first: when the file changes meanwhile, the times differ.
    let time = try Files.modificationTime(file)
    let bytes: [UInt8]
    do { bytes = try Files.read(file) } catch let error as SystemError { throw EventReadError(cause: error) }
    try Files.writeAtomically(bytes, to: readable)
    try Files.setModificationTime(readable, to: time)
  }

  /// Files whose rows are counted elsewhere: those that are counted by now get their names, the others count for nothing.
  private func settlePending() throws {
    guard let counting = table.countedBy.flatMap(EventTable.named) else { return }
    let folder = EventFolder(counting, in: lake, log: log)
    for name in try Files.list(path) {
      guard let final = EventFile.name(ofPending: name) else { continue }
      let pending = Files.join(path, name)
      if try Files.kind(Files.join(folder.path, final)) == nil {
        try Files.remove(pending)
      } else {
        try Files.rename(pending, to: Files.join(path, final))
        try Files.syncDirectory(path)
      }
    }
  }

  /// What a killed write left; nobody else is writing while the lock is held.
  private func removeRemains() throws {
    for folder in [path, readablePath] {
      for name in try Files.list(folder) where EventFile.isRemains(name) {
        try Files.remove(Files.join(folder, name))
      }
    }
  }
}
