import Platform
import Synchronization
import Testing

@testable import TaskKit

/// A task with every kind of option.
struct Sample: TaskCommand {
  static let configuration = TaskConfiguration(
    name: "sample", summary: "Does nothing, with options.", discussion: "It exists for tests.")

  enum Mode: String, CaseIterable, OptionValue { case dev, prod }

  struct Shared: OptionDeclarations {
    @Option("lake", environment: "DISCOGS_DATA_LAKE", help: "The lake's folder.", valueName: "DIR") var lake:
      String?
    func validate() throws {
      if lake == "/dev/null" { throw TaskError(.usage, "that is no folder", advice: "name one") }
    }
  }

  @OptionGroup var shared: Shared
  @Option("run-mode", environment: "run_mode", help: "The mode.") var mode: Mode = .dev
  @Option("allow-promote", environment: "allow_promote", help: "Whether to.") var allowPromote = false
  @Option("max-shrink", environment: "max_shrink", help: "Per cent.") var maxShrink: Int = 20
  @Option("ratio", help: "A fraction.") var ratio: Double?
  @Option("run-id", environment: "run_id", help: "A run.") var runID: String?
  @Option("kpi", environment: "kpi", help: "KPIs.", valueName: "NAME") var kpis: [String]
  @Flag("force", environment: "force", help: "Do it again.") var force: Bool

  func run(_ context: TaskContext) throws {
    context.log.info("ran", ["mode": mode.rawValue])
    context.print(
      "\(shared.lake ?? "-") \(mode) \(allowPromote) \(maxShrink) \(ratio.map { "\($0)" } ?? "-") \(kpis) \(force)"
    )
    switch shared.lake {
    case "/full": throw SystemError(code: 28, call: "write", path: "/full/file")
    case "/odd": throw Odd()
    default: break
    }
  }
}

struct Odd: Error {}

/// Collects what a task writes.
final class Lines: Sendable {
  private let lines = Mutex<[String]>([])
  func add(_ line: String) { lines.withLock { $0.append(line) } }
  var all: [String] { lines.withLock { $0 } }
}

struct Execution {
  var code: ExitCode
  var output: [String]
  var errors: [String]
}

func execute(_ arguments: [String], _ environment: [String: String] = [:]) -> Execution {
  let output = Lines()
  let errors = Lines()
  let code = Sample.execute(
    arguments: arguments, environment: environment, write: { errors.add($0) }, print: { output.add($0) })
  return Execution(code: code, output: output.all, errors: errors.all)
}

@Suite struct OptionTests {
  @Test func defaultsHoldWhenNothingIsGiven() {
    #expect(execute([]).output == ["- dev false 20 - [] false"])
  }

  @Test func environmentBeatsDefaultAndFlagBeatsEnvironment() {
    let environment = [
      "DISCOGS_DATA_LAKE": "/lake", "run_mode": "prod", "allow_promote": "true", "max_shrink": "5",
      "kpi": "a,b",
      "force": "true",
    ]
    #expect(execute([], environment).output == [#"/lake prod true 5 - ["a", "b"] true"#])
    let arguments = [
      "--lake", "/other", "--run-mode=dev", "--allow-promote", "false", "--max-shrink", "-7", "--kpi", "c",
    ]
    #expect(execute(arguments, environment).output == [#"/other dev false -7 - ["c"] true"#])
  }

