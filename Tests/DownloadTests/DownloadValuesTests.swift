import Lake
import Platform
import Schema
import Synchronization
import TaskKit
import TestSupport
import Testing

@testable import Download

@Suite struct DownloadValuesTests {
  private let digest = String(repeating: "0aB", count: 21) + "c"

  @Test func checksumListsHaveOneBlankOrTwoInAnyOrder() throws {
    let list = try #require(
      ChecksumList(
        "\(digest) discogs_20260801_labels.xml.gz\r\n\n\(digest)  *./a/discogs_20260801_masters.xml.gz\nnote\n"
      ))
    #expect(
      list.digests == [
        "discogs_20260801_labels.xml.gz": digest.lowercased(),
        "discogs_20260801_masters.xml.gz": digest.lowercased(),
      ])
    #expect(ChecksumList("<html>\(digest)</html>") == nil)
    #expect(ChecksumList(digest.dropLast() + " name") == nil)
    #expect(ChecksumList("") == nil)
  }

  /// As a program of Windows saves it, which somebody looked at it with; what cannot be read is named.
  @Test func checksumListsMayBeSavedByOtherPrograms() throws {
    let names = ["discogs_20260801_artists.xml.gz", "discogs_20260801_labels.xml.gz"]
    for lineEnd in ["\n", "\r\n", "\r"] {
      let text =
        "\u{FEFF}\(digest) \(names[0])\(lineEnd)\(lineEnd)\(digest.dropLast()) cut\(lineEnd) \(digest)\t\(names[1]) "
      let list = try #require(ChecksumList(text))
      #expect(list.digests.keys.sorted() == names)
      #expect(list.unreadableLines == ["\(digest.dropLast()) cut"])
      #expect(ChecksumList(Array(text.utf8)) == list)
      // What PowerShell's > makes of it.
      let units = Array(text.utf16)
      #expect(ChecksumList(units.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }) == list)
      #expect(ChecksumList(units.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }) == list)
    }
  }

  /// Which of two was published is not for a program to choose.
  @Test func aFileWithTwoDigestsHasNone() throws {
    let (one, two) = (String(repeating: "a", count: 64), String(repeating: "b", count: 64))
    let list = try #require(ChecksumList("\(one) x\n\(two) y\n\(one.uppercased()) x\n\(one) y\n"))
    #expect(list.contradictions == ["y"])
    #expect(try list.digest(of: "x", in: "list") == one)
    #expect(try list.digest(of: "z", in: "list") == nil)
    let error = #expect(throws: TaskError.self) { try list.digest(of: "y", in: "list") }
    #expect(error?.exitCode == .data && error?.message == "list has more than one SHA-256 digest of y")
  }

  @Test func datesAreFoundInPagesAndFolders() {
    let page = """
      <a href="?download=data%2F2026%2Fdiscogs_20260801_artists.xml.gz">discogs_20260801_artists.xml.gz</a>
      discogs_20260815_CHECKSUM.txt discogs_20260815_labels.xml.gz discogs_20260715_CHECKSUM.txt discogs_20260899_x
      """
    let dates = PublishedDates.find(in: page, month: "2026-08")
    #expect(dates.map(\.date) == ["20260801", "20260815"])
    #expect(dates.map(\.isComplete) == [false, true])
  }

  @Test(
    arguments: [
      ("bytes 5-9/10", 5, 9, 10), ("Bytes 0-0/1", 0, 0, 1), ("bytes 5-9/*", 5, 9, nil),
    ] as [(String, Int, Int, Int?)])
  func contentRangesAreRead(text: String, first: Int, last: Int, size: Int?) throws {
    let range = try #require(ContentRange(text))
    #expect(range.first == first && range.last == last && range.size == size)
  }

  @Test(arguments: [
    "bytes */10", "bytes 9-5/10", "bytes 5-10/10", "5-9/10", "bytes 5-9", "items 5-9/10", "bytes -5-9/10", "",
  ])
  func whatIsNoContentRangeIsNone(text: String) { #expect(ContentRange(text) == nil) }

  @Test(arguments: [
    ("90", Duration.seconds(90)), ("1.5s", .milliseconds(1500)), ("15m", .seconds(900)),
    ("6h", .seconds(21_600)),
    ("5d", .seconds(432_000)), ("0", .zero),
  ])
  func lengthsOfTime(text: String, length: Duration) {
    #expect(WaitingTime(optionValue: text)?.duration == length)
  }

  @Test(arguments: ["", "d", "-1s", "1w", "nan", "inf", "99999999d", "1 h"])
  func whatIsNoLengthOfTimeIsNone(text: String) { #expect(WaitingTime(optionValue: text) == nil) }

  @Test func addressesAreTheSites() throws {
    let release = DumpRelease(month: "2026-08", day: 1)
    let file = release.file(of: .releases)
    #expect(
      try DumpSite().url(of: file, release)
        == "https://data.discogs.com/?download=data%2F2026%2Fdiscogs_20260801_releases.xml.gz")
    #expect(try DumpSite(base: "file:///mirror/").url(of: file, release) == "file:///mirror/\(file)")
    let site = try DumpSite(base: "https://example.org/a/", template: "{base}/{month}/{date}/{file}")
    #expect(site.url(of: file, release) == "https://example.org/a/2026-08/20260801/\(file)")
    #expect(site.yearList("2026") == nil)
    #expect(try DumpSite(base: "https://ann:secret@example.org").shownBase.contains("secret") == false)
  }

  @Test(arguments: [
    "http://example.org", "HTTP://example.org/a", "http://127.evil.org", "http://localhost.evil.org",
    "http://localhost@evil.org", "http://128.0.0.1", "http://[::2]:8080",
  ])
  func plainHTTPToAnotherMachineIsOpenToTampering(base: String) throws {
    #expect(try DumpSite(base: base).isOpenToTampering)
  }

  @Test(arguments: [
    DumpSite.officialBase, "https://127.evil.org", "http://localhost/", "http://ann:secret@LOCALHOST:80",
    "http://127.0.0.1:8080", "http://127.1.2.3", "http://[::1]:8080/a", "file:///mirror",
  ])
  func httpsFoldersAndThisMachineAreNotOpenToTampering(base: String) throws {
    #expect(try !DumpSite(base: base).isOpenToTampering)
  }

  @Test(arguments: [0, 1, 1 << 20, (1 << 20) + 1, 9_000_000])
  func theDigestOfWhatIsWrittenIsTheFiles(size: Int) throws {
    try withTemporaryFolder { folder in
      let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
      let file = try HashingFile()
      for path in [folder.path("a"), folder.path("b")] {
        file.begin(try OutputFile(creating: path))
        var rest = bytes[...]
        while !rest.isEmpty {
          try rest.prefix(16_384).withUnsafeBytes { try file.write($0) }
          rest = rest.dropFirst(16_384)
        }
        try file.close()
        #expect(file.count == size)
        #expect(file.digest() == SHA256.of(bytes))
        #expect(try Files.read(path) == bytes)
      }
    }
  }

  @Test func aDigestGoesOnWhereAFileWasLeft() throws {
    try withTemporaryFolder { folder in
      let path = folder.path("a")
      let file = try HashingFile()
      file.begin(try OutputFile(creating: path))
      try Array(repeating: UInt8(7), count: 3_000_000).withUnsafeBytes { try file.write($0) }
      file.abandon()
      #expect(try file.count == 3_000_000 && Files.size(path) == 3_000_000)
      let other = try HashingFile()
      try other.begin(reading: path)
      let rest = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
      for file in [file, other] {
        file.resume(try OutputFile(resuming: path, at: 3_000_000))
        try rest.withUnsafeBytes { try file.write($0) }
        try file.close()
        let whole = Array(repeating: 7, count: 3_000_000) + rest
        #expect(file.digest() == SHA256.of(whole))
        #expect(try Files.read(path) == whole)
      }
    }
  }

  /// Blocks are written behind the sender's back: nothing may follow one that failed.
  @Test(arguments: 1...4)
  func whatCouldNotBeWrittenIsToldAndNothingIsWrittenBehindIt(failing: Int) throws {
    try withTemporaryFolder { folder in
      let path = folder.path("a")
      let bytes = (0..<(7 << 19)).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
      let writes = Mutex(0)
      let output = try FaultInjection.$hook.withValue({ call, _ in
        guard call == "write" else { return }
        let number = writes.withLock {
          $0 += 1
          return $0
        }
        if number == failing { throw InjectedFault() }
      }) { try OutputFile(creating: path) }
      let file = try HashingFile()
      file.begin(output)
      #expect(throws: InjectedFault.self) {
        try bytes.withUnsafeBytes { try file.write($0) }
        try file.close()
      }
      file.abandon()
      #expect(file.count == -1)
      #expect(try Files.read(path) == Array(bytes[..<((failing - 1) << 16)]))
      // What is there is of use.
      try file.begin(reading: path)
      file.resume(try OutputFile(resuming: path, at: file.count))
      try bytes[file.count...].withUnsafeBytes { try file.write($0) }
      try file.close()
      #expect(file.digest() == SHA256.of(bytes))
      #expect(try Files.read(path) == bytes)
    }
  }

  @Test(arguments: [
    "ann:s3cret@mirror.example", "ftp://ann:s3cret@mirror.example", "https//ann:s3cret@mirror",
  ])
  func aPasswordInABaseThatIsRefusedIsNotShown(_ base: String) throws {
    let execution = try task(
      "download", ["--base-url", base, "--dump-month", "2026-08", "--raw-root", "/tmp/nowhere"], expecting: 64
    )
    #expect(!execution.stderr.contains("s3cret"), "\(execution.stderr)")
  }
}
