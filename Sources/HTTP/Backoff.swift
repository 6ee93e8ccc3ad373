/// Growing pauses between tries: doubled each time up to a limit, each drawn at random from the upper half of
/// its length, so that clients that failed together do not come back together.
public struct Backoff: Sendable {
  /// The length of the first pause, before chance shortens it.
  public let first: Duration
  /// No pause is longer.
  public let longest: Duration
  private var next: Duration

  /// - Parameter longest: raised to `first` if it is shorter.
  public init(first: Duration, longest: Duration) {
    self.first = first
    self.longest = max(first, longest)
    self.next = first
  }

  /// The next pause.
  public mutating func pause() -> Duration {
    let length = next
    next = min(next * 2, longest)
    return length * Double.random(in: 0.5...1)
  }

  /// Starts again from the shortest pause, after something has worked.
  public mutating func reset() { next = first }
}
