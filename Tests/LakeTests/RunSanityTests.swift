import Foundation
import Parquet
import Platform
import Schema
import TaskKit
import TestSupport
import Testing

@testable import Lake
@testable import Sanity

extension Dataset {
  /// A number for a row that is its record's only one.
  func onlyRow(_ column: String, _ row: Int) -> Int64? {
    switch self.column(column)?.source {
    case .ordinal: 1
    case .parentOrdinal: parent == self ? nil : 1
    default: Int64(row + 1)
    }
  }
}

extension RunFolder {
  /// Writes one file of a dataset: `rows` rows, whose numbers count up from 1 and whose texts are short; each is its
  /// record's only one.
  @discardableResult
  func addFile(
    _ dataset: Dataset, rows: Int, name: String? = nil, folder: String? = nil, columns: [Column]? = nil,
    number: ((_ column: String, _ row: Int) -> Int64?)? = nil
  ) throws -> String {
    let folder = folder ?? datasetFolder(dataset)
    try Files.createDirectory(folder)
    let path = Files.join(folder, name ?? partName(0))
    let columns = columns ?? dataset.columns
    let file = try OutputFile(creating: path)
    let writer = try RowsWriter(
      to: file, columns: columns.map { SchemaColumn($0) },
      createdBy: "tests")
    for row in 0..<rows {
      try writer.append(
        columns.map { column in
          switch column.type {
          case .bigint: (number ?? dataset.onlyRow)(column.name, row).map { .int64($0) } ?? .null
          case .boolean: .boolean(row % 2 == 0)
          default: .text("x\(row)")
          }
        })
    }
    try writer.finish()
    try file.close()
    return path
  }

  /// Writes the state of a task about the files that are there.
  func addState(_ task: String, _ datasets: [Dataset], rows: Int) throws {
    let outputs = try datasets.map { dataset in
      let files = try parquetFiles(of: dataset)
      let bytes = try files.reduce(0) { try $0 + Files.size($1) }
      return TaskState.Output(dataset: dataset.name, files: files.count, rows: rows, bytes: bytes)
    }
    let inputs = try task == "build-xref" ? ["ingest-artists", "ingest-releases"].map(stateInput) : []
    try write(
      TaskState(
        task: task, runID: id, startedAt: .now, inputs: inputs, outputs: outputs, counters: ["rejected": 0],
        toolVersion: "test"))
  }
}

extension Lake {
  /// Makes a run as this pipeline makes them.
  func addWholeRun(_ id: RunID, rows: Int = 10) throws -> RunFolder {
    let run = run(id)
    for dataset in Dataset.all { try run.addFile(dataset, rows: rows) }
    for entity in Entity.allCases { try run.addState("ingest-\(entity)", entity.datasets, rows: rows) }
    try run.addState("build-xref", Dataset.derived, rows: rows)
    try run.updateManifest(toolVersion: "test", log: .none) { _ in }
    return run
  }

  /// Makes a run as older lakes have them: no states, no link datasets, derived ones in a folder of their own.
  func addOlderRun(_ id: RunID, rows: Int = 10) throws -> RunFolder {
    let run = run(id)
    for dataset in Dataset.required {
      let columns = dataset.columns.reversed() + [Column("extra")]
      try run.addFile(dataset, rows: rows, name: "\(dataset.name).parquet", columns: columns)
    }
    for dataset in Dataset.derived {
      let folder = Files.join(run.path, "warehouse_discogs/\(dataset.name)")
      try run.addFile(dataset, rows: rows, name: "20260101_000000_00001_abcde.parquet", folder: folder)
    }
    return run
  }
}

private struct Check {
  var exitCode: ExitCode?
  var report: [[String]]
  /// The names of the critical checks that are not ok.
  var failures: [String] { report.filter { $0[1] == "CRITICAL" && $0[3] == "false" }.map { $0[0] } }

