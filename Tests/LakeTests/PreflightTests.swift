import Foundation
import Platform
import Schema
import TaskKit
import TestSupport
import Testing

@testable import Lake

extension Lake {
  /// Puts dumps of this date into the lake's own folder for them.
  func addDumps(_ stamp: String, _ entities: [Entity] = Entity.allCases) throws {
    let folder = Files.join(rawFolder, "\(stamp.prefix(4))-\(stamp.dropFirst(4).prefix(2))")
    try Files.createDirectory(folder)
    for entity in entities {
      try Files.writeAtomically(
        [0x1f, 0x8b] + Array("\(entity)".utf8),
        to: DumpFile(entity: entity, stamp: stamp, folder: folder).path)
    }
  }

  fileprivate func parameters(_ change: (inout Preflight.Parameters) -> Void = { _ in })
    -> Preflight.Parameters
  {
    var parameters = Preflight.Parameters()
    parameters.lake = path
    parameters.sessionTime = "2026-08-20T10:11:12+00:00"
    change(&parameters)
    return parameters
  }

  @discardableResult
  fileprivate func preflight(_ change: (inout Preflight.Parameters) -> Void = { _ in }) throws -> RunID {
    try Preflight(parameters(change), testContext).perform()
  }

  /// What preflight says when something is wrong, and the code it ends with.
  fileprivate func refusal(_ change: (inout Preflight.Parameters) -> Void) throws -> TaskError {
    try #require(throws: TaskError.self) { try preflight(change) }
  }
}

@Suite struct PreflightTests {
  @Test func allParametersHaveDefaultsButTheLake() throws {
    try withLake { lake in
      try lake.addDumps("20260801")
      let id = try lake.preflight()
      #expect(id.text == "2026-08__20260820_101112")
      let state = try #require(try lake.run(id).state("preflight"))
      #expect(state.inputs.count == 4)
      #expect(state.inputs.allSatisfy { $0.sha256 == nil && $0.modified != nil && $0.fileNumber != nil })
      let manifest = try #require(try lake.run(id).manifest())
      #expect(manifest.runMode == "dev")
      #expect(manifest.dumpDate == "2026-08-01")
    }
  }

  /// It writes to find out whether it can.
  @Test func nothingIsLeftOfWhatWasTried() throws {
    try withLake { lake in
      try lake.addDumps("20260801")
      let folders = [lake.path, lake.runsFolder, lake.metaFolder]
      for folder in folders {
        try Files.createDirectory(folder)
        // Of a process that was killed.
        let left = Files.temporaryName(beside: Files.join(folder, "preflight"))
        try Files.writeAtomically(Array("preflight\n".utf8), to: left)
      }
      try lake.preflight()
      for folder in folders {
        #expect(try Files.list(folder).filter { $0.hasPrefix(".") } == [])
      }
    }
  }

  /// A month is 17 GB: ingest-entity, which reads it, tells the hashes.
  @Test func dumpsAreKnownAgainWithoutBeingRead() throws {
    try withLake { lake in
      try lake.addDumps("20260801")
      let id = try lake.preflight()
      let dump = try DumpFile.find(.labels, for: lake.run(id), rawRoot: nil)
      #expect(!Files.exists(RememberedHash.noteFile(dump.path)))
      let first = try lake.run(id).state("preflight")
      // Of the same size and time, but another file.
      let time = try Files.modificationTime(dump.path)
      try Files.writeAtomically(Array(try Files.read(dump.path).reversed().reversed()), to: dump.path)
      try Files.setModificationTime(dump.path, to: time)
      try lake.preflight()
      let second = try lake.run(id).state("preflight")
      #expect(first?.inputs != second?.inputs)
      #expect(try lake.run(id).manifest()?.dumpDate == "2026-08-01")
    }
  }

