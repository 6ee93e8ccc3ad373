import HTTP
import Platform
import TaskKit

/// Gets one dump whole into its part file, over as many tries as it takes.
final class DumpFetch {
  /// What the part file holds in the end.
  struct Whole {
    /// SHA-256 of its bytes.
    var sha256: String
    var bytes: Int
    /// Whether all of it came in one piece.
    var isFromOnePiece: Bool
  }

  let url: String
  /// The URL as messages and notes may show it.
  let shownURL: String
  let name: String
  /// What progress is shown under.
  private let label: String
  let part: PartialDump
  private let client: PoliteClient
  private let progressStyle: Progress.Style
  private let hashing: HashingFile
  private let folder: String
  /// Bytes that came over the wire, those of failed tries too.
  private(set) var received = 0

  /// - Parameters:
  ///   - url: where the dump is.
  ///   - destination: the path that it is to have in the end; nothing is written there.
  ///   - label: what progress is shown under.
  init(
    _ url: String, for destination: String, label: String, _ client: PoliteClient,
    progressStyle: Progress.Style
  ) throws {
    self.url = url
    self.shownURL = HTTPRequest(.get, url).shownURL
    self.label = label
    self.name = Files.name(of: destination)
    self.folder = Files.parent(of: destination)
    self.part = PartialDump(of: destination)
    self.client = client
    self.progressStyle = progressStyle
    self.hashing = try HashingFile()
  }

  /// Fetches what is missing. A part that an earlier process left is continued if the server proves that it
  /// is a part of what it has now.
  ///
  /// - Parameter sha256: what the dump's digest should be; the caller compares.
  /// - Throws: `TaskError`, `SystemError`. A part that cannot be continued later is removed.
  func run(sha256: String) throws -> Whole {
    var kept = 0
    do {
      return try client.persist(
        name,
        hasMadeProgress: {
          let size = isResumable(sha256) ? part.size : 0
          // Progress that is worth a request.
          defer { kept = max(kept, size) }
          return size >= kept + 16 << 20
        }, { try attempt(sha256) })
    } catch {
      if part.origin?.acceptsRanges != true || !isResumable(sha256) { try part.discard() }
      throw error
    }
  }

  private func isResumable(_ sha256: String) -> Bool { resumableOrigin(sha256) != nil }

  /// What the part is of, if it is of this dump and a server can be asked for the rest.
  private func resumableOrigin(_ sha256: String) -> PartialDump.Origin? {
    guard let origin = part.origin, origin.url == shownURL, origin.sha256 == sha256, origin.validator != nil,
      case let size = part.size, size > 0, size <= origin.size ?? .max, !url.hasPrefix("file:")
    else { return nil }
    return origin
  }

  private func attempt(_ sha256: String) throws -> Whole {
    let origin = resumableOrigin(sha256)
    let start = origin == nil ? 0 : part.size
    if let origin, origin.size == start {
      // A process was killed between the last byte and the new name, perhaps before all was on the disk.
      try digestPrefix()
      try makeDurable { try Files.syncFile(part.path) }
      return Whole(sha256: hashing.digest(), bytes: start, isFromOnePiece: false)
    }
    var request = HTTPRequest(.get, url)
    if let origin, let validator = origin.validator {
      request.headers["Range"] = "bytes=\(start)-"
      request.headers["If-Range"] = validator
      // Before the request, so that the server need not wait; where it is known that it will be of use.
      if origin.acceptsRanges { try digestPrefix() }
    }
    var size: Int?
    var isResumed = false
    var progress: Progress?
    defer { progress?.abandon() }
    do {
      try client.stream(
        request,
        onResponse: { response in
          if let origin, response.status == 206 || response.status == 416 {
            try resume(origin, at: start, response)
            size = origin.size ?? response.headers["Content-Range"].flatMap(ContentRange.init)?.size
            isResumed = true
          } else {
            try begin(response, sha256, mayRange: origin == nil)
            size = response.contentLength
          }
          try checkSpace(forSize: size)
          progress = makeProgress(size, already: hashing.count)
        },
        onBody: { bytes in
          received += bytes.count
          if let size, hashing.count + bytes.count > size {
            throw HTTPError(.tooLarge, "more than the promised \(counted(size, "byte"))", url: shownURL)
          }
          try hashing.write(bytes)
          if size == nil, hashing.count % spaceCheckInterval < bytes.count { try checkSpace(forSize: nil) }
          progress?.advance(bytes: bytes.count)
        })
      try hashing.flush()
      try makeDurable { try hashing.close() }
    } catch {
      hashing.abandon()
      throw error
    }
    let count = hashing.count
    if let size, count < size {
      throw Setback(reason: "the answer ended after \(count) of \(counted(size, "byte"))")
    }
    progress?.finish()
    return Whole(sha256: hashing.digest(), bytes: count, isFromOnePiece: !isResumed)
  }

