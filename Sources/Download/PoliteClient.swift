import HTTP
import Platform
import TaskKit

/// Asks a site one thing after another, counts what it asks, and comes back later when it is told to.
final class PoliteClient {
  let http: HTTPClient
  let patience: Patience
  let log: Log
  /// Requests sent so far, redirects not counted.
  private(set) var requests = 0
  /// Requests that had to be repeated.
  private(set) var retries = 0

  init(_ http: HTTPClient, patience: Patience, log: Log) {
    self.http = http
    self.patience = patience
    self.log = log
  }

  /// Sends a small request and gathers the answer, whatever its status; asks again after failures.
  func page(_ url: String, for what: String) throws -> HTTPResponse {
    try persist(what) {
      requests += 1
      let response: HTTPResponse
      do {
        response = try http.send(HTTPRequest(.get, url), maximumBody: 16 << 20)
      } catch let error as HTTPError where error.kind == .file {
        throw MissingFile(url: url)
      }
      report(response)
      if let setback = Refusal.setback(response, now: now) { throw setback }
      return response
    }
  }

  /// Sends a request and hands its body on; one try.
  func stream(
    _ request: HTTPRequest, onResponse: (HTTPResponse) throws -> Void,
    onBody: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    requests += 1
    try http.stream(
      request,
      onResponse: { response in
        report(response)
        try onResponse(response)
      }, onBody: onBody)
  }

  /// Runs `body` until it succeeds or patience ends.
  ///
  /// - Parameters:
  ///   - what: what it is about, for messages.
  ///   - hasMadeProgress: asked after a failure; progress that is kept lets patience start anew.
  /// - Throws: `TaskError`, or what `body` throws besides setbacks.
  func persist<Result>(
    _ what: String, hasMadeProgress: () -> Bool = { false }, _ body: () throws -> Result
  ) throws -> Result {
    var backoff = patience.backoff
    var failures = 0
    while true {
      do { return try body() } catch {
        guard let setback = Setback.from(error) else { throw Failure.explained(error, what) }
        if hasMadeProgress() {
          failures = 0
          backoff.reset()
        }
        failures += 1
        try giveUp(what, setback, failures)
        retries += 1
        if setback.isImmediate {
          log.info("\(what): \(setback.reason): once more")
          continue
        }
        let pause = max(setback.retryAfter ?? .zero, backoff.pause())
        log.warning(
          "\(what): \(setback.reason): once more in \(pause.forPeople)", ["failures": failures])
        Pause.sleep(pause)
      }
    }
  }

  var now: Int { Int(UTCTime.now.microseconds / 1_000_000) }

  private func giveUp(_ what: String, _ setback: Setback, _ failures: Int) throws {
    if let asked = setback.retryAfter, asked > patience.maxWait {
      let end = UTCTime.now.adding(seconds: Int(asked.components.seconds) + 1)
      throw TaskError(
        .tryAgain, "\(what): \(setback.reason) and asks to wait \(asked.forPeople)",
        advice: "run it again after \(end.iso8601), or allow a longer wait with --max-wait")
    }
    guard failures < patience.tries else {
      throw TaskError(
        setback.isRateLimit ? .tryAgain : .unavailable,
        "\(what): given up after \(failures) tries: \(setback.reason)",
        advice: "run it again later; what is verified is kept")
    }
  }

  private func report(_ response: HTTPResponse) {
    guard let first = response.redirectedFrom.first else { return }
    log.info("redirected", ["from": first, "to": response.url])
  }
}

/// What a task says about errors that no other try helps against.
enum Failure {
  static func explained(_ error: any Error, _ what: String) -> any Error {
    guard let error = error as? HTTPError else { return error }
    let message = "\(what): \(error)"
    switch error.kind {
    case .certificate:
      return TaskError(
        .unavailable, message,
        advice: "the site's certificate is not trusted here: name your own authority's with --ca-file")
    case .badURL, .badRequest:
      return TaskError(.usage, message, advice: "check --base-url and --url-template")
    case .redirectRefused, .tooManyRedirects:
      return TaskError(
        .unavailable, message, advice: "check --base-url: it should be where the redirect leads")
    case .file:
      return TaskError(.noInput, message, advice: "check --base-url and --url-template")
    default:
      return TaskError(.unavailable, message, advice: "run it again later; what is verified is kept")
    }
  }
}

extension Duration {
  /// `59 min 34 s`, `0.4 s`.
  var forPeople: String {
    let seconds = Int(components.seconds)
    switch seconds {
    case ..<10:
      let tenths = seconds * 10 + Int(components.attoseconds / 100_000_000_000_000_000)
      return "\(tenths / 10).\(tenths % 10) s"
    case ..<120: return "\(seconds) s"
    case ..<7200: return "\(seconds / 60) min \(seconds % 60) s"
    case ..<172_800: return "\(seconds / 3600) h \(seconds / 60 % 60) min"
    default: return "\(seconds / 86_400) days"
    }
  }
}
