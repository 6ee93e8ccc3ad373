import Synchronization

/// Ends requests from another thread. Once cancelled it stays so: requests that are under way throw
/// `HTTPError.Kind.cancelled` at once, later ones before they connect. One may serve many clients.
public final class HTTPCancellation: Sendable {
  private struct State {
    var isCancelled = false
    var nextKey = 0
    var wakers: [Int: @Sendable () -> Void] = [:]
  }

  private let state = Mutex(State())

  /// One that was not cancelled yet.
  public init() {}

  /// Whether `cancel` was called.
  public var isCancelled: Bool { state.withLock { $0.isCancelled } }

  /// Cancels. May be called from any thread and more than once, but not from within a signal handler (it
  /// locks).
  public func cancel() {
    state.withLock { state in
      state.isCancelled = true
      // Under the lock, so that a waker is never called after `forget` returned.
      for waker in state.wakers.values { waker() }
    }
  }

  /// Has a waiting transfer woken by `cancel`; called at once if that has happened already.
  func wake(_ waker: @escaping @Sendable () -> Void) -> Int {
    state.withLock { state in
      state.nextKey += 1
      state.wakers[state.nextKey] = waker
      if state.isCancelled { waker() }
      return state.nextKey
    }
  }

  /// The waker of this key is not called any more once this returns.
  func forget(_ key: Int) {
    state.withLock { _ = $0.wakers.removeValue(forKey: key) }
  }
}
