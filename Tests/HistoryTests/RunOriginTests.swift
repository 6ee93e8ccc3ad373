import Lake
import TaskKit
import TestSupport
import Testing

@testable import History

@Suite struct RunOriginTests {
  private let id = "2026-08__20260902_010203"

  private func origin(_ files: [String: String]) throws -> RunOrigin {
    try withTemporaryFolder { folder in
      for (name, text) in files { try folder.write(text, to: "_runs/\(id)/\(name)") }
      return try RunOrigin(of: Lake(path: folder.path).run(try RunID(validating: id)), log: .none)
    }
  }

  @Test func theManifestSaysAllThereIsToSay() throws {
    let manifest =
      #"{"dump_month":"2026-07","dump_date":"2026-07-03","run_mode":"prod","git_sha":"abc","more":[1]}"#
    #expect(
      try origin(["_manifest.json": manifest])
        == RunOrigin(dumpMonth: "2026-07", dumpDate: "2026-07-03", runMode: "prod", gitCommit: "abc"))
  }

  @Test func withoutOneTheRunIDAndTheDumpsThatWereReadTell() throws {
    let template = """
      {"task":"TASK","run_id":"\(id)","status":"succeeded","started_at":"2026-09-02T01:02:03Z",
       "finished_at":"2026-09-02T01:02:04Z","outputs":[],"counters":{},"tool_version":"1",
       "inputs":[{"path":"/raw/2026-08/discogs_DATE_labels.xml.gz","bytes":1,"sha256":"00"},
                 {"path":"_state/preflight.json","bytes":1,"sha256":"00"}]}
      """
    func state(_ task: String, _ date: String) -> String {
      template.replacing("TASK", with: task).replacing("DATE", with: date)
    }
    #expect(
      try origin([
        "_state/preflight.json": state("preflight", "20260803"),
        "_state/ingest-labels.json": state("ingest-labels", "20260801"),
      ]) == RunOrigin(dumpMonth: "2026-08", dumpDate: "2026-08-03"))
    #expect(try origin([:]) == RunOrigin(dumpMonth: "2026-08"))
  }

  @Test(arguments: [
    "", "[]", "{\"dump_month\": 8, \"run_mode\": null, \"git_sha\": \"\"}", "{\"dump_month\"",
  ])
  func aManifestThatMakesNoSenseIsNoObstacle(_ manifest: String) throws {
    #expect(try origin(["_manifest.json": manifest]) == RunOrigin(dumpMonth: "2026-08"))
  }
}
