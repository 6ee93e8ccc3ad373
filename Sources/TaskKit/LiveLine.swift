import Platform

/// A line about work that goes on: kept up to date at the foot of a terminal, or written anew every few seconds.
final class LiveLine: Sendable {
  private let log: Log
  private let style: Progress.Style
  private let fields: @Sendable () -> Log.Fields
  private let isEnded = Monitor(false)

  /// - Parameters:
  ///   - interval: the time between two showings; by default 0.1 s for a bar and 5 s for lines.
  ///   - fields: the numbers of the line, for a log of JSON; in a log of text the line has them.
  ///   - text: the line as it is now; its parameter is the terminal's width, or nil for a line of the log.
  init(
    log: Log, style: Progress.Style, interval: Duration? = nil,
    fields: @escaping @Sendable () -> Log.Fields = { [:] }, text: @escaping @Sendable (Int?) -> String
  ) {
    let fields = { @Sendable in log.format == .json ? fields() : [:] }
    self.fields = fields
    self.log = log
    self.style = style
    guard style != .none else { return }
    let interval = interval ?? (style == .bar ? .milliseconds(100) : Progress.lineInterval)
    // Without a thread to show it, the work itself goes on.
    let thread = try? SystemThread("progress") { [isEnded, log] in
      while isEnded.wait(atMost: interval, until: { $0 ? true : nil }) == nil {
        // Under the lock, so that nothing is shown after the end.
        isEnded.update { isEnded in
          if isEnded { return }
          if style == .bar {
            let width = Console.width - 1
            log.console.show(bar: String(text(width).prefix(width)))
          } else {
            log.info(text(nil), fields())
          }
        }
      }
    }
    thread?.detach()
  }

  deinit { end() }

  /// Removes the line from a terminal, and writes a last message; later calls do nothing.
  func end(with summary: @autoclosure () -> String? = nil) {
    isEnded.update { isEnded in
      if isEnded { return }
      isEnded = true
      if style == .bar { log.console.show(bar: "") }
      if style != .none, let summary = summary() { log.info(summary, fields()) }
    }
  }
}

/// A text with a bar before it that shows how much is done; the text alone where there is no room for both.
func withBar(_ text: String, done: Int, of total: Int, width: Int) -> String {
  guard width > text.count + 12 else { return text }
  let cells = min(30, width - text.count - 4)
  let filled = min(cells, max(0, done) * cells / max(1, total))
  return "[\(String(repeating: "#", count: filled))\(String(repeating: ".", count: cells - filled))] \(text)"
}

/// A time for people: `0:07`, `12:34`, `1:02:03`.
func clock(_ seconds: Int) -> String {
  let minutes = "\(padded(seconds / 60 % 60, seconds >= 3600 ? 2 : 1)):\(padded(seconds % 60, 2))"
  return seconds >= 3600 ? "\(seconds / 3600):\(minutes)" : minutes
}
