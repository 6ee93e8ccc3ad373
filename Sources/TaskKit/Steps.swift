import Platform

/// How far work in steps has come: on a terminal a line with the step that is being done, n of m and the time so far;
/// elsewhere such a line every few seconds, so that nothing is written of what is done at once.
///
///     let steps = context.steps(datasets.count)
///     defer { steps.end() }
///     for dataset in datasets {
///       steps.begin(dataset.name)
///       …
///     }
public final class Steps: Sendable {
  private struct State {
    var total: Int
    var begun = 0
    var step = ""
  }

  private let state: Monitor<State>
  private let live: LiveLine

  /// - Parameters:
  ///   - total: how many steps there will be, as far as is known; ``expect(_:)`` adds to them.
  ///   - interval: the time between two showings; by default 0.1 s on a terminal and 5 s elsewhere.
  public init(_ total: Int = 0, log: Log, style: Progress.Style, interval: Duration? = nil) {
    let state = Monitor(State(total: total))
    let start = ContinuousClock.now
    self.state = state
    let fields: @Sendable () -> Log.Fields = {
      let now = state.update { $0 }
      let seconds = Int((ContinuousClock.now - start).components.seconds)
      return ["step": now.begun, "steps": max(now.total, now.begun), "seconds": seconds]
    }
    live = LiveLine(log: log, style: style, interval: interval, fields: fields) { width in
      let now = state.update { $0 }
      let total = max(now.total, now.begun)
      let time = clock(Int((ContinuousClock.now - start).components.seconds))
      if now.begun == 0 { return total == 0 ? time : "\(counted(total, "step")) to do  \(time)" }
      let text = "\(now.begun) of \(total): \(Log.oneLine(now.step))  \(time)"
      return width.map { withBar(text, done: now.begun - 1, of: total, width: $0) } ?? text
    }
  }

  /// Adds to the steps that there will be.
  public func expect(_ more: Int) { state.update { $0.total += more } }

  /// Begins the next step; the one before is done.
  /// - Parameter step: what is done now, in a few words.
  public func begin(_ step: String) {
    state.update { state in
      state.begun += 1
      state.step = step
    }
  }

  /// Ends the showing; later calls do nothing.
  public func end() { live.end() }
}
