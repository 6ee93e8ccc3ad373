import Foundation
import Platform
import Sanity
import Schema
import TestSupport
import Testing

@testable import Report

/// `run-report` over runs that the tasks themselves made.
@Suite struct RunReportTests {
  @Test(.needs(Tools.duckdb), .needsBrowser)
  func thePageOfARunInUseShowsWhatItsFilesSay() throws {
    try withTemporaryFolder { folder in
      let lake = try ReportLake(in: folder)
      let previous = try lake.makeActive("2026-07", day: 1)
      let run = try lake.makeActive("2026-08", day: 2)
      let path = try lake.report(run)
      #expect(path.hasPrefix("\(lake.folder(run))/_reports/run_report_2") && path.hasSuffix(".html"))
      #expect(try BrowserPage.faults([path, lake.report(previous)]) == [])

      let page = try BrowserPage.open(path)
      #expect(page.heading.hasPrefix("August 2026 is in order and in use, with "))
      try expectManifest(lake, run, previous, page)
      try expectRejects(lake, run, page)
      try expectFindings(lake, run, page)
      try expectDrift(lake, run, previous, page)
      try expectTasks(lake, run, page)
      #expect(
        Set(page.tables.keys)
          == Set(
            ["sources", "datasets", "drift", "tasks"].map { "\($0)-table" }
              + ["findings-before", "findings-after"] + Entity.allCases.map { "rejects-\($0)" }),
        "a table is not compared")
      #expect(Set(page.charts.keys) == ["chart-time", "chart-processor", "chart-memory"])
      #expect(page.text.contains("promote --rollback") && page.text.contains("To go back to \(previous)"))

      let text = try String(contentsOfFile: path, encoding: .utf8)
      #expect(text.contains("&lt;artist&gt;&lt;name&gt;No id&lt;/name&gt;&lt;/artist&gt;"))
      #expect(text.ranges(of: "<script>").count == 1)

      // What active points to may be gone.
      let (link, gone) = ("\(lake.path)/active", "2026-09__20260901_000000")
      try FileManager.default.removeItem(atPath: link)
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "_runs/\(gone)")
      let astray = try BrowserPage.open(lake.report(run))
      #expect(astray.text.contains("active points to run \(gone), which is not there"))
      #expect(!astray.text.contains("took its place"))
    }
  }

  private func expectManifest(_ lake: ReportLake, _ run: String, _ previous: String, _ page: BrowserPage)
    throws
  {
    let manifest = try lake.json(run, "_manifest.json")
    let sources = try #require(page.tables["sources-table"])
    let dumps = try #require(manifest["dumps"] as? [[String: Any]])
    #expect(sources.rows.count == 4 && dumps.count == 4)
    for dump in dumps {
      let row = try #require(sources.row(dump["entity"] as! String))
      #expect(row["File"] == dump["file"] as? String && row["SHA-256"] == dump["sha256"] as? String)
      #expect(row["Bytes"] == "\(dump["bytes"]!)" && row["Date"] == "2026-08-01")
    }
    let before = try lake.json(previous, "_manifest.json")["contents"] as! [[String: Any]]
    let datasets = try #require(page.tables["datasets-table"])
    let contents = manifest["contents"] as! [[String: Any]]
    #expect(datasets.rows.count == contents.count && contents.count >= Dataset.all.filter(\.isRequired).count)
    for dataset in contents {
      let row = try #require(datasets.row(dataset["dataset"] as! String))
      let rows = dataset["rows"] as! Int
      #expect(
        row["Rows"] == "\(rows)" && row["Bytes"] == "\(dataset["bytes"]!)"
          && row["Files"] == "\(dataset["files"]!)")
      let earlier = before.first { $0["dataset"] as? String == dataset["dataset"] as? String }
      let bytesBefore = earlier?["bytes"] as? Int
      #expect(row["Change, bytes"] == bytesBefore.map { "\(dataset["bytes"] as! Int - $0)" })
      let before = earlier?["rows"] as? Int
      #expect(row["Change"] == before.map { "\(rows - $0)" })
      let shown = try #require(datasets.texts(dataset["dataset"] as! String))
      #expect(shown["Rows"] == Figure.grouped(rows))
      #expect(shown["Change"] == before.map { Figure.signed(rows - $0) })
      let relative = before.flatMap { before in
        before == 0
          ? nil
          : Figure.signedPercent(Int((Double((rows - before) * 10_000) / Double(before)).rounded(.down)))
      }
      #expect(shown["Change, %"] == relative ?? "–", "\(dataset["dataset"]!)")
    }
    let total = contents.reduce(0) { $0 + ($1["rows"] as! Int) }
    #expect(page.text.contains("\(contents.count) datasets with \(Figure.grouped(total)) rows in "))
    for (name, dataset) in [
      ("releases", "releases_v6"), ("artists", "artists_v1_typed"), ("labels", "labels_v10"),
      ("masters", "masters_v1_typed"),
    ] {
      let row = try #require(datasets.texts(dataset))
      #expect(page.figures[name]?.value == row["Rows"])
      #expect(page.figures[name]?.change == "\(row["Change"]!) (\(row["Change, %"]!))")
    }
  }

  private func expectRejects(_ lake: ReportLake, _ run: String, _ page: BrowserPage) throws {
    for entity in Entity.allCases {
      let counted = try lake.json(run, "_state/ingest-\(entity).json")["counters"] as! [String: Int]
      let table = try #require(page.tables["rejects-\(entity)"])
      let shown = table.keys.reduce(0) { $0 + (Int($1[1]) ?? 0) }
      #expect(shown == counted["records_rejected"])
      let lines = try Data(contentsOf: URL(fileURLWithPath: "\(lake.folder(run))/_rejects/\(entity).jsonl"))
        .split(separator: UInt8(ascii: "\n")).map { line in
          try #require(JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
        }
      for (reason, places) in Dictionary(grouping: lines, by: { RejectKind.of($0["reason"] as! String) }) {
        let row = try #require(table.texts(reason))
        #expect(row["Records"] == Figure.grouped(places.count))
        let offsets = places.prefix(3).map { Figure.grouped($0["offset"] as! Int) }
        #expect(row["First places"] == offsets.joined(separator: " · "), "\(reason)")
      }
    }
    #expect(
      page.tables["rejects-artists"]?.rows.contains { $0[0] == "the record has no id" && $0[1] == "2" }
        == true)
  }

  private func expectFindings(_ lake: ReportLake, _ run: String, _ page: BrowserPage) throws {
    for (id, name) in [("findings-before", "run_sanity"), ("findings-after", "duckdb_sanity_active")] {
      let file = try #require(
        FileManager.default.contentsOfDirectory(atPath: "\(lake.folder(run))/_reports").first {
          $0.hasPrefix(name)
        })
      let lines = try String(contentsOfFile: "\(lake.folder(run))/_reports/\(file)", encoding: .utf8)
        .split(separator: "\r\n")
      #expect(page.tables[id]?.rows.count == lines.count - 1)
      let records = CSV.records(
        try String(contentsOfFile: "\(lake.folder(run))/_reports/\(file)", encoding: .utf8))
      // check_name, severity, value, ok, details
      let told = records.dropFirst().map { [$0[0], $0[1], $0[3], $0[2], $0[4]] }
      let words = ["Failure": "CRITICAL", "Warning": "WARN", "Remark": "INFO", "yes": "true", "no": "false"]
      let table = try #require(page.tables[id])
      let shown = table.rows.map { [$0[0], words[$0[1]] ?? "?", words[$0[2]] ?? "?", $0[3], $0[4]] }
      #expect(shown.sorted { $0[0] < $1[0] } == told.sorted { $0[0] < $1[0] })
      // What no one has explained is no help to who reads of it.
      for line in lines.dropFirst() {
        let check = String(line.prefix { $0 != "," })
        #expect(CheckMeaning.of(check) != nil, "\(check)")
      }
    }
  }

  private func expectDrift(_ lake: ReportLake, _ run: String, _ previous: String, _ page: BrowserPage) throws
  {
    func counts(_ run: String, _ entity: Entity) throws -> [String: Int] {
      let counters = try lake.json(run, "_state/ingest-\(entity).json")["counters"] as! [String: Int]
      return Dictionary(
        uniqueKeysWithValues: counters.filter { $0.key.hasPrefix("unknown:") }.map {
          (String($0.key.dropFirst("unknown:".count)), $0.value)
        })
    }
    var expected: Set<[String]> = []
    for entity in Entity.allCases {
      let (now, then) = try (counts(run, entity), counts(previous, entity))
      for path in Set(now.keys).union(then.keys) {
        let (count, before) = (now[path] ?? 0, then[path] ?? 0)
        let words = before == 0 ? "new" : count == 0 ? "gone" : "still there"
        expected.insert([path, "\(entity)", words, Figure.grouped(count), Figure.grouped(before)])
      }
    }
    #expect(Set(try #require(page.tables["drift-table"]).rows) == expected && expected.count > 10)
  }

  private func expectTasks(_ lake: ReportLake, _ run: String, _ page: BrowserPage) throws {
    let table = try #require(page.tables["tasks-table"])
    let states = try FileManager.default.contentsOfDirectory(atPath: "\(lake.folder(run))/_state").filter {
      $0.hasSuffix(".json") && $0 != "run-report.json"
    }
    #expect(table.rows.count == states.count && states.count == 9)
    for file in states {
      let state = try lake.json(run, "_state/\(file)")
      let resources = state["resources"] as! [String: Int]
      let row = try #require(table.texts(state["task"] as! String))
      let hundredths = (resources["elapsed_milliseconds"]! + 5) / 10
      #expect(
        row["Seconds"] == "\(Figure.grouped(hundredths / 100)).\(String(format: "%02d", hundredths % 100))")
      #expect(row["Processor, ms"] == Figure.grouped(resources["processor_milliseconds"]!))
      #expect(row["Memory, bytes"] == Figure.grouped(resources["peak_memory_bytes"]!))
      #expect(
        row["Started (UTC)"]?.replacing(" ", with: "T")
          == (state["started_at"] as! String).dropLast().description)
      #expect(row["Outcome"]?.hasPrefix(state["status"] as! String) == true)
      #expect(row["Version"] == state["tool_version"] as? String)
    }
    // A chart's bar says what the table says, in the unit that suits it.
    for (id, column, unit) in [
      ("time", "Seconds", 1.0), ("processor", "Processor, ms", 0.001), ("memory", "Memory, bytes", 1.0),
    ] {
      let chart = try #require(page.charts["chart-\(id)"])
      #expect(chart.names == table.rows.map(\.[0]))
      for (name, shown) in zip(chart.names, chart.values) {
        let number = try #require(
          table.row(name)?[column].flatMap { Double($0.replacing(",", with: "")) })
        let told = try #require(Self.number(shown), "\(shown)")
        #expect(told > 0, "\(name) takes some of everything")
        #expect(abs(told - number * unit) <= max(0.051, number * unit / 100), "\(name): \(shown), \(number)")
      }
      #expect(chart.tips == zip(chart.names, chart.values).map { "\($0): \($1)" })
    }
  }

  /// What a figure with a unit comes to, in seconds or bytes.
  private static func number(_ text: String) -> Double? {
    let units = ["ms": 0.001, "s": 1, "min": 60, "h": 3600, "B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9]
    let words = text.split(separator: " ")
    guard words.count % 2 == 0 else { return nil }
    return stride(from: 0, to: words.count, by: 2).reduce(Double?(0)) { sum, index in
      guard let sum, let number = Double(words[index].replacing(",", with: "")),
        let unit = units[String(words[index + 1])]
      else { return nil }
      return sum + number * unit
    }
  }

  @Test(.needsBrowser)
  func theHeadlineSaysWhatBecameOfARun() throws {
    try withTemporaryFolder { folder in
      let lake = try ReportLake(in: folder)
      func heading(_ run: String) throws -> String { try BrowserPage.open(lake.report(run)).heading }

      let run = try lake.begin("2026-07", ["releases", "artists", "masters"])
      #expect(
        try heading(run)
          == "The run of July 2026 is unfinished: ingest-entity --entity labels and build-xref have not succeeded"
      )
      try lake.task("ingest-entity", ["--entity", "labels"], run: run)
      try lake.task("build-xref", run: run)
      #expect(try heading(run) == "The run of July 2026 has not been checked yet")

      let labels = "\(lake.folder(run))/labels_v10"
      try FileManager.default.moveItem(atPath: labels, toPath: folder.path("aside"))
      try lake.task("sanity", run: run, expecting: 65)
      #expect(try heading(run).hasPrefix("The run of July 2026 must not be used: "))
      #expect(try BrowserPage.open(lake.report(run)).text.contains("The dataset has no folder in the run"))
      #expect(try BrowserPage.faults([lake.report(run)]) == [])

      try FileManager.default.moveItem(atPath: folder.path("aside"), toPath: labels)
      try lake.task("sanity", run: run)
      #expect(try heading(run).hasSuffix("and has not been promoted yet"))
      try lake.task("promote", run: run)
      #expect(
        try heading(run).hasSuffix(
          "and was not promoted: run_mode is dev, not prod and allow_promote is not true"))
      try lake.task("promote", ["--run-mode", "prod", "--allow-promote", "true"], run: run)
      #expect(try heading(run) == "The run of July 2026 is in use, but its tables have not been checked")
    }
  }

  /// What nobody knows how it came to be, both programs call by the same name.
  @Test(.needsBrowser) func aRunWithoutStatesIsCalledTheSameByLakeStatus() throws {
    try withTemporaryFolder { folder in
      let lake = try ReportLake(in: folder)
      let run = try lake.make("2026-07")
      func state() throws -> String? {
        let told = try lake.task("lake-status", ["--format", "json"]).stdout
        let status = try JSONSerialization.jsonObject(with: Data(told.utf8)) as? [String: Any]
        return (status?["runs"] as? [[String: Any]])?.first?["state"] as? String
      }
      func heading() throws -> String { try BrowserPage.open(lake.report(run, ["--force"])).heading }
      for name in ["_manifest.json", "_reports", "_state"] {
        try FileManager.default.removeItem(atPath: "\(lake.folder(run))/\(name)")
      }
      try FileManager.default.createDirectory(
        atPath: "\(lake.folder(run))/_state", withIntermediateDirectories: true)
      #expect(try state() == "older")
      #expect(try heading().hasPrefix("The run of July 2026 is one of an older pipeline"))

      try FileManager.default.removeItem(atPath: "\(lake.folder(run))/labels_v10")
      #expect(try state() == "unfinished")
      #expect(try heading() == "The run of July 2026 is unfinished: it lacks labels_v10")

      // Begun by this pipeline, and no more than that.
      let begun = "2026-08__20260901_030405"
      try FileManager.default.removeItem(atPath: lake.folder(run))
      try lake.task("preflight", ["--dump-month", "2026-08", "--session-time", "2026-09-01T03:04:05Z"])
      #expect(try state() == "unfinished")
      #expect(
        try BrowserPage.open(lake.report(begun)).heading.hasPrefix("The run of August 2026 is unfinished: "))
    }
  }

  @Test func aReportThatWouldTellTheSameIsNotWrittenAgain() throws {
    try withTemporaryFolder { folder in
      let lake = try ReportLake(in: folder)
      let run = try lake.begin("2026-07", ["labels"])
      let first = try lake.report(run)
      #expect(try lake.report(run) == first)
      let forced = try lake.report(run, ["--force"])
      #expect(forced != first)
      try lake.task("ingest-entity", ["--entity", "masters"], run: run)
      let afterwards = try lake.report(run)
      #expect(afterwards != forced)
      try FileManager.default.removeItem(atPath: afterwards)
      let again = try lake.report(run)
      #expect(FileManager.default.fileExists(atPath: again))
      #expect(try lake.json(run, "_state/run-report.json")["status"] as? String == "succeeded")
    }
  }

  @Test(.needsBrowser) func filesThatCannotBeReadAreToldAndDoNotKeepThePageFromBeingWritten() throws {
    try withTemporaryFolder { folder in
      let lake = try ReportLake(in: folder)
      let run = try lake.begin("2026-07", ["labels"])
      for name in [
        "_manifest.json", "_state/ingest-labels.json", "_rejects/labels.jsonl",
        "_reports/run_sanity_20260901_000000.csv",
      ] {
        let file = "\(lake.folder(run))/\(name)"
        try FileManager.default.createDirectory(
          at: URL(fileURLWithPath: file).deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data("<b>no\n".utf8).write(to: URL(fileURLWithPath: file))
      }
      let page = try lake.report(run)
      #expect(try BrowserPage.open(page).text.contains("4 things could not be read"))
      #expect(try BrowserPage.faults([page]) == [])
    }
  }

  @Test func aReasonIsOfTheSameKindWhateverTheRecordSays() {
    for (reason, kind) in [
      ("the record's id came before: 399", "the record's id came before"),
      ("the record's id is not a number: \"m5\"", "the record's id is not a number"),
      ("the record has no id", "the record has no id"),
      (
        "not well-formed: Opening and ending tag mismatch: name line 0 and nome",
        "not well-formed: an end tag that is not the one of its start tag"
      ),
      (
        "not well-formed: PCDATA invalid Char value 11",
        "not well-formed: a character that XML does not allow"
      ),
      (
        "not well-formed: xmlParseCharRef: invalid xmlChar value 55296",
        "not well-formed: a reference to a character that XML does not allow"
      ),
      (
        "not well-formed: Input is not proper UTF-8, indicate encoding ! Bytes: 0xFF 0x3C 0x2F 0x6E",
        "not well-formed: bytes that are not UTF-8"
      ),
      ("not well-formed: xmlParseNew: no such 'thing' here: 12", "not well-formed: no such … here"),
      ("a new reason: 12", "a new reason"),
    ] { #expect(RejectKind.of(reason) == kind) }
  }

  /// What nobody has read to its end, nobody can say anything of.
  @Test(.needsBrowser) func afterAFailureThePageSaysWhyAndWhatIsNotKnown() throws {
    try withTemporaryFolder { folder in
      let lake = try ReportLake(in: folder)
      let raw = folder.path("raw")
      try FileManager.default.createDirectory(atPath: raw, withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        atPath: Checkout.path("fixtures/dumps/2026-08"), toPath: "\(raw)/2026-08")
      let dump = "\(raw)/2026-08/discogs_20260801_releases.xml.gz"
      let sound = try Data(contentsOf: URL(fileURLWithPath: dump))
      try sound.prefix(sound.count / 2).write(to: URL(fileURLWithPath: dump))
      let run = try lake.task(
        "preflight",
        ["--raw-root", raw, "--dump-month", "2026-08", "--session-time", "2026-09-01T03:04:05Z"]
      ).stdout.trimmingCharacters(in: .newlines)
      func page() throws -> BrowserPage { try BrowserPage.open(lake.report(run)) }
      let begun = try page()
      for words in [
        "Whether records were rejected is not known", "Whether the dumps' format has changed is not known",
        "No dump has been read to its end.",
      ] { #expect(begun.text.contains(words), "\(words)") }
      for words in ["No record was rejected", "Every record of the dumps", "nothing that is not known"] {
        #expect(!begun.text.contains(words), "\(words)")
      }
      #expect(begun.tables["datasets-table"]?.rows.map(\.[1]) == Dataset.all.map { _ in "missing" })

      func ingest(_ entity: String, expecting status: Int32 = 0) throws -> Execution {
        try lake.task("ingest-entity", ["--raw-root", raw, "--entity", entity], run: run, expecting: status)
      }
      _ = try ingest("labels")
      let failed = try ingest("releases", expecting: 65)
      let path = try lake.report(run)
      let told = try BrowserPage.open(path)
      let cause = try #require(
        failed.lastErrorLine.firstMatch(of: /the dump ends early[^(]*|the gzip data[^(]*/)?.0)
      #expect(told.text.contains(cause.trimmingCharacters(in: .whitespaces)), "\(failed.lastErrorLine)")
      #expect(told.text.contains("Mend that") || told.text.contains("mend that"))
      #expect(told.text.contains("The dumps of artists, masters and releases have not been read to the end."))
      #expect(told.text.contains("rejected so far"))
      #expect(try BrowserPage.faults([path]) == [])

      try sound.write(to: URL(fileURLWithPath: dump))
      _ = try ingest("releases")
      #expect(try !page().text.contains(cause))
      let left = try FileManager.default.contentsOfDirectory(atPath: "\(lake.folder(run))/_reports")
      #expect(!left.contains { $0.hasPrefix(".failed-") })
    }
  }

  @Test(.needs(Tools.duckdb), .needsBrowser) func aRunThatLostFilesIsNotInOrder() throws {
    try withTemporaryFolder { folder in
      let lake = try ReportLake(in: folder)
      let run = try lake.makeActive("2026-08")
      #expect(try BrowserPage.open(lake.report(run)).heading.hasPrefix("August 2026 is in order and in use"))
      try FileManager.default.removeItem(atPath: "\(lake.folder(run))/masters_v1_typed")
      let page = try BrowserPage.open(lake.report(run))
      #expect(page.heading == "The run of August 2026 is in use, but 1 dataset is not as it was made")
      #expect(page.text.contains("masters_v1_typed is gone"))
      #expect(page.tables["datasets-table"]?.texts("masters_v1_typed")?["Rows"] == "missing")
    }
  }

  @Test(.needsBrowser) func whatARunOfTheCoreLeavesOutIsNotMissing() throws {
    try withTemporaryFolder { folder in
      let lake = try ReportLake(in: folder)
      _ = try lake.begin("2026-07")
      let run = try lake.task(
        "preflight",
        ["--dump-month", "2026-08", "--session-time", "2026-09-02T03:04:05Z", "--datasets", "core"]
      ).stdout.trimmingCharacters(in: .newlines)
      for entity in Entity.allCases {
        try lake.task("ingest-entity", ["--entity", entity.rawValue], run: run)
      }
      let page = try BrowserPage.open(lake.report(run))
      let rows = try #require(page.tables["datasets-table"]?.rows)
      // Neither run has derived datasets yet.
      let (details, derived) = (Dataset.all.filter(\.isDetail), Dataset.derived)
      #expect(
        Set(rows.filter { $0[1] == "left out" }.map(\.[0]))
          == Set(details.map(\.name)).subtracting(derived.map(\.name)))
      #expect(
        Set(rows.filter { $0[1] == "missing" }.map(\.[0]))
          == Set(derived.map(\.name)).subtracting(details.map(\.name)))
      #expect(page.text.contains("This run was made with datasets=core"))
    }
  }

  @Test func aRunThatIsNotThereIsRefused() throws {
    try withTemporaryFolder { folder in
      let lake = try ReportLake(in: folder)
      let failed = try lake.task("run-report", run: "2026-07__20260901_000000", expecting: 66)
      #expect(failed.lastErrorLine.contains("there is no run 2026-07__20260901_000000"))
    }
  }
}
