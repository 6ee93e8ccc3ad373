import Lake
import SQL
import TaskKit

/// A lake's history opened for a task: an engine that sees its tables.
public final class HistorySession {
  /// What happens to the tables before the task reads them.
  public enum Preparation: Sendable, Hashable {
    /// They are brought up to date, and made where they are missing.
    case upToDate
    /// Nothing: the task only looks.
    case untouched
  }

  public let lake: Lake
  public let tables: HistoryTables
  public let engine: any SQLEngine

  /// - Throws: `TaskError`, `SQLError`, `SystemError`.
  public init(_ options: HistoryOptions, _ context: TaskContext, _ preparation: Preparation) throws {
    lake = try options.lakeOptions.lake()
    tables = HistoryTables(of: lake, log: context.log)
    guard preparation == .upToDate else {
      engine = try options.engineOptions.open(lake: lake, .reading, context)
      return
    }
    let events = try tables.refreshFiles()
    // Many can read DuckDB's catalog at once, but only one can write to it and then nobody reads: it is opened for
    // writing only when there is something to write.
    let reader = try options.engineOptions.open(lake: lake, .reading, context)
    guard try !tables.arePresent(in: reader, with: events) else {
      engine = reader
      return
    }
    reader.close()
    let writer = try options.engineOptions.open(lake: lake, .writing, context)
    do {
      defer { writer.close() }
      try tables.create(in: writer)
    }
    engine = try options.engineOptions.open(lake: lake, .reading, context)
  }

  public func close() { engine.close() }
}
