import HTTP
import TaskKit

/// A failure after which the same request is worth another try.
struct Setback: Error {
  /// What happened, for people.
  var reason: String
  /// How long the site asks to be left alone.
  var retryAfter: Duration?
  /// Whether the site answers and only wants fewer requests.
  var isRateLimit = false
  /// Whether to go on at once: the fault was in what we asked, and that has been changed.
  var isImmediate = false

  /// A setback from what a request ended with.
  ///
  /// - Returns: nil if another try is of no use.
  static func from(_ error: any Error) -> Setback? {
    if let setback = error as? Setback { return setback }
    if let error = error as? HTTPError, error.isTransient { return Setback(reason: error.message) }
    return nil
  }
}

/// What a status other than the expected one means for a download.
enum Refusal {
  /// The setback that this answer is, if time may help.
  static func setback(_ response: HTTPResponse, now: Int) -> Setback? {
    switch response.status {
    case 429:
      Setback(
        reason: "the site limits how often it may be asked (429)", retryAfter: response.retryAfter(now: now),
        isRateLimit: true)
    case 408, 425, 500, 502...504, 507, 509, 520...599:
      Setback(
        reason: "the site answers with status \(response.status)", retryAfter: response.retryAfter(now: now))
    default: nil
    }
  }

  /// - Throws: `Setback` where time may help, `TaskError` where it does not.
  static func check(_ response: HTTPResponse, for what: String, now: Int) throws {
    guard !response.isSuccess else { return }
    if let setback = setback(response, now: now) { throw setback }
    let status = response.status
    switch status {
    case 401, 407:
      throw TaskError(
        .noPermission, "\(what): \(response.url) wants a login (\(status))",
        advice: "check --base-url, and the proxy's settings in the environment")
    case 403, 451:
      throw TaskError(
        .noPermission, "\(what): \(response.url) refuses to hand it out (\(status))",
        advice: "check --base-url; a site that blocks this machine's address can be gone round with a mirror")
    case 404, 410:
      throw TaskError(
        .noInput, "\(what): there is nothing at \(response.url) (\(status)), though CHECKSUM.txt names it",
        advice: "look at the site's list of this year, and check --base-url and --url-template")
    case 300..<400:
      throw TaskError(
        .unavailable, "\(what): \(response.url) redirects without saying where to (\(status))",
        advice: "check --base-url")
    default:
      throw TaskError(
        .unavailable, "\(what): \(response.url) answers with status \(status)",
        advice: "check --base-url and --url-template")
    }
  }
}
