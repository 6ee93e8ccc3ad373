import Foundation
import Lake
import Platform
import Schema
import Synchronization
import TaskKit
import TestSupport
import Testing

@testable import Ingest

/// A lake with one dump of our own making.
private struct Case {
  let lake: Lake
  let raw: String
  let entity: Entity

  /// - Parameter compressed: the dump as gzip made it.
  init(_ folder: String, _ entity: Entity, compressed: Data) throws {
    self.entity = entity
    lake = Lake(path: folder)
    raw = folder + "/_raw"
    try Files.createDirectory(raw + "/2026-08")
    try compressed.write(to: URL(fileURLWithPath: raw + "/2026-08/discogs_20260801_\(entity).xml.gz"))
  }

  /// Ingests into a new run and returns its folder.
  func ingest(_ stamp: Int, force: Bool = false, _ change: (inout Ingest) -> Void = { _ in }) throws
    -> RunFolder
  {
    let run = lake.run(try RunID(validating: "2026-08__20260801_\(100_000 + stamp)"))
    try Files.createDirectory(run.path)
    var ingest = Ingest(entity)
    change(&ingest)
    try ingest.run(
      try DumpFile.find(entity, for: run, rawRoot: raw), into: run, force: force,
      TaskContext(taskName: "ingest-entity"))
    return run
  }

  /// The bytes of the entity's datasets; the run's id, which the footer holds, replaced.
  func bytes(_ run: RunFolder) throws -> [String: [UInt8]] {
    var result: [String: [UInt8]] = [:]
    for dataset in entity.datasets {
      let files = try run.parquetFiles(of: dataset)
      #expect(files.count == 1)
      result[dataset.name] = try Files.read(files[0]).replacing(
        Array(run.id.text.utf8), with: Array("run".utf8))
    }
    return result
  }
}

private func gzip(_ text: String) throws -> Data {
  let path = NSTemporaryDirectory() + "/" + UUID().uuidString
  try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  defer { try? FileManager.default.removeItem(atPath: path) }
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = ["gzip", "-n", "-c", path]
  let pipe = Pipe()
  process.standardOutput = pipe
  try process.run()
  let data = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return data
}

private func withFolder(_ body: (String) throws -> Void) throws {
  let folder = NSTemporaryDirectory() + "/ingest-" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try body(folder)
}

/// Labels in every shape that makes cutting hard: nested ones at the start of a line, records within CDATA and
/// comments, broken ones, debris, and long ones.
private var nastyLabels: String {
  var text = "<?xml version=\"1.0\"?>\n<labels>\n"
  for id in 1...700 {
    text +=
      "<label><id>\(id)</id><name>Label \(id * 7919 % 1000)</name><profile>\(String(repeating: "x ", count: id % 90))</profile></label>\n"
    switch id % 50 {
    case 7:
      text +=
        "<label>\n<id>\(id)007</id>\n<sublabels>\n<label id=\"1\">a</label>\n<label>\n<b/>b</label>\n</sublabels>\n</label>\n"
    case 13:
      text += "<label><id>\(id)013</id><name><![CDATA[\n<label><id>1</id></label>\n]]></name></label>\n"
    case 19: text += "<!--\n<label><id>2</id></label>\n-->\n"
    case 23: text += "<label><id>\(id)023</id><name>broken</label>\n"
    case 31: text += "<label><name>no id</name></label>\n"
    case 37: text += "stray </name>\n"
    case 41: text += "<label><id>\(id)041</id><name>\u{1}</name></label>\n"
    default: break
    }
  }
  return text + "</labels>\n"
}

struct IngestTests {
  /// Preflight makes runs: an id with a slip in it is a new one.
  @Test func aRunThatIsNotThereIsWarnedOf() throws {
    try withFolder { folder in
      let it = try Case(folder, .labels, compressed: gzip("<labels><label><id>1</id></label></labels>"))
      func said() throws -> String {
        try task(
          "ingest-entity",
          [
            "--entity", "labels", "--lake", it.lake.path, "--raw-root", it.raw, "--run-id",
            "2026-08__20260801_000000", "--force",
          ], expecting: 0
        ).stderr
      }
      #expect(try said().contains("there was no run 2026-08__20260801_000000"))
      #expect(try !said().contains("there was no run"))
    }
  }

