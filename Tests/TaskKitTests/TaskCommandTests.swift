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
        try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      }
      #expect(
        objects.allSatisfy { $0["time"] != nil && $0["task"] as? String == "sample" && $0["message"] != nil })
      #expect(objects.last?["level"] as? String == "error")
      #expect(objects.last?["exit_code"] as? Int == Int(execution.code.rawValue))
    }
  }

  @Test func aNumberInJSONIsANumberAndTextThatLooksLikeOneIsText() throws {
    let lines = Lines()
    let fields: Log.Fields = [
      "bytes": 12, "ratio": 0.5, "whole": true, "catno": "0012", "rows": Int64(1) << 60,
    ]
    Log(task: "t", format: .json, write: { lines.add($0) }).info("m", fields)
    #expect(
      lines.all[0].hasSuffix(
        #""message":"m","bytes":12,"catno":"0012","ratio":0.5,"rows":1152921504606846976,"whole":true}"#
          + "\n"))
    Log(task: "t", write: { lines.add($0) }).info("m", fields)
    #expect(
      lines.all[1].hasSuffix("m  bytes=12  catno=0012  ratio=0.5  rows=1152921504606846976  whole=true\n"))
  }

  @Test func everyLineInJSONNamesTheRun() throws {
    let lines = Lines()
    let log = Log(task: "t", format: .json, write: { lines.add($0) })
    log.info("before")
    log.concerns(run: "mine")
    log.info("own")
    log.info("another's", ["run_id": "other"])
    log.report(TaskError(.data, "wrong"))
    let runs = try lines.all.map {
      try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])["run_id"] as? String
    }
    #expect(runs == [nil, "mine", "other", "mine"])
  }

  @Test func aTaskThatIsToldARunNamesItInEveryLineOfJSON() throws {
    for (arguments, environment) in [
      (["--run-id", "mine"], [:]), (["--run-id=mine"], ["run_id": "other"]), ([], ["run_id": "mine"]),
      (["--run-id", "mine", "--lake", "/dev/null"], [:]),
    ] {
      let execution = execute(["--log-format", "json"] + arguments, environment)
      #expect(!execution.errors.isEmpty)
      #expect(execution.errors.allSatisfy { $0.contains(#""run_id":"mine""#) }, "\(arguments)")
    }
    #expect(!execute(["--log-format", "json"]).errors[0].contains("run_id"))
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
    // A line may have been written between the beginning and the first record.
    let isShown = { lines.all.contains { $0.contains("file: 50 %  1,234 records  1.0 MB") } }
    for _ in 0..<10_000 where !isShown() { usleep(1000) }
    progress.finish()
    let shown = lines.all
    #expect(isShown())
    #expect(shown.last?.contains("in 0:00") == true)
    progress.finish()
    usleep(20_000)
    #expect(lines.all == shown)
  }

  @Test func workThatFailedIsNotSummedUp() {
    let lines = Lines()
    let progress = Progress(label: "file", log: Log(task: "t", write: { lines.add($0) }), style: .lines)
    progress.abandon()
    progress.finish()
    #expect(lines.all.isEmpty)
  }

  @Test func stepsAreShownWithTheirNumberAndTheTime() throws {
    let lines = Lines()
    let log = Log(task: "t", write: { lines.add($0) })
    let steps = Steps(2, log: log, style: .lines, interval: .milliseconds(5))
    steps.begin("first")
    while lines.all.isEmpty { usleep(1000) }
    #expect(lines.all[0].hasSuffix(" 1 of 2: first  0:00\n"))
    steps.expect(1)
    steps.begin("second")
    steps.begin("third")
    while !lines.all.last!.contains("third") { usleep(1000) }
    #expect(lines.all.last!.hasSuffix(" 3 of 3: third  0:00\n"))
    steps.end()
    let shown = lines.all
    usleep(20_000)
    #expect(lines.all == shown, "what is done is for the task to say")
  }

  @Test func stepsOnATerminalAreABarThatGoesAway() {
    let lines = Lines()
    let steps = Steps(
      4, log: Log(task: "t", write: { lines.add($0) }), style: .bar, interval: .milliseconds(1))
    for step in ["a", "b", "c"] { steps.begin(step) }
    while lines.all.isEmpty { usleep(1000) }
    #expect(lines.all[0].hasPrefix("\r\u{1B}[K[###############...............] 3 of 4: c  0:00"))
    steps.end()
    #expect(lines.all.last == "\r\u{1B}[K")
  }

  @Test func workThatIsDoneAtOnceShowsNoSteps() {
    let lines = Lines()
    let steps = Steps(1, log: Log(task: "t", write: { lines.add($0) }), style: .lines)
    steps.begin("all")
    steps.end()
    #expect(lines.all.isEmpty)
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