  /// What a run was begun with it keeps, and every later task takes it from there.
  @Test func theChoiceOfDatasetsIsMadeOnce() throws {
    try withLake { lake in
      try lake.addDumps("20260801")
      let id = try lake.preflight { $0.datasets = "core" }
      #expect(try lake.run(id).state("preflight")?.datasets == .core)
      #expect(try lake.run(id).manifest()?.datasets == .core)
      #expect(try lake.run(id).datasetChoice() == .core)
      let refusal = try lake.refusal { $0.datasets = "all" }
      #expect(refusal.exitCode == .usage)
      #expect(refusal.message == "run \(id) was begun with datasets core, not all")
      #expect(try lake.run(id).datasetChoice() == .core)
      #expect(try lake.preflight { $0.datasets = "core" } == id)
      #expect(try lake.refusal { $0.datasets = "details" }.exitCode == .usage)
      // Another session makes another run, with all that the dumps say unless told otherwise.
      let other = try lake.preflight { $0.sessionTime = "2026-08-21T10:11:12+00:00" }
      #expect(try lake.run(other).state("preflight")?.datasets == .all)
      #expect(try lake.run(other).datasetChoice() == .all)
    }
  }

  @Test func theSameSessionIsTheSameRun() throws {
    try withLake { lake in
      try lake.addDumps("20260801")
      let id = try lake.preflight()
      let state = try lake.run(id).state("preflight")
      #expect(try lake.preflight() == id)
      #expect(try lake.run(id).state("preflight") == state)
    }
  }

  @Test func theNewestDumpOfTheMonthIsTaken() throws {
    try withLake { lake in
      for stamp in ["20260801", "20260815", "20260901"] { try lake.addDumps(stamp) }
      let id = try lake.preflight()
      #expect(try lake.run(id).manifest()?.dumpDate == "2026-08-15")
      #expect(try DumpFile.find(.masters, for: lake.run(id), rawRoot: nil).stamp == "20260815")
    }
  }

  @Test func anIncompleteNewestDumpIsNotReplacedByAnOlderOne() throws {
    try withLake { lake in
      try lake.addDumps("20260801")
      try lake.addDumps("20260815", [.artists, .labels])
      let refusal = try lake.refusal { _ in }
      #expect(refusal.exitCode == .noInput)
      #expect(refusal.message.contains("discogs_20260815_masters.xml.gz is missing"))
      #expect(refusal.message.contains("discogs_20260815_releases.xml.gz is missing"))
    }
  }

  @Test func everythingThatIsWrongIsSaidAtOnce() throws {
    try withLake { lake in
      let refusal = try lake.refusal { parameters in
        parameters.runMode = "test"
        parameters.dumpMonth = "2026-08"
        parameters.sessionTime = "yesterday"
        parameters.neededBytes = .max
      }
      for words in [
        "run mode “test”", "session time “yesterday”", "no dumps of 2026-08", "a run needs about",
      ] {
        #expect(refusal.message.contains(words), "\(words)")
      }
      #expect(refusal.message.hasPrefix("4 things are wrong"))
    }
  }

  @Test func aWrongMonthOrTimeHidesNothingElse() throws {
    try withLake { lake in
      let month = try lake.refusal {
        $0.dumpMonth = "2026-99"
        $0.runID = "2026-08__20260801_000000"
        $0.neededBytes = .max
      }
      for words in ["dump month “2026-99”", "no dumps of 2026-08", "a run needs about"] {
        #expect(month.message.contains(words), "\(words)")
      }
      let time = try lake.refusal {
        $0.sessionTime = "yesterday"
        $0.neededBytes = .max
      }
      for words in ["session time “yesterday”", "a run needs about"] {
        #expect(time.message.contains(words), "\(words)")
      }
      let noLake = try lake.refusal {
        $0.lake = nil
        $0.rawRoot = lake.rawFolder
      }
      for words in ["no lake is named", "no dumps of 2026-08"] {
        #expect(noLake.message.contains(words), "\(words)")
      }
    }
  }