  @Test func anEmptyVariableCountsAsUnset() {
    #expect(
      execute([], ["run_mode": "", "force": "", "max_shrink": ""]).output == ["- dev false 20 - [] false"])
  }

  @Test func anEmptyFlagValueIsAValue() {
    #expect(execute(["--max-shrink="]).code == .usage)
    #expect(execute(["--lake="], ["DISCOGS_DATA_LAKE": "/lake"]).output == [" dev false 20 - [] false"])
  }

  @Test func anOptionKnowsWhereItsValueComesFrom() throws {
    let task = Sample()
    #expect(task.$maxShrink == .default)
    let parser = CommandLineParser(options: task.declarations)
    _ = try parser.parse(["--max-shrink", "3"], environment: ["max_shrink": "4", "run_mode": "prod"])
    #expect(task.$maxShrink == .commandLine)
    #expect(task.$mode == .environment)
    #expect(task.$allowPromote == .default)
  }

  @Test func arraysTakeRepeatedOptionsAndCommas() {
    #expect(execute(["--kpi", "a", "--kpi=b, c"]).output == [#"- dev false 20 - ["a", "b", "c"] false"#])
  }

  @Test func ofARepeatedSingleOptionTheLastCounts() {
    #expect(execute(["--max-shrink", "1", "--max-shrink", "2"]).output == ["- dev false 2 - [] false"])
  }

  @Test(arguments: [
    (["--run-mod", "prod"], "error: there is no option --run-mod; did you mean --run-mode?"),
    (["--run_mode", "prod"], "error: there is no option --run_mode; did you mean --run-mode?"),
    (["--mxa-shrink", "3"], "error: there is no option --mxa-shrink; did you mean --max-shrink?"),
    (["--zzzzzzzz"], "error: there is no option --zzzzzzzz; --help lists the options"),
    (["-force"], "error: unexpected argument “-force”; did you mean --force?"),
    (["stray"], "error: unexpected argument “stray”; options start with two dashes; --help lists them"),
    (["--max-shrink"], "error: --max-shrink needs a value; write --max-shrink MAX-SHRINK"),
    (["--run-mode", "--force"], "error: --run-mode needs a value; write --run-mode dev|prod"),
    (["--max-shrink", "ten"], "error: --max-shrink: “ten” is not understood; write a whole number"),
    (["--run-mode", "prd"], "error: --run-mode: “prd” is not understood; write dev|prod, perhaps prod"),
    (["--allow-promote", "yes"], "error: --allow-promote: “yes” is not understood; write true|false"),
    (["--ratio", "nan"], "error: --ratio: “nan” is not understood; write a number"),
    (["--lake", "/dev/null"], "error: that is no folder; name one"),
    (["--quiet", "--verbose"], "error: --quiet and --verbose exclude each other; give one"),
  ])
  func usageErrorsSayWhatIsWrongAndWhatToDo(arguments: [String], message: String) {
    let execution = execute(arguments)
    #expect(execution.code == .usage)
    #expect(execution.errors == [message + "\n"])
    #expect(execution.output.isEmpty)
  }

  @Test func aBadVariableIsNamed() {
    let execution = execute([], ["run_mode": "production"])
    #expect(execution.code == .usage)
    #expect(execution.errors.last?.contains("environment variable run_mode: “production”") == true)
  }

  @Test func helpListsEveryOptionWithVariableAndDefault() {
    let execution = execute(["--help", "--nonsense"])
    let help = execution.output.joined(separator: "\n")
    #expect(execution.code == .ok)
    #expect(execution.errors.isEmpty)
    for part in [
      "Does nothing, with options.", "It exists for tests.", "--lake DIR", "environment: DISCOGS_DATA_LAKE",
      "--run-mode dev|prod", "environment: run_mode; default: dev", "default: 20", "--force",
      "--log-format text|json",
      "environment: log_format", "--quiet", "--version", "--help",
    ] { #expect(help.contains(part), "\(part) is missing") }
    #expect(help.split(separator: "\n").allSatisfy { $0.count <= 110 })
  }

  @Test func versionNamesTheTaskAndTheCommit() {
    let stamped = Tool.commit([:]).map { " (commit \($0))" } ?? ""
    #expect(execute(["--version"]).output == ["sample \(Tool.version)\(stamped)"])
    #expect(
      execute(["--version"], ["git_sha": "0123abc"]).output == ["sample \(Tool.version) (commit 0123abc)"])
  }
}
