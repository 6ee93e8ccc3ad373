import FoundationEssentials
import HTTP
import Platform

/// A dump that is not yet whole: `<dump>.part`, and beside it in `<dump>.part.json` what it is a part of.
/// Only one process works on it, under the month's lock.
struct PartialDump {
  /// What a server said about the file that the part is of, which must still hold when it is continued.
  struct Origin: Codable, Hashable {
    var url: String
    /// The digest that the whole file is to have.
    var sha256: String
    /// A strong entity tag (RFC 9110, section 8.8.3).
    var etag: String?
    var lastModified: String?
    /// Bytes of the whole file, if the server said.
    var size: Int?
    /// Whether the server has said or shown that it can send the rest of a file.
    var acceptsRanges: Bool

    /// What must not have changed when the rest is asked for (`If-Range`); nil if the server gave nothing to
    /// go by.
    var validator: String? { etag ?? lastModified }
  }

  let path: String
  private var originPath: String { path + ".json" }

  init(of dump: String) { path = dump + ".part" }

  /// The bytes that are there.
  var size: Int { (try? Files.size(path)) ?? 0 }

  /// What the part is of; nil if that is not known.
  var origin: Origin? {
    guard let bytes = try? Files.read(originPath, limit: 1 << 20) else { return nil }
    return try? JSONDecoder().decode(Origin.self, from: Data(bytes))
  }

  /// Opens an empty part and notes what it will be of.
  func begin(_ origin: Origin) throws -> OutputFile {
    // Emptied first: a note beside bytes of another file would be a lie.
    let file = try OutputFile(creating: path)
    try Files.writeAtomically(try JSONEncoder().encode(origin), to: originPath)
    return file
  }

  /// Opens the part to write behind what it holds.
  func resume() throws -> OutputFile { try OutputFile(resuming: path, at: size) }

  /// Removes the part.
  func discard() throws {
    try Files.remove(path)
    try Files.remove(originPath)
  }

  /// Gives the part the dump's name; what had it before is replaced in one step.
  func rename(to dump: String) throws {
    try Files.rename(path, to: dump)
    try Files.remove(originPath)
    try Files.syncDirectory(Files.parent(of: dump))
  }
}

extension PartialDump.Origin {
  /// What a complete response says about the file that it carries.
  init(_ response: HTTPResponse, url: String, sha256: String) {
    // A weak tag says that two versions mean the same, not that they are the same bytes.
    let etag = response.headers["ETag"].flatMap { $0.hasPrefix("W/") || $0.isEmpty ? nil : $0 }
    self.init(
      url: url, sha256: sha256, etag: etag, lastModified: response.headers["Last-Modified"],
      size: response.contentLength,
      acceptsRanges: response.headers["Accept-Ranges"]?.lowercased() == "bytes")
  }
}

/// `Content-Range: bytes FIRST-LAST/SIZE` (RFC 9110, section 14.4).
struct ContentRange: Hashable {
  let first: Int
  let last: Int
  /// Bytes of the whole file, if the server knows them.
  let size: Int?

  init?(_ text: String) {
    let words = text.split(separator: " ")
    guard words.count == 2, words[0].lowercased() == "bytes" else { return nil }
    let halves = words[1].split(separator: "/")
    guard halves.count == 2 else { return nil }
    let ends = halves[0].split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, let first = Int(ends[0]), let last = Int(ends[1]), 0 <= first, first <= last else {
      return nil
    }
    self.first = first
    self.last = last
    if halves[1] == "*" {
      size = nil
    } else {
      guard let size = Int(halves[1]), last < size else { return nil }
      self.size = size
    }
  }
}