  /// A promotion would refuse it after hours of work.
  @Test func aRealActiveFolderIsAFindingWhereTheRunIsToBePromoted() throws {
    try withLake { lake in
      try lake.addDumps("20260801")
      try Files.createDirectory(lake.activeLink)
      try lake.preflight()
      try lake.preflight { $0.runMode = "prod" }
      try lake.preflight { $0.allowPromote = true }
      let refusal = try lake.refusal {
        $0.runMode = "prod"
        $0.allowPromote = true
      }
      #expect(refusal.exitCode == .noPermission)
      #expect(refusal.message.contains("is no link but a real folder"))
    }
  }

  @Test func theFolderOfTheDumpsIsRemembered() throws {
    try withLake { lake in
      func told(_ rawRoot: String?) throws -> String? {
        let id = try lake.preflight {
          $0.rawRoot = rawRoot
          $0.willDownload = true
          $0.neededBytes = 1
        }
        return try lake.run(id).state("preflight")?.rawRoot
      }
      let first = try told(nil)
      #expect(first == nil)
      #expect(try told("one") == Files.join(Files.workingDirectory, "one"))
      #expect(try told("/two") == "/two", "the same session, told otherwise")
    }
  }

  /// A state that was written before there was such a field.
  @Test func aStateWithoutTheFolderIsRead() throws {
    try withLake { lake in
      try lake.addDumps("20260801")
      let run = lake.run(try lake.preflight())
      #expect(try !Files.readText(run.stateFile("preflight")).contains("raw_root"))
      #expect(try run.rawRoot() == lake.rawFolder)
    }
  }

  @Test func whatWasPromotedStaysOfProduction() throws {
    try withLake { lake in
      try lake.addDumps("20260801")
      let id = try lake.preflight()
      try lake.addRun(id)
      try Promotion(of: lake.run(id), testContext).perform(mode: .prod, isAllowed: true, allowOlder: false)
      _ = try Preflight(lake.parameters(), testContext).perform(force: true)
      #expect(try lake.run(id).manifest()?.runMode == "prod")
    }
  }

  @Test(arguments: ["2026-8", "2026-13", "202608", "2026-08-01", "august", "../2026-08"])
  func aMonthMustBeOne(month: String) throws {
    try withLake { lake in
      let refusal = try lake.refusal { $0.dumpMonth = month }
      #expect(refusal.exitCode == .usage)
      #expect(refusal.message.contains("dump month “\(month)” is no month"))
    }
  }

  @Test func aGivenRunIDMustBeOneAndAgreeWithTheMonth() throws {
    try withLake { lake in
      try lake.addDumps("20260701")
      try lake.addDumps("20260801")
      let own = try lake.preflight {
        $0.runID = runA.text
        $0.sessionTime = nil
      }
      #expect(own == runA)
      #expect(try lake.refusal { $0.runID = "2026-02__20260230_000000" }.exitCode == .usage)
      let refusal = try lake.refusal {
        $0.runID = runA.text
        $0.sessionTime = nil
        $0.dumpMonth = "2026-08"
      }
      #expect(refusal.exitCode == .usage)
      #expect(refusal.message.contains("is not of the dump month 2026-08"))
    }
  }

  @Test func dumpsNeedNotBeThereWhenTheyWillBeDownloaded() throws {
    try withLake { lake in
      #expect(throws: TaskError.self) { try lake.preflight() }
      let id = try lake.preflight {
        $0.willDownload = true
        $0.neededBytes = 1
      }
      #expect(try lake.run(id).state("preflight")?.inputs.isEmpty == true)
    }
  }

  @Test func dumpsThatAreNoGzipFilesAreNamed() throws {
    try withLake { lake in
      try lake.addDumps("20260801")
      let folder = Files.join(lake.rawFolder, "2026-08")
      try Files.writeAtomically([], to: Files.join(folder, DumpFile.name(.labels, "20260801")))
      try Files.writeAtomically(
        Array("<html>".utf8), to: Files.join(folder, DumpFile.name(.masters, "20260801")))
      let refusal = try lake.refusal { _ in }
      #expect(refusal.exitCode == .data)
      #expect(refusal.message.contains("labels.xml.gz is empty"))
      #expect(refusal.message.contains("masters.xml.gz is no gzip file"))
      try lake.addDumps("20260801", [.masters])
      let empty = try lake.refusal { _ in }
      #expect(empty.message.hasSuffix("labels.xml.gz is empty") && empty.advice == "download it again")
    }
  }

