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
}
