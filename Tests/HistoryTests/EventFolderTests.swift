import Foundation
import Glibc
import Lake
import Platform
import SQL
import Schema
import Synchronization
import TaskKit
import TestSupport
import Testing

@testable import History

@Suite(.needs(Tools.duckdb)) struct EventFolderTests {
  private func kpi(_ name: String, _ value: Int64, run: String = "2026-08__20260802_000000")
    -> KPISnapshotEvent
  {
    KPISnapshotEvent(
      runID: run, schemaName: "discogs_r_2026_08__20260802_000000", kpi: name, value: value, status: .ok,
      details: nil)
  }

  /// What DuckDB alone reads in a folder.
  private func rows(_ select: String, in folder: String) throws -> [String] {
    let execution = try execute(
      try Tools.duckdb.path(), ["-no-init", "-bail", "-csv", "-noheader", ":memory:"],
      input: "SELECT \(select) FROM read_parquet('\(folder)/*.parquet') ORDER BY ALL;")
    guard execution.status == 0 else { throw HistoryLakeError(message: execution.stderr) }
    return execution.stdout.split(whereSeparator: \.isNewline).map(String.init)
  }

  @Test func whatIsWrittenIsReadByDuckDBWithTheDeclaredTypes() throws {
    try withTemporaryFolder { folder in
      let events = EventFolder(.runRegistry, in: Lake(path: folder.path), log: .none)
      let event = RunRegistryEvent(
        runID: "2026-08__20260802_000000", schemaName: "discogs_r_2026_08__20260802_000000", isActive: false,
        action: "reconcile_register", status: .missingData, details: "missing: \"labels_v10\", é",
        origin: RunOrigin(dumpMonth: "2026-08", dumpDate: "2026-08-01", runMode: "dev", gitCommit: nil))
      let moment = EventTime(try #require(UTCTime("2026-08-02T03:04:05.678Z")))
      let file = try #require(try events.append([event.values(at: moment)]))

      #expect(
        try rows("*", in: events.path) == [
          "2026-08-02 03:04:05.678,2026-08__20260802_000000,discogs_r_2026_08__20260802_000000,false,"
            + "reconcile_register,missing_data,\"missing: \"\"labels_v10\"\", é\",2026-08,2026-08-01,dev,NULL,1"
        ])
      #expect(
        try rows("DISTINCT typeof(event_ts_utc), typeof(is_active), typeof(schema_version)", in: events.path)
          == ["TIMESTAMP,BOOLEAN,BIGINT"])
      #expect(try rows("*", in: events.readablePath) == rows("*", in: events.path))
      #expect(Files.parent(of: file) == events.path)
    }
  }

  @Test func namesSortByTimeAndNeverCollide() throws {
    let early = try #require(UTCTime("2026-08-02T03:04:05.000009Z"))
    let late = try #require(UTCTime("2026-08-02T03:04:05.000010Z"))
    #expect(EventFile.name(at: early) < EventFile.name(at: late))
    #expect(EventFile.name(at: early).hasPrefix("20260802T030405.000009Z-"))
    #expect(Set((0..<1000).map { _ in EventFile.name(at: early) }).count == 1000)
    #expect(EventFile.nameWithoutRows < EventFile.name(at: early))
  }

  @Test func filesThatAreNoEventFilesAreNamedAndLeftOut() throws {
    try withTemporaryFolder { folder in
      let events = EventFolder(.kpiSnapshots, in: Lake(path: folder.path), log: .none)
      let moment = EventTime(.now)
      let good = try #require(try events.append([kpi("a", 1).values(at: moment)]))
      let bytes = try Files.read(good)
      try folder.write(
        Array(bytes.dropLast(20)), to: "_meta/discogs_history/kpi/kpi_snapshot_events/half.parquet")
      try folder.write([], to: "_meta/discogs_history/kpi/kpi_snapshot_events/empty.parquet")
      try folder.write("hello", to: "_meta/discogs_history/kpi/kpi_snapshot_events/notes.txt")
      try Files.createDirectory(Files.join(events.path, "folder.parquet"))
      let other = EventFolder(.runRegistry, in: Lake(path: folder.path), log: .none)
      _ = try other.refresh()
      try folder.write(
        try Files.read(Files.join(other.readablePath, EventFile.nameWithoutRows)),
        to: "_meta/discogs_history/kpi/kpi_snapshot_events/other.parquet")

      let contents = try events.refresh()
      #expect(contents.rows == 1)
      #expect(
        contents.foreign.map { Files.name(of: $0.path) }
          == ["empty.parquet", "folder.parquet", "half.parquet", "notes.txt", "other.parquet"])
      #expect(contents.foreign.allSatisfy { !$0.reason.isEmpty })
      #expect(try rows("kpi_name, kpi_value", in: events.readablePath) == ["a,1"])
      #expect(try Files.list(events.path).count == 6, "nothing of somebody else's may be touched")
    }
  }

  @Test func anEventFileThatBreaksLaterIsLeftOutAndOneThatIsTakenAwayIsGone() throws {
    try withTemporaryFolder { folder in
      let events = EventFolder(.kpiSnapshots, in: Lake(path: folder.path), log: .none)
      let first = try #require(try events.append([kpi("a", 1).values(at: EventTime(.now))]))
      let second = try #require(try events.append([kpi("b", 2).values(at: EventTime(.now))]))
      _ = try events.append([kpi("c", 3).values(at: EventTime(.now))])
      try Data(Files.read(first).prefix(50)).write(to: URL(fileURLWithPath: first))
      try Files.remove(second)
      #expect(try events.refresh().foreign.map(\.path) == [first])
      #expect(try rows("kpi_name, kpi_value", in: events.readablePath) == ["c,3"])
    }
  }

  /// The footer is at the end and tells nothing of what comes before.
  @Test func aFileWithDamagedPagesIsLeftOutWheneverTheDamageComes() throws {
    try withTemporaryFolder { folder in
      let events = EventFolder(.kpiSnapshots, in: Lake(path: folder.path), log: .none)
      _ = try events.append([kpi("a", 1).values(at: EventTime(.now))])
      let file = try #require(
        try events.append((0..<50).map { kpi("b\($0)", $0).values(at: EventTime(.now)) }))
      let bytes = try Files.read(file)
      try Files.writeAtomically(
        bytes[..<100] + [UInt8](repeating: 0, count: 200) + bytes[300...], to: file)
      #expect(try events.refresh().foreign.map(\.path) == [file])
      #expect(try rows("kpi_name", in: events.readablePath) == ["a"])
      // Also one that was copied by a version which did not look at pages.
      let readable = Files.join(events.readablePath, Files.name(of: file))
      try Files.writeAtomically(Files.read(file), to: readable)
      #expect(try events.refresh().foreign.map(\.path) == [file])
      #expect(try rows("kpi_name", in: events.readablePath) == ["a"])
    }
  }

  @Test func onlyFilesThatChangedAreReadWhole() throws {
    try withTemporaryFolder { folder in
      let events = EventFolder(.kpiSnapshots, in: Lake(path: folder.path), log: .none)
      let file = try #require(
        try events.append((0..<50).map { kpi("b\($0)", $0).values(at: EventTime(.now)) }))
      let readable = Files.join(events.readablePath, Files.name(of: file))
      let number = try Files.fileNumber(readable)
      #expect(try Files.modificationTime(readable) == Files.modificationTime(file))
      _ = try events.refresh()
      #expect(try Files.fileNumber(readable) == number, "it is not copied again")
      // Damage that leaves the file's time as it was is not looked for.
      let time = try Files.modificationTime(file)
      var bytes = try Files.read(file)
      bytes.replaceSubrange(100..<300, with: [UInt8](repeating: 0, count: 200))
      try Files.writeAtomically(bytes, to: file)
      try Files.setModificationTime(file, to: time)
      #expect(try events.refresh() == EventFolder.Contents(rows: 50, foreign: []))
      try Files.setModificationTime(file, to: time + 1)
      #expect(try events.refresh().foreign.map(\.path) == [file])
    }
  }

  @Test func aFileThatTrinoWouldNotSeeIsLeftOut() throws {
    try withTemporaryFolder { folder in
      let events = EventFolder(.kpiSnapshots, in: Lake(path: folder.path), log: .none)
      let file = try #require(try events.append([kpi("a", 1).values(at: EventTime(.now))]))
      let hidden = Files.join(events.path, "_x.parquet")
      try Files.writeAtomically(Files.read(file), to: hidden)
      let contents = try events.refresh()
      #expect(contents.rows == 1)
      #expect(contents.foreign.map(\.path) == [hidden] && contents.foreign[0].reason.contains("Trino"))
      #expect(try rows("kpi_name", in: events.readablePath) == ["a"])
    }
  }

  @Test func theCopyIsMendedWhateverHappenedToIt() throws {
    try withTemporaryFolder { folder in
      let events = EventFolder(.kpiSnapshots, in: Lake(path: folder.path), log: .none)
      let file = try #require(try events.append([kpi("a", 1).values(at: EventTime(.now))]))
      for name in [Files.name(of: file), EventFile.nameWithoutRows, "zz.parquet"] {
        try folder.write("PAR1", to: "_meta/discogs_history/tables/kpi_snapshot_events/\(name)")
        #expect(try events.refresh() == EventFolder.Contents(rows: 1, foreign: []))
        #expect(try rows("kpi_name, kpi_value", in: events.readablePath) == ["a,1"])
      }
      try Files.removeTree(events.readablePath)
      _ = try events.refresh()
      #expect(try rows("kpi_name, kpi_value", in: events.readablePath) == ["a,1"])
    }
  }

  @Test func eventFilesOfOthersAreReadWhateverTheyAreCalled() throws {
    try withTemporaryFolder { folder in
      let events = EventFolder(.kpiSnapshots, in: Lake(path: folder.path), log: .none)
      _ = try events.refresh()
      let execution = try execute(
        try Tools.duckdb.path(), ["-no-init", "-bail", ":memory:"],
        input: """
          COPY (SELECT 'more' AS extra, 1::BIGINT AS schema_version, NULL::VARCHAR AS details, 'ok' AS status,
            7::BIGINT AS kpi_value, 'k' AS kpi_name, 's' AS schema_name, 'r' AS run_id,
            TIMESTAMP '2026-01-02 03:04:05' AS event_ts_utc) TO '\(events.path)/theirs.parquet' (FORMAT parquet);
          """)
      #expect(execution.status == 0, "\(execution.stderr)")
      #expect(try events.refresh() == EventFolder.Contents(rows: 1, foreign: []))
      #expect(
        try rows("kpi_name, kpi_value, event_ts_utc", in: events.readablePath) == ["k,7,2026-01-02 03:04:05"])
    }
  }

  /// A later version's table has a column more, of which the files that are there know nothing.
  @Test func filesOfOlderVersionsStayReadableWithNullInColumnsThatCameLater() throws {
    try withTemporaryFolder { folder in
      let lake = Lake(path: folder.path)
      let today = EventTable.kpiSnapshots
      let engine = try DuckDBEngine(.init(executable: try Tools.duckdb.path(), catalog: .scratch))
      defer { engine.close() }
      try expectTwoVersionsRead(by: engine, in: lake)
      // An older version reads the newer one's file, and leaves out what it does not know.
      #expect(try EventFolder(today, in: lake, log: .none).refresh().foreign == [])
      // A column of the first version must be there.
      let more = EventTable(
        today.name, "More.", section: today.section, today.columns + [Column("unit")], latest: today.latest)
      #expect(try EventFolder(more, in: lake, log: .none).refresh().foreign.count == 1)
    }
  }

  @Test(.needs(Tools.trinoHome, Tools.java24)) func filesOfOlderVersionsStayReadableOnTrino() throws {
    try withTemporaryFolder { folder in
      let server = try TrinoServer(in: folder.path("trino"))
      let lake = Lake(path: folder.path("lake"))
      try FileManager.default.createDirectory(atPath: lake.path, withIntermediateDirectories: true)
      let engine = try TrinoEngine.opened(
        TrinoSettings(
          url: server.url, user: "tester", lakePath: lake.path, lakeURI: "file:\(lake.path)",
          wait: .seconds(120)))
      defer { engine.close() }
      try expectTwoVersionsRead(by: engine, in: lake)
    }
  }

  /// Writes an event as this version does, and one as a later version whose table has two columns more.
  private func expectTwoVersionsRead(by engine: any SQLEngine, in lake: Lake) throws {
    let today = EventTable.kpiSnapshots
    _ = try EventFolder(today, in: lake, log: .none).append([kpi("a", 1).values(at: EventTime(.now))])
    let later = EventTable(
      today.name, today.comment, section: today.section, today.columns,
      added: [Column("unit"), Column("weight", .bigint)], latest: today.latest)
    let events = EventFolder(later, in: lake, log: .none)
    _ = try events.append([kpi("b", 2).values(at: EventTime(.now)) + [.text("releases"), .int64(7)]])
    #expect(try events.refresh() == EventFolder.Contents(rows: 2, foreign: []))
    try engine.createSchema("h")
    let table = TableName("h", later.name)
    try engine.createTable(
      table, columns: later.columns.map { TableColumn($0) },
      over: ParquetFolder(events.readablePath, filesLackColumns: true))
    #expect(
      try engine.rows("SELECT kpi_name, kpi_value, unit, weight FROM \(table.sql) ORDER BY 1") == [
        [.varchar("a"), .bigint(1), .null, .null],
        [.varchar("b"), .bigint(2), .varchar("releases"), .bigint(7)],
      ])
  }

  /// What a file holds that cannot be read is not known: nothing may be done as if it held nothing.
  @Test(arguments: [EIO, EMFILE, EACCES])
  func anErrorOfTheSystemIsNoForeignFileAndChangesNothing(_ code: Int32) throws {
    try withTemporaryFolder { folder in
      let events = EventFolder(.kpiSnapshots, in: Lake(path: folder.path), log: .none)
      let file = try #require(try events.append([kpi("a", 1).values(at: EventTime(.now))]))
      _ = try events.append([kpi("b", 2).values(at: EventTime(.now))])
      let error = #expect(throws: EventReadError.self) {
        try EventFile.finding(of: file) { throw SystemError(code: code, call: "read", path: file) }
      }
      #expect(error?.exitCode == (code == EACCES ? .noPermission : .io))
      #expect(error?.message.contains(file) == true)
      #expect(
        try EventFile.finding(of: file) { throw SystemError(code: ENOENT, call: "open", path: file) }
          != .whole(rows: 1))
    }
  }

  @Test func executionsAtOnceLoseNothing() async throws {
    try await withTemporaryFolder { folder in
      let lake = Lake(path: folder.path)
      await withTaskGroup { group in
        for writer in 0..<8 {
          group.addTask {
            for number in 0..<5 {
              let events = EventFolder(.kpiSnapshots, in: lake, log: .none)
              let row = kpi("k\(writer)_\(number)", Int64(number)).values(at: EventTime(.now))
              do { _ = try events.append([row, row]) } catch { Issue.record("\(error)") }
            }
          }
        }
      }
      let events = EventFolder(.kpiSnapshots, in: lake, log: .none)
      let counts = try rows("count(*), count(DISTINCT kpi_name)", in: events.readablePath)
      #expect(counts == ["80,40"])
      let files = try Files.list(events.path)
      #expect(files.count == 40)
    }
  }

  /// The process "dies" at each step in turn: no later step happens, and nothing is cleaned up.
  @Test func whereverAWriteDiesReadersSeeAllOrNothingAndTheNextTaskGoesOn() throws {
    for deadly in 0..<100 {
      let died = try withTemporaryFolder { folder in
        let events = EventFolder(.kpiSnapshots, in: Lake(path: folder.path), log: .none)
        _ = try events.append([kpi("before", 0).values(at: EventTime(.now))])
        let steps = Mutex(0)
        let died = Mutex(false)
        FaultInjection.$hook.withValue({ call, path in
          let step = steps.withLock { value in
            defer { value += 1 }
            return value
          }
          if step >= deadly {
            died.withLock { $0 = true }
            throw SystemError(code: EIO, call: call, path: path)
          }
        }) {
          _ = try? events.append([
            kpi("one", 1).values(at: EventTime(.now)), kpi("two", 2).values(at: EventTime(.now)),
          ])
        }
        // What a killed process leaves that an error does not.
        let remains = Files.temporaryName(beside: Files.join(events.path, EventFile.name(at: .now)))
        try Files.writeAtomically(Array("PAR1".utf8), to: remains)

        for place in [events.path, events.readablePath] {
          let names = try rows("kpi_name", in: place)
          #expect(names == ["before"] || names == ["before", "one", "two"], "\(deadly) \(place)")
        }
        _ = try events.append([kpi("after", 3).values(at: EventTime(.now))])
        let published = try rows("kpi_name", in: events.path)
        #expect(try published == rows("kpi_name", in: events.readablePath))
        #expect(published.contains("after") && published.contains("before"))
        #expect(try Files.list(events.path).filter { $0.hasPrefix(".") } == [])
        return died.withLock { $0 }
      }
      if !died { return }
    }
    Issue.record("an append has more steps than this test tries")
  }
}
