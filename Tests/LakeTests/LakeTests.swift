import Glibc
import Platform
import Schema
import TaskKit
import TestSupport
import Testing

@testable import Lake

@Suite struct LakeTests {
  @Test func runsAreFoundAndForeignFoldersNamed() throws {
    try withLake { lake in
      for name in [runB.text, runA.text, "old", ".hidden", "2026-13__20260801_000000"] {
        try Files.createDirectory(Files.join(lake.runsFolder, name))
      }
      try Files.writeAtomically([], to: Files.join(lake.runsFolder, runC.text))
      let (ids, foreign) = try lake.runs()
      #expect(ids == [runA, runB])
      #expect(foreign == [runC.text, "2026-13__20260801_000000", "old"])
    }
  }

  @Test func anEmptyLakeHasNoRuns() throws {
    try withTemporaryFolder { folder in
      let lake = Lake(path: folder.path)
      let (ids, _) = try lake.runs()
      #expect(ids.isEmpty)
      #expect(try lake.activeRun() == nil)
      #expect(try !lake.isProtected(runA))
      #expect {
        try lake.existingRun(runA)
      } throws: { ($0 as? TaskError)?.exitCode == .noInput }
    }
  }

  @Test func aRunIsProtectedWhileAnyPointerLeadsToIt() throws {
    try withLake { lake in
      for id in [runA, runB, runC] { try lake.addRun(id) }
      try ActivePointer(of: lake).move(to: runA)
      try ActivePointer(of: lake).move(to: runB)
      #expect(try lake.isProtected(runA))
      #expect(try lake.isProtected(runB))
      #expect(try !lake.isProtected(runC))
    }
  }

  @Test func olderLakesKeepDatasetsInAnotherFolder() throws {
    try withLake { lake in
      let run = lake.run(runA)
      let old = run.path + "/warehouse_discogs/release_artists_v1"
      try Files.createDirectory(old)
      for name in ["b.parquet", "a.parquet", ".c.parquet", "_SUCCESS"] {
        try Files.writeAtomically([], to: Files.join(old, name))
      }
      #expect(run.dataset(.releaseArtists) == old)
      #expect(try run.parquetFiles(of: .releaseArtists) == [old + "/a.parquet", old + "/b.parquet"])
      #expect(try run.parquetFiles(of: .labels) == [])
      // An empty folder hides nothing.
      try Files.createDirectory(run.datasetFolder(.releaseArtists))
      #expect(run.dataset(.releaseArtists) == old)
      try Files.createDirectory(Files.join(run.datasetFolder(.releaseArtists), "folder"))
      #expect(run.dataset(.releaseArtists) == old)
      #expect(try run.parquetFiles(of: .releaseArtists).count == 2)
      try Files.writeAtomically([], to: Files.join(run.datasetFolder(.releaseArtists), "a.parquet"))
      #expect(run.dataset(.releaseArtists) == run.datasetFolder(.releaseArtists))
    }
  }

  @Test func whatIsNoFileIsToldApart() throws {
    try withLake { lake in
      let run = lake.run(runA)
      let folder = run.datasetFolder(.labels)
      try Files.createDirectory(Files.join(folder, "folder"))
      try Files.createDirectory(Files.join(folder, ".hidden"))
      try Files.link(Files.join(folder, "nowhere"), to: "gone")
      try Files.writeAtomically([], to: Files.join(run.path, "elsewhere"))
      try Files.link(Files.join(folder, "link.parquet"), to: "../elsewhere")
      try #require(mkfifo(Files.join(folder, "pipe"), 0o600) == 0)
      #expect(try run.parquetFiles(of: .labels) == [Files.join(folder, "link.parquet")])
      #expect(
        try run.nonFiles(of: .labels) == ["folder", "nowhere", "pipe"].map { Files.join(folder, $0) })
      #expect(try run.nonFiles(of: .artists) == [])
    }
  }

  @Test func everyPartsNameHoldsTheRun() throws {
    try withLake { lake in
      #expect(lake.run(runA).partName(7) == "part-00007-2026-07__20260701_000000.parquet")
    }
  }

  @Test func reportsOfOneSecondHaveTwoNames() throws {
    try withLake { lake in
      let run = try lake.addRun(runA)
      let time = UTCTime("2026-08-01T00:00:00Z")!
      let first = try run.newReport("run_sanity", at: time)
      try Files.writeAtomically([], to: first)
      let second = try run.newReport("run_sanity", at: time)
      #expect(Files.name(of: first) == "run_sanity_20260801_000000.csv")
      #expect(Files.name(of: second) == "run_sanity_20260801_000001.csv")
    }
  }

  @Test func aRememberedHashIsTrustedOnlyWhileTheFileStaysTheSame() throws {
    try withTemporaryFolder { folder in
      let path = try folder.write("abc", to: "dump.gz")
      let hash = SHA256.of(Array("abc".utf8))
      #expect(RememberedHash.known(path) == nil)
      #expect(try RememberedHash.of(path) == (3, hash))
      #expect(RememberedHash.known(path)?.hex == hash)
      // Another content of the same size, an instant later.
      try Files.writeAtomically(Array("abd".utf8), to: path)
      #expect(RememberedHash.known(path) == nil)
      #expect(try RememberedHash.of(path).hex == SHA256.of(Array("abd".utf8)))
      try folder.write("{}", to: ".dump.gz.sha256.json")
      #expect(RememberedHash.known(path) == nil)
      // What was read before the file became another is not noted, and not even if that happens right now.
      let identity = try RememberedHash.Identity(of: path)
      try Files.writeAtomically(Array("abe".utf8), to: path)
      RememberedHash.remember(path, SHA256.of(Array("abd".utf8)), bytes: 3, since: identity)
      #expect(RememberedHash.known(path) == nil)
    }
  }

  @Test func aDumpIsWhatPreflightChoseOrTheNewestOfTheMonth() throws {
    try withLake { lake in
      let month = Files.join(lake.rawFolder, "2026-08")
      try Files.createDirectory(month)
      for stamp in ["20260801", "20260815"] {
        try Files.writeAtomically([], to: Files.join(month, DumpFile.name(.labels, stamp)))
      }
      for name in [
        "discogs_20260701_labels.xml.gz", "discogs_20260832_labels.xml.gz", "discogs_20260820_labels.xml",
      ] {
        try Files.writeAtomically([], to: Files.join(month, name))
      }
      let run = lake.run(runB)
      try Files.createDirectory(run.path)
      #expect(try DumpFile.find(.labels, for: run, rawRoot: nil).date == "2026-08-15")
      let chosen = DumpFile(entity: .labels, stamp: "20260801", folder: month)
      try run.write(
        TaskState(
          task: "preflight", runID: runB, startedAt: .now, inputs: [chosen.input()], toolVersion: "test"))
      #expect(try DumpFile.find(.labels, for: run, rawRoot: nil) == chosen)
      #expect(try DumpFile.find(.labels, for: run, rawRoot: lake.rawFolder) == chosen)
      #expect {
        try DumpFile.find(.artists, for: run, rawRoot: nil)
      } throws: { ($0 as? TaskError)?.exitCode == .noInput }
    }
  }

  /// Puts dumps of a date into a folder of dumps.
  private func addDumps(_ root: String, _ stamp: String, _ entities: [Entity] = Entity.allCases) throws
    -> [DumpFile]
  {
    let folder = Files.join(root, "2026-08")
    try Files.createDirectory(folder)
    let dumps = entities.map { DumpFile(entity: $0, stamp: stamp, folder: folder) }
    for dump in dumps { try Files.writeAtomically(Array(stamp.utf8), to: dump.path) }
    return dumps
  }

  private func addState(_ task: String, _ run: RunFolder, _ dumps: [DumpFile], rawRoot: String? = nil) throws
  {
    try run.write(
      TaskState(
        task: task, runID: run.id, startedAt: .now, inputs: dumps.map { try $0.input() }, toolVersion: "test",
        rawRoot: rawRoot))
  }

  @Test func theDumpsThatWereDownloadedForTheRunCountFirst() throws {
    try withLake { lake in
      let run = lake.run(runB)
      let elsewhere = Files.join(lake.path, "elsewhere")
      let fetched = try addDumps(elsewhere, "20260801")
      _ = try addDumps(elsewhere, "20260815")
      try addState("preflight", run, [])
      try addState("download", run, fetched)
      #expect(try DumpFile.find(.labels, for: run, rawRoot: nil) == fetched[1])
      #expect(try DumpFile.find(.artists, for: run, rawRoot: elsewhere) == fetched[0])

      // Moved, and no other date's dump in its place.
      try Files.rename(elsewhere, to: lake.rawFolder)
      #expect(try DumpFile.find(.labels, for: run, rawRoot: nil).path.hasPrefix(lake.rawFolder))
      try Files.remove(Files.join(lake.rawFolder, "2026-08/discogs_20260801_labels.xml.gz"))
      let error = #expect(throws: TaskError.self) { try DumpFile.find(.labels, for: run, rawRoot: nil) }
      #expect(error?.exitCode == .noInput)
      #expect(error?.message.contains("discogs_20260801_labels.xml.gz") == true)
    }
  }

  @Test func theFolderThatPreflightWasToldIsLookedInLater() throws {
    try withLake { lake in
      let run = lake.run(runB)
      let elsewhere = Files.join(lake.path, "elsewhere")
      try addState("preflight", run, [], rawRoot: elsewhere)
      let dumps = try addDumps(elsewhere, "20260801")
      #expect(try DumpFile.find(.masters, for: run, rawRoot: nil) == dumps[2])
    }
  }

  @Test func withoutAStateAllEntitiesAreOfTheNewestCompleteDate() throws {
    try withLake { lake in
      let run = lake.run(runB)
      let complete = try addDumps(lake.rawFolder, "20260810")
      _ = try addDumps(lake.rawFolder, "20260801")
      _ = try addDumps(lake.rawFolder, "20260815", [.artists, .labels])
      let lines = Monitor<[String]>([])
      let log = Log(task: "test") { line in lines.update { $0.append(line) } }
      for (entity, dump) in zip(Entity.allCases, complete) {
        #expect(try DumpFile.find(entity, for: run, rawRoot: nil, log: log) == dump)
      }
      let said = lines.update { $0 }
      #expect(said.count == 4)
      #expect(
        said.allSatisfy { $0.contains("discogs_20260815_artists.xml.gz, discogs_20260815_labels.xml.gz") })
    }
  }

  @Test func adviceNamesProgramsThatExist() throws {
    try withLake { lake in
      let run = lake.run(runB)
      func advice(_ body: () throws -> Void) -> String? {
        let error = #expect(throws: TaskError.self) { try body() }
        return error?.advice
      }
      #expect(
        advice { _ = try run.stateInput("ingest-masters") }
          == "run ingest-entity --entity masters --run-id \(runB) first")
      #expect(advice { _ = try run.stateInput("sanity") } == "run sanity --run-id \(runB) first")
      try Files.createDirectory(run.stateFolder)
      try Files.writeAtomically([], to: run.stateFile("ingest-masters"))
      #expect(
        advice { _ = try run.state("ingest-masters") }
          == "remove it and run ingest-entity --entity masters again")
    }
  }
}