  /// Takes a response that carries the whole dump.
  private func begin(_ response: HTTPResponse, _ sha256: String, mayRange: Bool) throws {
    try Refusal.check(response, for: name, now: client.now)
    guard response.status == 200 else {
      throw TaskError(
        .unavailable,
        "\(name): \(response.url) answers with status \(response.status), which was not asked for",
        advice: "check --base-url")
    }
    var origin = PartialDump.Origin(response, url: shownURL, sha256: sha256)
    // Asked for the rest and sent the whole, though nothing has changed: this server has no ranges, whatever
    // it says.
    if !mayRange, let before = part.origin, before.validator == origin.validator {
      origin.acceptsRanges = false
    }
    hashing.begin(try part.begin(origin))
  }

  /// Takes a response that claims to carry the rest, if it proves that; throws the part away if not.
  private func resume(_ origin: PartialDump.Origin, at start: Int, _ response: HTTPResponse) throws {
    guard response.status == 206, let range = response.headers["Content-Range"].flatMap(ContentRange.init),
      range.first == start, range.size == nil || origin.size == nil || range.size == origin.size,
      origin.etag == nil
        ? response.headers["Last-Modified"] == origin.lastModified : response.headers["ETag"] == origin.etag
    else {
      try part.discard()
      throw Setback(
        reason: "the answer to a request for the rest (\(response.status), "
          + "\(response.headers["Content-Range"] ?? "no range")) does not fit the part", isImmediate: true)
    }
    if !origin.acceptsRanges { try digestPrefix() }
    hashing.resume(try part.resume())
    var fields: Log.Fields = ["at": start]
    fields["of"] = origin.size
    client.log.info("\(name): continued", fields)
  }

  /// After a failed fsync(2) nobody knows what is on the disk, and another one may say that all is well: the part is
  /// of no use any more.
  private func makeDurable(_ sync: () throws -> Void) throws {
    do { try sync() } catch {
      try? part.discard()
      throw error
    }
  }

  /// Has the digest cover what the part holds; a try of this process that failed has left it so already.
  private func digestPrefix() throws {
    if hashing.count != part.size { try hashing.begin(reading: part.path) }
  }

  private let spaceCheckInterval = 64 << 20

  /// - Throws: `TaskError` with code `io` if what is still to come does not fit on the disk.
  private func checkSpace(forSize size: Int?) throws {
    let needed = (size.map { $0 - hashing.count } ?? spaceCheckInterval)
    let free = try Files.freeBytes(at: folder)
    guard free >= needed else {
      throw TaskError(
        .io, "\(name): needs \(needed >> 20) MiB more, and \(folder) has \(free >> 20) MiB free",
        advice: "make room there, or choose another folder with --raw-root")
    }
  }

  private func makeProgress(_ size: Int?, already: Int) -> Progress {
    // The rate is that of the wire: what is there already is no part of it.
    Progress(label: label, totalBytes: size.map { $0 - already }, log: client.log, style: progressStyle)
  }
}
