import Foundation
import Lake
import Platform
import Schema
import TestSupport
import Testing

/// A kind of dump that somebody made to do harm: small when packed, or broken where it costs most.
struct HostileDump: Sendable, CustomTestStringConvertible {
  let name: String
  let entity: Entity
  /// The dump, of about so many bytes.
  let text: @Sendable (Int) -> String

  var testDescription: String { name }

  /// A dump of records that are alike, each with its number in place of `#`.
  init(_ name: String, _ entity: Entity, prolog: String = "", records: String) {
    self.init(name, entity) { size in
      let parts = "\(records)\n".split(separator: "#", omittingEmptySubsequences: false)
      let count = max(1, size / (records.utf8.count + 1))
      let all = (1...count).map { parts.joined(separator: "\($0)") }.joined()
      return "\(prolog)<\(entity)>\n\(all)</\(entity)>\n"
    }
  }

  /// A dump of one record.
  init(_ name: String, _ entity: Entity, record: @escaping @Sendable (Int) -> String) {
    self.name = name
    self.entity = entity
    text = record
  }

  static let ordinary = HostileDump(
    "ordinary", .artists,
    records: """
      <artist><id>#</id><name>Artist #</name><realname>Real Name #</realname><profile>Some text about the artist \
      number #, of no importance at all, and so on.</profile><data_quality>Correct</data_quality><urls><url>\
      http://example.org/#</url></urls><aliases><name id="#">Alias #</name></aliases></artist>
      """)

  private static func repeated(_ text: String, _ size: Int) -> String {
    String(repeating: text, count: size / text.utf8.count)
  }

  private static func numbered(_ count: Int, _ text: (Int) -> String) -> String {
    (0..<count).map(text).joined()
  }

  private static func entities(_ count: Int, doubling: Bool) -> String {
    let declarations = (1...count).map {
      "<!ENTITY e\($0) \"\(doubling ? "&e\($0 - 1);&e\($0 - 1);" : "text")\">"
    }
    return "<!DOCTYPE artists [<!ENTITY e0 \"ha\">\(declarations.joined())]>\n"
  }

  static let all: [HostileDump] = [
    HostileDump("comments that do not end", .artists, records: "<!--\n<artist><id>#</id></artist>"),
    HostileDump(
      "comments that do not end, in records", .artists, records: "<artist><id>#</id><!--\n</artist>"),
    HostileDump("instructions that do not end", .artists, records: "<?x \n<artist><id>#</id></artist>"),
    HostileDump("sections that do not end", .artists, records: "<artist><name><![CDATA[\n</name></artist>"),
    HostileDump("sublabels that do not end", .labels, records: "<label><id>#</id><sublabels>"),
    HostileDump(
      "sublabels that do not end, and labels that do", .labels,
      records: "<label><id>#</id><sublabels>\n<label><id>#5</id><name>x</name></label>"),
    HostileDump("comments that all end at the end, in records", .artists) { size in
      "<artists>\n\(repeated("<artist><id>1</id><!--\n", size / 2))-->\(repeated("<x/>", size / 2))</artists>\n"
    },
    HostileDump("small records with comments", .artists, records: "<artist><id>#</id><!----></artist>"),
    HostileDump("small records with carriage returns", .artists, records: "<artist><id>#</id>\r</artist>"),
    HostileDump("deep nesting", .releases) { size in
      let depth = min(size / 7, 100_000)
      return
        "<releases>\n<release id=\"1\">\(repeated("<a>", depth * 3))\(repeated("</a>", depth * 4))</release>\n</releases>"
    },
    HostileDump("deep nesting beyond the limit", .releases) { size in
      "<releases>\n<release id=\"1\">\(repeated("<a>", size / 7 * 3))\(repeated("</a>", size / 7 * 4))</release>\n</releases>"
    },
    HostileDump("long names around many leaves", .releases) { size in
      let names = (0..<60).map { String(repeating: "n", count: 900) + "\($0)" }
      return "<releases>\n<release id=\"1\">\(names.map { "<\($0)>" }.joined())\(repeated("<x/>", size))"
        + "\(names.reversed().map { "</\($0)>" }.joined())</release>\n</releases>"
    },
    HostileDump(
      "new names without end", .releases, records: "<release id=\"#\"><n#/><m# a#=\"\"/></release>"),
    HostileDump("attributes without end", .releases) { size in
      "<releases>\n<release id=\"1\" \(numbered(size / 11) { "a\($0)=\"\" " })/>\n</releases>"
    },
    HostileDump("attributes without end, for libxml2", .releases) { size in
      "<releases>\n<release id=\"1\" \(numbered(size / 11) { "a\($0)=\"\" " })><!-- --></release>\n</releases>"
    },
    HostileDump(
      "many attributes, for libxml2", .releases,
      records: "<release id=\"#\" \(numbered(250) { "a\($0)=\"\" " })><!-- --></release>"),
    HostileDump(
      "a billion laughs", .artists, prolog: entities(30, doubling: true),
      records: "<artist><id>#</id><name>&e30;</name></artist>"),
    HostileDump(
      "a million laughs", .artists, prolog: entities(18, doubling: true),
      records: "<artist><id>#</id><name>&e18;</name></artist>"),
    HostileDump(
      "a thousand laughs", .artists, prolog: entities(8, doubling: true),
      records: "<artist><id>#</id><name>&e8;</name></artist>"),
    HostileDump(
      "many entities", .artists, prolog: entities(30_000, doubling: false),
      records: "<artist><id>#</id><name>&e5;</name></artist>"),
    HostileDump("one id for all", .labels, records: "<label><id>1</id></label>"),
    HostileDump("each id twice", .labels, records: "<label><id>#</id></label>\n<label><id>#</id></label>"),
    HostileDump("records without an id", .artists, records: "<artist>x</artist>"),
    HostileDump("text between records", .artists) { "<artists>\n\(repeated("x", $0))</artists>\n" },
    HostileDump("open elements between records", .artists) {
      "<artists>\n\(repeated("<b> ", $0))</artists>\n"
    },
    HostileDump("a long name in a row for each of many members", .artists) { size in
      "<artists>\n<artist><id>1</id><name>\(repeated("N", size / 2))</name><members>"
        + numbered(size / 40) { "<name id=\"\($0 + 1)\">m</name>" } + "</members></artist>\n</artists>\n"
    },
    HostileDump("a long name in a row for each of many groups, as large as rows may be", .artists) { size in
      let groups = numbered(1_800) { "<name id=\"\($0 + 1)\">g</name>" }
      return "<artists>\n"
        + numbered(size / 75_000) {
          "<artist><id>\($0)</id><name>\(repeated("N", 36_000))</name><groups>\(groups)</groups></artist>\n"
        } + "</artists>\n"
    },
    HostileDump("tracks in tracks in tracks", .releases) { size in
      let depth = size / 50
      return "<releases>\n<release id=\"1\"><tracklist>\(repeated("<track><sub_tracks>", depth * 19))"
        + "\(repeated("</sub_tracks></track>", depth * 21))</tracklist></release>\n</releases>\n"
    },
    HostileDump("empty artists of a track", .releases) { size in
      "<releases>\n<release id=\"1\"><tracklist><track><artists>\(repeated("<artist/>", size))"
        + "</artists></track></tracklist></release>\n</releases>\n"
    },
    HostileDump(
      "namespaces", .releases, records: "<release xmlns:a#=\"u\" a#:b=\"1\" id=\"#\"><a#:c/></release>"),
    HostileDump("lists of attributes", .artists) { size in
      "<!DOCTYPE artists [\(numbered(size / 50) { "<!ATTLIST artist a\($0) CDATA \"v\">" })]>\n<artists>\n"
        + numbered(size / 80) { "<artist><id>\($0)</id><!-- --></artist>\n" } + "</artists>\n"
    },
    HostileDump("empty known elements", .releases) { size in
      "<releases>\n<release id=\"1\"><artists>\(repeated("<artist/>", size))</artists></release>\n</releases>"
    },
  ]
}

