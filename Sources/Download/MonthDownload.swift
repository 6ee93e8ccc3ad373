import HTTP
import Lake
import Platform
import Schema
import TaskKit

/// Brings the dumps of one month into a folder, verified.
///
/// The order of requests is part of being polite: CHECKSUM.txt, which is published last and so tells whether
/// the month is complete, then one GET for each dump that is missing or has another digest, one after the
/// other.
public struct MonthDownload {
  /// What to bring, from where, to where.
  public struct Order: Sendable {
    /// `YYYY-MM`
    public var month: String
    /// The day in the dumps' names; nil to find it out.
    public var day: Int?
    /// The dumps to bring, in this order.
    public var entities: [Entity]
    /// Dumps go to the folder of their month in here.
    public var rawRoot: String
    /// Where they come from.
    public var site: DumpSite
    /// How often and how long the site is asked again.
    public var patience = Patience()
    /// How long to wait for a month that is not published yet; nil not to.
    public var wait: Duration?
    /// The pause between two looks at it.
    public var pollInterval: Duration = .seconds(30 * 60)
    /// Whether to read files again whose digest is remembered.
    public var rereadsFiles = false

    /// An order that waits for nothing and finds out the day.
    /// - Parameter month: `YYYY-MM`, checked by the caller.
    public init(month: String, entities: [Entity] = Entity.allCases, rawRoot: String, site: DumpSite) {
      self.month = month
      self.entities = entities
      self.rawRoot = rawRoot
      self.site = site
    }

    /// The folder of the month's dumps.
    public var folder: String { DumpFile.folder(rawRoot: rawRoot, month: month) }
  }

  /// A dump that is in the folder, verified.
  public struct VerifiedDump: Hashable, Sendable {
    /// What it is a dump of.
    public var entity: Entity
    /// Its absolute path.
    public var path: String
    /// Its size, compressed.
    public var bytes: Int
    /// Its digest, the published one: 64 lower-case hexadecimal digits.
    public var sha256: String
    /// Whether it was fetched now, not found.
    public var isNew: Bool
  }

  /// What came of it.
  public struct Outcome: Sendable {
    /// `YYYYMMDD`, as in the dumps' names.
    public var date: String
    /// The ordered dumps, in the order's order.
    public var dumps: [VerifiedDump]
    /// `requests`, `retries`, `dumps_fetched`, `dumps_kept` and `bytes_fetched`, for the state file.
    public var counters: [String: Int]
  }

  /// What would be done for one dump.
  public struct Step: Hashable, Sendable {
    /// Leave a file whose digest is right, fetch one that is missing, replace one with another digest, or go
    /// on with one that was begun.
    public enum Action: String, Sendable { case keep, fetch, replace, resume }
    /// What would be done.
    public var action: Action
    /// Where the dump is published, without user and password.
    public var url: String
    /// Where it belongs, absolute.
    public var path: String
  }

  private let order: Order
  private let client: PoliteClient
  private let log: Log
  private let progressStyle: Progress.Style
  private var site: DumpSite { order.site.located(order.month) }

  /// - Parameters:
  ///   - http: asks the site; one request at a time.
  ///   - progressStyle: how the progress of each dump is shown.
  public init(_ order: Order, http: HTTPClient, log: Log, progressStyle: Progress.Style) {
    self.order = order
    self.client = PoliteClient(http, patience: order.patience, log: log)
    self.log = log
    self.progressStyle = progressStyle
  }

  /// Brings what is missing. One process at a time works on a month of a folder; a second one waits, then
  /// finds the work done.
  ///
  /// - Throws: `TaskError`, `SystemError`. Whatever happens, a dump's name in the folder means a verified
  ///   file: a new one appears, and an old one goes, only when the new one is whole and has the right digest.
  public func run() throws -> Outcome {
    try Files.createDirectory(order.rawRoot)
    let lock = try FileLock.acquire(Files.join(order.rawRoot, ".download-\(order.month).lock"), wait: nil) {
      log.info("another download of \(order.month) is under way: waiting for it")
    }
    defer { lock.release() }
    removeLeftovers()

    var (release, list) = try published()
    var verified: [Entity: VerifiedDump] = [:]
    var received = 0
    // A second round only if the site replaced dumps while they were fetched.
    for _ in 1...3 {
      let before = list
      for entity in order.entities {
        let expected = try digest(of: entity, list, release)
        if let known = verified[entity], known.sha256 == expected { continue }
        verified[entity] = try find(entity, release, expected) ?? fetch(entity, release, &list, &received)
      }
      if list == before { break }
    }
    let dumps = order.entities.compactMap { verified[$0] }
    return Outcome(
      date: release.date, dumps: dumps,
      counters: [
        "requests": client.requests, "retries": client.retries,
        "dumps_fetched": dumps.count(where: \.isNew), "dumps_kept": dumps.count { !$0.isNew },
        "bytes_fetched": received,
      ])
  }

