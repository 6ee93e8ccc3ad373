import Foundation
import TestSupport
import Testing

/// Downloading as a part of the main workflow.
@Suite struct DownloadWorkflowTests {
  @Test(.needs(Tools.digdag, Tools.java, Tools.duckdb))
  func anEmptyRawFolderBecomesAPromotedRunInFiveRequests() throws {
    try withTemporaryFolder { folder in
      let pipeline = try Pipeline(in: folder)
      let site = folder.path("site/data/2026")
      try FileManager.default.createDirectory(
        atPath: folder.path("site/data"), withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: "\(Dumps.fixtures)/2026-08", toPath: site)
      let server = try DumpServer(root: folder.path("site"))

      let run = try pipeline.digdag(
        "main", "main.dig", session: "2026-08-02 03:04:05",
        [
          "do_download": "true", "download_base_url": server.base, "run_mode": "prod",
          "allow_promote": "true",
        ])
      try #require(run.status == 0, "\(run.stdout)\(run.stderr)")
      #expect(pipeline.active == "_runs/2026-08__20260802_030405")
      #expect(try server.requests().count == 5)
      for entity in Dumps.entities {
        let name = "discogs_20260801_\(entity).xml.gz"
        #expect(
          FileManager.default.contentsEqual(
            atPath: "\(site)/\(name)", andPath: "\(pipeline.lake)/_raw/2026-08/\(name)"))
      }
    }
  }

  /// By hand, with dumps elsewhere than in the lake, and one of another date beside them.
  @Test(.needs(Tools.duckdb), arguments: [false, true])
  func theRunIDIsEnoughToStartAnyLaterTask(downloadIsToldTheFolder: Bool) throws {
    try withTemporaryFolder { folder in
      let pipeline = try Pipeline(in: folder)
      let files = FileManager.default
      try files.createDirectory(atPath: folder.path("site/data"), withIntermediateDirectories: true)
      try files.copyItem(atPath: "\(Dumps.fixtures)/2026-08", toPath: folder.path("site/data/2026"))
      let server = try DumpServer(root: folder.path("site"))
      let environment: [String: String?] = [
        "DISCOGS_DATA_LAKE": pipeline.lake, "download_base_url": server.base,
        "no_proxy": "127.0.0.1,localhost",
      ]
      func run(_ name: String, _ arguments: String...) throws -> Execution {
        try task(name, arguments, environment: environment)
      }
      let raw = folder.path("raw")
      let told = downloadIsToldTheFolder ? [] : ["--raw-root", raw]
      let printed = try task(
        "preflight", ["--dump-month", "2026-08", "--do-download", "true", "--min-free-gb", "0"] + told,
        environment: environment)
      let id = printed.stdout.trimmingCharacters(in: .newlines)
      let download = ["--run-id", id] + (downloadIsToldTheFolder ? ["--raw-root", raw] : [])
      try task("download", download, environment: environment)
      #expect(try server.requests().count == 5)
      try files.copyItem(
        atPath: try Dumps.path(Dumps.fixtures, "2026-07", "artists"),
        toPath: "\(raw)/2026-08/discogs_20260805_artists.xml.gz")
      try task("download", download, environment: environment)
      #expect(try server.requests().count == 5, "the stray dump is no reason to ask again")

      for entity in Dumps.entities {
        _ = try run("ingest-entity", "--run-id", id, "--entity", entity)
        let state = try pipeline.json("_runs/\(id)/_state/ingest-\(entity).json")
        let inputs = try #require(state["inputs"] as? [[String: Any]])
        #expect(inputs.map { $0["path"] as? String } == ["\(raw)/2026-08/discogs_20260801_\(entity).xml.gz"])
      }
      _ = try run("build-xref", "--run-id", id)
      _ = try run("sanity", "--run-id", id)
    }
  }
}
