import Glibc
import Parquet
import Platform
import Schema
import TaskKit

/// One row of an event file, in the order of the table's columns.
public typealias EventRow = [RowsWriter.Value]

/// One file of events.
enum EventFile {
  static let suffix = ".parquet"

  /// The name of the file without rows, which comes before every other.
  static let nameWithoutRows = "00000000T000000.000000Z-no-events.parquet"

  /// A name that sorts by time and that no other execution, on this machine or another, takes:
  /// `20260801T120000.123456Z-<64 random bits>.parquet`.
  static func name(at moment: UTCTime) -> String {
    let time = moment.sqlTimestamp.filter { $0 != "-" && $0 != ":" }.replacing(" ", with: "T")
    let random = String(UInt64.random(in: .min ... .max), radix: 16)
    return "\(time)Z-\(String(repeating: "0", count: 16 - random.count))\(random)\(suffix)"
  }

  /// Writes a file under a hidden name that is no event file's, makes it durable, and gives it its name.
  /// - Throws: `SystemError`, `ParquetError`.
  static func write(_ rows: [EventRow], of table: EventTable, to path: String) throws {
    let file = try Draft(Files.temporaryName(beside: path), of: table)
    do {
      for row in rows { try file.append(row) }
      try file.finish()
      try Files.rename(file.path, to: path)
    } catch {
      file.discard()
      throw error
    }
    try Files.syncDirectory(Files.parent(of: path))
  }

  /// A file of events that is being written and is no event file yet; used by one thread at a time.
  final class Draft {
    /// Where it is being written.
    let path: String
    private let file: OutputFile
    private let writer: RowsWriter
    /// How many rows it has.
    private(set) var rows = 0

    /// - Throws: `SystemError`, `ParquetError`.
    init(_ path: String, of table: EventTable) throws {
      self.path = path
      file = try OutputFile(creating: path)
      writer = try RowsWriter(
        to: file, columns: table.columns.map { SchemaColumn($0) }, createdBy: Tool.createdBy)
    }

    /// - Throws: `SystemError`, `ParquetError`.
    func append(_ row: EventRow) throws {
      try writer.append(row)
      rows += 1
    }

    /// Makes the file whole and durable.
    /// - Throws: `SystemError`, `ParquetError`.
    func finish() throws {
      try writer.finish()
      try file.sync()
      try file.close()
    }

    /// Removes it.
    func discard() {
      try? file.close()
      try? Files.remove(path)
    }
  }

  /// A hidden name for a file that one execution writes for long, outside the lock of its folder.
  static func draftName() -> String {
    "\(draftPrefix)\(String(UInt64.random(in: .min ... .max), radix: 16))"
  }

  /// Whether a name is that of a draft.
  static func isDraft(_ name: String) -> Bool { name.hasPrefix(draftPrefix) }

  /// The hidden name of a whole file that waits for its rows to be counted.
  static func pendingName(_ name: String) -> String { "\(pendingPrefix)\(name)" }

  /// The name that a file is to get when its rows are counted; nil if it is not such a file's.
  static func name(ofPending name: String) -> String? {
    name.hasPrefix(pendingPrefix) ? String(name.dropFirst(pendingPrefix.count)) : nil
  }

  private static let draftPrefix = ".draft-"
  private static let pendingPrefix = ".pending-"

  /// Whether a name is one that a killed write of an event file leaves.
  static func isRemains(_ name: String) -> Bool {
    name.hasPrefix(".") && name.hasSuffix(".tmp") && name.contains("Z-") && name.contains("\(suffix).")
  }

  /// Looks at a file's name and footer.
  /// - Parameters:
  ///   - readsPages: whether to read the whole file too, and see that none of it is damaged.
  ///   - isOurs: whether it must have every column that the table has today; older files lack those that came later.
  /// - Throws: ``EventReadError`` when the system does not let it be read: nothing is known about it then.
  static func check(_ path: String, as table: EventTable, readsPages: Bool, isOurs: Bool = false) throws
    -> Finding
  {
    guard path.hasSuffix(suffix) else { return .foreign("its name does not end with \(suffix)") }
    // DuckDB would read it and Trino not.
    guard !Files.name(of: path).hasPrefix("_") else {
      return .foreign("its name starts with _, which hides it from Trino")
    }
    return try finding(of: path) {
      // Opening a pipe would wait for somebody to write into it.
      guard try Files.kind(Files.resolve(path)) == .file else { return .foreign("it is no file") }
      let footer = try readsPages ? ParquetFooter.verifyFile(path) : ParquetFooter(path: path)
      for (index, column) in table.columns.enumerated() {
        guard let found = footer.columns.first(where: { $0.name == column.name }) else {
          if index >= table.foundingColumns.count, !isOurs { continue }
          return .foreign("it has no column \(column.name)")
        }
        guard found.valueType == SchemaColumn(column).type else {
          return .foreign("its column \(column.name) is not of type \(column.type.rawValue)")
        }
      }
      return .whole(rows: footer.rowCount)
    }
  }

  /// What looking at a file says of it: an error of the file's bytes says something, one of the system does not.
  static func finding(of path: String, _ look: () throws -> Finding) throws -> Finding {
    do { return try look() } catch let error as SystemError
      where ![ENOENT, ENOTDIR, ELOOP].contains(error.code)
    {
      throw EventReadError(cause: error)
    } catch { return .foreign("\(error)") }
  }

  /// What a file turned out to be.
  enum Finding: Sendable, Hashable {
    /// A whole file with the table's columns.
    case whole(rows: Int)
    /// Something else; why.
    case foreign(String)
  }
}

/// An event file that the system did not let be read. What it holds is not known, so nothing may be done as if it held
/// nothing.
struct EventReadError: ReportableError, CustomStringConvertible {
  var cause: SystemError

  var exitCode: ExitCode { cause.exitCode }
  var message: String { "an event file of the history cannot be read: \(cause)" }
  var advice: String? { cause.advice ?? "look into the disk; nothing was changed" }
  var description: String { message }
}
