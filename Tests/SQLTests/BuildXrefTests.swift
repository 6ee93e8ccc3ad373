import Derived
import Foundation
import Lake
import Platform
import SQL
import Schema
import TaskKit
import TestSupport
import Testing

/// Names with everything that lower-casing, numbers and white space can do wrong.
let nastyNames: [String] = {
  var names = [
    "Crosby, Stills & Nash", "Name (2)", "Name (2) (3)", "name", "NAME (12)", "Name(4)", "(5)", "()",
    "Name ()", "Name (x)",
    "Name (2) live", "Name (٣)", "İstanbul", "ΣΊΣΥΦΟΣ", "ẞtraße", "ǅ", "a\u{301} É é", "\u{1F600}",
    "A  b\t\nC", "tab\t(7)",
    "\u{A0}", "'quoted\" \\ %_", "line\u{2028}sep", "zero\0byte", "cr\r\nlf", "Ω Å K", "Ⅷ Ⓐ Ａ",
  ]
  for code in PlainDerivation.whiteSpace.sorted() {
    let space = String(Unicode.Scalar(code)!)
    names += ["a\(space)b", "a\(space)\(space) b", "n\(space)(2)"]
  }
  // Not white space here, though some engines think so.
  for code: UInt32 in [0x180E, 0x200B, 0x2060, 0xFEFF, 0x08, 0x1B, 0x7F] {
    names.append("a\(Unicode.Scalar(code)!)b")
  }
  return names
}()

/// Every way in which links can be odd, over ``nastyNames``.
let nastySources: [Dataset: [[SQLValue]]] = {
  var sources: [Dataset: [[SQLValue]]] = [:]
  sources[.artists] = nastyNames.enumerated().map { index, name in
    row(
      index + 1, name, index % 3 == 0 ? nastyNames[(index + 5) % nastyNames.count] : nil, nil, nil, nil, nil,
      nil)
  }
  sources[.artists]! += [
    row(900, nil, nil, nil, nil, nil, nil, nil), row(901, "Twin", "TWIN", nil, nil, nil, nil, nil),
  ]
  sources[.artistAliases] =
    nastyNames.enumerated().map { row($0 + 1, $0 % 2 == 0 ? $0 : nil, $1) } + [row(5000, 1, "Gone")]
  sources[.artistMemberships] =
    nastyNames.enumerated().map { row(7, $1, $0 + 1, "x") } + [
      row(7, "Group", 5001, "gone"), row(7, nil, 1, nil),
    ]
  sources[.releaseArtistLinks] =
    nastyNames.enumerated().map { row($0 / 4, $0 % 4 + 1, $0 % 5, $1, nil, ",") }
    + [
      row(50, 1, 9, "First"), row(50, 2, 9, "First (again)"), row(50, 3, nil, "Nobody"),
      row(50, 4, nil, "nobody"),
      row(50, 5, nil, "Nobody"), row(50, 6, nil, nil), row(51, 1, 9, nil), row(51, 2, 9, "Second"),
      row(51, 3, 10, nil),
    ].map { $0 + row(nil, nil) }
  sources[.releaseLabelLinks] =
    nastyNames.enumerated().map { row($0 / 3, $0 % 3 + 1, $0 % 7, $1, "CAT \($0)") } + [
      row(60, 1, 1, "Twice", "A"), row(60, 2, 1, "Twice", "A"), row(60, 3, 1, "Twice", "B"),
      row(61, 1, 1, "TWICE", nil),
      row(62, 1, nil, nil, "none"), row(63, 1, 3, "twice", nil),
    ]
  sources[.releaseGenreLinks] =
    nastyNames.enumerated().map { row($0 / 3, $0 % 3 + 1, $1) } + [
      row(1, 9, "Folk, World, & Country"), row(1, 10, "Funk / Soul"),
    ]
  sources[.releaseStyleLinks] = nastyNames.enumerated().map { row(0, $0, $1) } + [row(0, 500, nastyNames[0])]
  return sources
}()

