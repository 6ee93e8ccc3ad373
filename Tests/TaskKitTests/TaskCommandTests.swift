import Foundation
import Testing

@testable import TaskKit

@Suite struct TaskCommandTests {
  @Test func systemErrorsBecomeExitCodesWithAdvice() {
    let execution = execute(["--lake", "/full"])
    #expect(execution.code == .io)
    #expect(
      execution.errors.last
        == "error: /full/file: No space left on device (write); free some space there and run the task again: it resumes\n"
    )
  }

  @Test func unknownErrorsAreBugs() {
    let execution = execute(["--lake", "/odd"])
    #expect(execution.code == .software)
    #expect(execution.errors.last?.hasPrefix("error: unexpected: Odd()") == true)
  }

  @Test func jsonLogsHoldOneObjectALine() throws {
    for arguments in [["--log-format", "json", "--lake", "/full"], ["--log-format=json", "--nonsense"]] {
      let execution = execute(arguments)
      let objects = try execution.errors.map {
        try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: String])
      }
      #expect(objects.allSatisfy { $0["time"] != nil && $0["task"] == "sample" && $0["message"] != nil })
      #expect(objects.last?["level"] == "error")
      #expect(objects.last?["exit_code"] == String(execution.code.rawValue))
    }
  }

  @Test func quietLeavesOutMessagesButNotErrors() {
    #expect(execute([]).errors.count == 1)
    #expect(execute(["--quiet"]).errors.isEmpty)
    #expect(execute(["--quiet", "--lake", "/full"]).errors.count == 1)
  }

  @Test func logLinesCannotBeBrokenOrSteerATerminal() throws {
    let lines = Lines()
    Log(task: "t", write: { lines.add($0) }).info("a\nb\u{1B}[2J", ["key": "c\nd e"])
    #expect(lines.all.count == 1)
    #expect(lines.all[0].hasSuffix("a\\nb\\u{1b}[2J  key=\"c\\nd e\"\n"))
    Log(task: "t", format: .json, write: { lines.add($0) }).info("a\"\\\n\u{1}", ["time": "mine"])
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(lines.all[1].utf8)) as? [String: String])
    #expect(object["message"] == "a\"\\\n\u{1}")
    #expect(object["time"] != "mine")
  }

  @Test(arguments: [LogFormat.text, .json])
  func nothingFollowsTheWordThatASignalEndedIt(format: LogFormat) {
    let lines = Lines()
    let log = Log(task: "t", format: format, write: { lines.add($0) })
    log.warning("before")
    log.reportInterrupt("SIGTERM")
    log.warning("behind")
    #expect(lines.all.count == 2 && lines.all[1].contains("stopped by SIGTERM"))
  }

  @Test func progressCountsAndShowsLinesAndASummary() throws {
    let lines = Lines()
    let log = Log(task: "t", write: { lines.add($0) })
    let progress = Progress(
      label: "file", totalBytes: 2_000_000, log: log, style: .lines, interval: .milliseconds(5))
    progress.advance(bytes: 1_000_000, records: 1234)
    while lines.all.isEmpty { usleep(1000) }
    progress.finish()
    let shown = lines.all
    #expect(shown[0].contains("file: 50 %  1,234 records  1.0 MB"))
    #expect(shown.last?.contains("in 0:00") == true)
    progress.finish()
    usleep(20_000)
    #expect(lines.all == shown)
  }

  @Test func aBarNeverSharesALineWithAMessage() {
    let lines = Lines()
    let log = Log(task: "t", write: { lines.add($0) })
    let progress = Progress(label: "file", log: log, style: .bar, interval: .milliseconds(1))
    progress.advance(bytes: 1)
    while lines.all.isEmpty { usleep(1000) }
    log.info("message")
    progress.finish()
    for text in lines.all where text.contains("message") { #expect(text.hasPrefix("\r\u{1B}[K")) }
    #expect(lines.all.dropLast().last == "\r\u{1B}[K")
  }
}
