import Catalog
import Glibc
import Lake
import Platform
import SQL
import TaskKit

/// A lake's history opened for a task: an engine that sees its tables.
public final class HistorySession {
  /// What happens to the tables before the task reads them.
  public enum Preparation: Sendable, Hashable {
    /// They are brought up to date, and made where they are missing.
    case upToDate
    /// The same where the lake can be written to; elsewhere they are read as they are.
    case upToDateIfWritable
    /// Nothing: the task only looks.
    case untouched
  }

  /// The lake whose history it is.
  public let lake: Lake
  /// The history's tables, to add events to.
  public let tables: HistoryTables
  /// Opened for reading.
  public let engine: any SQLEngine
  private let context: TaskContext
  private let openForWriting: () throws -> any SQLEngine

  /// - Throws: `TaskError`, `SQLError`, `SystemError`.
  public init(
    _ options: HistoryOptions, _ context: TaskContext, _ preparation: Preparation
  ) throws {
    let lake = try options.lakeOptions.lake()
    self.lake = lake
    self.context = context
    let tables = HistoryTables(of: lake, log: context.log)
    self.tables = tables
    func open(_ access: EngineAccess) throws -> any SQLEngine {
      let engine = try options.engineOptions.open(lake: lake, access, run: options.onlyRunID, context)
      // Files that come and go meanwhile change nothing that matters.
      if let bytes = try? tables.readableBytes() { try engine.expectReading(bytes: bytes) }
      return engine
    }
    openForWriting = { try open(.writing) }
    guard let events = try Self.refresh(tables, preparation, context.log) else {
      engine = try open(.reading)
      if preparation != .untouched { try tables.checkPresence(in: engine) }
      return
    }
    // Many can read DuckDB's catalog at once, but only one can write to it and then nobody reads: it is opened for
    // writing only when there is something to write.
    let reader = try open(.reading)
    guard try !tables.arePresent(in: reader, with: events) else {
      engine = reader
      return
    }
    reader.close()
    let writer = try openForWriting()
    do {
      defer { writer.close() }
      try tables.create(in: writer)
    }
    engine = try open(.reading)
  }

  /// Makes the views that these runs' schemas lack: the last thing that a task does with its session. Those that the
  /// engine refuses are told: what the task is about is done by then.
  /// - Throws: `TaskError`, `SQLError` when the engine cannot be asked at all, `SystemError`.
  public func createViews(of runs: [RunFolder]) throws {
    guard !runs.isEmpty else { return }
    close()
    let writer = try openForWriting()
    defer { writer.close() }
    let catalog = RunCatalog(engine: writer, lake: lake, log: context.log)
    for run in runs {
      do { try catalog.createMissingViews(of: run) } catch let error as SQLError where error.isAboutTheQuery {
        context.log.warning("the views that are missing cannot be made: \(error)", ["run_id": run.id.text])
      }
    }
  }

  /// Ends the engine's session.
  public func close() { engine.close() }

  /// Refreshes the files of the tables; nil where that is not asked for, or not allowed and can be done without.
  private static func refresh(_ tables: HistoryTables, _ preparation: Preparation, _ log: Log) throws
    -> [EventTable: Int]?
  {
    guard preparation != .untouched else { return nil }
    do { return try tables.refreshFiles() } catch let error as SystemError
      where preparation == .upToDateIfWritable && [EACCES, EPERM, EROFS].contains(error.code)
    {
      log.warning("the lake cannot be written to: its history is read as it was left", ["reason": "\(error)"])
      return nil
    }
  }
}
