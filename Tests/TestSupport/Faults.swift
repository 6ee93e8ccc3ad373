import Platform
import Synchronization

/// What a test made to fail, failed.
public struct InjectedFault: Error {
  public init() {}
}

/// Runs `body` again and again: with its first step that changes files failing, then its second, and so on, until it
/// gets through.
/// - Parameter check: called after each try, with the number of the step that failed, or nil for none.
/// - Returns: how many steps there are.
@discardableResult
public func failingAtEveryStep(
  _ body: () throws -> Void, then check: (_ failedStep: Int?) throws -> Void
) throws -> Int {
  var step = 1
  while true {
    do {
      try atEveryStep(body) { [step] in if $0 == step { throw InjectedFault() } }
      try check(nil)
      return step - 1
    } catch is InjectedFault { try check(step) }
    step += 1
  }
}

/// Runs `body` and copies `folder` before each of its steps that change files: each copy is what the process would
/// have left, had it been killed there.
/// - Parameter copies: an empty folder for them.
/// - Returns: the copies, in the order of the steps; the last is of the end.
public func copiesAtEveryStep(of folder: String, in copies: String, _ body: () throws -> Void) throws
  -> [String]
{
  let paths = Mutex<[String]>([])
  let copy: @Sendable (Int) throws -> Void = { step in
    let path = Files.join(copies, padded(step, 4))
    let outcome = try ChildProcess.run("cp", ["-a", folder, path])
    guard outcome.termination.isSuccess else { throw UnexpectedExecution(description: outcome.errorText) }
    paths.withLock { $0.append(path) }
  }
  try atEveryStep(body, copy)
  try copy(paths.withLock { $0.count + 1 })
  return paths.withLock { $0 }
}

/// Runs `body` and calls `hook` before each of its steps that change files, with the step's number.
private func atEveryStep(_ body: () throws -> Void, _ hook: @escaping @Sendable (Int) throws -> Void) throws {
  let count = Counter()
  let counting: @Sendable (String, String) throws -> Void = { _, _ in try hook(count.next()) }
  try FaultInjection.$hook.withValue(counting, operation: body)
}

private final class Counter: Sendable {
  private let count = Atomic<Int>(0)
  func next() -> Int { count.wrappingAdd(1, ordering: .relaxed).newValue }
}

/// A thread that looks at something without pause until it is told to finish.
public final class ProbingThread: Sendable {
  private let state = Mutex((probes: 0, failures: 0))
  private let isFinished = Atomic(false)
  private let thread = Mutex<SystemThread?>(nil)

  /// - Parameter probe: whether all is well; throwing is a failure too.
  public init(_ probe: @escaping @Sendable () throws -> Bool) throws {
    let started = try SystemThread("probe") { [self] in
      repeat {
        let isGood = (try? probe()) ?? false
        state.withLock { $0 = ($0.probes + 1, $0.failures + (isGood ? 0 : 1)) }
      } while !isFinished.load(ordering: .relaxed)
    }
    thread.withLock { $0 = started }
  }

  /// Ends the thread and tells how often it looked and how often all was not well.
  public func finish() -> (probes: Int, failures: Int) {
    isFinished.store(true, ordering: .relaxed)
    thread.withLock { $0 }?.join()
    return state.withLock { $0 }
  }
}