  @Test(arguments: ["no dump", "no gzip"]) func aTaskThatRefusesLeavesNoRun(_ fault: String) throws {
    try withTemporaryFolder { folder in
      try folder.write("no gzip", to: "lake/_raw/2026-08/discogs_20260801_labels.xml.gz")
      let month = fault == "no dump" ? "2026-07" : "2026-08"
      try task(
        "ingest-entity",
        ["--entity", "labels", "--lake", folder.path("lake"), "--run-id", "\(month)__20260801_000000"],
        expecting: fault == "no dump" ? 66 : 65)
      #expect(try Lake(path: folder.path("lake")).runs().ids.isEmpty)
    }
  }

  /// Nothing is said to be done before it is, and what the list lacks is named.
  @Test(arguments: ["another", "two", "no list", "pipe"])
  func aDumpIsComparedWithTheListBesideIt(_ list: String) throws {
    try withFolder { folder in
      let data = try gzip("<labels><label><id>1</id></label></labels>")
      let it = try Case(folder, .labels, compressed: data)
      let (digest, other) = (SHA256.of(Array(data)), String(repeating: "a", count: 64))
      let (name, path) = ("discogs_20260801_labels.xml.gz", it.raw + "/2026-08/discogs_20260801_CHECKSUM.txt")
      switch list {
      case "another": try Files.writeAtomically(Array("\(other) \(name)\n".utf8), to: path)
      case "two": try Files.writeAtomically(Array("\(other) \(name)\n\(digest) \(name)\n".utf8), to: path)
      case "no list": try Files.writeAtomically(Array("first\nsecond\n".utf8), to: path)
      default: #expect(try ChildProcess.run("/usr/bin/env", ["mkfifo", path]).termination.isSuccess)
      }
      try Files.createDirectory(it.lake.run(RunID(validating: "2026-08__20260801_000000")).path)
      let isRefused = list == "another" || list == "two"
      let ended = try task(
        "ingest-entity",
        [
          "--entity", "labels", "--lake", it.lake.path, "--raw-root", it.raw, "--run-id",
          "2026-08__20260801_000000",
        ], expecting: isRefused ? 65 : 0)
      #expect(ended.stderr.contains("labels: 1 record") == !isRefused, "\(ended.stderr)")
      switch list {
      case "another": #expect(ended.lastErrorLine.contains("is not what was published"))
      case "two": #expect(ended.lastErrorLine.contains("more than one SHA-256 digest of \(name)"))
      case "no list":
        #expect(ended.stderr.contains("no list of SHA-256") && ended.stderr.contains("\"second\""))
      default: #expect(ended.stderr.contains("CHECKSUM.txt is no file that could be read"))
      }
    }
  }

  @Test(arguments: ["longer", "replaced", "touched", "copied"])
  func aDumpThatPreflightHasNotSeenIsSaidToBeAnother(_ change: String) throws {
    try withFolder { folder in
      let it = try Case(folder, .labels, compressed: gzip("<labels><label><id>1</id></label></labels>"))
      let run = it.lake.run(try RunID(validating: "2026-08__20260801_000000"))
      try Files.createDirectory(run.path)
      let seen = try DumpFile.find(.labels, for: run, rawRoot: it.raw)
      var raw = it.raw
      let lines = Mutex<[String]>([])
      let context = TaskContext(
        taskName: "ingest-entity", log: Log(task: "", write: { line in lines.withLock { $0.append(line) } }))
      try TaskRun(TaskName.preflight, of: run, context, force: false, makes: .findings).perform(inputs: { [] }
      ) {
        $0.inputs = [try seen.input()]
      }
      switch change {
      case "longer":
        let more = try gzip("<labels><label><id>1</id></label><label><id>2</id></label></labels>")
        try more.write(to: URL(fileURLWithPath: seen.path))
      case "replaced": try Files.writeAtomically(Files.read(seen.path), to: seen.path)
      case "touched": try Files.setModificationTime(seen.path, to: 1_000_000_000_000_000_000)
      default:
        raw = folder + "/copy"
        try Files.createDirectory(raw + "/2026-08")
        try Files.writeAtomically(Files.read(seen.path), to: "\(raw)/2026-08/\(Files.name(of: seen.path))")
      }
      let dump = try DumpFile.find(.labels, for: run, rawRoot: raw)
      try Ingest(.labels).run(dump, into: run, force: false, context)
      let warned = lines.withLock { $0.contains { $0.contains("labels.xml.gz is not what preflight saw") } }
      #expect(warned == (change != "copied"))
    }
  }

