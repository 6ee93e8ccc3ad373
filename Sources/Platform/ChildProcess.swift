import CSystem
import Glibc

/// A program that this process started. It leads a process group of its own, and is killed when this process dies,
/// however that happens, and when it is interrupted.
///
/// Reading its output and waiting for it is for one thread; `terminate()` and `kill()` are for any.
public final class ChildProcess: @unchecked Sendable {
  /// Where one of the three standard streams leads.
  public enum Stream: Sendable {
    /// To this process, to be read or written by it.
    case pipe
    /// Where this process's own stream leads.
    case inherit
    /// To `/dev/null`.
    case null
    /// To a new or emptied file.
    case file(String)
  }

  /// How a process ended.
  public enum Termination: Hashable, Sendable {
    /// By itself, with this status (0 to 255).
    case exited(Int32)
    /// By a signal.
    case killed(signal: Int32)

    /// Whether it ended by itself with status 0.
    public var isSuccess: Bool { self == .exited(0) }
    /// The status as a shell has it: 128 + signal for a killed process.
    public var status: Int32 {
      switch self {
      case .exited(let status): status
      case .killed(let signal): 128 + signal
      }
    }
  }

  /// What a finished process left behind.
  public struct Outcome: Sendable {
    /// How it ended.
    public let termination: Termination
    /// All that it wrote to its standard output.
    public let output: [UInt8]
    /// All that it wrote to its standard error.
    public let errors: [UInt8]
    /// `output` as text; what is not UTF-8 becomes U+FFFD.
    public var outputText: String { String(decoding: output, as: UTF8.self) }
    /// `errors` as text; what is not UTF-8 becomes U+FFFD.
    public var errorText: String { String(decoding: errors, as: UTF8.self) }
  }

  /// The program's path, as found in `PATH` if it was given by name.
  public let executable: String
  /// Its process id, which is also that of its process group.
  public let processID: Int32
  private var input: Descriptor?
  private var output: Descriptor?
  private var errors: Descriptor?
  /// What came on standard error while standard output was read.
  private var heldErrors: [UInt8] = []
  private static let maximumHeldErrors = 1 << 20
  private let ending = Monitor<Ending>(.running)
  private var registration: Interrupts.Registration?

  private enum Ending {
    case running
    case waited(Termination)
  }

  /// Starts a program.
  /// - Parameters:
  ///   - executable: its path; a name without a slash is looked for in `PATH`.
  ///   - arguments: without the program's own name.
  ///   - environment: all of its variables; nil for those of this process that any program needs, see
  ///     ``Environment/forChildren``.
  ///   - workingDirectory: nil for that of this process.
  /// - Throws: `SystemError`, with the executable's path, when it cannot be started.
  public init(
    executable: String, arguments: [String] = [], environment: [String: String]? = nil,
    workingDirectory: String? = nil, input: Stream = .null, output: Stream = .pipe, errors: Stream = .pipe
  ) throws {
    guard let path = ChildProcess.find(executable) else {
      throw SystemError(code: ENOENT, call: "exec", path: executable)
    }
    self.executable = path
    let (childInput, ownInput) = try ChildProcess.open(input, 0)
    let (childOutput, ownOutput) = try ChildProcess.open(output, 1)
    let (childErrors, ownErrors) = try ChildProcess.open(errors, 2)
    self.input = ownInput
    self.output = ownOutput
    self.errors = ownErrors
    let variables = (environment ?? Environment.forChildren).map { "\($0.key)=\($0.value)" }
    processID = try withStringArray([path] + arguments) { argumentArray in
      try withStringArray(variables.sorted()) { environmentArray in
        try ForkingThread.shared.start(
          path, argumentArray, environmentArray, workingDirectory,
          (childInput.number, childOutput.number, childErrors.number))
      }
    }
    // Closed right after the start: a pipe ends only when nobody here holds its other side.
    withExtendedLifetime((childInput, childOutput, childErrors)) {}
    registration = Interrupts.onInterrupt { [weak self] in
      self?.kill()
      self?.awaitEnd()
    }
  }

  /// A process that nobody waited for is killed.
  deinit {
    registration?.cancel()
    if case .running = ending.update({ $0 }) {
      Glibc.kill(-processID, SIGKILL)
      while waitpid(processID, nil, 0) == -1, errno == EINTR {}
    }
  }

  /// Writes to the program's standard input.
  /// - Throws: `SystemError`; `EPIPE` when it no longer reads.
  public func write(_ bytes: [UInt8]) throws {
    guard let input else { throw SystemError(code: EBADF, call: "write", path: executable) }
    try bytes.withUnsafeBytes { try input.write($0) }
  }

  /// Ends the program's standard input.
  /// - Throws: `SystemError`.
  public func closeInput() throws {
    defer { input = nil }
    try input?.close()
  }

