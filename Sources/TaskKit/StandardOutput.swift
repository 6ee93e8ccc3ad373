import Glibc
import Platform
import Synchronization

/// Where a task's result goes.
final class StandardOutput: Sendable {
  private let failure = Mutex<SystemError?>(nil)

  /// Writes a line; an error is kept for `check()`, because the task may be in the middle of its work.
  func print(_ text: String) {
    var bytes = Array((text + "\n").utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress!, $0.count) }
      if written > 0 {
        bytes = bytes.dropFirst(written)
      } else if errno != EINTR {
        let error = SystemError.current("write", "standard output")
        return failure.withLock { $0 = $0 ?? error }
      }
    }
  }

  /// Throws what went wrong with writing: who asked for the result has not got it.
  func check() throws { if let error = failure.withLock({ $0 }) { throw error } }
}
