/// Says what is waited for: at first, and then every few seconds for how long already.
public struct WaitingWord: Sendable {
  private let start = ContinuousClock.now
  private var lastTold: ContinuousClock.Instant?

  /// Nothing was said yet; the time counts from now.
  public init() {}

  /// How long it has been waited.
  public var time: Duration { ContinuousClock.now - start }

  /// The words for now; nil where the last ones are only just said.
  /// - Parameters:
  ///   - reason: what is waited for.
  ///   - most: how long it is waited at most, where that is to be said.
  public mutating func words(_ reason: String, atMost most: Duration? = nil) -> String? {
    let now = ContinuousClock.now
    guard let before = lastTold else {
      lastTold = now
      return reason
    }
    guard now - before >= Progress.lineInterval else { return nil }
    lastTold = now
    let limit = most.map { " and \($0.components.seconds) s at most" } ?? ""
    return "\(reason), for \((now - start).components.seconds) s so far\(limit)"
  }
}