  @Test func theThreadsDoNotMatter() throws {
    try withFolder { folder in
      let it = try Case(folder, .labels, compressed: gzip(nastyLabels))
      let one = try it.ingest(1) {
        $0.threads = 1
        $0.chunkSize = 2000
        $0.rowGroupLimits.rows = 100
      }
      let expected = try it.bytes(one)
      for threads in [2, 3, 8] {
        let many = try it.ingest(threads) {
          $0.threads = threads
          $0.chunkSize = 2000
          $0.rowGroupLimits.rows = 100
        }
        #expect(try it.bytes(many) == expected)
        #expect(try Files.read(many.rejectsFile(.labels)) == Files.read(one.rejectsFile(.labels)))
      }
    }
  }

  /// Debris is given up piece by piece: what is kept in memory has a bound, and the pieces are the same wherever the
  /// chunks end.
  @Test func debrisWithoutAnEndIsRejectedInPieces() throws {
    let debris = [
      String(repeating: "stray <b> & ", count: 3_000_000), String(repeating: "text ", count: 7_000_000),
      "<!-- \(String(repeating: "comment ", count: 1_200_000)) -->",
      "<label><id>9</id><name>\(String(repeating: "long ", count: 3_500_000))</name></label>",
    ]
    let records = (1...5).map { "<label><id>\($0)</id><name>sound</name></label>\n" }
    let text = zip(records, debris + [""]).map { "\($0)\($1)\n" }.joined()
    try withFolder { folder in
      let it = try Case(folder, .labels, compressed: gzip("<labels>\n\(text)</labels>\n"))
      let runs = try [64 << 20, 1 << 20, 300_000].enumerated().map { number, size in
        try it.ingest(number + 1) { $0.chunkSize = size }
      }
      let rejects = try Files.read(runs[0].rejectsFile(.labels))
      for run in runs {
        #expect(try it.bytes(run) == it.bytes(runs[0]))
        #expect(try Files.read(run.rejectsFile(.labels)) == rejects)
        #expect(try run.state("ingest-labels")?.output(of: .labels)?.rows == 5)
      }
      // The first begins with text, goes on with an element that does not end, and is cut; the second is cut.
      #expect(rejects.count { $0 == UInt8(ascii: "\n") } >= 3 + 2 + 1 + 1)
    }
  }

  @Test(arguments: [50, 300, 1000, 4096, 1 << 20])
  func theChunksDoNotMatter(_ size: Int) throws {
    try withFolder { folder in
      let it = try Case(folder, .labels, compressed: gzip(nastyLabels))
      let whole = try it.ingest(1) {
        $0.threads = 1
        $0.chunkSize = 10 << 20
      }
      let cut = try it.ingest(2) {
        $0.threads = 2
        $0.chunkSize = size
      }
      #expect(try it.bytes(cut) == it.bytes(whole))
      #expect(try Files.read(cut.rejectsFile(.labels)) == Files.read(whole.rejectsFile(.labels)))
      let state = try #require(try cut.state("ingest-labels"))
      // 700 ordinary ones, and of each of the others one in fifty; the stray text and tag are two pieces.
      #expect(state.counters["records_read"] == 700 + 3 * 14)
      #expect(state.counters["records_rejected"] == 5 * 14)
      #expect(state.output(of: .labels)?.rows == 700 + 2 * 14)
    }
  }

