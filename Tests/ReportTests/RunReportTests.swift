import Foundation
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
      #expect(page.tables["tasks-table"]?.rows.count == 9)
      #expect(page.text.contains("promote --rollback") && page.text.contains("To go back to \(previous)"))

      let text = try String(contentsOfFile: path, encoding: .utf8)
      #expect(text.contains("&lt;artist&gt;&lt;name&gt;No id&lt;/name&gt;&lt;/artist&gt;"))
      #expect(text.ranges(of: "<script>").count == 1)
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
      #expect(row["Change"] == (earlier?["rows"] as? Int).map { "\(rows - $0)" })
    }
  }

  private func expectRejects(_ lake: ReportLake, _ run: String, _ page: BrowserPage) throws {
    for entity in Entity.allCases {
      let counted = try lake.json(run, "_state/ingest-\(entity).json")["counters"] as! [String: Int]
      let table = try #require(page.tables["rejects-\(entity)"])
      let shown = table.keys.reduce(0) { $0 + (Int($1[1]) ?? 0) }
      #expect(shown == counted["records_rejected"])
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
      // What no one has explained is no help to who reads of it.
      for line in lines.dropFirst() {
        let check = String(line.prefix { $0 != "," })
        #expect(CheckMeaning.of(check) != nil, "\(check)")
      }
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

  @Test func aRunThatIsNotThereIsRefused() throws {
    try withTemporaryFolder { folder in
      let lake = try ReportLake(in: folder)
      let failed = try lake.task("run-report", run: "2026-07__20260901_000000", expecting: 66)
      #expect(failed.lastErrorLine.contains("there is no run 2026-07__20260901_000000"))
    }
  }
}
