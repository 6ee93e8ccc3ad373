import CSystem
import Glibc

/// A thread of the operating system (`pthread_create(3)`).
public struct SystemThread: @unchecked Sendable {
  private let thread: pthread_t

  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Starts a thread that runs `body` once; `join()` or `detach()` it, or its stack stays until the process ends.
  /// - Parameter name: at most 15 bytes are shown by `ps -L` and debuggers.
  /// - Throws: `SystemError` (`EAGAIN`) when there can be no more threads.
  public init(_ name: String, _ body: @escaping @Sendable () -> Void) throws {
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(
      Body {
        csystem_name_thread(name)
        body()
      })
    let code = pthread_create(
      &thread, nil,
      { argument in
        Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue().run()
        return nil
      }, argument.toOpaque())
    guard code == 0 else {
      argument.release()
      throw SystemError(code: code, call: "pthread_create")
    }
    self.thread = thread
  }

  /// Waits until the thread's body has returned; call it once.
  public func join() { pthread_join(thread, nil) }

  /// Has the thread clean up after itself when its body returns, instead of `join()`; call it once.
  public func detach() { pthread_detach(thread) }

  /// How many processors this process may use (`sched_getaffinity(2)`).
  public static var processorCount: Int {
    Int(csystem_processors())
  }
}

/// A value that threads share, under a lock, with a condition to wait on (`pthread_mutex_t`, `pthread_cond_t`).
public final class Monitor<Value>: @unchecked Sendable {
  private var value: Value
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  /// Takes the value over: only the closures see it from now on.
  public init(_ value: sending Value) {
    self.value = value
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Runs `body` with the mutex held, and wakes all that wait for the value to change.
  private func locked<Result>(_ body: () throws -> sending Result) rethrows -> sending Result {
    pthread_mutex_lock(mutex)
    defer {
      pthread_cond_broadcast(condition)
      pthread_mutex_unlock(mutex)
    }
    return try body()
  }

  /// Runs `body` alone with the value, and wakes all that wait for it to change.
  /// - Throws: what `body` throws.
  public func update<Result>(_ body: (inout Value) throws -> sending Result) rethrows -> sending Result {
    try locked { try body(&value) }
  }

  /// Waits until `body` returns something; it runs alone with the value, once at first and again after each update.
  /// - Throws: what `body` throws.
  @discardableResult
  public func wait<Result>(until body: (inout Value) throws -> sending Result?) rethrows -> sending Result {
    try locked {
      while true {
        if let result = try body(&value) { return result }
        pthread_cond_wait(condition, mutex)
      }
    }
  }

  /// As `wait(until:)`, but nil when that has taken `limit`.
  /// - Throws: what `body` throws.
  public func wait<Result>(
    atMost limit: Duration, until body: (inout Value) throws -> sending Result?
  ) rethrows -> sending Result? {
    var deadline = timespec()
    clock_gettime(CLOCK_MONOTONIC, &deadline)
    let (seconds, attoseconds) = limit.components
    let nanoseconds = deadline.tv_nsec + Int(attoseconds / 1_000_000_000)
    deadline.tv_sec += Int(seconds) + nanoseconds / 1_000_000_000
    deadline.tv_nsec = nanoseconds % 1_000_000_000
    return try locked {
      while true {
        if let result = try body(&value) { return result }
        if pthread_cond_timedwait(condition, mutex, &deadline) == ETIMEDOUT { return try body(&value) }
      }
    }
  }
}

extension SystemThread {
  /// What `body` makes of each number below `count`, in their order, several at a time.
  ///
  /// After an error no further number is begun. Where there cannot be as many threads it only takes longer.
  /// - Parameter threads: how many at a time; by default as many as there are processors.
  /// - Throws: the error of the smallest number for which it throws.
  public static func map<Value: Sendable>(
    _ count: Int, threads: Int = processorCount, _ body: @escaping @Sendable (Int) throws -> Value
  ) throws -> [Value] {
    let state = Monitor((next: 0, results: [Result<Value, any Error>?](repeating: nil, count: count)))
    let work: @Sendable () -> Void = {
      while true {
        let number = state.update { state in
          defer { state.next += 1 }
          return state.next
        }
        guard number < count else { return }
        let result = Result { try body(number) }
        state.update { state in
          state.results[number] = result
          if case .failure = result { state.next = count }
        }
      }
    }
    let others = (1..<max(min(count, threads), 1)).compactMap { try? SystemThread("map-\($0)", work) }
    work()
    for thread in others { thread.join() }
    return try state.update { $0.results }.compactMap { try $0?.get() }
  }
}
