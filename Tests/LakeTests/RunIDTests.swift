import Platform
import TaskKit
import Testing

@testable import Lake

@Suite struct RunIDTests {
  @Test func itTellsItsPartsAndItsSchema() throws {
    let id = try RunID(validating: "2026-08__20260901_013000")
    #expect(id.dumpMonth == "2026-08")
    #expect(id.sessionStamp == "20260901_013000")
    #expect(id.schemaName == "discogs_r_2026_08__20260901_013000")
    #expect("\(id)" == "2026-08__20260901_013000")
  }

  @Test(arguments: [
    "", "2026-08", "2026-08__20260801_00000", "2026-08__20260801_0000000", "2026-13__20260801_000000",
    "2026-00__20260801_000000", "2026-08__20260230_000000", "2026-08__20250229_000000",
    "2026-08__20261301_000000",
    "2026-08__20260801_240000", "2026-08__20260801_006000", "2026-08__20260801_000060",
    "2026-08_20260801_000000",
    "2026_08__20260801_000000", "2026-08__20260801-000000", " 2026-08__20260801_000000",
    "2026-08__20260801_000000\n",
    "２026-08__20260801_000000", "../2026-08__20260801_000", "2026-08__20260801_00000/",
  ])
  func otherTextsAndDatesThatDoNotExistAreRefused(text: String) {
    #expect(RunID(optionValue: text) == nil)
    #expect {
      try RunID(validating: text)
    } throws: { ($0 as? TaskError)?.exitCode == .usage && ($0 as? TaskError)?.advice != nil }
  }

  @Test func theSessionsOwnClockCounts() throws {
    let session = try #require(ClockReading("2026-08-01T01:30:00+02:00"))
    #expect(try RunID.make(dumpMonth: "2026-07", session: session).text == "2026-07__20260801_013000")
    #expect(throws: TaskError.self) { try RunID.make(dumpMonth: "2026-7", session: session) }
  }

  @Test func runsSortByMonthThenSession() throws {
    let texts = ["2026-08__20260801_000000", "2026-07__20260901_000000", "2026-08__20260731_235959"]
    #expect(
      try texts.map(RunID.init(validating:)).sorted().map(\.text)
        == ["2026-07__20260901_000000", "2026-08__20260731_235959", "2026-08__20260801_000000"])
  }
}
