import Glibc
import Platform

/// What `--help` says about a task.
public struct TaskConfiguration: Sendable {
  /// The executable's name.
  public var name: String
  /// One sentence.
  public var summary: String
  /// More, in paragraphs separated by line feeds.
  public var discussion: String

  /// - Parameter name: the executable's, which log lines have too.
  public init(name: String, summary: String, discussion: String = "") {
    self.name = name
    self.summary = summary
    self.discussion = discussion
  }
}

/// A task: its declared options and what it does.
///
///     struct Promote: TaskCommand {
///       static let configuration = TaskConfiguration(name: "promote", summary: "…")
///       @OptionGroup var target: RunOptions
///       @Flag("rollback", help: "…") var rollback: Bool
///       func run(_ context: TaskContext) throws { … }
///     }
///     Promote.main()
public protocol TaskCommand: OptionDeclarations {
  /// What `--help` says about it.
  static var configuration: TaskConfiguration { get }
  /// Does the task's work; the options have been read and validated.
  /// - Throws: what ends the task; a `ReportableError` tells its exit code, anything else counts as a bug
  ///   (70).
  func run(_ context: TaskContext) throws
}

/// The options of every task.
struct StandardOptions: OptionDeclarations {
  @Option("log-format", environment: "log_format", help: "How messages look.") var logFormat: LogFormat =
    .text
  @Flag("quiet", help: "No progress, and no messages below warnings.") var quiet: Bool
  @Flag("verbose", help: "More messages, for finding faults.") var verbose: Bool

  func validate() throws {
    if quiet && verbose {
      throw TaskError(.usage, "--quiet and --verbose exclude each other", advice: "give one")
    }
  }
}

extension TaskCommand {
  /// Runs the task of this process and ends it: the entry point of every executable.
  public static func main() -> Never {
    let arguments = Array(CommandLine.arguments.dropFirst())
    let environment = Environment.all
    let code = execute(arguments: arguments, environment: environment, isProcess: true)
    exit(code.rawValue)
  }

  /// Parses, validates and runs, and reports errors; tests call it inside their own process.
  /// - Parameters:
  ///   - write: where log lines go instead of standard error.
  ///   - print: where results go instead of standard output.
  ///   - isProcess: whether signals are handled and progress is shown.
  public static func execute(
    arguments: [String], environment: [String: String], isProcess: Bool = false,
    write: (@Sendable (String) -> Void)? = nil, print: (@Sendable (String) -> Void)? = nil
  ) -> ExitCode {
    let name = configuration.name
    let output = StandardOutput()
    let print = print ?? { output.print($0) }
    // Errors in the options are reported as asked for, if that much can be read.
    let asksForJSON =
      arguments.contains("--log-format=json")
      || zip(arguments, arguments.dropFirst()).contains { $0 == "--log-format" && $1 == "json" }
      || environment["log_format"] == "json" && !arguments.contains { $0.hasPrefix("--log-format") }
    var log = Log(task: name, format: asksForJSON ? .json : .text, write: write)
    do {
      let task = Self()
      let standard = StandardOptions()
      let options = task.declarations + standard.declarations
      let run: String?
      switch try CommandLineParser(options: options).parse(arguments, environment: environment) {
      case .help:
        print(helpText(configuration, options: options))
        try output.check()
        return .ok
      case .version:
        let commit = Tool.commit(environment).map { " (commit \($0))" } ?? ""
        print("\(name) \(Tool.version)\(commit)")
        try output.check()
        return .ok
      case .run(let texts): run = texts["run-id"]
      }
      let threshold: Log.Level = standard.quiet ? .warning : standard.verbose ? .debug : .info
      log = Log(task: name, format: standard.logFormat, threshold: threshold, write: write)
      if let run { log.concerns(run: run) }
      if isProcess {
        // On the last line, where the reason for the end is looked for; the exit status tells the signal.
        Interrupts.install { [log] in log.reportInterrupt($0) }
      }
      try standard.validate()
      try task.validateAll()
      let style: Progress.Style = standard.quiet || !isProcess ? .none : Console.isTerminal ? .bar : .lines
      try task.run(
        TaskContext(taskName: name, log: log, environment: environment, progressStyle: style, write: print))
      try output.check()
      return .ok
    } catch let error as any ReportableError {
      if isProcess { Interrupts.awaitEndIfInterrupted() }
      log.report(error)
      return error.exitCode
    } catch {
      if isProcess { Interrupts.awaitEndIfInterrupted() }
      log.report(
        TaskError(.software, "unexpected: \(error)", advice: "this is a bug: please report it with the log"))
      return .software
    }
  }
}
