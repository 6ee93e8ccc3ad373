import Foundation
import Platform
import TestSupport
import Testing

/// Folders to download from and to.
@Suite struct PlaceTests {
  @Test func aFolderIsAMirror() throws {
    try withMonth { month in
      let base = "file://" + month.folder.path("www/data/2026")
      func download(_ more: String..., expecting status: Int32 = 0) throws -> Execution {
        try task(
          "download", ["--raw-root", month.folder.path("raw"), "--dump-month", "2026-08"] + more,
          expecting: status)
      }
      _ = try download("--base-url", base)
      try month.expectVerified(PublishedMonth.kinds)
      #expect(try month.requests().isEmpty)
      try FileManager.default.removeItem(atPath: month.folder.path("raw"))
      _ = try download(
        "--base-url", "file://" + month.folder.path("www"), "--url-template", "{base}/data/{year}/{file}")
      try month.expectVerified(PublishedMonth.kinds)
      _ = try download("--base-url", base + "/nowhere", expecting: 66)
      try FileManager.default.removeItem(atPath: month.folder.path("raw"))
      try FileManager.default.removeItem(atPath: month.served(month.name("masters")))
      _ = try download("--base-url", base, expecting: 66)
      try month.expectVerified(["artists", "labels"])
    }
  }

  @Test func linesOfTheChecksumsThatAreNotUnderstoodAreNamed() throws {
    try withMonth { month in
      let list = month.served("discogs_20260801_CHECKSUM.txt")
      let text = try String(contentsOfFile: list, encoding: .utf8)
      try "\u{FEFF}\(text.replacing("\n", with: "\r\n"))# edited by hand\r\n".write(
        toFile: list, atomically: true, encoding: .utf8)
      let done = try task(
        "download",
        [
          "--raw-root", month.folder.path("raw"), "--dump-month", "2026-08", "--base-url",
          "file://" + month.folder.path("www/data/2026"),
        ])
      #expect(done.stderr.contains("\"# edited by hand\""), "\(done.stderr)")
      try month.expectVerified(PublishedMonth.kinds)
    }
  }

  @Test(arguments: ["data/2026", "2026", "2026-08", "a folder"])
  func aFolderIsKnownByWhatIsInIt(place: String) throws {
    try withMonth { month in
      let mirror = month.folder.path("mirror with blanks")
      try FileManager.default.createDirectory(
        atPath: Files.parent(of: "\(mirror)/\(place)"), withIntermediateDirectories: true)
      try FileManager.default.moveItem(
        atPath: month.folder.path("www/data/2026"), toPath: "\(mirror)/\(place)")
      let base = mirror + (place == "a folder" ? "/a folder/" : "")
      try task(
        "download",
        [
          "--raw-root", month.folder.path("raw"), "--dump-month", "2026-08", "--base-url",
          "file://localhost" + base.replacing(" ", with: "%20"),
        ])
      try month.expectVerified(PublishedMonth.kinds)
    }
  }

  @Test func aFolderIsLookedThroughForAnotherDay() throws {
    try withMonth(date: "20260815") { month in
      try task(
        "download",
        [
          "--raw-root", month.folder.path("raw"), "--dump-month", "2026-08", "--base-url",
          "file://" + month.folder.path("www/data/2026"),
        ])
      try month.expectVerified(PublishedMonth.kinds)
    }
  }

  /// A file system of 1 MiB, mounted over the raw folder.
  private func withSmallDisk(_ body: (PublishedMonth) throws -> Void) throws {
    try withMonth(size: 1_500_000) { month in
      let raw = month.folder.path("raw")
      try FileManager.default.createDirectory(atPath: raw, withIntermediateDirectories: true)
      let mount = try execute("/usr/bin/env", ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", raw])
      // Root in a container may not mount either.
      try #require(mount.status == 0, "\(mount.stderr)")
      defer { _ = try? execute("/usr/bin/env", ["umount", raw]) }
      try body(month)
    }
  }

  @Test(.enabled(if: canMount, "needs root that may mount")) func aDumpThatDoesNotFitIsNotBegun() throws {
    try withSmallDisk { month in
      let run = try month.download(expecting: 74)
      #expect(run.lastErrorLine.contains("MiB free"))
      try month.expectVerified(["artists", "labels", "masters"])
      #expect(try month.requests("releases").count == 1)
    }
  }

  @Test(.enabled(if: canMount, "needs root that may mount")) func aDiskThatFillsUpLeavesVerifiedDumps() throws
  {
    try withSmallDisk { month in
      // Nobody knows beforehand how much will come.
      try month.server.misbehave("\"no_length\": true", for: "releases")
      try month.download(expecting: 74)
      try month.expectVerified(["artists", "labels", "masters"])
    }
  }

  @Test func aFolderThatCannotBeMadeIsNamed() throws {
    try withMonth { month in
      try month.folder.write("a file", to: "raw")
      let run = try month.download(expecting: 73)
      #expect(run.lastErrorLine.contains(month.folder.path("raw")))
      #expect(try month.requests().isEmpty)
    }
  }

  @Test(arguments: [
    ["--dump-month", "2026-13"], ["--dump-month", "202608"], ["--dump-date", "2026-02-30"],
    ["--dump-month", "2026-08", "--dump-date", "2026-07-01"], ["--base-url", "ftp://example.org"],
    ["--url-template", "{base}/files"], ["--url-template", "{base}/{file}/{version}"], ["--wait", "soon"],
    ["--entities", "songs"], ["--tries", "0"], ["--run-id", "2026-08"], ["--session-time", "yesterday"],
  ])
  func whatMakesNoSenseIsAUsageError(arguments: [String]) throws {
    let run = try task("download", ["--raw-root", "/nonexistent/raw"] + arguments, expecting: 64)
    #expect(run.lastErrorLine.hasPrefix("error: "))
  }

  @Test func withoutAnyFolderItSaysWhatToName() throws {
    #expect(
      try task("download", ["--dump-month", "2026-08"], expecting: 64).lastErrorLine.contains("--lake"))
  }
}

/// Whether a small file system can be mounted here.
private let canMount: Bool = {
  guard geteuid() == 0 else { return false }
  let folder = "/tmp/discogs-lakehouse-mount-\(getpid())"
  guard mkdir(folder, 0o700) == 0 else { return false }
  defer { rmdir(folder) }
  guard
    (try? execute("/usr/bin/env", ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]))?.status == 0
  else {
    return false
  }
  _ = try? execute("/usr/bin/env", ["umount", folder])
  return true
}()
