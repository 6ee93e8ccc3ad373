import Foundation
import Glibc
import Platform
import TestSupport
import Testing

/// Parts are continued where a server proves that it can, and only there.
@Suite struct ResumptionTests {
  @Test func aMirrorIsAskedForTheRest() throws {
    try withMonth(size: 3_000_000) { month in
      try month.server.misbehave("\"reset_at\": 1000000", for: "releases", times: 2)
      try month.download(mirror: true)
      try month.expectVerified(PublishedMonth.kinds)
      let requests = try month.requests("releases")
      #expect(requests.map(\.status) == [200, 206, 206])
      #expect(requests.map(\.sent) == [1_000_000, 1_000_000, 1_000_000])
      #expect(requests.map { $0.headers["range"] } == [nil, "bytes=1000000-", "bytes=2000000-"])
      #expect(requests[1].headers["if-range"]?.hasPrefix("\"") == true)
    }
  }

  @Test func timesServeWhereThereAreNoTags() throws {
    try withMonth { month in
      try month.server.script(
        "{\"etag\": false, \"rules\": [{\"match\": \"releases\", \"times\": 1, \"reset_at\": 300000}]}")
      try month.download(mirror: true)
      #expect(try month.requests("releases").map(\.status) == [200, 206])
      try month.expectVerified(PublishedMonth.kinds)
    }
  }

  @Test func withoutAnythingToGoByItStartsFromZero() throws {
    try withMonth { month in
      try month.server.script(
        "{\"etag\": false, \"modified\": false, \"rules\": [{\"match\": \"releases\", \"times\": 1, \"reset_at\": 300000}]}"
      )
      try month.download(mirror: true)
      #expect(try month.requests("releases").map { $0.headers["range"] } == [nil, nil])
      try month.expectVerified(PublishedMonth.kinds)
    }
  }

  @Test(arguments: [
    "\"range_shift\": 10", "\"range_lie\": 10", "\"status\": 416", "\"status\": 206, \"body\": \"x\"",
  ])
  func aServerThatSendsTheWrongRestIsNotBelieved(lie: String) throws {
    try withMonth { month in
      try month.server.script(
        """
        {"rules": [{"match": "releases", "times": 1, "reset_at": 300000}, {"match": "releases", "times": 1, \(lie)}]}
        """)
      try month.download(mirror: true)
      try month.expectVerified(PublishedMonth.kinds)
      #expect(try month.requests("releases").count == 3)
      #expect(try month.requests("releases").last?.headers["range"] == nil)
    }
  }

  @Test func aPartSurvivesTheTaskWhereItCanBeContinued() throws {
    try withMonth(size: 3_000_000) { month in
      try month.server.misbehave("\"reset_at\": 1000000", for: "releases")
      try month.download("--tries", "1", mirror: true, expecting: 69)
      try month.expectVerified(["artists", "labels", "masters"], parts: true)
      #expect(try Files.size(month.raw("releases") + ".part") == 1_000_000)
      #expect(try month.download("--dry-run", mirror: true).stdout.contains("resume\t"))
      try month.server.script()
      try month.download(mirror: true)
      #expect(try month.requests("releases").last?.sent == 2_000_000)
      try month.expectVerified(PublishedMonth.kinds)
    }
  }

  @Test func aPartIsForgottenWhenTheDumpIsReplaced() throws {
    try withMonth(size: 3_000_000) { month in
      try month.server.misbehave("\"reset_at\": 1000000", for: "releases")
      try month.download("--tries", "1", mirror: true, expecting: 69)
      try month.publish("releases", size: 2_000_000)
      try month.publishChecksums()
      try month.server.script()
      try month.download(mirror: true)
      #expect(try month.requests("releases").last?.headers["range"] == nil)
      try month.expectVerified(PublishedMonth.kinds)
    }
  }

  @Test func aPartThatWasDamagedIsFoundOutByItsDigest() throws {
    try withMonth(size: 3_000_000) { month in
      try month.server.misbehave("\"reset_at\": 1000000", for: "releases")
      try month.download("--tries", "1", mirror: true, expecting: 69)
      let part = month.raw("releases") + ".part"
      var bytes = try Files.read(part)
      bytes[5] ^= 1
      try Data(bytes).write(to: URL(fileURLWithPath: part))
      try month.server.script()
      try month.download(mirror: true)
      #expect(try month.requests("releases").map(\.status) == [200, 206, 200])
      try month.expectVerified(PublishedMonth.kinds)
    }
  }

