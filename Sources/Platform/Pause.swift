import Glibc

/// Waiting for time to pass.
public enum Pause {
  /// Waits on the calling thread (`nanosleep(2)`); a signal that ends the process does so in the middle of it.
  /// - Parameter isOver: asked ten times a second; true ends the pause.
  public static func sleep(_ duration: Duration, unless isOver: (() -> Bool)? = nil) {
    guard let isOver else { return sleepWhole(duration) }
    let end = ContinuousClock.now + duration
    while !isOver(), case let left = end - ContinuousClock.now, left > .zero {
      sleepWhole(min(left, .milliseconds(100)))
    }
  }

  private static func sleepWhole(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    var left = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    var rest = timespec()
    while nanosleep(&left, &rest) == -1, errno == EINTR { left = rest }
  }
}