  @Test func rejectsSayWhereAndWhy() throws {
    try withFolder { folder in
      let text = "<masters>\n<master id=\"1\"/>\n<master><title>no id</title></master>\n</masters>\n"
      let it = try Case(folder, .masters, compressed: gzip(text))
      let run = try it.ingest(1)
      let line = try String(decoding: Files.read(run.rejectsFile(.masters)), as: UTF8.self)
      #expect(
        line
          == "{\"excerpt\":\"<master><title>no id</title></master>\",\"length\":37,\"offset\":27,\"reason\":\"the record has no id\"}\n"
      )
    }
  }

  @Test func tooManyRejectsFailAndLeaveTheRejects() throws {
    try withFolder { folder in
      let text =
        "<masters>\n" + String(repeating: "<master><title>no id</title></master>\n", count: 5)
        + "</masters>\n"
      let it = try Case(folder, .masters, compressed: gzip(text))
      let error = #expect(throws: TaskError.self) { try it.ingest(1) { $0.maxRejects = 4 } }
      #expect(error?.exitCode == .data)
      let run = it.lake.run(try RunID(validating: "2026-08__20260801_100001"))
      #expect(try Files.list(run.path) == ["_rejects", "_reports"])
      _ = try it.ingest(1) { $0.maxRejects = 5 }
      #expect(try run.state("ingest-masters")?.outputs.allSatisfy { $0.files == 1 && $0.rows == 0 } == true)
    }
  }

  @Test func aDumpThatEndsEarlyLeavesNothingButWhy() throws {
    try withFolder { folder in
      let whole = try gzip(nastyLabels)
      let it = try Case(folder, .labels, compressed: whole.prefix(whole.count / 2))
      let error = #expect(throws: TaskError.self) { try it.ingest(1) }
      #expect(error?.exitCode == .data)
      let run = it.lake.run(try RunID(validating: "2026-08__20260801_100001"))
      #expect(try Files.list(run.path) == ["_reports"])
    }
  }

  /// Orders in which ids come again: next to the first one; many times; much later; in a dump without order; beyond
  /// what is kept as bits, ascending and descending.
  static let repeatedIDs: [[Int]] = {
    let inOrder: [Int] = Array(1...400) + [7] + Array(401...600) + [600]
    let backwards: [Int] = Array((1...500).reversed()) + [250] + Array(600...700)
    let large: [Int] = (0..<900).map { ($0 % 600) * 1_000_000_007_919 + 1 }
    let largeBackwards: [Int] = (0..<900).map { (900 - $0 % 700) << 40 }
    // Far apart, and some of them beyond what is kept as bits.
    let scattered: [Int] = (0..<900).map { ($0 * 271 % 800) * 3_000_017 }
    return [[1, 1, 2, 3], [5, 5, 5, 5, 5], inOrder, backwards, large, largeBackwards, scattered]
  }()

  /// The first record of an id is kept, however the work is cut and shared.
  @Test(arguments: repeatedIDs)
  func aRecordWhoseIDCameBeforeIsRejected(_ ids: [Int]) throws {
    let text = ids.enumerated().map { "<master id=\"\($1)\"><title>number \($0)</title></master>\n" }.joined()
    let firsts = Dictionary(ids.enumerated().map { ($1, $0) }) { first, _ in first }
    try withFolder { folder in
      let it = try Case(folder, .masters, compressed: gzip("<masters>\n\(text)</masters>\n"))
      var expected: (datasets: [String: [UInt8]], rejects: [UInt8])?
      for (stamp, (threads, chunkSize, limit)) in [(1, 200, 10), (4, 200, 60), (3, 3000, 400_000)]
        .enumerated()
      {
        let run = try it.ingest(stamp) {
          $0.threads = threads
          $0.chunkSize = chunkSize
          $0.seenIDLimit = limit
          // The same row groups, whatever the chunks.
          $0.rowGroupLimits = .init(rows: .max, bytes: .max)
        }
        let counters = try #require(try run.state("ingest-masters")).counters
        #expect(counters["records_rejected"] == ids.count - firsts.count)
        #expect(counters["records_read"] == ids.count)
        let rejects = try Files.read(run.rejectsFile(.masters))
        let lines = String(decoding: rejects, as: UTF8.self).split(separator: "\n")
        #expect(lines.count == ids.count - firsts.count)
        #expect(lines.allSatisfy { $0.contains("the record's id came before: ") })
        for (_, index) in firsts {
          #expect(!lines.contains { $0.contains("number \(index)<") }, "the first one is kept")
        }
        let datasets = try it.bytes(run)
        #expect(datasets == (expected ?? (datasets, rejects)).datasets)
        #expect(rejects == (expected ?? (datasets, rejects)).rejects)
        expected = (datasets, rejects)
        #expect(try Files.list(run.path).allSatisfy { !$0.hasPrefix(".staging") })
      }
    }
  }

  @Test func anIDThatIsNoneIsCalledWhatItIs() throws {
    try withFolder { folder in
      let ids = ["9223372036854775807", "9223372036854775808", "12x", ""]
      let text = ids.map { "<artist><id>\($0)</id></artist>\n" }.joined()
      let it = try Case(folder, .artists, compressed: gzip("<artists>\n\(text)</artists>\n"))
      let run = try it.ingest(1)
      let lines = try String(decoding: Files.read(run.rejectsFile(.artists)), as: UTF8.self).split(
        separator: "\n")
      #expect(lines.count == 3)
      #expect(lines[0].contains("the record's id is beyond 64 bits: \\\"9223372036854775808\\\""))
      #expect(lines[1].contains("the record's id is not a number: \\\"12x\\\""))
      #expect(lines[2].contains("the record has no id"))
    }
  }

  /// "Download it again" helps only where the file is damaged.
  @Test(arguments: [
    (Entity.artists, "<labels>\n</labels>\n", "dump of artists"),
    (.labels, "hello", "look at what is in the file"),
    (.labels, "<?xml version=\"1.0\" encoding=\"nonsense\"?><labels/>", "convert the dump to UTF-8"),
    (.labels, "<labels>\n<label><id>1</id></label>\n", "download it again"),
  ])
  func adviceFitsItsCause(entity: Entity, text: String, advice: String) throws {
    try withFolder { folder in
      let it = try Case(folder, entity, compressed: gzip(text))
      let error = #expect(throws: TaskError.self) { try it.ingest(1) }
      #expect(error?.exitCode == .data)
      #expect(error?.advice?.contains(advice) == true, "\(error.debugDescription)")
      #expect(error?.advice?.contains("download it again") == (advice == "download it again"))
    }
  }

  @Test func whatIsNotThePublishedDumpIsRefused() throws {
    try withFolder { folder in
      let data = try gzip("<labels>\n<label><id>1</id></label>\n</labels>\n")
      let one = try Case(folder, .labels, compressed: data)
      let name = "discogs_20260801_labels.xml.gz"
      let list = one.raw + "/2026-08/discogs_20260801_CHECKSUM.txt"
      let hash = SHA256.of(Array(data))
      try Data("\(hash) \(name)\n".utf8).write(to: URL(fileURLWithPath: list))
      let run = try one.ingest(1)
      #expect(try run.manifest()?.dumps.map(\.sha256) == [hash])
      let other = String(repeating: "ab", count: 32)
      try Data("\(other) \(name)\n".utf8).write(to: URL(fileURLWithPath: list))
      let refusal = try #require(throws: TaskError.self) { _ = try one.ingest(2) }
      #expect(refusal.exitCode == .data)
      #expect(refusal.message.contains(hash) && refusal.message.contains(other))
      #expect(refusal.message.contains("/2026-08/discogs_20260801_CHECKSUM.txt says"))
      let refused = one.lake.run(try RunID(validating: "2026-08__20260801_100002"))
      #expect(try Files.list(refused.path) == ["_reports"])
      // A list that names others says nothing of this one.
      try Data("\(other) discogs_20260801_masters.xml.gz\n".utf8).write(to: URL(fileURLWithPath: list))
      #expect(try one.ingest(3).state("ingest-labels") != nil)
    }
  }

  /// Where no note can be left beside the dump, as on a disk of somebody else's.
  @Test func aDumpThatWasReadIsKnownAgainWithoutBeingRead() throws {
    try withFolder { folder in
      let data = try gzip("<labels>\n<label><id>1</id></label>\n</labels>\n")
      let one = try Case(folder, .labels, compressed: data)
      let run = try one.ingest(1)
      let state = try #require(try run.state("ingest-labels"))
      let dump = try DumpFile.find(.labels, for: run, rawRoot: one.raw)
      try Files.remove(RememberedHash.noteFile(dump.path))
      #expect(try dump.input(knownFrom: state) == state.inputs[0])
      #expect(!Files.exists(RememberedHash.noteFile(dump.path)), "that one was read")
      // The same bytes in another file are the same dump, which only reading shows.
      try Files.writeAtomically(Array(data), to: dump.path)
      let half = Files.temporaryName(beside: RememberedHash.noteFile(dump.path))
      try Data().write(to: URL(fileURLWithPath: half))
      #expect(try dump.input(knownFrom: state).sha256 == state.inputs[0].sha256)
      #expect(Files.exists(RememberedHash.noteFile(dump.path)))
      #expect(!Files.exists(half), "a task that was killed left it")
      #expect(try one.ingest(1).state("ingest-labels") == state)
    }
  }

  /// What takes a dump's place while it is read, of the same size, is not believed to be what was read.
  @Test(arguments: ["overwritten", "replaced"]) func aDumpThatIsAnotherAfterwardsIsReadAgain(_ change: String)
    throws
  {
    try withFolder { folder in
      let data = try gzip("<labels>\n<label><id>1</id></label>\n</labels>\n")
      let other = try gzip("<labels>\n<label><id>2</id></label>\n</labels>\n")
      #expect(data.count == other.count)
      let one = try Case(folder, .labels, compressed: data)
      let run = one.lake.run(try RunID(validating: "2026-08__20260801_100001"))
      try Files.createDirectory(run.path)
      let dump = try DumpFile.find(.labels, for: run, rawRoot: one.raw)
      try Files.setModificationTime(dump.path, to: 1_000_000_000_000_000_000)
      // The dump has been read by then, and the list that lies beside it is none, which is said.
      try Data("none".utf8).write(
        to: URL(fileURLWithPath: one.raw + "/2026-08/discogs_20260801_CHECKSUM.txt"))
      let log = Log(
        task: "ingest-entity",
        write: { line in
          guard line.contains("no list of SHA-256") else { return }
          if change == "replaced" {
            try? Files.writeAtomically(Array(other), to: dump.path)
          } else {
            try? other.write(to: URL(fileURLWithPath: dump.path))
          }
        })
      let context = TaskContext(taskName: "ingest-entity", log: log)
      try Ingest(.labels).run(dump, into: run, force: false, context)
      #expect(Data(try Files.read(dump.path)) == other)
      let state = try #require(try run.state("ingest-labels"))
      #expect(state.inputs.map(\.sha256) == [SHA256.of(Array(data))])
      #expect(!Files.exists(RememberedHash.noteFile(dump.path)))
      #expect(try dump.input(knownFrom: state).sha256 == SHA256.of(Array(other)))
      let refusal = #expect(throws: TaskError.self) {
        try Ingest(.labels).run(dump, into: run, force: false, context)
      }
      #expect(refusal?.message.contains("is already done for run \(run.id), from other inputs") == true)
    }
  }

  /// All datasets of releases, from records that have a bit of everything, in chunks and row groups of a few rows.
  @Test func theThreadsDoNotMatterForTheDetails() throws {
    try withFolder { folder in
      let path = Checkout.path("fixtures/dumps/2026-08/discogs_20260801_releases.xml.gz")
      let it = try Case(folder, .releases, compressed: Data(contentsOf: URL(fileURLWithPath: path)))
      let runs = try [1, 2, 3, 8].map { threads in
        try it.ingest(threads) {
          $0.threads = threads
          $0.chunkSize = 20_000
          $0.rowGroupLimits.rows = 50
        }
      }
      let expected = try it.bytes(runs[0])
      #expect(expected.count == Entity.releases.datasets.count)
      let outputs = try #require(try runs[0].state("ingest-releases")).outputs
      #expect(outputs.count { $0.rows == 0 } <= 1, "images are gone")
      for run in runs.dropFirst() { #expect(try it.bytes(run) == expected) }
    }
  }

  @Test func driftIsInTheState() throws {
    try withFolder { folder in
      let it = try Case(
        folder, .masters,
        compressed: gzip("<masters>\n<master id=\"1\" new=\"1\"><award/></master>\n</masters>"))
      let run = try it.ingest(1)
      let counters = try #require(try run.state("ingest-masters")).counters
      #expect(counters["unknown:master/@new"] == 1)
      #expect(counters["unknown:master/award"] == 1)
      #expect(counters["unknown_elements_and_attributes"] == 2)
    }
  }
}

extension Array where Element: Equatable {
  fileprivate func replacing(_ old: [Element], with new: [Element]) -> [Element] {
    Array(split(separator: old, omittingEmptySubsequences: false).joined(separator: new))
  }
}
