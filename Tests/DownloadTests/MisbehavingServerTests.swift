import Foundation
import Platform
import TestSupport
import Testing

/// Whatever a server does: what is in the folder afterwards is verified, or nothing new.
@Suite struct MisbehavingServerTests {
  @Test(arguments: [
    "\"reset_at\": 200000", "\"truncate_at\": 200000", "\"stall_at\": 200000", "\"refuse\": true",
    "\"garbage\": true", "\"status\": 503", "\"status\": 500", "\"status\": 408",
    "\"status\": 429, \"headers\": {\"Retry-After\": \"1\"}", "\"no_length\": true, \"truncate_at\": 200000",
    "\"corrupt_at\": 123456",
    "\"status\": 503, \"headers\": {\"Retry-After\": \"Thu, 01 Jan 1970 00:00:00 GMT\"}",
  ])
  func aFaultThatPassesCostsOneMoreRequest(fault: String) throws {
    try withMonth { month in
      try month.server.misbehave(fault, for: "releases", times: 1)
      try month.download()
      try month.expectVerified(PublishedMonth.kinds)
      #expect(try month.requests("releases").count == 2)
    }
  }

  // A connection that is closed before any answer may have been an old one: libcurl asks once more on a new
  // one.
  @Test(
    arguments: [
      ("\"reset_at\": 200000", 69, 3), ("\"truncate_at\": 200000", 69, 3), ("\"stall_at\": 200000", 69, 3),
      ("\"refuse\": true", 69, 4), ("\"status\": 503", 69, 3), ("\"status\": 429", 75, 3),
      ("\"status\": 403", 77, 1), ("\"status\": 404", 66, 1), ("\"status\": 418", 69, 1),
      ("\"corrupt_at\": 123456", 65, 2), ("\"no_length\": true, \"truncate_at\": 200000", 65, 2),
      ("\"status\": 206, \"body\": \"a part that nobody asked for\"", 69, 1),
      ("\"status\": 302, \"headers\": {\"Location\": \"file:///etc/passwd\"}", 69, 1),
    ] as [(String, Int32, Int)])
  func aFaultThatStaysEndsTheTaskWithNothingNew(fault: String, status: Int32, requests: Int) throws {
    try withMonth { month in
      try month.server.misbehave(fault, for: "releases")
      let run = try month.download("--tries", "3", expecting: status)
      #expect(run.lastErrorLine.contains("discogs_20260801_releases.xml.gz"))
      try month.expectVerified(["artists", "labels", "masters"])
      #expect(!FileManager.default.fileExists(atPath: month.raw("releases")))
      #expect(try month.requests("releases").count == requests)
      // The verified ones are not asked for again.
      try month.server.script()
      try month.server.forgetRequests()
      try month.download()
      #expect(try month.requests().count == 2)
      try month.expectVerified(PublishedMonth.kinds)
    }
  }

  @Test(arguments: [503, 408, 425])
  func aBurstOfSetbacksIsWaitedOut(status: Int) throws {
    try withMonth { month in
      try month.server.misbehave("\"status\": \(status)", for: "CHECKSUM", times: 4)
      try month.download()
      try month.expectVerified(PublishedMonth.kinds)
    }
  }

  @Test func aListThatIsRefusedIsSaidToBe() throws {
    try withMonth { month in
      try month.server.misbehave("\"status\": 403", for: "CHECKSUM")
      let run = try month.download("--dump-date", "2026-08-01", expecting: 75)
      #expect(run.lastErrorLine.contains("status 403"))
      #expect(!run.lastErrorLine.contains("another day"))
    }
  }

  @Test func aBodyLongerThanPromisedIsTakenAsFarAsItWasPromised() throws {
    try withMonth { month in
      try month.server.misbehave("\"extra\": 100000", for: "releases")
      try month.download()
      try month.expectVerified(PublishedMonth.kinds)
      // Without a promise the digest tells.
      try FileManager.default.removeItem(atPath: month.raw("releases"))
      try month.server.misbehave("\"extra\": 100000, \"no_length\": true", for: "releases")
      try month.download(expecting: 65)
      try month.expectVerified(["artists", "labels", "masters"])
    }
  }

  @Test func aDumpWithoutALengthIsTaken() throws {
    try withMonth { month in
      try month.server.misbehave("\"no_length\": true", for: "xml.gz")
      try month.download()
      try month.expectVerified(PublishedMonth.kinds)
    }
  }

  @Test func theSitesLimitEndsTheTaskWith75AndTheTime() throws {
    try withMonth { month in
      try month.server.script("{\"limit\": {\"requests\": 3, \"retry_after\": \"3574\"}}")
      let start = ContinuousClock.now
      let run = try month.download("--max-wait", "30m", expecting: 75)
      #expect(ContinuousClock.now - start < .seconds(30))
      #expect(run.lastErrorLine.contains("59 min 34 s") && run.lastErrorLine.contains("--max-wait"))
      try month.expectVerified(["artists", "labels"])
      #expect(try month.requests().count == 4)
      try month.server.script("{\"limit\": {\"requests\": 15, \"retry_after\": \"3574\"}}")
      try month.download()
      try month.expectVerified(PublishedMonth.kinds)
    }
  }