/// Any dump is read in time and memory in proportion to its size, or refused.
struct HostileDumpTests {
  /// Runs the program over the dump, as users run it.
  /// - Parameters:
  ///   - size: how large the dump is, unpacked, in bytes.
  ///   - check: gets the run and how the program ended.
  private static func ingest(
    _ dump: HostileDump, size: Int, maxRejects: Int? = nil,
    _ check: (RunFolder, Execution) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      let run = try write(dump, size: size, in: folder)
      var arguments = [
        "--entity", dump.entity.rawValue, "--threads", "4", "--run-id", run.id.text, "--lake",
        folder.path("lake"), "--raw-root", folder.path("raw"),
      ]
      if let maxRejects { arguments += ["--max-rejects", String(maxRejects)] }
      let ended = try execute(Products.executable("ingest-entity"), arguments)
      #expect([0, 65].contains(ended.status), "\(ended.stderr.suffix(1000))")
      try check(run, ended)
    }
  }

  /// Puts the dump where ingest finds it, and makes a run.
  private static func write(_ dump: HostileDump, size: Int, in folder: TemporaryFolder) throws -> RunFolder {
    let plain = try folder.write(dump.text(size), to: "raw/2026-08/discogs_20260801_\(dump.entity).xml")
    #expect(try execute("/bin/gzip", ["-1", plain]).status == 0)
    let run = Lake(path: folder.path("lake")).run(try RunID(validating: "2026-08__20260801_000000"))
    try Files.createDirectory(run.path)
    return run
  }

  private static let sizeForTime = 500_000
  private static let sizeForMemory = 3_000_000

  /// What an ordinary dump takes, in seconds of processor time: the least of three.
  private static let ordinary = Result { try timeOfOrdinary(size: sizeForTime) }
  private static let ordinaryForMemory = Result { try timeOfOrdinary(size: sizeForMemory) }

  private static func timeOfOrdinary(size: Int) throws -> Double {
    var least = Double.infinity
    for _ in 1...3 {
      try ingest(.ordinary, size: size) { least = min(least, $1.processorSeconds) }
    }
    return least
  }

  /// Twenty times what an ordinary dump of that size takes, and a second, whether or not a thousand rejects end the work
  /// before.
  @Test(arguments: HostileDump.all)
  func takesTimeInProportion(_ dump: HostileDump) throws {
    let ordinary = try Self.ordinary.get()
    for maxRejects in [1000, 1_000_000_000] {
      try Self.ingest(dump, size: Self.sizeForTime, maxRejects: maxRejects) {
        #expect($1.processorSeconds < 20 * ordinary + 1, "an ordinary dump takes \(ordinary) s")
      }
    }
  }

  @Test(arguments: HostileDump.all)
  func takesLittleMemory(_ dump: HostileDump) throws {
    let ordinary = try Self.ordinaryForMemory.get()
    try Self.ingest(dump, size: Self.sizeForMemory) { run, ended in
      #expect(ended.peakMemory < 150 << 20)
      #expect(ended.processorSeconds < 20 * ordinary + 1, "an ordinary dump takes \(ordinary) s")
      #expect(ended.stderr.utf8.count < 100_000)
      let state = try? Files.size(run.stateFile("ingest-\(dump.entity)"))
      #expect(state ?? 0 < 200_000)
    }
  }
}