  init(_ run: RunFolder, maxShrink: Double = 20, readsPages: Bool = false, force: Bool = false) throws {
    do {
      try RunSanity(run, maxShrink: maxShrink, readsPages: readsPages, testContext).perform(force: force)
      exitCode = .ok
    } catch let error as TaskError { exitCode = error.exitCode }
    let reports = Files.exists(run.reportsFolder) ? try Files.list(run.reportsFolder) : []
    let last = try #require(reports.last)
    #expect(last.hasPrefix("run_sanity_") && last.hasSuffix(".csv"))
    let text = try Files.readText(Files.join(run.reportsFolder, last))
    report = text.split(separator: "\r\n").map { line in
      line.split(separator: ",", maxSplits: 4, omittingEmptySubsequences: false).map(String.init)
    }
  }
}

/// Makes a whole run, spoils it, and expects these checks to fail, and the run not to be promoted.
private func expectFailures(
  _ failures: [String], readsPages: Bool = false, sourceLocation: SourceLocation = #_sourceLocation,
  after spoil: (RunFolder) throws -> Void
) throws {
  try withLake { lake in
    let run = try lake.addWholeRun(runB)
    try spoil(run)
    let check = try Check(run, readsPages: readsPages)
    #expect(check.exitCode == .data, sourceLocation: sourceLocation)
    #expect(check.failures == failures, sourceLocation: sourceLocation)
    #expect(try run.state("sanity") == nil, sourceLocation: sourceLocation)
  }
}

