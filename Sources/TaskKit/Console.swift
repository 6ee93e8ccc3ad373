import Glibc
import Synchronization

/// Standard error, shared by log lines and a progress bar: a line never lands inside the bar.
final class Console: Sendable {
  static let standardError = Console { text in
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress!, $0.count) }
      if written > 0 { bytes = bytes.dropFirst(written) } else if errno != EINTR { return }
    }
  }

  private struct State {
    var bar = ""
    var isEnded = false
  }

  private let write: @Sendable (String) -> Void
  private let state = Mutex(State())

  init(write: @escaping @Sendable (String) -> Void) { self.write = write }

  /// Whether a bar can be drawn: a terminal that understands cursor movement.
  static var isTerminal: Bool {
    isatty(STDERR_FILENO) == 1 && getenv("TERM").map { String(cString: $0) != "dumb" } ?? false
  }

  /// The terminal's width in columns (`TIOCGWINSZ`); 80 where there is none.
  static var width: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Writes a line; a bar moves down below it.
  /// - Parameter isLast: nothing is written any more after this one, whoever still has something to say.
  func line(_ text: String, isLast: Bool = false) {
    state.withLock { state in
      if state.isEnded { return }
      let erase = state.bar.isEmpty ? "" : "\r\u{1B}[K"
      write("\(erase)\(text)\n\(isLast ? "" : state.bar)")
      state.isEnded = isLast
    }
  }

  /// Shows this text in the bar's place; an empty one removes the bar.
  func show(bar text: String) {
    state.withLock { state in
      if state.isEnded || state.bar.isEmpty && text.isEmpty { return }
      state.bar = text
      write("\r\u{1B}[K\(text)")
    }
  }
}
