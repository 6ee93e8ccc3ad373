import Catalog
import Derived
import Foundation
import Lake
import Parquet
import Platform
import SQL
import Schema
import TaskKit
import TestSupport
import Testing

@testable import Sanity

/// Datasets in which everything fits together.
let soundSources: [Dataset: [[SQLValue]]] = [
  .artists: [
    row(1, "One", "Real One", nil, "Correct", nil, nil, nil),
    row(2, "Two", nil, nil, "Correct", nil, nil, nil),
  ],
  .artistAliases: [row(1, 2, "Two"), row(2, 1, "One")],
  .artistMemberships: [row(1, "One", 2, "Two")],
  .masters: [row(10, 100, "M", 1999, "One", "1", "Rock", nil, "Correct")],
  .releases: [
    [row(100, 10, "R", "One", "L", "A"), row(nil, nil, "Rock, Folk, World, & Country", "Punk")].flatMap { $0 }
      + row(nil, nil, nil, "Correct", nil, nil, nil, nil),
    [row(101, nil, "S", "Two", "L", "B"), row(nil, nil, nil, nil)].flatMap { $0 }
      + row(nil, nil, nil, "Correct", nil, nil, nil, nil),
  ],
  .labels: [
    row(5, "L", nil, nil, nil, nil, nil, nil, nil, nil), row(6, "M", nil, nil, nil, 5, "L", nil, nil, nil),
  ],
  .releaseArtistLinks: [row(100, 1, 1, "One", nil, nil), row(101, 1, 2, "Two", nil, nil)],
  .releaseLabelLinks: [row(100, 1, 5, "L", "A"), row(101, 1, 5, "L", "B")],
  .releaseGenreLinks: [row(100, 1, "Rock"), row(100, 2, "Folk, World, & Country")],
  .releaseStyleLinks: [row(100, 1, "Punk")],
]

/// Releases whose flat texts say what their details say, with whatever is missing in them; the links name a record
/// more than there is.
let detailedSources: [Dataset: [[SQLValue]]] = soundSources.merging([
  .releases: [
    [row(100, 10, "R", "One", "L", "A"), row(nil, "Vinyl, CD", "Rock, Folk, World, & Country", "Punk")]
      .flatMap { $0 }
      + row("Producer [Co-]: Çédric; Two; Mixed By", nil, nil, "Correct", nil, nil, nil)
      + row("Barcode [Text] : 123; [x]; Other; : 5; Matrix : A; [y] : 7"),
    [row(101, nil, "S", "Two", "L", "B"), row(nil, nil, nil, nil)].flatMap { $0 }
      + row("Mix: 💿", nil, nil, "Correct", nil, nil, nil, nil),
  ],
  .releaseFormats: [
    row(100, 1, "Vinyl", "1", nil, nil), row(100, 2, "CD", nil, nil, nil), row(101, 1, nil, "2", nil, nil),
  ],
  .releaseCreditLinks: [
    row(100, 1, 1, "Çédric", nil, "Producer [Co-]", nil), row(100, 2, nil, "Two", nil, nil, nil),
    row(100, 3, 404, nil, nil, "Mixed By", nil), row(100, 4, nil, nil, "Anv", nil, "A1"),
    row(101, 1, 2, "💿", nil, "Mix", nil),
  ],
  .releaseTrackCreditLinks: [row(100, 1, 1, 1, "One", nil, "Mix"), row(100, 1, 2, 405, "X", nil, "Mix")],
  .releaseCompanyLinks: [
    row(100, 1, 5, "L", nil, 4, "Pressed By"), row(100, 2, 406, "X", nil, 4, "Pressed By"),
  ],
  .releaseSeriesLinks: [row(100, 1, 407, "X", nil), row(101, 1, 6, "M", "1")],
  .releaseIdentifiers: [
    row(100, 1, "Barcode", "Text", "123"), row(100, 2, nil, "x", nil), row(100, 3, "Other", nil, nil),
    row(100, 4, nil, nil, "5"), row(100, 5, "Matrix", nil, "A"), row(100, 6, nil, "y", "7"),
  ],
]) { _, detailed in detailed }

