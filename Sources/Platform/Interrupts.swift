import Glibc
import Synchronization

/// SIGINT and SIGTERM: stop at once, after the registered clean-ups.
public enum Interrupts {
  /// A registered clean-up; it stays registered until `cancel()`.
  public struct Registration: Sendable {
    fileprivate let number: Int
    /// Takes the clean-up back; too late once a signal has had the clean-ups started.
    public func cancel() { cleanUps.update { $0.bodies[number] = nil } }
  }

  private struct CleanUps {
    var nextNumber = 0
    var bodies: [Int: @Sendable () -> Void] = [:]
  }

  private static let cleanUps = Monitor(CleanUps())
  private static let signal = Atomic<Int32>(0)

  /// Whether one of the signals has come; long loops that cannot be left otherwise may ask.
  public static var isInterrupted: Bool { signal.load(ordering: .relaxed) != 0 }

  /// Once a signal has come, never returns: what fails from then on fails because the process is about to end, and
  /// the signal, not that failure, is what it ends with.
  public static func awaitEndIfInterrupted() {
    while isInterrupted { pause() }
  }

  /// Registers what to do before the process ends by a signal: stop a child, cancel a query, remove a temporary file.
  ///
  /// It runs on a thread of its own while the others go on, the last registered first, and has a few seconds.
  @discardableResult
  public static func onInterrupt(_ body: @escaping @Sendable () -> Void) -> Registration {
    cleanUps.update { cleanUps in
      cleanUps.nextNumber += 1
      cleanUps.bodies[cleanUps.nextNumber] = body
      return Registration(number: cleanUps.nextNumber)
    }
  }

  /// From now on the signals run the clean-ups and end the process with 128 + signal; a second one ends it at once.
  ///
  /// Call it first in the process: threads that exist already would still take the signals. SIGPIPE is ignored, so
  /// that a closed pipe is an error of `write`.
  /// - Parameter announce: called with the signal's name (`SIGTERM`) before the clean-ups.
  public static func install(announce: @escaping @Sendable (String) -> Void = { _ in }) {
    Glibc.signal(SIGPIPE, SIG_IGN)
    var awaited = sigset_t()
    sigemptyset(&awaited)
    sigaddset(&awaited, SIGINT)
    sigaddset(&awaited, SIGTERM)
    pthread_sigmask(SIG_BLOCK, &awaited, nil)
    // Without that thread nothing would ever take the blocked signals.
    guard (try? SystemThread("signals") { waitForSignal(announce) }) != nil else {
      pthread_sigmask(SIG_UNBLOCK, &awaited, nil)
      return
    }
  }

  /// The seconds that clean-ups may take; a server that does not answer must not keep the process alive.
  private static let patience = 10

  private static func waitForSignal(_ announce: @escaping @Sendable (String) -> Void) {
    var awaited = sigset_t()
    sigemptyset(&awaited)
    sigaddset(&awaited, SIGINT)
    sigaddset(&awaited, SIGTERM)
    var number: Int32 = 0
    while sigwait(&awaited, &number) != 0 {}
    signal.store(number, ordering: .relaxed)
    let status = 128 + number
    let name = number == SIGINT ? "SIGINT" : "SIGTERM"
    let started = try? SystemThread("clean-ups") {
      announce(name)
      let bodies = cleanUps.update { $0.bodies.sorted { $0.key > $1.key }.map(\.value) }
      for body in bodies { body() }
      _exit(status)
    }
    if started != nil {
      var limit = timespec(tv_sec: patience, tv_nsec: 0)
      sigtimedwait(&awaited, nil, &limit)
    }
    _exit(status)
  }
}
