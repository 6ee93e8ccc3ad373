import Foundation
import Glibc

/// What came of running a program.
public struct Execution: Sendable {
  /// The exit status; for a program that a signal ended, 128 + that signal, as shells say it.
  public var status: Int32
  public var stdout: String
  public var stderr: String
  /// The peak of the program's own resident memory in bytes, as seen up to 20 ms before its end.
  public var peakMemory: Int
  /// The processor time of the program and the children it waited for, in seconds.
  public var processorSeconds: Double

  /// The last line of standard error that is not empty: where tasks say what is wrong.
  public var lastErrorLine: String {
    stderr.split(whereSeparator: \.isNewline).last.map(String.init) ?? ""
  }
}

/// A program did not end as a test expected.
public struct UnexpectedExecution: Error, CustomStringConvertible {
  public let description: String
  public init(description: String) { self.description = description }
}

/// A program that was started and may still be running.
///
/// It leads a process group of its own, so that a signal reaches what it started too.
public final class RunningProgram: @unchecked Sendable {
  /// The process id, which is also the id of the process group.
  public let processID: pid_t
  private let command: String
  private let outputFolder: String

  /// Starts `executable` (a path).
  /// - Parameters:
  ///   - environment: variables set beside the inherited ones, from which everything that tasks read as an
  ///     option is removed; nil removes a variable.
  ///   - folder: the working folder; the checkout by default.
  ///   - input: what standard input holds; nothing by default.
  ///   - stdout: a file that standard output goes to instead of being collected.
  public init(
    _ executable: String, _ arguments: [String] = [], environment: [String: String?] = [:],
    in folder: String? = nil, input: String = "", stdout: String? = nil
  ) throws {
    command = ([executable] + arguments).joined(separator: " ")
    outputFolder = "/tmp/discogs-lakehouse-run-\(UUID().uuidString.lowercased())"
    try FileManager.default.createDirectory(atPath: outputFolder, withIntermediateDirectories: true)
    try Data(input.utf8).write(to: URL(fileURLWithPath: "\(outputFolder)/in"))

    var variables = ProcessInfo.processInfo.environment.filter { !optionVariables.contains($0.key) }
    for (name, value) in environment { variables[name] = value }

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "\(outputFolder)/in", O_RDONLY, 0)
    let create = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, 1, stdout ?? "\(outputFolder)/out", create, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, "\(outputFolder)/err", create, 0o600)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
    posix_spawnattr_setpgroup(&attributes, 0)
    // Threads that tests run on may block signals, and a child inherits that.
    var nothing = sigset_t()
    sigemptyset(&nothing)
    posix_spawnattr_setsigmask(&attributes, &nothing)

    // Glibc shows Swift no way to spawn a process in another folder; env(1) becomes the program itself.
    let inFolder = ["/usr/bin/env", "-C", folder ?? Checkout.root, executable]
    var words = (inFolder + arguments).map { strdup($0) } + [nil]
    var settings = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for word in words + settings { free(word) } }
    var child: pid_t = 0
    let code = posix_spawn(&child, inFolder[0], &actions, &attributes, &words, &settings)
    guard code == 0 else {
      throw UnexpectedExecution(description: "\(command): \(String(cString: strerror(code)))")
    }
    processID = child
  }

  deinit { try? FileManager.default.removeItem(atPath: outputFolder) }

  /// Sends a signal to the program and everything it started.
  public func signal(_ signal: Int32) { kill(-processID, signal) }

  /// Whether the program has not ended yet.
  public var isRunning: Bool {
    var status = siginfo_t()
    return waitid(P_PID, id_t(processID), &status, WEXITED | WNOHANG | WNOWAIT) == 0 && status.si_signo == 0
  }

  /// What the program has written to standard error so far.
  public var stderrSoFar: String { text("err") }

  /// Waits for the end. A program that outlasts `timeout` seconds is killed, and this throws.
  public func wait(timeout: Double = 120) throws -> Execution {
    var status: Int32 = 0
    var usage = rusage()
    let deadline = Date(timeIntervalSinceNow: timeout)
    var pause: useconds_t = 500
    var peak = 0
    while true {
      // What the kernel counts for a child begins with the memory of its parent; this does not.
      peak = max(peak, highWaterMark ?? 0)
      let ended = wait4(processID, &status, WNOHANG, &usage)
      if ended == processID { break }
      if ended < 0 && errno != EINTR {
        throw UnexpectedExecution(description: "\(command): \(String(cString: strerror(errno)))")
      }
      if Date() > deadline {
        signal(SIGKILL)
        _ = wait4(processID, &status, 0, &usage)
        throw UnexpectedExecution(
          description: "\(command): still running after \(timeout) s\n\(text("out"))\(text("err"))")
      }
      usleep(pause)
      pause = min(pause * 2, 20_000)
    }
    let ending = status & 0x7f
    let seconds = { (time: timeval) in Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return Execution(
      status: ending == 0 ? (status >> 8) & 0xff : 128 + ending, stdout: text("out"), stderr: text("err"),
      peakMemory: peak,
      processorSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime))
  }

  private var highWaterMark: Int? {
    guard let status = try? String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") })
    else { return nil }
    return line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) }.map { $0 * 1024 }
  }

  private func text(_ name: String) -> String {
    let data = (try? Data(contentsOf: URL(fileURLWithPath: "\(outputFolder)/\(name)"))) ?? Data()
    return String(decoding: data, as: UTF8.self)
  }
}

/// Runs a program to its end; see ``RunningProgram``.
public func execute(
  _ executable: String, _ arguments: [String] = [], environment: [String: String?] = [:],
  in folder: String? = nil, input: String = "", timeout: Double = 120
) throws -> Execution {
  try RunningProgram(executable, arguments, environment: environment, in: folder, input: input)
    .wait(timeout: timeout)
}

/// Runs a task of this package to its end and expects this exit status.
/// - Throws: ``UnexpectedExecution`` with what the task wrote when it ended otherwise.
@discardableResult
public func task(
  _ name: String, _ arguments: [String] = [], environment: [String: String?] = [:],
  expecting status: Int32 = 0, timeout: Double = 120
) throws -> Execution {
  let execution = try execute(
    try Products.executable(name), arguments, environment: environment, timeout: timeout)
  guard execution.status == status else {
    throw UnexpectedExecution(
      description: """
        \(name) \(arguments.joined(separator: " ")) ended with \(execution.status), not \(status)
        \(execution.stdout)\(execution.stderr)
        """)
  }
  return execution
}

/// Variables that tasks take options from: a developer's own must not reach the tests.
private let optionVariables: Set<String> = [
  "DISCOGS_DATA_LAKE", "run_id", "dump_month", "raw_root", "session_time", "sql_engine", "run_mode",
  "allow_promote", "trino_url", "trino_user", "trino_catalog", "trino_lake_uri", "TRINO_PASSWORD",
  "TRINO_ACCESS_TOKEN", "log_format", "do_download", "download_base_url", "download_url_template",
  "download_ca_file",
  "download_entities", "download_wait", "download_max_wait", "dump_date", "force", "bin_dir", "only_run_id",
  "include_active", "with_timestamp", "out_dir",
]