@Suite(.needs(Tools.duckdb)) struct ActiveSanityTests {
  /// An active run of these datasets with its derived ones, registered.
  private func activeLake(
    _ folder: TemporaryFolder, _ sources: [Dataset: [[SQLValue]]], derived: [Dataset: [[SQLValue]]] = [:]
  ) throws -> (TestLake, RunFolder) {
    let lake = try TestLake(folder)
    let run = try lake.addRun(sources)
    try BuildXref(run: run, lake.context).perform(force: false) { try scratchEngine(spillParent: $0) }
    for (dataset, rows) in derived {
      try Files.removeTree(run.datasetFolder(dataset))
      try lake.addRun([dataset: rows])
    }
    try Files.link(lake.lake.activeLink, to: "_runs/\(run.id)")
    let engine = try lake.engine(.writing)
    defer { engine.close() }
    try RunCatalog(engine: engine, lake: lake.lake, log: .none).registerActive(allowPartial: true)
    return (lake, run)
  }

  private func findings(_ lake: TestLake) throws -> [String: Finding] {
    let engine = try lake.engine(.reading)
    defer { engine.close() }
    let all = try ActiveSanity(
      engine: engine, schema: "discogs", run: #require(lake.lake.activeRun().map(lake.lake.run))
    )
    .findings()
    #expect(Set(all.map(\.check)).count == all.count, "a check is reported twice")
    return Dictionary(all.map { ($0.check, $0) }) { first, _ in first }
  }

  @Test func aSoundRunPassesEveryCheck() throws {
    try withTemporaryFolder { folder in
      let (lake, _) = try activeLake(folder, soundSources)
      let found = try findings(lake)
      #expect(found.values.filter { !$0.isOK }.map(\.check) == [])
      // A run with the core alone misses no detail.
      let core = Dataset.all.filter(DatasetChoice.core.includes)
      let nullRatios = core.flatMap(\.columns).count { $0.nulls != .any }
      #expect(found.count == core.count + nullRatios + 4 + 16 + 7)
      #expect(found["rows:releases_ref_v6"]?.value == "2")
      #expect(found["null_ratio:releases_ref_v6.master_id"]?.value == "0.500000")
      #expect(found["genres_equal_links:release_genre_xref_v1"]?.value == "2")
    }
  }

  static let agreements = ["genres", "formats", "credits", "identifiers"].map {
    "\($0)_equal_details:releases_ref_v6"
  }

  @Test func detailsThatNameRecordsWhichAreNotThereAreCounted() throws {
    try withTemporaryFolder { folder in
      let (lake, _) = try activeLake(folder, detailedSources)
      let found = try findings(lake)
      for check in Self.agreements {
        #expect(found[check]?.isOK == true, "\(found[check]?.details ?? "none")")
      }
      for check in [
        "orphans:release_credit_links_v1_typed.artist_id->artists_v1_typed",
        "orphans:release_track_credit_links_v1_typed.artist_id->artists_v1_typed",
        "orphans:release_company_links_v1_typed.company_id->labels_ref_v10",
        "orphans:release_series_links_v1_typed.series_id->labels_ref_v10",
      ] {
        let finding = try #require(found[check])
        #expect(finding.severity == .info && !finding.isOK && finding.value == "1")
      }
      #expect(found["null_ratio:release_series_links_v1_typed.series_id"]?.value == "0.000000")
    }
  }

  /// What is lost, put to another release, or written otherwise, on either side.
  @Test(
    arguments: [
      (.releaseGenreLinks, row(100, 1, "Rock"), nil),
      (.releaseGenreLinks, row(100, 1, "Rock"), row(100, 1, "Rock & Roll")),
      (.releaseFormats, row(100, 1, "Vinyl", "1", nil, nil), row(101, 1, "Vinyl", "1", nil, nil)),
      (.releaseFormats, row(101, 1, nil, "2", nil, nil), row(101, 1, "File", "2", nil, nil)),
      (
        .releaseCreditLinks, row(100, 3, 404, nil, nil, "Mixed By", nil),
        row(100, 3, 404, "Mixed By", nil, "", nil)
      ),
      (.releaseCreditLinks, row(101, 1, 2, "💿", nil, "Mix", nil), row(101, 1, 2, nil, "💿", "Mix", nil)),
      (.releaseIdentifiers, row(100, 4, nil, nil, "5"), nil),
      (.releaseIdentifiers, row(100, 6, nil, "y", "7"), row(100, 6, "y", nil, "7")),
      (.releases, detailedSources[.releases]![1], nil),
    ] as [(Dataset, [SQLValue], [SQLValue]?)])
  func aFlatTextThatDiffersFromItsDetailsIsFound(dataset: Dataset, row: [SQLValue], other: [SQLValue]?) throws
  {
    try withTemporaryFolder { folder in
      var sources = detailedSources
      let place = try #require(sources[dataset]!.firstIndex(of: row))
      sources[dataset]!.remove(at: place)
      if let other { sources[dataset]!.append(other) }
      let (lake, _) = try activeLake(folder, sources)
      let found = try findings(lake).filter { Self.agreements.contains($0.key) && !$0.value.isOK }
      let expected: [Dataset: String] = [
        .releaseGenreLinks: "genres", .releaseFormats: "formats", .releaseCreditLinks: "credits",
        .releaseIdentifiers: "identifiers", .releases: "credits",
      ]
      #expect(found.keys.map { $0.prefix { $0 != "_" } } == [expected[dataset]?[...]])
      #expect(found.values.allSatisfy { $0.severity == .warn })
    }
  }

  @Test func everyFaultIsFoundByItsCheck() throws {
    try withTemporaryFolder { folder in
      var sources = soundSources
      sources[.artists]! += [
        row(2, "Two again", nil, nil, nil, nil, nil, nil), row(nil, nil, nil, nil, nil, nil, nil, nil),
      ]
      sources[.artistAliases]! += [row(77, 1, "x"), row(1, 78, nil), row(1, nil, "y")]
      sources[.artistMemberships]! += [row(79, nil, 1, nil), row(1, nil, 80, nil), row(1, nil, 81, nil)]
      sources[.masters]! += [row(10, 999, nil, nil, nil, nil, nil, nil, nil)]
      sources[.releases]!.append(
        [row(101, 11, nil, nil, nil, nil), row(nil, nil, "Jazz", nil)].flatMap { $0 }
          + row(nil, nil, nil, nil, nil, nil, nil, nil))
      sources[.labels]! += [row(6, nil, nil, nil, nil, 66, nil, nil, nil, nil)]
      sources[.releaseArtistLinks]! += [row(555, 1, nil, nil, nil, nil)]
      sources[.releaseLabelLinks]! += [row(555, 1, nil, nil, nil)]
      sources[.releaseGenreLinks]! += [row(555, 1, "Rock"), row(nil, 1, nil)]
      sources[.releaseStyleLinks]! += [row(555, 1, nil)]
      let (lake, _) = try activeLake(
        folder, sources,
        derived: [
          .artistNameMap: [row("one", 1), row(nil, 404), row("x", nil)],
          .releaseArtists: [row(555, "one", 1, "One")],
          .releaseGenreXref: [row(100, "Rock", "rock"), row(556, "Rock", "rock")],
          .labelReleaseCounts: [row("l", "L", 3), row("gone", "Gone", 1)],
        ])
      let found = try findings(lake)
      let expected: [String: String] = [
        "duplicate_ids:artists_v1_typed.artist_id": "1", "null_ratio:artists_v1_typed.artist_id": "0.250000",
        "null_ratio:artists_v1_typed.name": "0.250000",
        "null_ratio:artist_aliases_v1_typed.alias_name": "0.200000",
        "orphans:artist_aliases_v1_typed.artist_id->artists_v1_typed": "1",
        "orphans:artist_aliases_v1_typed.alias_id->artists_v1_typed": "1",
        "orphans:artist_memberships_v1_typed.group_id->artists_v1_typed": "1",
        "orphans:artist_memberships_v1_typed.member_id->artists_v1_typed": "2",
        "null_ratio:artist_memberships_v1_typed.group_name": "0.750000",
        "null_ratio:artist_memberships_v1_typed.member_name": "0.750000",
        "duplicate_ids:masters_v1_typed.master_id": "1", "null_ratio:masters_v1_typed.title": "0.500000",
        "orphans:masters_v1_typed.main_release_id->releases_ref_v6": "1",
        "duplicate_ids:releases_ref_v6.release_id": "1", "null_ratio:releases_ref_v6.title": "0.333333",
        "orphans:releases_ref_v6.master_id->masters_v1_typed": "1", "genres_in_xref:releases_ref_v6": "1",
        "genres_equal_details:releases_ref_v6": "3642",
        "duplicate_ids:labels_ref_v10.label_id": "1", "null_ratio:labels_ref_v10.name": "0.333333",
        "orphans:labels_ref_v10.parent_label_id->labels_ref_v10": "1",
        "orphans:release_artist_links_v1_typed.release_id->releases_ref_v6": "1",
        "null_ratio:release_artist_links_v1_typed.artist_id": "0.333333",
        "null_ratio:release_artist_links_v1_typed.artist_name": "0.333333",
        "orphans:release_label_links_v1_typed.release_id->releases_ref_v6": "1",
        "null_ratio:release_label_links_v1_typed.label_id": "0.333333",
        "null_ratio:release_label_links_v1_typed.label_name": "0.333333",
        "orphans:release_genre_links_v1_typed.release_id->releases_ref_v6": "1",
        "null_ratio:release_genre_links_v1_typed.release_id": "0.250000",
        "null_ratio:release_genre_links_v1_typed.genre": "0.250000",
        "orphans:release_style_links_v1_typed.release_id->releases_ref_v6": "1",
        "null_ratio:release_style_links_v1_typed.style": "0.500000",
        "orphans:release_artists_v1.release_id->releases_ref_v6": "1",
        "artists_equal_links:release_artists_v1": "1",
        "orphans:release_label_xref_v1.release_id->releases_ref_v6": "1",
        "null_ratio:release_label_xref_v1.label_id": "0.333333",
        "null_ratio:release_label_xref_v1.label_name": "0.333333",
        "orphans:release_genre_xref_v1.release_id->releases_ref_v6": "1",
        "genres_equal_links:release_genre_xref_v1": "2",
        "orphans:release_style_xref_v1.release_id->releases_ref_v6": "1",
        "null_ratio:release_style_xref_v1.style": "0.500000",
        "orphans:artist_name_map_v1.artist_id->artists_v1_typed": "1",
        "null_ratio:artist_name_map_v1.artist_id": "0.333333",
        "null_ratio:artist_name_map_v1.norm_name": "0.333333",
        "counts_equal_recomputed:label_release_counts_v1": "2",
      ]
      let notOK = found.values.filter { !$0.isOK }
      #expect(Dictionary(uniqueKeysWithValues: notOK.map { ($0.check, $0.value) }) == expected)
      #expect(
        Set(notOK.filter { $0.severity == .critical }.map(\.check)) == [
          "duplicate_ids:artists_v1_typed.artist_id", "null_ratio:artists_v1_typed.artist_id",
          "orphans:artist_aliases_v1_typed.artist_id->artists_v1_typed",
          "duplicate_ids:masters_v1_typed.master_id",
          "duplicate_ids:releases_ref_v6.release_id", "duplicate_ids:labels_ref_v10.label_id",
          "null_ratio:release_genre_links_v1_typed.release_id", "null_ratio:artist_name_map_v1.artist_id",
        ])
    }
  }

  /// As a query that groups by an id of 0 would make it: the check must not count as that query does.
  @Test func artistsThatBecameOneUnderAnIDOfZeroAreMissed() throws {
    try withTemporaryFolder { folder in
      var sources = soundSources
      sources[.releaseArtistLinks]! += [
        row(100, 2, 0, "Nobody", nil, nil), row(100, 3, 0, "No one", nil, nil), row(100, 4, 0, nil, nil, nil),
      ]
      let (lake, _) = try activeLake(
        folder, sources,
        derived: [
          .releaseArtists: [
            row(100, "one", 1, "One"), row(100, "nobody", 0, "Nobody"), row(101, "two", 2, "Two"),
          ]
        ])
      let found = try findings(lake)["artists_equal_links:release_artists_v1"]
      #expect(found?.value == "3" && found?.isOK == false, "\(String(describing: found))")
      #expect(found?.details.contains("4") == true, "\(String(describing: found))")
    }
  }

  /// What is looked at in parts is the same as what is looked at as a whole, in whatever order the rows lie.
  @Test(arguments: [1, 2, 3, 7, 200]) func partsHoldEachIDOnce(count: Int) throws {
    let engine = try scratchEngine()
    for range in [Int64(1)...100, 0...0, -5...6, Int64.min...Int64.max] {
      let parts = IDParts(of: range, count: count)
      let conditions = (0..<parts.count).map {
        "CASE WHEN \(parts.condition($0, on: "id")) THEN 1 ELSE 0 END"
      }
      let ids = "CAST(NULL AS BIGINT)), (-9223372036854775808), (9223372036854775807), (0), (1), (50), (100"
      let sums = try engine.rows(
        "SELECT DISTINCT \(conditions.joined(separator: " + ")) FROM (VALUES (\(ids))) v (id)")
      #expect(sums == [[.bigint(1)]], "\(range)")
    }
  }

  /// What files tell is not asked; where ids are too far apart for that, the engine finds the same.
  @Test func idsThatAreFarApartAreLeftToTheEngine() throws {
    try withTemporaryFolder { folder in
      var sources = soundSources
      for id in [Int64.max, Int64.max, Int64.min] {
        sources[.artists]!.append([.bigint(id)] + row("Far", nil, nil, nil, nil, nil, nil))
      }
      sources[.artistAliases]! += [
        [.bigint(.min)] + row(1, "x"), [.bigint(.min + 1)] + row(1, "y"), [.bigint(0)] + row(1, "z"),
      ]
      sources[.labels]! += [row(6, "M", nil, nil, nil, 77, nil, nil, nil, nil)]
      let (lake, run) = try activeLake(folder, sources)
      let found = try findings(lake)
      #expect(found["duplicate_ids:artists_v1_typed.artist_id"]?.value == "1")
      #expect(found["orphans:artist_aliases_v1_typed.artist_id->artists_v1_typed"]?.value == "2")
      #expect(found["duplicate_ids:labels_ref_v10.label_id"]?.value == "1")
      #expect(found["orphans:labels_ref_v10.parent_label_id->labels_ref_v10"]?.value == "1")

      func footers(_ dataset: Dataset) throws -> [ParquetFooter] {
        try run.parquetFiles(of: dataset).map { try ParquetFooter(path: $0) }
      }
      let datasets: [Dataset] = [.artists, .artistAliases, .labels]
      let files = FileCounts(
        of: run, footers: Dictionary(uniqueKeysWithValues: try datasets.map { ($0, try footers($0)) }))
      let known = try files.comparisons(ActiveCheck.all)
      #expect(Set(known.keys.map(\.dataset)) == [.labels])
      #expect(Set(known.values) == [1])
      #expect(files.nulls("parent_label_id", of: .labels) == 1)
      #expect(files.nulls("no_such_column", of: .labels) == nil)
    }
  }

  @Test func aSetOfIDsHoldsThemAll() throws {
    try withTemporaryFolder { folder in
      let lake = try TestLake(folder)
      var numbers: [Int64] = (0..<50_000).map { $0 * 7 % 40_009 - 900 }
      numbers.append(contentsOf: [-900, 12_345])
      let run = try lake.addRun([
        .labels: numbers.map { [.bigint($0)] + row("L", nil, nil, nil, nil, nil, nil, nil, nil) }
      ])
      let ids = try #require(try IDSet(of: "label_id", in: run.parquetFiles(of: .labels)))
      #expect(ids.repeated == Int64(numbers.count - Set(numbers).count))
      let asked: [Int64] = [.min, -901, -900, 0, 5, 39_108, 39_109, 100_000, .max]
      #expect(ids.absent(of: asked) == Int64(Set(asked).subtracting(numbers).count))
      #expect(try IDSet(of: "name", in: run.parquetFiles(of: .labels)) == nil)
      let nothing = try #require(try IDSet(of: "parent_label_id", in: run.parquetFiles(of: .labels)))
      #expect(nothing.repeated == 0 && nothing.absent(of: [0, 1]) == 2)
    }
  }

  @Test func anOlderRunLacksWhatItCannotHave() throws {
    try withTemporaryFolder { folder in
      let lake = try TestLake(folder)
      let run = try lake.addRun(soundSources.filter { $0.key.isRequired && $0.key != .labels })
      try Files.link(lake.lake.activeLink, to: "_runs/\(run.id)")
      let engine = try lake.engine(.writing)
      try RunCatalog(engine: engine, lake: lake.lake, log: .none).registerActive(allowPartial: true)
      engine.close()
      let found = try findings(lake)
      #expect(found["is_registered:labels_ref_v10"]?.severity == .critical)
      #expect(found["is_registered:release_genre_xref_v1"]?.severity == .info)
      #expect(found.values.filter(\.isFailure).map(\.check) == ["is_registered:labels_ref_v10"])
      #expect(found["rows:releases_ref_v6"]?.isOK == true)
    }
  }

  private func report(_ lake: TestLake, _ run: RunFolder, rollsBack: Bool = false) throws {
    try ReportSanity(of: run, lake.context).perform(force: false, rollsBack: rollsBack) { access in
      try lake.engine(access)
    }
  }

  private func reports(_ run: RunFolder) throws -> [String] {
    Files.exists(run.reportsFolder) ? try Files.list(run.reportsFolder) : []
  }

  @Test func theReportIsWrittenOnceAndSaysWhatWasFound() throws {
    try withTemporaryFolder { folder in
      let (lake, run) = try activeLake(folder, soundSources)
      try report(lake, run)
      let names = try reports(run)
      #expect(names.count == 1)
      let name = try #require(names.first)
      #expect(name.wholeMatch(of: /duckdb_sanity_active_\d{8}_\d{6}\.csv/) != nil)
      let lines = try Files.readText(Files.join(run.reportsFolder, name)).split(separator: "\r\n")
      #expect(lines.first == "check_name,severity,value,ok,details")
      let severities = lines.dropFirst().map { $0.split(separator: ",")[1] }
      #expect(severities.first == "CRITICAL" && severities.last == "INFO")
      #expect(try run.state("sanity-report")?.status == .succeeded)
      try report(lake, run)
      #expect(try reports(run) == names, "the work was done twice")
    }
  }

  @Test func aCriticalFaultFailsAndRollsBackIfAsked() throws {
    try withTemporaryFolder { folder in
      var sources = soundSources
      sources[.labels]! += sources[.labels]!
      let (lake, run) = try activeLake(folder, sources)
      // The older run's derived datasets lie where older lakes have them.
      let older = try lake.addRun(soundSources, id: RunID(validating: "2026-07__20260701_000000"))
      try lake.addRun(
        [.releaseLabelXref: [row(7, "Older", "older", nil, nil)]], id: older.id, layout: "warehouse_discogs")
      try Files.link(Files.join(lake.lake.path, "active__prev_20260701_000000"), to: "_runs/\(older.id)")
      let error = #expect(throws: TaskError.self) { try report(lake, run) }
      #expect(error?.exitCode == .data)
      #expect(error?.message.contains("duplicate_ids:labels_ref_v10.label_id is 2") == true)
      #expect(try lake.lake.activeRun() == run.id)
      #expect(try run.state("sanity-report") == nil)

      let second = #expect(throws: TaskError.self) { try report(lake, run, rollsBack: true) }
      #expect(second?.message.contains("rolled back to \(older.id)") == true)
      #expect(try lake.lake.activeRun() == older.id)
      #expect(try reports(run).count == 2)
      let reader = try lake.engine(.reading)
      defer { reader.close() }
      #expect(
        try reader.rows("SELECT label_name FROM discogs.release_label_xref_v1") == [row("Older")],
        "the schema shows the run that is active now")
    }
  }

  /// What a lost or stale catalog does not show is no fault of the run's, and no reason to leave it.
  @Test(arguments: ["lost", "empty", "oneTable", "otherFiles"])
  func aCatalogThatDoesNotShowTheRunIsNoReasonToRollBack(flaw: String) throws {
    try withTemporaryFolder { folder in
      let (lake, run) = try activeLake(folder, soundSources)
      let older = try lake.addRun(soundSources, id: RunID(validating: "2026-07__20260701_000000"))
      try Files.link(Files.join(lake.lake.path, "active__prev_20260701_000000"), to: "_runs/\(older.id)")
      let artists = TableName("discogs", "artists_v1_typed")
      switch flaw {
      case "lost": try Files.remove(lake.lake.catalogFile)
      case "empty":
        try Files.remove(lake.lake.catalogFile)
        let engine = try lake.engine(.writing)
        try engine.createSchema("other")
        engine.close()
      case "oneTable":
        let engine = try lake.engine(.writing)
        try engine.dropView(TableName("discogs", "artists_v1"))
        try engine.drop(artists)
        engine.close()
      default:
        let engine = try lake.engine(.writing)
        try engine.createTable(
          artists, columns: Dataset.artists.columns.map { TableColumn($0) },
          over: ParquetFolder(folder.path("nothing")))
        engine.close()
      }
      let error = #expect(throws: TaskError.self) { try report(lake, run, rollsBack: true) }
      #expect(error?.exitCode == .configuration)
      #expect(error?.message.contains("is_registered:artists_v1_typed: the ") == true)
      #expect(error?.advice?.contains("register-run-schema --active") == true)
      #expect(try lake.lake.activeRun() == run.id)
      #expect(try run.state("sanity-report") == nil)

      let engine = try lake.engine(.writing)
      try RunCatalog(engine: engine, lake: lake.lake, log: .none).registerActive()
      engine.close()
      try report(lake, run, rollsBack: true)
      #expect(try run.state("sanity-report")?.status == .succeeded)
    }
  }

  @Test func aRequiredDatasetThatTheRunLacksIsAFaultOfTheData() throws {
    try withTemporaryFolder { folder in
      let lake = try TestLake(folder)
      let run = try lake.addRun(soundSources.filter { $0.key != .labels })
      try Files.link(lake.lake.activeLink, to: "_runs/\(run.id)")
      let engine = try lake.engine(.writing)
      try RunCatalog(engine: engine, lake: lake.lake, log: .none).registerActive(allowPartial: true)
      engine.close()
      let error = #expect(throws: TaskError.self) { try report(lake, run) }
      #expect(error?.exitCode == .data)
      #expect(error?.message.contains("is_registered:labels_ref_v10: the run has no labels_v10") == true)
    }
  }

  @Test func aRunThatIsNotActiveIsNotLookedAt() throws {
    try withTemporaryFolder { folder in
      let (lake, _) = try activeLake(folder, soundSources)
      let other = try lake.addRun(soundSources, id: RunID(validating: "2026-07__20260701_000000"))
      try report(lake, other)
      #expect(try reports(other) == [])
    }
  }

  /// The original's rows are as many, so that their number alone says nothing.
  @Test func theTablesOfACopiedLakeAreNotTakenForItsOwn() throws {
    try withTemporaryFolder { folder in
      let (_, run) = try activeLake(folder, soundSources)
      try FileManager.default.copyItem(atPath: folder.path("lake"), toPath: folder.path("copy"))
      let execution = try task(
        "sanity-report", ["--force"],
        environment: [
          "DISCOGS_DATA_LAKE": folder.path("copy"), "run_id": run.id.text, "DUCKDB": try Tools.duckdb.path(),
        ], expecting: 78)
      #expect(
        execution.lastErrorLine.contains(
          "the table reads \(folder.path("lake/active"))/artists_v1_typed, and the run's files are in \(folder.path("copy"))"
        )
      )
      #expect(execution.lastErrorLine.contains("register-run-schema --active"))
    }
  }
}