  @Test func retryAfterIsHonoured() throws {
    try withMonth { month in
      try month.server.misbehave(
        "\"status\": 429, \"headers\": {\"Retry-After\": \"2\"}", for: "CHECKSUM", times: 1)
      let start = ContinuousClock.now
      try month.download()
      #expect(ContinuousClock.now - start >= .seconds(2))
    }
  }

  @Test func redirectsAreFollowedAndNamed() throws {
    try withMonth { month in
      let target = "\(month.server.base)/data/2026/\(month.name("labels"))"
      try month.server.misbehave(
        "\"status\": 302, \"headers\": {\"Location\": \"\(target)\"}",
        for: "?download=data/2026/discogs_20260801_labels")
      #expect(try month.download().stderr.contains(target))
      try month.expectVerified(PublishedMonth.kinds)
    }
  }

  @Test func httpsIsVerifiedAndNeverLeft() throws {
    try withTemporaryFolder { folder in
      let tls = try TestAuthority(in: folder)
      let month = try PublishedMonth(in: folder, certificate: (tls.certificate, tls.key))
      let plain = try DumpServer(root: month.server.root)
      #expect(try month.download(expecting: 69).lastErrorLine.contains("--ca-file"))
      #expect(try month.requests().isEmpty)
      try month.server.misbehave(
        "\"status\": 302, \"headers\": {\"Location\": \"\(plain.base)/data/2026/\(month.name("labels"))\"}",
        for: "labels")
      let run = try month.download("--ca-file", tls.authority, expecting: 69)
      #expect(run.lastErrorLine.contains("leads from https to http:"))
      #expect(try plain.requests().isEmpty)
      try month.expectVerified(["artists"])
      try month.server.script()
      try month.download("--ca-file", tls.authority)
      try month.expectVerified(PublishedMonth.kinds)
    }
  }

  @Test func aDumpThatIsReplacedWhileItIsFetchedComesInItsNewVersion() throws {
    try withMonth { month in
      // The connection breaks; before the next try the file and CHECKSUM.txt are new ones.
      try month.publish("releases", size: 500_000)
      try FileManager.default.moveItem(
        atPath: month.served(month.name("releases")), toPath: month.folder.path("www/new"))
      try month.publishChecksums(to: month.folder.path("www/sums"))
      let old = month.versions["releases"]![0]
      try Data(old).write(to: URL(fileURLWithPath: month.served(month.name("releases"))))
      for mirror in [false, true] {
        try month.server.script(
          """
          {"rules": [{"match": "releases", "times": 1, "reset_at": 200000, "swap": {
            "data/2026/\(month.name("releases"))": "new", "data/2026/discogs_20260801_CHECKSUM.txt": "sums"}}]}
          """)
        try month.download(mirror: mirror)
        try month.expectVerified(PublishedMonth.kinds)
        if mirror { break }
        #expect(try month.requests("CHECKSUM").count == 2)
        // Once more, as a mirror that could continue the old file.
        try FileManager.default.removeItem(atPath: month.folder.path("raw"))
        try month.server.forgetRequests()
        try Data(month.versions["releases"]!.last!).write(
          to: URL(fileURLWithPath: month.folder.path("www/new")))
        try month.publishChecksums(to: month.folder.path("www/sums"))
        try Data(old).write(to: URL(fileURLWithPath: month.served(month.name("releases"))))
        let sums = try String(contentsOfFile: month.folder.path("www/sums"), encoding: .utf8)
          .replacing(SHA256.of(month.versions["releases"]!.last!), with: SHA256.of(old))
        try Data(sums.utf8).write(to: URL(fileURLWithPath: month.served("discogs_20260801_CHECKSUM.txt")))
      }
      let ranges = try month.requests("releases").map { $0.headers["range"] }
      #expect(ranges.contains("bytes=200000-"))
      #expect(try month.requests("releases").allSatisfy { $0.status == 200 })
    }
  }

  @Test func proxiesComeFromTheEnvironment() throws {
    try withMonth { month in
      try task(
        "download",
        [
          "--raw-root", month.folder.path("raw"), "--dump-month", "2026-08", "--base-url",
          "http://dumps.invalid",
        ], environment: ["http_proxy": month.server.base, "no_proxy": "127.0.0.1"])
      try month.expectVerified(PublishedMonth.kinds)
      #expect(try month.requests().allSatisfy { $0.raw.hasPrefix("http://dumps.invalid/?download=") })
    }
  }

  @Test func noSiteAtAllIsAServiceThatIsUnavailable() throws {
    try withTemporaryFolder { folder in
      let run = try task(
        "download",
        [
          "--raw-root", folder.path("raw"), "--dump-month", "2026-08", "--base-url", "http://127.0.0.1:1",
          "--tries", "2",
          "--retry-pause", "0.01s",
        ], environment: ["no_proxy": "127.0.0.1"], expecting: 69)
      #expect(run.lastErrorLine.contains("given up after 2 tries"))
    }
  }
}