  @Test(arguments: [false, true])
  func killedAtAnyMomentItEndsVerifiedWithAtMostOneMoreRequestPerFile(mirror: Bool) throws {
    try withMonth(size: 2_000_000) { month in
      try month.server.misbehave("\"rate\": 4000000", for: "xml.gz")
      var generator = SystemRandomNumberGenerator()
      let kills = 8
      // How often a process found nothing of a dump that it could have gone on with.
      var beginnings: [String: Int] = [:]
      func countBeginnings() {
        for kind in PublishedMonth.kinds where ((try? Files.size(month.raw(kind) + ".part")) ?? 0) == 0 {
          beginnings[kind, default: 0] += 1
        }
      }
      for _ in 1...kills {
        countBeginnings()
        let run = try month.start(mirror: mirror)
        usleep(.random(in: 10_000...500_000, using: &generator))
        run.signal(SIGKILL)
        _ = try run.wait(timeout: 30)
        try month.expectVerified([], parts: true)
      }
      countBeginnings()
      try month.download(mirror: mirror)
      try month.expectVerified(PublishedMonth.kinds)
      // Each kill interrupts one file at most.
      let gets = try month.requests("xml.gz").count
      #expect(gets <= PublishedMonth.kinds.count + kills, "\(gets) requests")
      for kind in PublishedMonth.kinds {
        let fromTheStart = try month.requests(kind).count { $0.status == 200 }
        #expect(!mirror || fromTheStart <= beginnings[kind] ?? 0)
      }
    }
  }

  @Test func aFileThatIsWholeIsNotAskedForAgainAfterAKill() throws {
    try withMonth { month in
      // All has come but the end of the connection.
      try month.server.misbehave("\"stall_at\": 600000", for: "releases")
      let run = try month.start(mirror: true)
      let part = month.raw("releases") + ".part"
      for _ in 0..<500
      where !FileManager.default.fileExists(atPath: month.raw("releases"))
        && (try? Files.size(part)) != 600_000
      {
        usleep(10_000)
      }
      run.signal(SIGKILL)
      _ = try run.wait(timeout: 30)
      try month.download(mirror: true)
      #expect(try month.requests("releases").count == 1)
      try month.expectVerified(PublishedMonth.kinds)
    }
  }

  @Test func aNoteThatAKilledProcessLeftIsRemoved() throws {
    try withMonth { month in
      try month.download()
      try month.folder.write("{}", to: "raw/2026-08/\(month.name("labels")).part.json")
      try month.folder.write("{", to: "raw/2026-08/..\(month.name("labels")).sha256.json.1-1.tmp")
      try month.download()
      try month.expectVerified(PublishedMonth.kinds)
      let hidden = try Files.list(month.folder.path("raw/2026-08")).filter { $0.hasPrefix(".") }
      #expect(hidden == PublishedMonth.kinds.map { ".\(month.name($0)).sha256.json" })
    }
  }

  @Test func aPasswordInTheURLIsSentButNeverShown() throws {
    try withMonth { month in
      let base = month.server.base.replacing("http://", with: "http://ann:secret@")
      try month.server.misbehave("\"status\": 404", for: "releases")
      let run = try month.download("--base-url", base, mirror: true, expecting: 66)
      #expect(!run.stderr.contains("secret"))
      #expect(try !month.download("--base-url", base, "--dry-run").stdout.contains("secret"))
      let basic = "Basic \(Data("ann:secret".utf8).base64EncodedString())"
      #expect(try month.requests().allSatisfy { $0.headers["authorization"] == basic })
      try month.server.misbehave("\"reset_at\": 300000", for: "releases")
      try month.download("--base-url", base, "--tries", "1", mirror: true, expecting: 69)
      #expect(try !Files.readText(month.raw("releases") + ".part.json").contains("secret"))
    }
  }

  @Test func aSignalEndsItAtOnce() throws {
    try withMonth { month in
      try month.server.misbehave("\"stall_at\": 1000", for: "releases")
      let run = try month.start("--stall-timeout", "60s")
      for _ in 0..<500 where try month.requests("releases").isEmpty { usleep(10_000) }
      let start = ContinuousClock.now
      run.signal(SIGTERM)
      #expect(try run.wait(timeout: 30).status == 128 + SIGTERM)
      #expect(ContinuousClock.now - start < .seconds(20))
      try month.server.script()
      try month.download()
      try month.expectVerified(PublishedMonth.kinds)
    }
  }
}
