import Foundation
import Lake
import Platform
import Schema
import TaskKit
import TestSupport
import Testing

@testable import History
@testable import Report

/// `history-report` over histories that the tasks themselves made, and over long ones of made-up events.
@Suite struct HistoryReportTests {
  @Test(.needs(Tools.duckdb), .needsBrowser)
  func thePageShowsTheNumbersOfTheCSVFiles() throws {
    try withTemporaryFolder { folder in
      let lake = try ReportLake(in: folder)
      let runs = try [
        lake.make("2026-06", day: 1), lake.make("2026-07", day: 2), lake.makeActive("2026-08", day: 3),
      ]
      try lake.task("register-run-schema", ["--all"])
      try lake.task("reconcile", ["--include-active"])
      try lake.task("compute-kpis", ["--include-active"])
      try lake.task("compare-runs", ["--include-active"])
      let files = try lake.task("export-csv", ["--include-active"]).stdout.split(separator: "\n").map(
        String.init)
      let path = try lake.task("history-report", ["--include-active"]).stdout.trimmingCharacters(
        in: .newlines)
      #expect(path == "\(lake.path)/_meta/discogs_history/reports/history_report_latest.html")
      let faults = try BrowserPage.faults([path])
      #expect(faults == [])

      let page = try BrowserPage.open(path)
      try PageAgainstCSV(
        page: page, wide: csv(files, "wide"), growth: csv(files, "growth"), dimensions: csv(files, "dim"),
        changes: csv(files, "changes"), runs: runs
      ).expectEverything()
      let releases = try #require(
        csv(files, "growth").first { $0["run_id"] == runs[2] && $0["kpi_name"] == "n_releases_distinct" })
      let change = try #require(
        csv(files, "changes").first { $0["run_id"] == runs[2] && $0["entity"] == "release" })
      #expect(
        page.heading
          == "August 2026: \(releases["delta"]!) releases more than in July 2026; \(change["n_removed"]!) vanished"
      )
      try expectChangedColumns(page, lake, runs)
      #expect(page.tables["registry-table"]?.rows.map(\.[0]) == runs.reversed())
      let text = try String(contentsOfFile: path, encoding: .utf8)
      #expect(text.ranges(of: "<script>").count == 1)
      #expect(text.contains("&lt;script&gt;alert(\"1\")&lt;/script&gt;"))
      #expect(text.contains("href=\"https://www.discogs.com/release/"))
    }
  }

  /// The lines of one of the files, by its name's part.
  private func csv(_ files: [String], _ name: String) throws -> [[String: String]] {
    let path = try #require(files.first { $0.contains("_\(name)_latest.csv") })
    let records = CSV.records(try String(contentsOfFile: path, encoding: .utf8))
    return records.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(records[0], $0)) }
  }

  /// Which columns differ is in no CSV file, but in the events.
  private func expectChangedColumns(_ page: BrowserPage, _ lake: ReportLake, _ runs: [String]) throws {
    let files = "\(lake.path)/_meta/discogs_history/changes/entity_change_events/*.parquet"
    let told = try execute(
      Tools.duckdb.path(),
      [
        "-csv", "-noheader", "-separator", "|", "-c",
        """
        SELECT name, entity || 's', count(*) FROM (
          SELECT entity, unnest(string_split(changed_columns, ', ')) AS name FROM read_parquet('\(files)')
          WHERE run_id = '\(runs[2])' AND previous_run_id = '\(runs[1])' AND change = 'changed')
        GROUP BY ALL
        """,
      ])
    #expect(told.status == 0, "\(told.stderr)")
    let table = try #require(page.tables["changed-columns"])
    #expect(
      Set(table.keys.map { $0.joined(separator: "|") })
        == Set(told.stdout.split(separator: "\n").map(String.init)))
  }

  @Test(.needs(Tools.duckdb), .needsBrowser)
  func aLakeWithoutHistoryOrWithOneRunSaysSo() throws {
    try withTemporaryFolder { folder in
      let lake = try ReportLake(in: folder)
      let path = try lake.task("history-report").stdout.trimmingCharacters(in: .newlines)
      #expect(try BrowserPage.open(path).heading == "The history has no numbers yet")
      let empty = folder.path("empty.html")
      try FileManager.default.copyItem(atPath: path, toPath: empty)

      let run = try lake.make("2026-08")
      try lake.task("register-run-schema", ["--all"])
      try lake.task("reconcile")
      // What cannot be measured again tomorrow is the same page.
      try lake.task("compute-kpis")
      try lake.task("history-report")
      let page = try BrowserPage.open(path)
      #expect(
        page.heading.hasPrefix("August 2026: ")
          && page.heading.hasSuffix(", and no earlier run to compare with"))
      #expect(page.tables["registry-table"]?.rows.map(\.[0]) == [run])
      #expect(page.text.contains("1 run of August 2026"))
      #expect(
        page.tables["trust-table"]?.texts("Has any kind of record become fewer?")?["Verdict"] == "? not yet")
      // A dot is no chart; its number is told.
      #expect(!page.charts.keys.contains { $0.hasPrefix("growth") || $0.hasPrefix("quality") })
      #expect(page.tables["growth-numbers"]?.rows.count == 1)
      #expect(try BrowserPage.faults([empty, path]) == [])

      let first = try Data(contentsOf: URL(fileURLWithPath: path))
      try lake.task("reconcile")
      try lake.task("history-report")
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == first)

      let stamped = try lake.task(
        "history-report", ["--with-timestamp", "true", "--out-dir", folder.path("out")])
      #expect(
        stamped.stdout.trimmingCharacters(in: .newlines)
          .firstMatch(of: /\/out\/history_report_latest_\d{8}_\d{6}\.html$/) != nil)
      try lake.task("history-report", ["--only-run-id", "2020-01__20200101_000000"], expecting: 66)
    }
  }

  /// Numbers of a run that is not in order are no numbers to trust, however well they look.
  @Test(.needs(Tools.duckdb), .needsBrowser)
  func whatTheRunsFolderTellsDecidesWhetherToTrustItsNumbers() throws {
    try withTemporaryFolder { folder in
      let lake = try ReportLake(in: folder)
      _ = try lake.make("2026-07", day: 1)
      let run = try lake.make("2026-08", day: 2)
      try lake.task("register-run-schema", ["--all"])
      try lake.task("reconcile")
      try lake.task("compute-kpis")
      func page() throws -> BrowserPage {
        try BrowserPage.open(
          lake.task("history-report", ["--include-active"]).stdout.trimmingCharacters(in: .newlines))
      }
      func answer(_ page: BrowserPage, _ question: String) throws -> [String] {
        let row = try #require(page.tables["trust-table"]?.texts(question))
        return [row["Verdict"] ?? "", row["Answer"] ?? ""]
      }
      let sound = try page()
      #expect(!sound.text.contains("Not usable"))
      #expect(try !answer(sound, "Have its files passed their checks?")[0].contains("bad"))
      #expect(try answer(sound, "Are its files as they were made?") == ["✓ good", "yes"])
      let tables = "Have its tables, if it is in use?"
      #expect(sound.tables["trust-table"]?.row(tables) == nil)
      let counted = try Entity.allCases.reduce(0) {
        let counters = try lake.json(run, "_state/ingest-\($1).json")["counters"] as! [String: Int]
        return $0 + counters["records_rejected"]!
      }
      #expect(
        try answer(sound, "Were more records rejected than before?")[1].hasPrefix("\(counted) records of "))
      #expect(try answer(sound, "Has the dumps' format changed?").joined().contains("! look"))

      let labels = "\(lake.folder(run))/labels_v10"
      try FileManager.default.moveItem(atPath: labels, toPath: folder.path("aside"))
      let damaged = try page()
      #expect(damaged.text.contains("Not usable"))
      #expect(try answer(damaged, "Are its files as they were made?") == ["✗ bad", "no: labels_v10 is gone"])
      try lake.task("sanity", run: run, expecting: 65)
      #expect(try answer(page(), "Have its files passed their checks?")[0] == "✗ bad")
      try FileManager.default.moveItem(atPath: folder.path("aside"), toPath: labels)

      try lake.task("sanity", run: run)
      try lake.task("promote", ["--run-mode", "prod", "--allow-promote", "true"], run: run)
      let unknown = ["! look", "not known: sanity-report has not succeeded"]
      #expect(try answer(page(), tables) == unknown)
      try lake.task("register-run-schema", ["--active"], run: run)
      try lake.task("sanity-report", run: run)
      let warned = try answer(page(), tables)
      #expect(warned[0] == "! look")
      #expect(warned[1].hasPrefix("yes, with ") && warned[1].contains(" warnings: "), "\(warned)")
      try FileManager.default.removeItem(atPath: "\(lake.folder(run))/_state/sanity-report.json")
      #expect(try answer(page(), tables) == unknown)
      try FileManager.default.removeItem(atPath: "\(lake.folder(run))/_state/sanity.json")

      for name in try FileManager.default.contentsOfDirectory(atPath: "\(lake.folder(run))/_reports") {
        try FileManager.default.removeItem(atPath: "\(lake.folder(run))/_reports/\(name)")
      }
      let unchecked = try page()
      #expect(unchecked.text.contains("Not usable"))
      #expect(
        try answer(unchecked, "Have its files passed their checks?")
          == ["✗ bad", "no: sanity has not succeeded"])

      try FileManager.default.removeItem(atPath: lake.folder(run))
      #expect(
        try answer(page(), "Have its files passed their checks?")
          == ["! look", "not known: the run's folder is not there"])
    }
  }

  /// A third that is missing is not the same as one in a hundred.
  @Test(.needs(Tools.duckdb), .needsBrowser, arguments: [(667, true), (989, false)])
  func howMuchIsMissingDecides(rest: Int64, isBad: Bool) throws {
    try withTemporaryFolder { folder in
      let lake = try ReportLake(in: folder)
      let tables = HistoryTables(of: Lake(path: lake.path), log: .none)
      for (month, releases) in [("2026-07", Int64(1000)), ("2026-08", rest)] {
        let id = "\(month)__20260902_030405"
        let schema = "discogs_r_\(id.replacing("-", with: "_"))"
        try tables.append([
          RunRegistryEvent(
            runID: id, schemaName: schema, isActive: false, action: "test", status: .ok, details: nil,
            origin: RunOrigin(
              dumpMonth: month, dumpDate: "\(month)-01", runMode: "prod", gitCommit: "abc"))
        ])
        try tables.append([
          KPISnapshotEvent(
            runID: id, schemaName: schema, kpi: "n_releases_distinct", value: releases, status: .ok,
            details: nil)
        ])
      }
      let page = try BrowserPage.open(lake.task("history-report").stdout.trimmingCharacters(in: .newlines))
      let row = try #require(page.tables["trust-table"]?.texts("Has any kind of record become fewer?"))
      #expect(row["Verdict"] == (isBad ? "✗ bad" : "! look"))
      #expect(page.text.contains(isBad ? "Not to be trusted" : "Needs a look"))
    }
  }

  /// Names may be of any length, and of letters as wide as any.
  @Test(.needs(Tools.duckdb), .needsBrowser, arguments: ["W", "lang ", "漢", "&"])
  func namesOfAnyLengthLeaveThePageInItsBounds(letters: String) throws {
    try withTemporaryFolder { folder in
      let lake = try ReportLake(in: folder)
      _ = try LongHistory(runs: 2, name: { "\($0) \(String(repeating: letters, count: 3000))" }).write(
        into: Lake(path: lake.path))
      let path = try lake.task("history-report").stdout.trimmingCharacters(in: .newlines)
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as! Int
      #expect(size < 2_000_000)
      let faults = try BrowserPage.faults([path])
      #expect(faults == [])
      for (id, chart) in try BrowserPage.open(path).charts { #expect(chart.title.count < 140, "\(id)") }
    }
  }

  /// Sixteen years of months, every KPI in each: more than there are dumps.
  @Test(.needs(Tools.duckdb), .needsBrowser)
  func twoHundredRunsAreAPageOfLessThanTwoMegabytes() throws {
    try withTemporaryFolder { folder in
      let lake = try ReportLake(in: folder)
      let runs = try LongHistory(runs: 200).write(into: Lake(path: lake.path))
      let path = try lake.task("history-report").stdout.trimmingCharacters(in: .newlines)
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as! Int
      #expect(size < 2_000_000)
      let faults = try BrowserPage.faults([path])
      #expect(faults == [])

      let page = try BrowserPage.open(path)
      let table = try #require(page.tables["kpi-table"])
      #expect(Array(table.columns.dropFirst(4)) == runs.map(\.id).reversed())
      for run in runs {
        #expect(table.row("n_releases_distinct")?[run.id] == "\(run.releases)")
      }
      #expect(page.tables["growth-numbers"]?.rows.count == 200)
      #expect(page.tables["registry-table"]?.rows.count == 200)
    }
  }
}

