import Foundation
import Schema
import TestSupport
import Testing

/// What runs hold, compared with the oracle, by the tasks themselves.
@Suite struct RowsOfARunTests {
  @Test(.needs(Tools.duckdb, Tools.python), arguments: Dumps.months)
  func everyDatasetIsWhatItsDumpsSay(month: String) throws {
    try withTemporaryFolder { folder in
      let pipeline = try Pipeline(in: folder)
      let runID = try pipeline.make(month, session: "2026-09-02T03:04:05Z")
      #expect(try differences(of: pipeline.folder(runID), from: "\(Dumps.fixtures)/\(month)") == nil)
    }
  }

  @Test(.needs(Tools.python), arguments: ["published", "indented", "one-line", "doctype", "rootless"])
  func theSameRecordsGiveTheSameRowsHoweverTheyAreWritten(style: String) throws {
    try withTemporaryFolder { folder in
      var pipeline = try Pipeline(in: folder)
      pipeline.rawRoot = folder.path("raw")
      try Dumps.make(pipeline.rawRoot, "--month", "2019-11", "--style", style, "--scale", "3")
      let runID = try pipeline.preflight("2019-11", session: "2026-09-02T03:04:05Z")
      for entity in Dumps.entities { try pipeline.run("ingest-entity", ["--entity", entity], run: runID) }
      let found = try differences(of: pipeline.folder(runID), from: "\(pipeline.rawRoot)/2019-11", "dumps")
      #expect(found == nil)
    }
  }

  @Test func fixturesAreWhatTheirScriptMakes() throws {
    try withTemporaryFolder { folder in
      try Dumps.make(folder.path("made"))
      for month in Dumps.months {
        for entity in Dumps.entities {
          // How gzip packs them depends on its version; what they hold does not.
          let same = try execute(
            "/bin/sh",
            [
              "-c", "gzip -dc \"$0\" > \"$2/a\" && gzip -dc \"$1\" > \"$2/b\" && cmp \"$2/a\" \"$2/b\"",
              try Dumps.path(Dumps.fixtures, month, entity),
              try Dumps.path(folder.path("made"), month, entity), folder.path,
            ])
          #expect(same.status == 0, "\(month) \(entity): \(same.stdout)\(same.stderr)")
        }
      }
    }
  }

  @Test(.needs(Tools.duckdb))
  func theSameInputTwiceGivesTheSameBytes() throws {
    try withTemporaryFolder { first in
      try withTemporaryFolder { second in
        let runs = try [first, second].map { folder in
          let pipeline = try Pipeline(in: folder)
          return pipeline.folder(try pipeline.make("2026-08", session: "2026-09-02T03:04:05Z"))
        }
        let sums = try runs.map { try checksums(of: $0, without: "_state", "_manifest.json") }
        #expect(sums[0].count >= Dataset.all.count)
        #expect(sums[0] == sums[1])
      }
    }
  }

  @Test func rejectedRecordsAreWrittenDownAndTheRestGoesOn() throws {
    try withTemporaryFolder { folder in
      let pipeline = try Pipeline(in: folder)
      let runID = try pipeline.preflight("2026-08", session: "2026-09-02T03:04:05Z")
      try pipeline.run("ingest-entity", ["--entity", "labels"], run: runID)
      let text = try String(
        contentsOfFile: "\(pipeline.folder(runID))/_rejects/labels.jsonl", encoding: .utf8)
      let rejects = try text.split(separator: "\n").map {
        try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      }
      #expect(rejects.count == 4)
      let xml = try execute("/bin/gzip", ["-dc", try Dumps.path(Dumps.fixtures, "2026-08", "labels")])
      for reject in rejects {
        #expect((reject["reason"] as? String)?.isEmpty == false)
        let place = try #require(reject.values.compactMap { $0 as? Int }.first { $0 > 1000 }, "a byte offset")
        #expect(xml.stdout.utf8.dropFirst(place).starts(with: Array("<label>".utf8)))
      }

      try pipeline.run(
        "ingest-entity", ["--entity", "artists", "--max-rejects", "18"], run: runID, expecting: 65)
      #expect(!pipeline.datasets(runID).contains("artists_v1_typed"))
      try pipeline.run("ingest-entity", ["--entity", "artists", "--max-rejects", "19"], run: runID)
    }
  }
}