  /// Asks for CHECKSUM.txt and tells what `run` would do; changes nothing.
  /// - Throws: `TaskError`, also when the month is not published; `SystemError`.
  public func plan() throws -> [Step] {
    let (release, list) = try published()
    return try order.entities.map { entity in
      let expected = try digest(of: entity, list, release)
      let path = Files.join(order.folder, release.file(of: entity))
      let url = HTTPRequest(.get, site.url(of: release.file(of: entity), release)).shownURL
      func step(_ action: Step.Action) -> Step { Step(action: action, url: url, path: path) }
      guard try Files.found(path) != nil else {
        return step(PartialDump(of: path).size > 0 ? .resume : .fetch)
      }
      let known = try RememberedHash.known(path) ?? SHA256.ofFile(path)
      return step(known.hex == expected ? .keep : .replace)
    }
  }

  /// Removes notes that a killed process had begun to write, now that nobody else works on the month.
  private func removeLeftovers() {
    for name in (try? Files.list(order.folder)) ?? [] where name.hasPrefix(".") && name.hasSuffix(".tmp") {
      try? Files.remove(Files.join(order.folder, name))
    }
  }

  // MARK: - What is published

  /// The month's date and digests. Waits for them as long as the order says.
  private func published() throws -> (DumpRelease, ChecksumList) {
    if let folder = order.site.folder, try Files.found(folder) != .directory {
      throw TaskError(.noInput, "there is no folder \(folder)", advice: "check --base-url")
    }
    let start = ContinuousClock.now
    var refusal: Int?
    while true {
      if let found = try lookUp(&refusal) { return found }
      let waited = ContinuousClock.now - start
      guard let wait = order.wait, waited < wait else {
        let usual = DumpRelease(month: order.month, day: order.day ?? 1)
        throw TaskError(
          .tryAgain,
          "the dumps of \(order.month) are not published yet: there was no \(usual.checksumFile) at "
            + "\(order.site.shownBase)\(looksForOtherDays ? ", nor one of another day," : "") "
            + "on \(UTCTime.now.iso8601)\(refusal.map { " (it answers with status \($0))" } ?? "")",
          advice: "dumps come in the first half of their month, often late: "
            + "run it again later, or wait for them with --wait 5d")
      }
      let pause = min(order.pollInterval, wait - waited)
      log.info("\(order.month) is not published yet: looking again in \(pause.forPeople)")
      Pause.sleep(pause)
    }
  }

  /// One look: the 1st of the month (or the day ordered), and if there is nothing, the year's list.
  ///
  /// - Parameter refusal: the status, other than "not found", with which the site has kept CHECKSUM.txt to itself.
  private func lookUp(_ refusal: inout Int?) throws -> (DumpRelease, ChecksumList)? {
    let usual = DumpRelease(month: order.month, day: order.day ?? 1)
    if let list = try checksums(of: usual, &refusal) { return (usual, list) }
    guard order.day == nil, let names = try publishedNames(usual) else { return nil }
    let dates = PublishedDates.find(in: names, month: order.month)
    guard let date = dates.last(where: \.isComplete)?.date, date != usual.date, let day = Int(date.suffix(2))
    else {
      if let date = dates.last?.date {
        log.info("the dumps of \(date) are listed, but not complete: no CHECKSUM.txt")
      }
      return nil
    }
    let release = DumpRelease(month: order.month, day: day)
    log.info("the dumps of \(order.month) are of day \(day)")
    return try checksums(of: release, &refusal).map { (release, $0) }
  }

  /// Whether another day than the 1st is looked for: there has to be a list of what is published.
  private var looksForOtherDays: Bool {
    order.day == nil && (site.isFolder || site.yearList(String(order.month.prefix(4))) != nil)
  }

  /// - Returns: nil if there is no CHECKSUM.txt of this date.
  private func checksums(of release: DumpRelease, _ refusal: inout Int?) throws -> ChecksumList? {
    let url = site.url(of: release.checksumFile, release)
    let response: HTTPResponse
    do {
      response = try client.page(url, for: release.checksumFile)
    } catch is MissingFile {
      return nil
    }
    if [404, 410].contains(response.status) { return nil }
    if response.status == 403 {
      // Storage services refuse to tell whether a file exists that one may not list.
      refusal = 403
      return nil
    }
    try Refusal.check(response, for: release.checksumFile, now: client.now)
    guard let list = ChecksumList(response.text) else {
      // A page that says so, instead of a status.
      if response.text.drop(while: \.isWhitespace).hasPrefix("<") || response.body.isEmpty { return nil }
      ChecksumList.warnOfLines(response.text, in: release.checksumFile, log)
      throw TaskError(
        .data, "\(release.checksumFile): \(response.url) is not a list of SHA-256 digests",
        advice: "look at it with curl, and check --base-url and --url-template")
    }
    list.warnOfUnreadableLines(in: release.checksumFile, log)
    return list
  }