/// Events of many runs, as the tasks would have recorded them.
struct LongHistory {
  let runs: Int
  /// What values of dimensions are called, by their number.
  var name = { (index: Int) in
    index == 0 ? "<script>alert('\u{202E}')</script>" : "A name that is rather long, number \(index)"
  }

  /// Records the events, and tells each run and how many releases it has.
  func write(into lake: Lake) throws -> [(id: String, releases: Int64)] {
    var registry: [RunRegistryEvent] = []
    var values: [KPISnapshotEvent] = []
    var parts: [KPIDimensionEvent] = []
    var told: [(id: String, releases: Int64)] = []
    for number in 0..<runs {
      let month = "\(2010 + number / 12)-\(padded(number % 12 + 1, 2))"
      let id = "\(month)__\(month.filter { $0 != "-" })02_030405"
      let schema = "discogs_r_\(id.replacing("-", with: "_"))"
      let releases = Int64(2_000_000 + number * 87_654)
      told.append((id, releases))
      registry.append(
        RunRegistryEvent(
          runID: id, schemaName: schema, isActive: false, action: "test", status: .ok, details: nil,
          origin: RunOrigin(dumpMonth: month, dumpDate: "\(month)-01", runMode: "prod", gitCommit: "abc")))
      for (index, kpi) in KPI.scalars.enumerated() {
        let isShare = kpi.name.hasSuffix("_bp")
        let value =
          kpi.name == "n_releases_distinct"
          ? releases
          : isShare ? Int64(4000 + (number * 37 + index * 113) % 5000) : releases * Int64(index + 1)
        values.append(
          KPISnapshotEvent(
            runID: id, schemaName: schema, kpi: kpi.name, value: value, status: .ok, details: nil))
      }
      for kpi in KPI.all where kpi.hasDimension && number >= runs - 2 {
        for index in 0..<300 {
          parts.append(
            KPIDimensionEvent(
              runID: id, schemaName: schema, kpi: kpi.name,
              dimension: name(index),
              value: releases / Int64(index + 2), status: .ok, details: nil, version: 2))
        }
      }
    }
    let tables = HistoryTables(of: lake, log: .none)
    try tables.append(registry)
    try tables.append(values)
    try tables.append(parts)
    return told
  }
}