  /// Feeds the program and takes all it says, on whichever pipe it comes, until both its outputs end.
  ///
  /// Neither side can block the other: pipes are read and written as they get ready (`poll(2)`). When a closure throws,
  /// the program is killed and the error passed on.
  /// - Throws: `SystemError`, and what the closures throw.
  public func communicate(
    sending bytes: [UInt8] = [],
    onOutput: (UnsafeRawBufferPointer) throws -> Void = { _ in },
    onErrors: (UnsafeRawBufferPointer) throws -> Void = { _ in }
  ) throws {
    do {
      try exchange(bytes, onOutput, onErrors)
    } catch {
      kill()
      throw error
    }
  }

  private func exchange(
    _ bytes: [UInt8], _ onOutput: (UnsafeRawBufferPointer) throws -> Void,
    _ onErrors: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer { buffer.deallocate() }
    var sent = 0
    if let input { _ = fcntl(input.number, F_SETFL, fcntl(input.number, F_GETFL) | O_NONBLOCK) }
    if bytes.isEmpty { try closeInput() }
    if !heldErrors.isEmpty {
      try heldErrors.withUnsafeBytes(onErrors)
      heldErrors = []
    }
    while input != nil || output != nil || errors != nil {
      var ready = [
        pollfd(fd: input?.number ?? -1, events: Int16(POLLOUT), revents: 0),
        pollfd(fd: output?.number ?? -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: errors?.number ?? -1, events: Int16(POLLIN), revents: 0),
      ]
      try check("poll") { poll(&ready, 3, -1) }
      if let input, ready[0].revents != 0 {
        let written = bytes.withUnsafeBytes {
          Glibc.write(input.number, $0.baseAddress! + sent, $0.count - sent)
        }
        if written > 0 { sent += written }
        // A program need not read all its input; how it ended tells whether that was an error.
        let isGone = written < 0 && errno != EAGAIN && errno != EINTR
        if isGone || sent == bytes.count { try closeInput() }
      }
      if let output, ready[1].revents != 0 {
        let count = try output.read(into: buffer)
        if count == 0 {
          self.output = nil
        } else {
          try onOutput(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
      }
      if let errors, ready[2].revents != 0 {
        let count = try errors.read(into: buffer)
        if count == 0 {
          self.errors = nil
        } else {
          try onErrors(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
      }
    }
  }

  /// Reads some of the program's standard output; 0 at its end.
  ///
  /// What it writes to standard error meanwhile is taken too, so that it never waits for us to read that, and kept for
  /// `communicate`.
  /// - Throws: `SystemError`.
  public func readOutput(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    guard let output else { return 0 }
    while let errors {
      var ready = [
        pollfd(fd: output.number, events: Int16(POLLIN), revents: 0),
        pollfd(fd: errors.number, events: Int16(POLLIN), revents: 0),
      ]
      try check("poll") { poll(&ready, 2, -1) }
      if ready[0].revents != 0 { break }
      var bytes = [UInt8](repeating: 0, count: 1 << 16)
      let count = try bytes.withUnsafeMutableBytes { try errors.read(into: $0) }
      if count == 0 { self.errors = nil }
      if heldErrors.count < ChildProcess.maximumHeldErrors { heldErrors += bytes[..<count] }
    }
    return try output.read(into: buffer)
  }

  /// Waits until the program has ended.
  @discardableResult
  public func wait() -> Termination {
    if case .waited(let termination) = ending.update({ $0 }) { return termination }
    // First without reaping, so that the process id cannot be another's while `terminate()` uses it.
    awaitEnd()
    return ending.update { ending in
      if case .waited(let termination) = ending { return termination }
      var status: Int32 = 0
      while waitpid(processID, &status, 0) == -1, errno == EINTR {}
      let signal = status & 0x7f
      let termination: Termination = signal == 0 ? .exited((status >> 8) & 0xff) : .killed(signal: signal)
      ending = .waited(termination)
      registration?.cancel()
      return termination
    }
  }

  /// Whether the program is still running.
  public var isRunning: Bool {
    if case .waited = ending.update({ $0 }) { return false }
    var information = siginfo_t()
    guard waitid(P_PID, id_t(processID), &information, WEXITED | WNOWAIT | WNOHANG) == 0 else { return false }
    return information.si_signo == 0
  }

  /// Asks the program and what it started to end (SIGTERM to its process group).
  public func terminate() { send(SIGTERM) }

  /// Ends the program and what it started (SIGKILL to its process group).
  public func kill() { send(SIGKILL) }

  /// Returns when the program is dead and writes nothing any more; it remains to be waited for.
  private func awaitEnd() {
    var information = siginfo_t()
    while waitid(P_PID, id_t(processID), &information, WEXITED | WNOWAIT) == -1, errno == EINTR {}
  }

  /// Sends a signal to the program's process group; nothing if it has been waited for.
  public func send(_ signal: Int32) {
    ending.update { ending in
      if case .running = ending { Glibc.kill(-processID, signal) }
    }
  }

  /// Runs a program to its end and gathers what it writes.
  /// - Throws: `SystemError` when it cannot be started; how it ended is in the outcome.
  public static func run(
    _ executable: String, _ arguments: [String] = [], environment: [String: String]? = nil,
    workingDirectory: String? = nil, sending input: [UInt8] = []
  ) throws -> Outcome {
    let child = try ChildProcess(
      executable: executable, arguments: arguments, environment: environment,
      workingDirectory: workingDirectory,
      input: input.isEmpty ? .null : .pipe)
    var output: [UInt8] = []
    var errors: [UInt8] = []
    try child.communicate(
      sending: input, onOutput: { output.append(contentsOf: $0) }, onErrors: { errors.append(contentsOf: $0) }
    )
    return Outcome(termination: child.wait(), output: output, errors: errors)
  }

  /// The path of a program: as given if it holds a slash, else the first executable file of that name in `PATH`.
  public static func find(_ executable: String) -> String? {
    if executable.contains("/") { return executable }
    let path = Environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    return path.split(separator: ":").lazy.map { Files.join(String($0), executable) }.first(
      where: Files.isExecutable)
  }

  /// The descriptor for the child's side of a stream, and for ours if it is a pipe.
  private static func open(_ stream: Stream, _ number: Int32) throws -> (child: Descriptor, own: Descriptor?)
  {
    let isInput = number == 0
    switch stream {
    case .inherit:
      return (Descriptor(owning: try check("dup") { fcntl(number, F_DUPFD_CLOEXEC, 3) }), nil)
    case .null:
      return (try Descriptor(opening: "/dev/null", O_RDWR), nil)
    case .file(let path):
      return (try Descriptor(opening: path, isInput ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC), nil)
    case .pipe:
      var ends: [Int32] = [0, 0]
      try check("pipe") { csystem_pipe(&ends) }
      let (reading, writing) = (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
      return isInput ? (reading, writing) : (writing, reading)
    }
  }
}

/// Calls `body` with the strings as a C array of C strings that ends with a null pointer.
private func withStringArray<Result>(
  _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) throws -> Result
) rethrows -> Result {
  let copies: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) } + [nil]
  defer { for copy in copies { free(copy) } }
  return try copies.withUnsafeBufferPointer { try body($0.baseAddress!) }
}

/// The thread that all children are started from.
///
/// The kernel ties a child's parent-death signal to the thread that forked it; this one lives as long as the process.
private final class ForkingThread: Sendable {
  static let shared = ForkingThread()

  private struct Request: @unchecked Sendable {
    let path: String
    let arguments: UnsafePointer<UnsafeMutablePointer<CChar>?>
    let environment: UnsafePointer<UnsafeMutablePointer<CChar>?>
    let directory: String?
    let streams: (Int32, Int32, Int32)
  }

  private enum Slot {
    case free
    case asked(Request)
    case taken
    case answered(Result<Int32, SystemError>)
  }

  private let slot = Monitor<Slot>(.free)
  private let failure: SystemError?

  private init() {
    // A child that ends before it has read its input must be an error of `write`, not the end of this process.
    Glibc.signal(SIGPIPE, SIG_IGN)
    do {
      let slot = slot
      _ = try SystemThread("fork") { ForkingThread.serve(slot) }
      failure = nil
    } catch { failure = error as? SystemError }
  }

  private static func serve(_ slot: Monitor<Slot>) -> Never {
    while true {
      let request: Request = slot.wait { slot in
        guard case .asked(let request) = slot else { return nil }
        slot = .taken
        return request
      }
      let child = csystem_spawn(
        request.path, request.arguments, request.environment, request.directory, request.streams.0,
        request.streams.1, request.streams.2, getpid())
      let error = SystemError.current("exec", request.path)
      slot.update { $0 = .answered(child < 0 ? .failure(error) : .success(child)) }
    }
  }

  func start(
    _ path: String, _ arguments: UnsafePointer<UnsafeMutablePointer<CChar>?>,
    _ environment: UnsafePointer<UnsafeMutablePointer<CChar>?>, _ directory: String?,
    _ streams: (Int32, Int32, Int32)
  ) throws -> Int32 {
    if let failure { throw failure }
    let request = Request(
      path: path, arguments: arguments, environment: environment, directory: directory, streams: streams)
    slot.wait { slot -> Void? in
      guard case .free = slot else { return nil }
      slot = .asked(request)
      return ()
    }
    let answer: Result<Int32, SystemError> = slot.wait { slot in
      guard case .answered(let answer) = slot else { return nil }
      slot = .free
      return answer
    }
    return try answer.get()
  }
}