  /// Whatever the machine, both are told before hours of work.
  @Test func whatTheRunWillNeedIsInTheState() throws {
    try withLake { lake in
      try lake.addDumps("20260801")
      func counters(memory: Int, time: String) throws -> [String: Int] {
        let id = try lake.preflight {
          $0.engineMemoryBytes = memory
          $0.sessionTime = time
        }
        return try #require(try lake.run(id).state("preflight")).counters
      }
      let little = try counters(memory: 300_000_000, time: "2026-08-01T01:00:00Z")
      #expect(little["needed_memory_bytes"] == 300_000_000)
      #expect(little["needed_bytes"] != nil)
      // Small dumps do not need what the engine might take.
      let much = try counters(memory: 1_100_000_000, time: "2026-08-01T02:00:00Z")
      #expect((450_000_000..<451_000_000).contains(try #require(much["needed_memory_bytes"])))
    }
  }

  @Test func aLakeWithARunKnowsWhatAnotherWillTake() throws {
    try withLake { lake in
      try lake.addDumps("20260901")
      let dumps = try DumpFile.all(rawRoot: lake.rawFolder, month: "2026-09")
      let size = try dumps.reduce(0) { try $0 + Files.size($1.path) }
      func estimate(_ datasets: [Dataset] = Dataset.all, download: Bool = false) -> RunEstimate {
        RunEstimate(of: download ? [] : dumps, willDownload: download, datasets: datasets, in: lake)
      }
      let withoutRun = estimate()
      // What build-xref took of a tenth of a month and of a whole one.
      for (bytes, measured) in [(1_650_000_000, 493_000_000), (16_550_000_000, 955_000_000)] {
        #expect((measured...2 * measured).contains(RunEstimate.memory(forDumps: bytes)))
      }
      #expect(withoutRun.run > 0 && withoutRun.run < size, "\(withoutRun)")
      let usual = RunEstimate.usualDumps.values.reduce(0, +)
      #expect(estimate(download: true).dumpsToCome == usual)

      try Files.createDirectory(lake.run(runB).path)
      try lake.run(runB).updateManifest(toolVersion: "test", log: .none) { manifest in
        for entity in Entity.allCases {
          manifest.record(Manifest.Dump(entity: entity, file: "x", bytes: 1_000_000_000, sha256: ""))
        }
        manifest.record(
          Dataset.all.map { TaskState.Output(dataset: $0.name, files: 1, rows: 1, bytes: 200_000_000) })
      }
      // Four dumps of a gigabyte became so many datasets of a fifth of one.
      let ratio = Double(Dataset.all.count) * 0.2 / 4
      #expect(abs(estimate().run - Int(Double(size) * ratio)) <= 1)
      #expect(abs(estimate(Array(Dataset.all.prefix(5))).run - size / 4) <= 1)
      #expect(estimate(download: true).dumpsToCome == 4_000_000_000)
      #expect(abs(estimate(download: true).run - Int(4e9 * ratio)) <= 1)
      // A run that lacks a dataset tells nothing of one that will have it.
      try lake.run(runB).updateManifest(toolVersion: "test", log: .none) { $0.contents.removeLast() }
      #expect(estimate() == withoutRun)
    }
  }

