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
    let hidden = Files.temporaryName(beside: path)
    do {
      let file = try OutputFile(creating: hidden)
      let writer = try RowsWriter(
        to: file, columns: table.columns.map { SchemaColumn($0) }, createdBy: Tool.createdBy)
      for row in rows { try writer.append(row) }
      try writer.finish()
      try file.sync()
      try file.close()
      try Files.rename(hidden, to: path)
    } catch {
      try? Files.remove(hidden)
      throw error
    }
    try Files.syncDirectory(Files.parent(of: path))
  }

  /// Whether a name is one that a killed write of an event file leaves.
  static func isRemains(_ name: String) -> Bool {
    name.hasPrefix(".") && name.hasSuffix(".tmp") && name.contains("Z-") && name.contains("\(suffix).")
  }

  /// Looks at a file's name and footer.
  /// - Parameter readsPages: whether to read the whole file too, and see that none of it is damaged.
  static func check(_ path: String, as table: EventTable, readsPages: Bool) -> Finding {
    guard path.hasSuffix(suffix) else { return .foreign("its name does not end with \(suffix)") }
    // DuckDB would read it and Trino not.
    guard !Files.name(of: path).hasPrefix("_") else {
      return .foreign("its name starts with _, which hides it from Trino")
    }
    do {
      // Opening a pipe would wait for somebody to write into it.
      guard try Files.kind(Files.resolve(path)) == .file else { return .foreign("it is no file") }
      let footer = try readsPages ? ParquetFooter.verifyFile(path) : ParquetFooter(path: path)
      for column in table.columns {
        guard let found = footer.columns.first(where: { $0.name == column.name }) else {
          return .foreign("it has no column \(column.name)")
        }
        guard found.valueType == SchemaColumn(column).type else {
          return .foreign("its column \(column.name) is not of type \(column.type.rawValue)")
        }
      }
      return .whole(rows: footer.rowCount)
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