@Suite struct RunSanityTests {
  @Test func aWholeRunIsInOrder() throws {
    try withLake { lake in
      let run = try lake.addWholeRun(runB)
      let check = try Check(run, readsPages: true)
      #expect(check.exitCode == .ok)
      #expect(check.failures.isEmpty)
      #expect(check.report[0] == ["check_name", "severity", "value", "ok", "details"])
      for dataset in Dataset.all {
        for name in [
          "is_present", "is_not_empty", "files_are_whole", "schema_is_as_declared", "counts_equal_the_state",
        ] {
          #expect(check.report.contains { $0[0] == "\(name):\(dataset.name)" && $0[3] == "true" })
        }
      }
      let ranks = check.report.dropFirst().compactMap { Severity(rawValue: $0[1]) }
      #expect(ranks == ranks.sorted(), "the worst first")
      #expect(try run.state("sanity")?.status == .succeeded)
      #expect(
        try Promotion(of: run, testContext).perform(mode: .prod, isAllowed: true, allowOlder: false)
          == .promoted)
    }
  }

  /// Each record stands once, in whatever order: what a dump says twice is found before it is promoted.
  @Test(
    arguments: [
      [1, 2, 3, 3, 4], [1, 2, 3, 4, 1], [5, 4, 3, 2, 5], [9, 1 << 40, 3, 1 << 40, 2],
    ] as [[Int64]])
  func recordsThatStandTwiceAreFound(ids: [Int64]) throws {
    for dataset in [Dataset.artists, .labels, .masters, .releases] {
      let id = dataset.columns[0].name
      try withLake { lake in
        let run = try lake.addWholeRun(runB)
        try run.addFile(dataset, rows: 10) { column, row in
          column == id ? (row < ids.count ? ids[row] : Int64(100 + row)) : Int64(row + 1)
        }
        let entity = try #require(Entity.allCases.first { $0.main == dataset })
        try run.addState("ingest-\(entity)", entity.datasets, rows: 10)
        let check = try Check(run)
        #expect(check.exitCode == .data)
        let finding = try #require(check.report.first { $0[0] == "ids_are_unique:\(dataset.name).\(id)" })
        #expect(finding[1...3] == ["CRITICAL", "1", "false"])
      }
    }
  }

  @Test func recordsInAnotherOrderAreInOrder() throws {
    try withLake { lake in
      let run = try lake.addWholeRun(runB)
      try run.addFile(.labels, rows: 10) { _, row in Int64(10 - row) }
      try run.addState("ingest-labels", Entity.labels.datasets, rows: 10)
      #expect(try Check(run).failures == [])
    }
  }

  @Test func aRunInOrderIsNotReportedTwice() throws {
    try withLake { lake in
      let run = try lake.addWholeRun(runB)
      _ = try Check(run)
      _ = try Check(run)
      #expect(try Files.list(run.reportsFolder).count == 1)
      _ = try Check(run, force: true)
      #expect(try Files.list(run.reportsFolder).count == 2)
    }
  }

  @Test func aRunThatIsSpoiledAfterItWasFoundInOrderFailsThenToo() throws {
    try withLake { lake in
      let run = try lake.addWholeRun(runB)
      #expect(try Check(run).exitCode == .ok)
      let file = try run.parquetFiles(of: .labels)[0]
      var bytes = try Files.read(file)
      bytes[bytes.count - 1] ^= 1
      try Files.writeAtomically(bytes, to: file)
      #expect(try Check(run).exitCode == .data)
      #expect(try run.state("sanity") == nil)
      #expect {
        try Promotion(of: run, testContext).perform(mode: .prod, isAllowed: true, allowOlder: false)
      } throws: { ($0 as? TaskError)?.exitCode == .noPermission }
    }
  }

  @Test func anOlderRunIsTakenAsItIs() throws {
    try withLake { lake in
      let run = try lake.addOlderRun(runB)
      let check = try Check(run)
      #expect(check.exitCode == .ok)
      #expect(check.report.contains { $0[0] == "is_present:release_genre_links_v1_typed" && $0[1] == "INFO" })
      #expect(check.report.contains { $0[0] == "schema_is_as_declared:labels_v10" && $0[1] == "WARN" })
    }
  }

  @Test func anOlderRunThatLacksADatasetOrAColumnFails() throws {
    try withLake { lake in
      let run = try lake.addOlderRun(runB)
      try Files.removeTree(run.datasetFolder(.masters))
      try run.addFile(.labels, rows: 3, name: "labels_v10.parquet", columns: [Column("label_id", .bigint)])
      #expect(try Check(run).failures == ["is_present:masters_v1_typed", "schema_is_as_declared:labels_v10"])
    }
  }

  @Test func anEmptyRunFails() throws {
    try withLake { lake in
      try Files.createDirectory(lake.run(runB).path)
      #expect(try Check(lake.run(runB)).failures == Dataset.required.map { "is_present:\($0.name)" })
    }
  }

  @Test func aMissingDatasetFails() throws {
    try expectFailures(["is_present:labels_v10"]) { try Files.removeTree($0.datasetFolder(.labels)) }
    try expectFailures(["is_present:release_style_xref_v1"]) {
      try Files.removeTree($0.datasetFolder(.releaseStyleXref))
    }
  }

  @Test func aMissingFileFails() throws {
    try expectFailures(["is_not_empty:labels_v10", "counts_equal_the_state:labels_v10"]) {
      try Files.remove($0.parquetFiles(of: .labels)[0])
    }
  }

  @Test func anEmptyDatasetFails() throws {
    try expectFailures(["is_not_empty:labels_v10"]) { run in
      try run.addFile(.labels, rows: 0)
      try run.addState("ingest-labels", [.labels], rows: 0)
    }
  }

  /// A file cut off at any place is found.
  @Test func aTruncatedFileFails() throws {
    try withLake { lake in
      let run = try lake.addWholeRun(runB)
      let file = try run.parquetFiles(of: .labels)[0]
      let bytes = try Files.read(file)
      for count in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 40)) {
        try Files.writeAtomically(bytes.prefix(count), to: file)
        let check = try Check(run)
        #expect(check.exitCode == .data)
        #expect(check.failures == ["files_are_whole:labels_v10"], "\(count) bytes")
      }
    }
  }

  @Test func aFlippedBitInAPageIsFoundWhenPagesAreRead() throws {
    try expectFailures(["files_are_whole:labels_v10"], readsPages: true) { run in
      let file = try run.parquetFiles(of: .labels)[0]
      var bytes = try Files.read(file)
      bytes[bytes.count / 10] ^= 0x10
      try Files.writeAtomically(bytes, to: file)
    }
  }

  @Test func whatIsNoParquetFails() throws {
    try expectFailures(["holds_only_parquet:labels_v10"]) {
      try Files.writeAtomically(Array("note".utf8), to: $0.datasetFolder(.labels) + "/README.txt")
    }
    try expectFailures(["holds_only_parquet:labels_v10"]) {
      try Files.createDirectory($0.datasetFolder(.labels) + "/deeper.parquet")
    }
  }

  @Test func aFileOfAnotherRunFails() throws {
    try expectFailures(["files_are_named_for_the_run:labels_v10"]) { run in
      try Files.rename(
        run.parquetFiles(of: .labels)[0], to: run.datasetFolder(.labels) + "/part-00000-\(runA).parquet")
    }
  }

  @Test(arguments: [
    [Column("name"), Column("label_id", .bigint)],
    [Column("label_id"), Column("name")],
  ])
  func anotherSchemaFails(first: [Column]) throws {
    try expectFailures(["schema_is_as_declared:labels_v10"]) { run in
      try run.addFile(.labels, rows: 10, columns: first + Dataset.labels.columns.dropFirst(2))
      try run.addState("ingest-labels", [.labels], rows: 10)
    }
  }

  @Test func otherCountsThanTheStatesFail() throws {
    // Nothing refers to a release's videos.
    try expectFailures(["counts_equal_the_state:\(Dataset.releaseVideos.name)"]) {
      try $0.addFile(.releaseVideos, rows: 9)
    }
    try expectFailures(["counts_equal_the_state:labels_v10"]) { run in
      try run.addFile(.labels, rows: 10, name: run.partName(1)) { column, row in
        column == "label_id" ? Int64(row + 11) : Int64(row + 1)
      }
    }
  }

  @Test func aDatasetWithoutItsTasksStateFails() throws {
    try expectFailures(["task_succeeded:ingest-labels", "counts_equal_the_state:labels_v10"]) {
      try Files.remove($0.stateFile("ingest-labels"))
    }
  }

  /// A run without its makers' states is no older one while its manifest or any other state is there.
  @Test(arguments: [["preflight"], []])
  func aRunWithoutTheStatesOfItsMakersFails(left: [String]) throws {
    let makers = Entity.allCases.map { "ingest-\($0)" } + ["build-xref"]
    try withLake { lake in
      let run = try lake.addWholeRun(runB)
      for task in makers { try Files.remove(run.stateFile(task)) }
      for task in left { try run.addState(task, [], rows: 0) }
      if !left.isEmpty { try Files.remove(run.manifestFile) }
      try run.addFile(.masters, rows: 5)
      let check = try Check(run)
      #expect(check.exitCode == .data)
      #expect(
        check.failures.starts(with: makers.map { "task_succeeded:\($0)" }), "\(check.failures)")
      #expect(check.failures.contains("counts_equal_the_state:masters_v1_typed"))
    }
  }

  @Test func anOlderRunStaysOneWhenItWasCheckedAndPromoted() throws {
    try withLake { lake in
      let run = try lake.addOlderRun(runB)
      #expect(try Check(run).exitCode == .ok)
      #expect(
        try Promotion(of: run, testContext).perform(mode: .prod, isAllowed: true, allowOlder: false)
          == .promoted)
      #expect(try Check(run, force: true).exitCode == .ok)
      #expect(!Files.exists(run.manifestFile))
    }
  }

  @Test func dumpsOfTwoDatesFail() throws {
    func read(_ entity: Entity, _ stamp: String, _ run: RunFolder) throws {
      var state = try #require(try run.state("ingest-\(entity)"))
      state.inputs = [
        TaskState.Input(
          path: DumpFile(entity: entity, stamp: stamp, folder: "/raw").path, bytes: 1,
          sha256: String(repeating: "0", count: 64))
      ]
      try run.write(state)
      try run.addState("build-xref", Dataset.derived, rows: 10)
    }
    try withLake { lake in
      let run = try lake.addWholeRun(runB)
      for entity in Entity.allCases { try read(entity, "20260801", run) }
      let sound = try Check(run)
      #expect(sound.failures == [])
      #expect(
        sound.report.contains { $0.prefix(4) == ["dumps_are_of_one_date", "CRITICAL", "2026-08-01", "true"] })
      try read(.artists, "20260805", run)
      let mixed = try Check(run)
      #expect(mixed.failures == ["dumps_are_of_one_date"])
      let line = try #require(mixed.report.first { $0[0] == "dumps_are_of_one_date" })
      #expect(line[2] == "2026-08-01 2026-08-05")
      #expect(line[4].contains("artists of 2026-08-05, labels of 2026-08-01"))
    }
  }

  @Test func aBrokenStateFileFails() throws {
    try expectFailures(["task_succeeded:ingest-labels", "counts_equal_the_state:labels_v10"]) {
      try Files.writeAtomically(Array("{".utf8), to: $0.stateFile("ingest-labels"))
    }
  }

  @Test func derivedDatasetsOfOtherSourcesThanThePresentOnesFail() throws {
    try expectFailures(["made_from_present_inputs:build-xref"]) { run in
      try run.addFile(.artists, rows: 11)
      try run.addState("ingest-artists", Entity.artists.datasets, rows: 10)
      let state = try #require(try run.state("ingest-artists"))
      var outputs = state.outputs
      outputs[0].rows = 11
      try run.write(
        TaskState(
          task: state.task, runID: runB, startedAt: .now, outputs: outputs, counters: state.counters,
          toolVersion: "test"))
    }
  }

  @Test func sourcesMadeAgainJustTheSameAreNoOtherSources() throws {
    try withLake { lake in
      let run = try lake.addWholeRun(runB)
      var state = try #require(try run.state("ingest-artists"))
      state.finishedAt = state.finishedAt.adding(seconds: 60)
      try run.write(state)
      #expect(try Check(run).exitCode == .ok)
    }
  }

  @Test func aRunWithoutDerivedDatasetsFails() throws {
    try expectFailures(["task_succeeded:build-xref"]) { run in
      for dataset in Dataset.derived { try Files.removeTree(run.datasetFolder(dataset)) }
      try Files.remove(run.stateFile("build-xref"))
    }
  }

  @Test(arguments: [nil, "{", #"{"run_id":1}"#])
  func aManifestThatLacksSomethingIsReportedAndCompleted(text: String?) throws {
    try withLake { lake in
      let run = try lake.addWholeRun(runB)
      let whole = try run.manifest()
      #expect(whole?.contents.map(\.dataset) == Dataset.all.map(\.name))
      try Files.remove(run.manifestFile)
      if let text { try Files.writeAtomically(Array(text.utf8), to: run.manifestFile) }
      let check = try Check(run)
      #expect(check.exitCode == .ok)
      #expect(check.report.contains { $0.prefix(4) == ["manifest_is_complete", "WARN", "", "false"] })
      #expect(try run.manifest()?.contents == whole?.contents)
      let again = try Check(run, force: true)
      #expect(again.report.contains { $0.prefix(4) == ["manifest_is_complete", "WARN", "", "true"] })
    }
  }

  @Test func linksOutsideTheirTargetsRangeFail() throws {
    try expectFailures(["key_in_range:release_genre_links_v1_typed.release_id"]) { run in
      try run.addFile(.releaseGenreLinks, rows: 10) { column, row in
        column == "release_id" && row == 9 ? 1_000_000 : Dataset.releaseGenreLinks.onlyRow(column, row)
      }
      try run.addState("ingest-releases", Entity.releases.datasets, rows: 10)
      try run.addState("build-xref", Dataset.derived, rows: 10)
    }
  }

  @Test func idsThatDumpsThemselvesGetWrongAreOnlyReported() throws {
    try withLake { lake in
      let run = try lake.addWholeRun(runB)
      try run.addFile(.releaseArtistLinks, rows: 10) { column, row in
        column == "artist_id" ? Int64(row) * 1000 : Dataset.releaseArtistLinks.onlyRow(column, row)
      }
      try run.addState("ingest-releases", Entity.releases.datasets, rows: 10)
      try run.addState("build-xref", Dataset.derived, rows: 10)
      let check = try Check(run)
      #expect(check.exitCode == .ok)
      let line = check.report.first { $0[0] == "key_in_range:release_artist_links_v1_typed.artist_id" }
      #expect(
        line?.prefix(4) == [
          "key_in_range:release_artist_links_v1_typed.artist_id", "INFO", "0..9000", "false",
        ])
      #expect(line?[4].hasPrefix("from 0 to 9000 while artists_v1_typed.artist_id is from ") == true)
    }
  }

  /// Rows of releases: a release, the track or format that a row belongs to, and the row's position.
  struct Numbered: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var dataset: Dataset
    var rows: [[Int64?]]
    var failures: [String]

    /// - Parameter rows: the first of ten; the others are their releases' only ones.
    init(_ what: String, _ dataset: Dataset, _ rows: [[Int64?]], _ failures: String...) {
      testDescription = what
      self.dataset = dataset
      let others = (rows.count..<10).map { row -> [Int64?] in
        let parent = dataset.columns.first { $0.source == .parentOrdinal }
        return [Int64(row + 1), parent.flatMap { dataset.onlyRow($0.name, row) }, 1]
      }
      self.rows = rows + others
      self.failures = failures
    }

    func add(to run: RunFolder) throws {
      try run.addFile(dataset, rows: 10) { column, row in
        switch dataset.column(column)?.source {
        case .recordID: rows[row][0]
        case .parentOrdinal: rows[row][1]
        case .ordinal: rows[row][2]
        default: Int64(row + 1)
        }
      }
      try run.addState("ingest-releases", Entity.releases.datasets, rows: 10)
      try run.addState("build-xref", Dataset.derived, rows: 10)
    }

    static let gap = "positions_have_no_gap:"
    static let stranger = "parents_are_there:"
    static let tracks = "release_tracks_v1_typed"
    static let artists = "release_track_artist_links_v1_typed"
    static let all = [
      Numbered("a gap", .releaseTracks, [[1, nil, 1], [1, nil, 3]], "\(gap)\(tracks).position"),
      Numbered("from 2 on", .releaseTracks, [[1, nil, 2], [1, nil, 3]], "\(gap)\(tracks).position"),
      Numbered("from 0 on", .releaseVideos, [[1, nil, 0]], "\(gap)release_videos_v1_typed.position"),
      Numbered(
        "twice", .releaseVideos, [[1, nil, 1], [1, nil, 1]], "\(gap)release_videos_v1_typed.position"),
      Numbered(
        "backwards", .releaseGenreLinks, [[1, nil, 2], [1, nil, 1]],
        "\(gap)release_genre_links_v1_typed.position"),
      Numbered(
        "without a number", .releaseGenreLinks, [[1, nil, nil]],
        "key_is_never_null:release_genre_links_v1_typed.position",
        "\(gap)release_genre_links_v1_typed.position"),
      Numbered(
        "a sub-track of no track", .releaseTracks, [[1, nil, 1], [1, 7, 2]],
        "\(stranger)\(tracks).parent_position"),
      Numbered(
        "a sub-track of itself", .releaseTracks, [[1, nil, 1], [1, 2, 2]],
        "\(stranger)\(tracks).parent_position"),
      Numbered(
        "a sub-track of a sub-track", .releaseTracks, [[1, nil, 1], [1, 1, 2], [1, 2, 3]],
        "\(stranger)\(tracks).parent_position"),
      Numbered(
        "a sub-track of another release's track", .releaseTracks, [[1, nil, 1], [2, 1, 1]],
        "\(stranger)\(tracks).parent_position"),
      Numbered(
        "an artist of no track", .releaseTrackArtistLinks, [[1, 1, 1], [1, 2, 1]],
        "\(stranger)\(artists).track_position"),
      Numbered(
        "an artist of track NULL", .releaseTrackArtistLinks, [[1, nil, 1]],
        "key_is_never_null:\(artists).track_position", "\(stranger)\(artists).track_position"),
      Numbered(
        "a gap among the artists of a track", .releaseTrackArtistLinks, [[1, 1, 1], [1, 1, 3]],
        "\(gap)\(artists).position"),
      Numbered(
        "artists of a track that do not stand together", .releaseTrackArtistLinks,
        [[1, 1, 1], [2, 1, 1], [2, 2, 1], [2, 1, 1]],
        "\(gap)\(artists).position", "\(stranger)\(artists).track_position"),
      Numbered(
        "a credit of a release without tracks", .releaseTrackCreditLinks, [[1, 1, 1], [1 << 40, 1, 1]],
        "key_in_range:release_track_credit_links_v1_typed.release_id",
        "\(stranger)release_track_credit_links_v1_typed.track_position"),
      Numbered(
        "a description of no format", .releaseFormatDescriptions, [[1, 1, 1], [1, 1, 2], [2, 2, 1]],
        "\(stranger)release_format_descriptions_v1_typed.format_position"),
      Numbered(
        "sub-tracks", .releaseTracks,
        [[1, nil, 1], [1, 1, 2], [1, 1, 3], [1, nil, 4], [1, 4, 5], [2, nil, 1], [3, nil, 1]]),
      Numbered(
        "several of each", .releaseFormatDescriptions, [[1, 1, 1], [1, 1, 2], [1, 1, 3], [2, 1, 1]]),
    ]
  }

  @Test(arguments: Numbered.all) func rowsAreNumberedWithoutAGapAndNameOthersThatAreThere(
    _ numbered: Numbered
  )
    throws
  {
    try withLake { lake in
      let run = try lake.addWholeRun(runB)
      if numbered.dataset == .releaseTracks {
        // Nothing else names tracks then.
        for dataset in [Dataset.releaseTrackArtistLinks, .releaseTrackCreditLinks] {
          try run.addFile(dataset, rows: 10) { column, row in
            ["release_id", "track_position"].contains(column) ? 1 : Int64(row + 1)
          }
        }
      }
      try numbered.add(to: run)
      #expect(try Check(run).failures == numbered.failures)
    }
  }

  /// Records may come in any order, as long as it is the same in all files, and rows in any number of files.
  @Test func numberedRowsAreComparedInTheOrderOfTheDump() throws {
    let others: [[Int64?]] = (4...10).map { [$0, nil, 1] }
    let tracks: [[Int64?]] =
      [[7, nil, 1], [7, nil, 2], [3, nil, 1]] + others.filter { $0[0] != 7 } + [[2, nil, 1]]
    let artists: [[Int64?]] = (1...9).map { [7, 2, $0] } + [[2, 1, 1]]
    try withLake { lake in
      let run = try lake.addWholeRun(runB)
      for dataset in [Dataset.releaseTrackCreditLinks] {
        try run.addFile(dataset, rows: 10) { column, row in
          ["release_id", "track_position"].contains(column) ? 7 : Int64(row + 1)
        }
      }
      var numbered = Numbered("", .releaseTrackCreditLinks, [])
      numbered.rows = (1...10).map { [7, 1, $0] }
      try numbered.add(to: run)
      numbered.dataset = .releaseTracks
      numbered.rows = tracks
      try numbered.add(to: run)
      numbered.dataset = .releaseTrackArtistLinks
      numbered.rows = artists
      try numbered.add(to: run)
      #expect(try Check(run).failures == [])
      numbered.rows[9] = [3, 1, 1]
      try numbered.add(to: run)
      #expect(try Check(run).failures == [])
      numbered.rows[9] = [3, 2, 1]
      try numbered.add(to: run)
      #expect(
        try Check(run).failures == ["parents_are_there:release_track_artist_links_v1_typed.track_position"])
    }
  }

  @Test func aMissingKeyFails() throws {
    try expectFailures(["key_is_never_null:labels_v10.label_id"]) { run in
      try run.addFile(.labels, rows: 10) { column, row in
        column == "label_id" && row == 3 ? nil : Int64(row + 1)
      }
      try run.addState("ingest-labels", [.labels], rows: 10)
    }
  }

  // MARK: Shrinking

  @Test func aDatasetMayShrinkByAsMuchAsIsAllowed() throws {
    try withLake { lake in
      let first = try Check(lake.addWholeRun(runA, rows: 10))
      #expect(first.exitCode == .ok)
      #expect(try Check(lake.addWholeRun(runB, rows: 8)).exitCode == .ok)
      let run = try lake.addWholeRun(runC, rows: 7)
      let check = try Check(run)
      #expect(check.exitCode == .ok)
      #expect(check.report.contains { $0[0] == "shrink:labels_v10" && $0[2] == "12.5" })
      // Details may vanish from the dumps, which is worth a warning.
      let critical = Dataset.all.filter { !$0.isDetail }.map { "shrink:\($0.name)" }
      #expect(try Check(run, maxShrink: 12).failures == critical)
    }
  }

  @Test func aRunThatFailedIsNotWhatTheNextIsMeasuredBy() throws {
    try withLake { lake in
      let first = try Check(lake.addWholeRun(runA, rows: 100))
      #expect(first.exitCode == .ok)
      #expect(try Check(lake.addWholeRun(runB, rows: 10)).exitCode == .data)
      #expect(try Check(lake.addWholeRun(runC, rows: 10)).exitCode == .data)
    }
  }

  @Test func aRunOfAnOlderLakeIsWhatTheNextIsMeasuredBy() throws {
    try withLake { lake in
      _ = try lake.addOlderRun(runA, rows: 100)
      let check = try Check(lake.addWholeRun(runB, rows: 10))
      #expect(check.failures == (Dataset.required + Dataset.derived(.core)).map { "shrink:\($0.name)" })
    }
  }

  /// Trino names files without an extension; they count as what the next run is measured by.
  @Test func anOlderRunsFilesNeedNoExtension() throws {
    try withLake { lake in
      let older = try lake.addOlderRun(runA, rows: 100)
      for dataset in Dataset.required {
        let file = try older.parquetFiles(of: dataset)[0]
        try Files.rename(file, to: older.datasetFolder(dataset) + "/20260101_000000_00001_abcde")
      }
      #expect(try Check(older).exitCode == .ok)
      let check = try Check(lake.addWholeRun(runB, rows: 10))
      #expect(check.failures == (Dataset.required + Dataset.derived(.core)).map { "shrink:\($0.name)" })
    }
  }

  @Test func aPreviousDatasetThatCannotBeReadIsSaidToBeIncomparable() throws {
    try withLake { lake in
      let older = try lake.addOlderRun(runA)
      try Files.writeAtomically([1, 2, 3], to: older.parquetFiles(of: .labels)[0])
      let check = try Check(lake.addWholeRun(runB))
      #expect(check.exitCode == .ok)
      #expect(
        check.report.contains {
          $0.prefix(4) == ["shrink:labels_v10", "WARN", "", "false"]
            && $0[4].contains("could not be compared")
        })
    }
  }

  @Test func growingIsFineAndLaterRunsDoNotCount() throws {
    try withLake { lake in
      _ = try lake.addWholeRun(runC, rows: 1000)
      _ = try lake.addWholeRun(runA, rows: 10)
      #expect(try Check(lake.addWholeRun(runB, rows: 50)).exitCode == .ok)
    }
  }

  // MARK: The executable

  @Test func theTaskSaysOnItsLastLineWhatIsWrongAndWhereToLook() throws {
    try withLake { lake in
      let run = try lake.addWholeRun(runB)
      let arguments = ["--lake", lake.path, "--run-id", runB.text]
      try task("sanity", arguments)
      try Files.removeTree(run.datasetFolder(.labels))
      let failed = try task("sanity", arguments, expecting: 65)
      #expect(failed.lastErrorLine.contains("failed 1 check: is_present:labels_v10"))
      #expect(failed.lastErrorLine.contains("_reports/run_sanity_"))
      #expect(failed.stdout.isEmpty)
      try task("sanity", ["--lake", lake.path, "--run-id", runA.text], expecting: 66)
      try task("sanity", arguments + ["--max-shrink", "101"], expecting: 64)
    }
  }
}
