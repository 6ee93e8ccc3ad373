import TestSupport
import Testing

/// The oracle that runs are compared with, itself; and runs of dumps that nobody has thought up.
@Suite struct OracleTests {
  @Test(.needs(Tools.python))
  func theOracleAgreesWithRowsThatWereWorkedOutByHand() throws {
    let checked = try execute(try Tools.python.path(), [Checkout.path("Tests/Oracle/expectations.py")])
    #expect(checked.status == 0, "\(checked.stdout)\(checked.stderr)")
  }

  /// `Tests/Oracle/sweep.py` takes many more seeds.
  @Test(.needs(Tools.duckdb, Tools.python), arguments: ["1", "2", "3", "4", "5", "6"])
  func dumpsOfRandomRecordsGiveTheRowsThatTheOracleDerives(seed: String) throws {
    try withTemporaryFolder { folder in
      var pipeline = try Pipeline(in: folder)
      pipeline.rawRoot = folder.path("raw")
      let written = try execute(
        try Tools.python.path(),
        [Checkout.path("Tests/Oracle/held_out.py"), "\(pipeline.rawRoot)/2026-08", seed, "60"])
      try #require(written.status == 0, "\(written.stderr)")
      let runID = try pipeline.make("2026-08", session: "2026-09-02T03:04:05Z")
      #expect(
        try differences(of: pipeline.folder(runID), from: "\(pipeline.rawRoot)/2026-08") == nil,
        "Tests/Oracle/held_out.py FOLDER \(seed) 60")
    }
  }
}
