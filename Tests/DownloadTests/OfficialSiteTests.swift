import Foundation
import Glibc
import Platform
import TestSupport
import Testing

/// Against a server with the habits of the official site.
@Suite struct OfficialSiteTests {
  @Test func aMonthTakesFiveRequestsAndTheNextLookOne() throws {
    try withMonth { month in
      let first = try month.download()
      try month.expectVerified(PublishedMonth.kinds)
      let requests = try month.requests()
      #expect(
        requests.map(\.raw)
          == (["CHECKSUM.txt"] + PublishedMonth.kinds.map { $0 + ".xml.gz" }).map {
            "/?download=data%2F2026%2Fdiscogs_20260801_\($0)"
          })
      #expect(requests.allSatisfy { $0.method == "GET" && $0.headers["range"] == nil })
      #expect(Set(requests.map(\.connection)).count == 1)
      #expect(requests[0].headers["user-agent"]?.hasPrefix("discogs-lakehouse/") == true)
      #expect(first.stdout.isEmpty)

      try month.server.forgetRequests()
      try month.download()
      #expect(try month.requests().count == 1)
    }
  }

  @Test func memoryDoesNotGrowWithTheDump() throws {
    try withMonth(size: 60_000_000) { month in
      let run = try month.start()
      // The kernel's own high-water mark; what wait4 reports counts the process that started it, too.
      var peak = 0
      while kill(run.processID, 0) == 0,
        let status = try? String(contentsOfFile: "/proc/\(run.processID)/status", encoding: .utf8),
        let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") })
      {
        peak = max(peak, Int(line.filter(\.isNumber)) ?? 0)
        usleep(2000)
      }
      #expect(try run.wait(timeout: 60).status == 0)
      #expect(peak > 1000 && peak < 40_000, "\(peak) kB")
    }
  }

  @Test func theStateFileBelongsToTheRun() throws {
    try withMonth { month in
      let lake = month.folder.path("lake")
      try FileManager.default.createDirectory(atPath: lake, withIntermediateDirectories: true)
      let run = "2026-08__20260815_120000"
      let environment = ["DISCOGS_DATA_LAKE": lake, "run_id": run]
      func download(_ more: [String] = [], expecting status: Int32 = 0) throws {
        try task(
          "download", ["--base-url", month.server.base] + more, environment: environment, expecting: status)
      }
      try download()
      let state = try JSONSerialization.jsonObject(
        with: Data(Files.read("\(lake)/_runs/\(run)/_state/download.json")))
      let fields = try #require(state as? [String: Any])
      let inputs = try #require(fields["inputs"] as? [[String: Any]])
      #expect(fields["status"] as? String == "succeeded" && fields["run_id"] as? String == run)
      #expect(
        inputs.map { $0["path"] as? String }
          == PublishedMonth.kinds.map { "\(lake)/_raw/2026-08/\(month.name($0))" })
      #expect(
        inputs.map { $0["sha256"] as? String }
          == PublishedMonth.kinds.map { SHA256.of(month.versions[$0]!.last!) })
      #expect((fields["counters"] as? [String: Int])?["requests"] == 5)

      // Done is done: this run's dumps do not change under it, and the site is left alone.
      try month.server.forgetRequests()
      try month.publish("labels", size: 1000)
      try month.publishChecksums()
      try download()
      #expect(try month.requests().isEmpty)
      // Done for some of the dumps is not done for all.
      try FileManager.default.removeItem(atPath: "\(lake)/_raw/2026-08/\(month.name("artists"))")
      try download(["--entities", "masters,releases"])
      try download()
      #expect(FileManager.default.fileExists(atPath: "\(lake)/_raw/2026-08/\(month.name("artists"))"))
      try month.server.forgetRequests()
      // What was damaged since is fetched again.
      try Data("broken".utf8).write(to: URL(fileURLWithPath: "\(lake)/_raw/2026-08/\(month.name("masters"))"))
      try download()
      #expect(try month.requests().count == 2)
      #expect(
        try Files.read("\(lake)/_raw/2026-08/\(month.name("labels"))") == month.versions["labels"]!.last)
      try download(["--force"])
      #expect(try month.requests().count == 3)
      try download(["--dump-month", "2026-07"], expecting: 64)
    }
  }

  @Test func withoutARunTheStateLiesBesideTheDumps() throws {
    try withMonth { month in
      try month.download("--entities", "labels,artists")
      try month.expectVerified(["labels", "artists"])
      #expect(try month.requests().count == 3)
      let state = try JSONSerialization.jsonObject(
        with: Data(Files.read(month.folder.path("raw/2026-08/_state/download.json"))))
      let fields = try #require(state as? [String: Any])
      #expect(fields["dump_date"] as? String == "20260801" && (fields["inputs"] as? [Any])?.count == 2)
      #expect(fields["task"] as? String == "download" && fields["status"] as? String == "succeeded")
      #expect(
        fields.keys.sorted() == [
          "counters", "dump_date", "dump_month", "finished_at", "inputs", "started_at", "status", "task",
          "tool_version",
        ])
    }
  }

  @Test func aDryRunShowsWhatItWouldDoAndDoesNothing() throws {
    try withMonth { month in
      try month.folder.write(month.versions["labels"]!.last!, to: "raw/2026-08/\(month.name("labels"))")
      try month.folder.write("older", to: "raw/2026-08/\(month.name("masters"))")
      let before = try Files.walk(month.folder.path("raw"))
      let run = try month.download("--dry-run")
      let lines = run.stdout.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
      #expect(lines.map { $0.first } == ["fetch", "keep", "replace", "fetch"])
      #expect(
        lines.first?.last == month.raw("artists") && lines.first?[1].hasPrefix(month.server.base) == true)
      #expect(try Files.walk(month.folder.path("raw")) == before)
      #expect(try month.requests().count == 1)
    }
  }

  @Test func aFileThatIsThereIsReadOnceAndNotFetched() throws {
    try withMonth { month in
      try month.folder.write(month.versions["releases"]!.last!, to: "raw/2026-08/\(month.name("releases"))")
      #expect(try month.download().stderr.contains("reading discogs_20260801_releases"))
      #expect(try month.requests("releases").isEmpty)
      #expect(try !month.download().stderr.contains("reading"))
      #expect(try month.download("--force").stderr.contains("reading discogs_20260801_releases"))
      // A file that changed behind our back is noticed by its time or size.
      try month.folder.write(
        month.versions["releases"]!.last!.reversed(), to: "raw/2026-08/\(month.name("releases"))")
      try month.download()
      #expect(try month.requests("releases").count == 1)
      try month.expectVerified(PublishedMonth.kinds)
    }
  }

  @Test func aReplacedDumpIsFetchedAgainAndOnlyThat() throws {
    try withMonth { month in
      try month.download()
      try month.publish("artists", size: 70_000)
      try month.publishChecksums()
      try month.server.forgetRequests()
      try month.download()
      #expect(try month.requests().count == 2)
      try month.expectVerified(PublishedMonth.kinds)
    }
  }

  @Test func theOldFileStaysUntilTheNewOneIsVerified() throws {
    try withMonth { month in
      let old = Array("an older dump".utf8)
      try month.folder.write(old, to: "raw/2026-08/\(month.name("artists"))")
      try month.server.misbehave("\"corrupt_at\": 5000", for: "artists")
      let run = try month.download(expecting: 65)
      #expect(run.lastErrorLine.contains(SHA256.of(month.versions["artists"]!.last!)))
      #expect(try Files.read(month.raw("artists")) == old)
      try month.expectVerified([], old: ["artists": old])
      #expect(try month.requests("artists").count == 2)

      try month.server.misbehave("\"status\": 500", for: "artists")
      try month.download("--tries", "2", expecting: 69)
      #expect(try Files.read(month.raw("artists")) == old)
      try month.server.script()
      try month.download()
      try month.expectVerified(PublishedMonth.kinds)
    }
  }

  @Test func aMonthThatIsNotPublishedEndsWith75() throws {
    try withMonth { month in
      try FileManager.default.removeItem(atPath: month.served("discogs_20260801_CHECKSUM.txt"))
      let run = try month.download(expecting: 75)
      #expect(run.lastErrorLine.contains("2026-08") && run.lastErrorLine.contains("not published"))
      #expect(
        try month.requests().map(\.target) == [
          "/?download=data/2026/discogs_20260801_CHECKSUM.txt", "/?prefix=data/2026/",
        ])
      #expect(!FileManager.default.fileExists(atPath: month.folder.path("raw/2026-08")))
    }
  }

  @Test(arguments: [
    "\"status\": 403", "\"status\": 200, \"body\": \"<html>no such file</html>\"", "\"status\": 404",
  ])
  func waitingLooksUntilTheMonthIsThere(absence: String) throws {
    try withMonth { month in
      try month.server.misbehave(absence, for: "CHECKSUM", times: 4)
      // Each look that finds nothing asks for the year's list too, which says that the month is complete.
      try month.server.script(
        "{\"rules\": [{\"match\": \"CHECKSUM\", \"times\": 2, \(absence)}, {\"match\": \"prefix\", \"status\": 404}]}"
      )
      try month.download("--wait", "20s")
      try month.expectVerified(PublishedMonth.kinds)
      #expect(try month.requests("CHECKSUM").count == 3)
    }
  }

  @Test func waitingEndsInTime() throws {
    try withMonth { month in
      try month.server.misbehave("\"status\": 404", for: "data/2026/")
      try month.download("--wait", "0.3s", expecting: 75)
      #expect((2...5).contains(try month.requests("CHECKSUM").count))
    }
  }

  @Test func anotherDayIsFoundInTheYearsList() throws {
    try withMonth(date: "20260815") { month in
      try month.download()
      try month.expectVerified(PublishedMonth.kinds)
      #expect(try month.requests().count == 7)
      try month.server.forgetRequests()
      try FileManager.default.removeItem(atPath: month.folder.path("raw"))
      try month.download("--dump-date", "2026-08-15")
      #expect(try month.requests().count == 5)
      try month.download("--dump-date", "20260816", expecting: 75)
    }
  }

  @Test func dumpsWithoutChecksumsAreNotCompleteYet() throws {
    try withMonth(date: "20260815") { month in
      try FileManager.default.removeItem(atPath: month.served("discogs_20260815_CHECKSUM.txt"))
      #expect(try month.download(expecting: 75).stderr.contains("20260815"))
      try Data("\(SHA256.of([])) discogs_20260815_other.xml.gz".utf8)
        .write(to: URL(fileURLWithPath: month.served("discogs_20260815_CHECKSUM.txt")))
      try month.download(expecting: 75)
      try month.expectVerified([])
    }
  }

  @Test func aChecksumFileThatIsNoneIsDataAtFault() throws {
    try withMonth { month in
      try month.server.misbehave("\"status\": 200, \"body\": \"what?\"", for: "CHECKSUM")
      try month.download(expecting: 65)
      try month.expectVerified([])
    }
  }

  @Test func twoDownloadsOfAMonthDoNotFight() throws {
    try withMonth(size: 3_000_000) { month in
      try month.server.misbehave("\"rate\": 3000000", for: "releases")
      let both = try [month.start(), month.start()]
      for run in both { #expect(try run.wait(timeout: 60).status == 0) }
      try month.expectVerified(PublishedMonth.kinds)
      #expect(try month.requests().count == 6)
    }
  }
}
