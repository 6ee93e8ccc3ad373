import Glibc

/// Waiting for time to pass.
public enum Pause {
  /// Waits on the calling thread (`nanosleep(2)`); a signal that ends the process does so in the middle of it.
  public static func sleep(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    var left = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    var rest = timespec()
    while nanosleep(&left, &rest) == -1, errno == EINTR { left = rest }
  }

  /// Waits as `sleep(_:)` does, but no longer than until something is so.
  /// - Parameter isOver: asked ten times a second.
  public static func sleep(_ duration: Duration, unless isOver: () -> Bool) {
    let end = ContinuousClock.now + duration
    while !isOver(), case let left = end - ContinuousClock.now, left > .zero {
      sleep(min(left, .milliseconds(100)))
    }
  }
}
