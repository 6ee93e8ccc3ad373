import HTTP

/// How often and how long a site is asked again.
public struct Patience: Sendable {
  /// Failures in a row after which a request is given up.
  public var tries = 6
  /// The first pause after a failure; each further one is twice as long.
  public var firstPause: Duration = .seconds(2)
  /// No pause of our own choice is longer.
  public var longestPause: Duration = .seconds(120)
  /// The longest pause that a site may ask for (`Retry-After`). The official one asks for an hour, which is
  /// too long to be silent for without being told so.
  public var maxWait: Duration = .seconds(30 * 60)

  /// The values above.
  public init() {}

  var backoff: Backoff { Backoff(first: firstPause, longest: longestPause) }
}