  /// A path with a slip in it must not become a second lake.
  @Test func aLakeThatIsNotThereIsRefusedWithTheWayToMakeIt() throws {
    try withTemporaryFolder { folder in
      var parameters = Preflight.Parameters()
      parameters.willDownload = true
      parameters.neededBytes = 1
      for path in ["new", "a new/lake"] {
        parameters.lake = folder.path(path)
        let refusal = try #require(throws: TaskError.self) {
          try Preflight(parameters, testContext).perform()
        }
        #expect(refusal.exitCode == .noInput)
        #expect(refusal.message == "there is no lake \(folder.path(path))")
        #expect(refusal.advice?.hasSuffix("mkdir -p \(ShellText.word(folder.path(path)))") == true)
        #expect(!Files.exists(folder.path(path)))
      }
    }
  }

  /// Digdag writes its state after the first task of a session, also where that found no lake, and makes the folder for it.
  @Test func aFolderThatDigdagMadeForItsStateIsNoLake() throws {
    try withTemporaryFolder { folder in
      var parameters = Preflight.Parameters()
      parameters.willDownload = true
      parameters.neededBytes = 1
      parameters.lake = folder.path("typo")
      try folder.write("", to: "typo/_meta/digdag/20260101T000000+0000/+main+preflight.yml")
      let refusal = try #require(throws: TaskError.self) {
        try Preflight(parameters, testContext).perform()
      }
      #expect(
        refusal.exitCode == .noInput && refusal.message.hasPrefix("there is no lake \(folder.path("typo"))"))
      #expect(refusal.advice?.hasSuffix("mkdir \(folder.path("typo/_runs"))") == true)
      #expect(try Files.list(folder.path("typo")) == ["_meta"])
      // As advised; and as the first session on a new lake finds it, and leaves it when it is refused for another reason.
      try Files.createDirectory(folder.path("typo/_runs"))
      _ = try Preflight(parameters, testContext).perform()
      parameters.lake = folder.path("new")
      try Files.createDirectory(folder.path("new"))
      parameters.runMode = "test"
      #expect(throws: TaskError.self) { try Preflight(parameters, testContext).perform() }
      try folder.write("", to: "new/_meta/digdag/20260101T000000+0000/+main+preflight.yml")
      parameters.runMode = "dev"
      _ = try Preflight(parameters, testContext).perform()
    }
  }

  @Test func whatIsWrongNamesTheRunInJSON() throws {
    try withLake { lake in
      let failed = try task(
        "preflight",
        [
          "--lake", lake.path, "--log-format", "json", "--dump-month", "2019-01", "--session-time",
          "2026-08-20T10:11:12Z", "--run-mode", "test",
        ], expecting: 64)
      let lines = failed.stderr.split(separator: "\n")
      #expect(lines.count >= 2 && lines.allSatisfy { $0.contains("\"run_id\":\"2019-01__20260820_101112\"") })
      #expect(failed.stderr.contains("put them there"))
    }
  }

  @Test func aSessionTimeAndARunOfAnotherTimeAreAContradiction() throws {
    try withLake { lake in
      try lake.addDumps("20260801")
      let refusal = try lake.refusal { $0.runID = "2026-08__20260101_000000" }
      #expect(refusal.exitCode == .usage)
      #expect(refusal.message == "run 2026-08__20260101_000000 is not of the session time 20260820_101112")
      #expect(try lake.preflight { $0.runID = "2026-08__20260820_101112" }.sessionStamp == "20260820_101112")
    }
  }

  @Test(.needs(Tools.duckdb)) func whatIsExportedGivesWayToWhatIsSaid() throws {
    try withLake { lake in
      try lake.addDumps("20260801")
      func outcome(_ arguments: [String], _ environment: [String: String], _ status: Int32 = 0) throws
        -> String
      {
        let common = ["--lake", lake.path, "--dump-month", "2026-08"]
        return try task("preflight", common + arguments, environment: environment, expecting: status).stdout
      }
      let (id, time) = ("2026-08__20260101_000000", "2026-08-20T10:11:12+00:00")
      #expect(try outcome(["--run-id", id], ["session_time": time]) == "\(id)\n")
      #expect(try outcome(["--session-time", time], ["run_id": id], 64) == "")
      #expect(try outcome(["--session-time", time, "--run-id", id], [:], 64) == "")
      #expect(try outcome([], ["run_id": id]) == "\(id)\n")
    }
  }

  /// To open a pipe that nobody writes to waits for ever.
  @Test(.timeLimit(.minutes(10))) func whatIsNoFileIsNoDump() throws {
    try withLake { lake in
      try lake.addDumps("20260801")
      let folder = Files.join(lake.rawFolder, "2026-08")
      for (entity, make) in [(Entity.labels, "mkfifo"), (.masters, "mkdir")] {
        let path = Files.join(folder, DumpFile.name(entity, "20260801"))
        try Files.remove(path)
        #expect(try ChildProcess.run("/usr/bin/env", [make, path]).termination.isSuccess)
      }
      let refusal = try lake.refusal { _ in }
      #expect(refusal.exitCode == .noInput)
      #expect(refusal.message.contains("labels.xml.gz is no file that could be read"))
      #expect(refusal.message.contains("masters.xml.gz is no file that could be read"))
      try Files.removeTree(Files.join(folder, DumpFile.name(.masters, "20260801")))
      try lake.addDumps("20260801", [.masters])
      #expect(try lake.refusal { _ in }.advice == "put the dump in its place")
      #expect(throws: SystemError.self) {
        try SHA256.ofFile(Files.join(folder, DumpFile.name(.labels, "20260801")))
      }
    }
  }

  @Test func aLakeThatIsNoFolderIsRefused() throws {
    try withTemporaryFolder { folder in
      var parameters = Preflight.Parameters()
      parameters.willDownload = true
      parameters.neededBytes = 1
      parameters.lake = try folder.write("", to: "file")
      let refusal = try #require(throws: TaskError.self) { try Preflight(parameters, testContext).perform() }
      #expect(refusal.exitCode == .noInput)
      parameters.lake = nil
      #expect(
        try #require(throws: TaskError.self) { try Preflight(parameters, testContext).perform() }.exitCode
          == .usage)
    }
  }

  @Test func aLakeThatCannotBeWrittenIsRefused() throws {
    try withLake { lake in
      try lake.addDumps("20260801")
      try Files.writeAtomically([], to: lake.metaFolder)
      let refusal = try lake.refusal { _ in }
      #expect(refusal.exitCode == .cannotCreate)
      #expect(refusal.message == "\(lake.metaFolder) is not writable: File exists")
    }
  }

  @Test func whatIsTriedInTheLakeIsNotNamed() throws {
    try withLake { lake in
      try lake.addDumps("20260801")
      let isReadOnly: @Sendable (String, String) throws -> Void = { call, path in
        if path.contains("preflight") { throw SystemError(code: 30, call: call, path: path) }
      }
      let refusal = try FaultInjection.$hook.withValue(isReadOnly) { try lake.refusal { _ in } }
      #expect(refusal.message == "\(lake.path) is not writable: Read-only file system")
    }
  }

  @Test func spaceIsToldInUnitsThatShowSomething() throws {
    try withLake { lake in
      try lake.addDumps("20260801")
      #expect(try lake.refusal { $0.neededBytes = .max }.message.hasSuffix("about 9223372036.8 GB"))
      for (bytes, text) in [
        (999, "999 bytes"), (1999, "1.9 kB"), (12_345_678, "12.3 MB"), (1 << 30, "1.0 GB"),
      ] {
        #expect(amount(bytes) == text)
      }
    }
  }

  @Test func nothingIsLeftInTheLakeByTrying() throws {
    try withLake { lake in
      try lake.addDumps("20260801")
      _ = try lake.preflight()
      #expect(try Files.list(lake.path) == ["_meta", "_raw", "_runs"])
      #expect(try Files.walk(lake.metaFolder).isEmpty)
    }
  }

  @Test(.needs(Tools.duckdb)) func theTaskPrintsTheRunIDAndNothingElse() throws {
    try withLake { lake in
      try lake.addDumps("20260801")
      let environment = [
        "DISCOGS_DATA_LAKE": lake.path, "dump_month": "2026-08", "session_time": "2026-08-20T10:11:12+00:00",
      ]
      for _ in 0..<2 {
        let outcome = try task("preflight", [], environment: environment)
        #expect(outcome.stdout == "2026-08__20260820_101112\n")
      }
      let full = try RunningProgram(
        Products.executable("preflight"), environment: environment, stdout: "/dev/full"
      ).wait()
      #expect(full.status == 74, "a result that cannot be written is no success")
      #expect(full.lastErrorLine.contains("standard output: No space left on device"))
      let failed = try task(
        "preflight", ["--dump-month", "2026-07"], environment: environment, expecting: 66)
      #expect(failed.stdout.isEmpty)
      #expect(failed.lastErrorLine.contains("there are no dumps of 2026-07"))
    }
  }

  @Test(.needs(Tools.duckdb)) func aPathThatTheEngineCannotTakeIsRefusedBeforeAnythingStarts() throws {
    try withTemporaryFolder { folder in
      let lake = Lake(path: folder.path("what? a lake"))
      try Files.createDirectory(lake.path)
      try lake.addDumps("20260801")
      let arguments = ["--lake", lake.path, "--dump-month", "2026-08"]
      let refused = try task("preflight", arguments, expecting: 78)
      #expect(refused.lastErrorLine.contains("what? a lake"))
      #expect(try lake.runs().ids.isEmpty)
      // With Trino, it is Trino that is looked for.
      let absent = ["--engine", "trino", "--trino-url", "http://127.0.0.1:9", "--trino-wait", "1"]
      let elsewhere = try task("preflight", arguments + absent, expecting: 69)
      #expect(!elsewhere.lastErrorLine.contains("what? a lake"))
    }
  }

  @Test(.needs(Tools.duckdb)) func aLakeIsFoundWhereTheSystemFindsIt() throws {
    try withTemporaryFolder { folder in
      for name in ["a/b", "a/lake", "lake"] { try Files.createDirectory(folder.path(name)) }
      try Files.link(folder.path("link"), to: "a/b")
      try Lake(path: folder.path("a/lake")).addDumps("20260801")
      try task("preflight", ["--lake", folder.path("link/../lake"), "--dump-month", "2026-08"])
      #expect(Files.isDirectory(folder.path("a/lake/_runs")))
      #expect(try Files.list(folder.path("lake")) == [])
    }
  }

  @Test(arguments: ["missing", "failing", "talking", "a folder"])
  func aDuckDBThatCannotBeUsedIsAFindingAmongTheOthers(flaw: String) throws {
    try withLake { lake in
      let program = Files.join(lake.path, "duckdb")
      switch flaw {
      case "failing":
        try Files.writeAtomically(Array("#!/bin/sh\necho no library >&2\nexit 127\n".utf8), to: program)
      case "talking": try Files.writeAtomically(Array("#!/bin/sh\necho hello\n".utf8), to: program)
      case "a folder": try Files.createDirectory(program)
      default: break
      }
      if flaw != "missing" {
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
      }
      let environment = ["DUCKDB": program]
      let arguments = ["--lake", lake.path, "--dump-month", "2026-08"]
      let both = try task("preflight", arguments, environment: environment, expecting: 78)
      #expect(both.lastErrorLine.contains("2 things are wrong"))
      #expect(both.lastErrorLine.contains("there are no dumps of 2026-08"))
      try lake.addDumps("20260801")
      let alone = try task("preflight", arguments, environment: environment, expecting: 78)
      #expect(alone.lastErrorLine.contains("\(program) cannot be used: "))
      if flaw == "failing" { #expect(alone.lastErrorLine.contains("no library")) }
      #expect(try lake.runs().ids.isEmpty)
      // With Trino, it is Trino that is looked for.
      let absent = ["--engine", "trino", "--trino-url", "http://127.0.0.1:9", "--trino-wait", "1"]
      let elsewhere = try task("preflight", arguments + absent, environment: environment, expecting: 69)
      #expect(!elsewhere.lastErrorLine.contains(program))
    }
  }
}