  /// Names of published files, in whatever text: the year's page, or the folder.
  private func publishedNames(_ release: DumpRelease) throws -> String? {
    if let names = site.folderNames(order.month) { return names.joined(separator: "\n") }
    guard let url = site.yearList(release.year) else { return nil }
    let response = try client.page(url, for: "the list of \(release.year)")
    switch response.status {
    case 200: return response.text
    case 404, 410: return nil
    default:
      try Refusal.check(response, for: "the list of \(release.year)", now: client.now)
      return nil
    }
  }

  private func digest(of entity: Entity, _ list: ChecksumList, _ release: DumpRelease) throws -> String {
    guard let digest = try list.digest(of: release.file(of: entity), in: release.checksumFile) else {
      throw TaskError(
        .tryAgain, "\(release.checksumFile) does not name \(release.file(of: entity)) yet",
        advice: "run it again later, or choose others with --entities")
    }
    return digest
  }

  // MARK: - One dump

  /// The dump, if it is in the folder with this digest.
  private func find(_ entity: Entity, _ release: DumpRelease, _ expected: String) throws -> VerifiedDump? {
    let path = Files.join(order.folder, release.file(of: entity))
    guard try Files.found(path) != nil else { return nil }
    if order.rereadsFiles { try Files.remove(RememberedHash.noteFile(path)) }
    if RememberedHash.known(path) == nil {
      log.info("reading \(Files.name(of: path)) to see whether it is the published one")
    }
    let known = try RememberedHash.of(path)
    guard known.hex == expected else {
      log.info("\(Files.name(of: path)) is not the published one: fetching that")
      return nil
    }
    // A process that was killed right after the renaming left a note.
    try PartialDump(of: path).discard()
    log.info("\(Files.name(of: path)) is there, verified")
    return VerifiedDump(entity: entity, path: path, bytes: known.bytes, sha256: expected, isNew: false)
  }

  /// Fetches the dump and puts it in its place.
  ///
  /// - Parameters:
  ///   - list: looked up again, and changed, if what is served has another digest than it should.
  ///   - received: grows by the bytes that came over the wire.
  private func fetch(
    _ entity: Entity, _ release: DumpRelease, _ list: inout ChecksumList, _ received: inout Int
  ) throws -> VerifiedDump {
    let name = release.file(of: entity)
    let path = Files.join(order.folder, name)
    try Files.createDirectory(order.folder)
    let fetch = try DumpFetch(
      site.url(of: name, release), for: path, label: entity.rawValue, client,
      progressStyle: progressStyle)
    defer { received += fetch.received }
    var backoff = order.patience.backoff
    var mismatches = 0
    while true {
      let expected = try digest(of: entity, list, release)
      let whole = try fetch.run(sha256: expected)
      if whole.sha256 == expected {
        return try keep(whole, fetch.part, entity, path)
      }
      mismatches += 1
      log.warning(
        "\(name): what came has not the published digest", ["published": expected, "came": whole.sha256])
      if whole.isFromOnePiece {
        // Perhaps it was replaced, and CHECKSUM.txt with it, since that was read.
        var refusal: Int?
        if let newer = try checksums(of: release, &refusal) { list = newer }
        if list.digests[name] == whole.sha256 { return try keep(whole, fetch.part, entity, path) }
      }
      try fetch.part.discard()
      guard mismatches < 2 else {
        throw TaskError(
          .data,
          "\(name): what \(fetch.shownURL) serves has the SHA-256 \(whole.sha256), not \(expected) as published",
          advice: "the site may be in the middle of replacing it: run it again in a few hours")
      }
      Pause.sleep(backoff.pause())
    }
  }

  /// Gives a verified part its name.
  private func keep(
    _ whole: DumpFetch.Whole, _ part: PartialDump, _ entity: Entity, _ path: String
  ) throws -> VerifiedDump {
    try part.rename(to: path)
    if let identity = try? RememberedHash.Identity(of: path) {
      RememberedHash.remember(path, whole.sha256, bytes: whole.bytes, since: identity)
    }
    log.info("\(Files.name(of: path)) is verified", ["bytes": whole.bytes, "sha256": whole.sha256])
    return VerifiedDump(entity: entity, path: path, bytes: whole.bytes, sha256: whole.sha256, isNew: true)
  }
}

/// There is no such file in a folder that is asked like a site.
struct MissingFile: Error { var url: String }