@Suite(.needs(Tools.duckdb)) struct BuildXrefTests {
  private func build(_ lake: TestLake, _ run: RunFolder, force: Bool = false, threads: Int? = nil) throws {
    try BuildXref(run: run, lake.context).perform(force: force) { scratch in
      try scratchEngine(spillParent: scratch, threads: threads)
    }
  }

  @Test func everyDatasetIsWhatItsDocumentationSays() throws {
    try withTemporaryFolder { folder in
      let lake = try TestLake(folder)
      let run = try lake.addRun(nastySources)
      try build(lake, run)
      let plain = PlainDerivation(sources: nastySources)
      for dataset in Dataset.derived(.core) {
        let rows = try lake.rows(of: dataset, run)
        let expected = plain.rows(of: dataset)
        #expect(Set(rows).subtracting(expected) == [], "too many in \(dataset.name)")
        #expect(expected.subtracting(rows) == [], "missing in \(dataset.name)")
        #expect(rows.count == expected.count, "\(dataset.name) has rows twice")
        let output = try #require(try run.state("build-xref")?.output(of: dataset))
        #expect(output.rows == rows.count)
        #expect(try Files.list(run.datasetFolder(dataset)) == ["part-00000-\(run.id).parquet"])
      }
      #expect(try Files.list(run.path).filter { $0.hasPrefix(".") } == [])
    }
  }

  @Test func lowerCaseIsTheSimpleMappingOfEveryCharacter() throws {
    let engine = try scratchEngine()
    var wrong: [String] = []
    try engine.query(
      """
      SELECT code, lower(chr(CAST(code AS INTEGER))) FROM range(1, 1114112) t (code)
      WHERE code NOT BETWEEN 55296 AND 57343 AND lower(chr(CAST(code AS INTEGER))) <> chr(CAST(code AS INTEGER))
      """
    ) { row in
      let scalar = Unicode.Scalar(UInt32(row[0].int64!))!
      if row[1].string != PlainDerivation.lower(String(scalar)) {
        wrong.append("U+\(String(scalar.value, radix: 16))")
      }
    }
    #expect(wrong == [])
  }

  @Test func theBytesDependOnTheRowsAlone() throws {
    try withTemporaryFolder { folder in
      let lake = try TestLake(folder)
      let run = try lake.addRun(nastySources)
      // Enough for several row groups, which threads could put in any order.
      let engine = try scratchEngine()
      try engine.run(
        """
        COPY (SELECT range % 90000 AS release_id, range AS position, hash(range) % 1000 AS label_id,
          'Label ' || (hash(range) % 5000) AS label_name, 'cat ' || range AS catno FROM range(400000))
        TO \(SQLText.literal(Files.join(run.datasetFolder(.releaseLabelLinks), run.partName(0)))) (FORMAT parquet)
        """)
      func hashes() throws -> [String] {
        try Dataset.derived(.core).flatMap { dataset in
          try run.parquetFiles(of: dataset).map { try SHA256.ofFile($0).hex }
        }
      }
      try build(lake, run, threads: 1)
      let alone = try hashes()
      #expect(alone.count == Dataset.derived(.core).count)
      try build(lake, run, force: true, threads: 2)
      #expect(try hashes() == alone)
    }
  }

  /// Whoever looks something up by its key finds the rows side by side.
  @Test func everyDatasetLiesInTheOrderOfItsKey() throws {
    try withTemporaryFolder { folder in
      let lake = try TestLake(folder)
      let run = try lake.addRun(nastySources)
      try build(lake, run)
      let keys: [Dataset: String] = [
        .artistNameMap: "norm_name", .releaseArtists: "artist_id", .releaseLabelXref: "label_norm",
        .labelReleaseCounts: "label_norm", .releaseGenreXref: "genre_norm", .releaseStyleXref: "style_norm",
      ]
      #expect(Set(keys.keys) == Set(Dataset.derived(.core)))
      for (dataset, key) in keys {
        let column = try #require(dataset.columns.firstIndex { $0.name == key })
        let found = try lake.rows(of: dataset, run).map { $0[column] }
        let sorted = found.sorted { one, other in
          switch (one, other) {
          case (.null, _): other != .null
          case (.bigint(let one), .bigint(let other)): one < other
          case (.varchar(let one), .varchar(let other)): one.utf8.lexicographicallyPrecedes(other.utf8)
          default: false
          }
        }
        #expect(found == sorted, "\(dataset.name) by \(key)")
      }
    }
  }

  /// An artist is an id, or without id a name: three nobodies are three rows, and none without a name is one.
  @Test func artistsWithoutIDAreToldApartByName() throws {
    try withTemporaryFolder { folder in
      let lake = try TestLake(folder)
      var sources = nastySources
      sources[.releaseArtistLinks] = [
        row(1, 1, nil, "A", nil, nil), row(1, 2, nil, "B", nil, nil), row(1, 3, nil, "A", nil, nil),
        row(1, 4, nil, nil, "as printed", nil), row(1, 5, 7, nil, nil, nil), row(1, 6, 7, "Seven", nil, nil),
        row(1, 7, 7, "Seven later", nil, nil), row(2, 1, nil, nil, nil, nil), row(3, 1, 8, nil, nil, nil),
      ]
      let run = try lake.addRun(sources)
      try build(lake, run)
      #expect(
        try Set(lake.rows(of: .releaseArtists, run)) == [
          row(1, "a", nil, "A"), row(1, "b", nil, "B"), row(1, "seven", 7, "Seven"), row(3, nil, 8, nil),
        ])
    }
  }

  @Test func itIsDoneOnceAndAgainWhenForced() throws {
    try withTemporaryFolder { folder in
      let lake = try TestLake(folder)
      let run = try lake.addRun(nastySources)
      try build(lake, run)
      let state = try run.state("build-xref")
      struct Opened: Error {}
      try BuildXref(run: run, lake.context).perform(force: false) { _ in throw Opened() }
      #expect(try run.state("build-xref") == state)
      #expect(throws: Opened.self) {
        try BuildXref(run: run, lake.context).perform(force: true) { _ in throw Opened() }
      }
      #expect(try lake.rows(of: .releaseGenreXref, run).count == Set(nastySources[.releaseGenreLinks]!).count)
    }
  }

  @Test func aRunWithoutLinksIsRefusedByName() throws {
    try withTemporaryFolder { folder in
      let lake = try TestLake(folder)
      var sources = nastySources
      sources[.releaseStyleLinks] = nil
      let run = try lake.addRun(sources)
      let error = #expect(throws: TaskError.self) { try build(lake, run) }
      #expect(error?.exitCode == .noInput)
      #expect(error?.message.contains("release_style_links_v1_typed") == true)
      #expect(Dataset.derived.allSatisfy { run.dataset($0) == nil })
    }
  }

  @Test func aFailureLeavesNothing() throws {
    try withTemporaryFolder { folder in
      let lake = try TestLake(folder)
      let run = try lake.addRun(nastySources)
      try "not Parquet".write(
        toFile: Files.join(run.datasetFolder(.releaseStyleLinks), run.partName(0)), atomically: true,
        encoding: .utf8)
      #expect(throws: SQLError.self) { try build(lake, run) }
      #expect(Dataset.derived.allSatisfy { run.dataset($0) == nil })
      #expect(try Files.list(run.path).filter { $0.hasPrefix(".") } == [])
      #expect(try run.state("build-xref") == nil)
    }
  }
}
