import Foundation
import Platform
import TestSupport
import Testing

/// A month of small dumps on a server of the test's own, and a raw folder to download them to.
struct PublishedMonth {
  let folder: TemporaryFolder
  let server: DumpServer
  /// The contents of each file, and what they were before if they were replaced.
  private(set) var versions: [String: [[UInt8]]] = [:]

  static let kinds = ["artists", "labels", "masters", "releases"]
  let date: String

  /// - Parameters:
  ///   - size: bytes of the dump of releases; the others are a tenth of it.
  ///   - date: the day in the names.
  init(
    in folder: TemporaryFolder, size: Int = 600_000, date: String = "20260801",
    certificate: (cert: String, key: String)? = nil
  ) throws {
    self.folder = folder
    self.date = date
    try FileManager.default.createDirectory(
      atPath: folder.path("www/data/2026"), withIntermediateDirectories: true)
    server = try DumpServer(root: folder.path("www"), certificate: certificate)
    for kind in PublishedMonth.kinds { try publish(kind, size: kind == "releases" ? size : size / 10) }
    try publishChecksums()
  }

  func name(_ kind: String) -> String { "discogs_\(date)_\(kind).xml.gz" }

  /// The path of a served file.
  func served(_ name: String) -> String { folder.path("www/data/2026/\(name)") }

  /// The path of a downloaded dump.
  func raw(_ kind: String) -> String { folder.path("raw/2026-08/\(name(kind))") }

  /// Puts new bytes in a dump's place, without changing CHECKSUM.txt.
  mutating func publish(_ kind: String, size: Int) throws {
    var bytes = [UInt8](repeating: 0, count: size)
    var state = UInt64.random(in: 1...(.max))
    for index in bytes.indices {
      // xorshift64: no two files are alike, and it costs little.
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      bytes[index] = UInt8(truncatingIfNeeded: state)
    }
    versions[kind, default: []].append(bytes)
    try Data(bytes).write(to: URL(fileURLWithPath: served(name(kind))))
  }

  /// Writes CHECKSUM.txt as the site does: one blank, no particular order.
  func publishChecksums(to other: String? = nil) throws {
    let lines = versions.map { "\(SHA256.of($0.value.last!)) \(name($0.key))\n" }.shuffled()
    try Data(lines.joined().utf8).write(
      to: URL(fileURLWithPath: other ?? served("discogs_\(date)_CHECKSUM.txt")))
  }

  /// Runs `download` for the month, with short pauses.
  @discardableResult
  func download(
    _ arguments: String..., mirror: Bool = false, environment: [String: String?] = [:],
    expecting status: Int32 = 0
  ) throws -> Execution {
    try task(
      "download", self.arguments(mirror: mirror) + arguments, environment: unproxied(environment),
      expecting: status,
      timeout: 60)
  }

  /// Starts `download` for the month.
  func start(_ arguments: String..., mirror: Bool = false) throws -> RunningProgram {
    try RunningProgram(
      Products.executable("download"), self.arguments(mirror: mirror) + arguments, environment: unproxied([:])
    )
  }

  /// The command line for this server, as the official site or as a mirror with ranges.
  private func arguments(mirror: Bool) -> [String] {
    [
      "--raw-root", folder.path("raw"), "--dump-month", "2026-08", "--base-url", server.base, "--retry-pause",
      "0.02s",
      // Long enough for a server that gets no processor for a while.
      "--stall-timeout", "3s", "--poll-interval", "0.1s",
    ] + (mirror ? ["--url-template", "{base}/data/{year}/{file}"] : [])
  }

  private func unproxied(_ environment: [String: String?]) -> [String: String?] {
    ["no_proxy": "127.0.0.1,localhost"].merging(environment) { $1 }
  }

  /// The requests so far; those for files whose name contains this.
  func requests(_ part: String? = nil) throws -> [DumpServer.Request] {
    try server.requests().filter { request in part.map { request.target.contains($0) } ?? true }
  }

  /// What every download must leave, whatever happened: dumps that are verified, or nothing.
  ///
  /// - Parameters:
  ///   - present: the kinds that must be there, in their last version.
  ///   - old: contents that were there before.
  ///   - parts: whether unfinished parts may be there.
  func expectVerified(
    _ present: [String], old: [String: [UInt8]] = [:], parts: Bool = false,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let raw = folder.path("raw/2026-08")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: raw)) ?? []
    for name in names where !name.hasPrefix(".") && name != "_state" {
      if name.contains(".part") {
        #expect(parts, "\(name) was left", sourceLocation: sourceLocation)
        continue
      }
      let kind = try #require(
        PublishedMonth.kinds.first { name == self.name($0) }, "\(name)?", sourceLocation: sourceLocation)
      let bytes = try Files.read("\(raw)/\(name)")
      let isPublished = versions[kind]!.contains(bytes)
      #expect(isPublished || old[kind] == bytes, "\(name) is not a dump", sourceLocation: sourceLocation)
    }
    for kind in present {
      let bytes = try? Files.read(self.raw(kind))
      #expect(bytes == versions[kind]!.last, "\(kind) is not there", sourceLocation: sourceLocation)
    }
  }
}

/// Runs a test with a month of its own.
func withMonth(size: Int = 600_000, date: String = "20260801", _ body: (inout PublishedMonth) throws -> Void)
  throws
{
  try withTemporaryFolder { folder in
    var month = try PublishedMonth(in: folder, size: size, date: date)
    try body(&month)
  }
}
