import Glibc

/// A call of the operating system that failed, with the file that it was about.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The `errno` value, such as `ENOSPC`.
  public var code: Int32
  /// The call as the manual names it; `create` stands for an `open` that makes a new file.
  public var call: String
  /// The file, or the executable that was to be started; nil where the call was about none.
  public var path: String?

  /// - Parameters:
  ///   - code: an `errno` value.
  ///   - call: the call's name in the manual.
  public init(code: Int32, call: String, path: String? = nil) {
    self.code = code
    self.call = call
    self.path = path
  }

  /// The error that the calling thread's `errno` tells; take it right after the call that failed.
  public static func current(_ call: String, _ path: String? = nil) -> SystemError {
    SystemError(code: errno, call: call, path: path)
  }

  /// The system's words for the code: "No space left on device".
  public var reason: String {
    // Safe on all threads since glibc 2.32: its buffer is the thread's own.
    String(cString: strerror(code))
  }

  /// `<path>: <reason> (<call>)`
  public var description: String {
    if let path { "\(path): \(reason) (\(call))" } else { "\(call): \(reason)" }
  }
}

/// Runs a call that returns -1 on failure, again when a signal interrupted it.
/// - Throws: `SystemError` with the call's `errno`.
@discardableResult
func check<Result: FixedWidthInteger & SignedInteger>(
  _ call: String, _ path: String? = nil, _ body: () -> Result
) throws -> Result {
  while true {
    let result = body()
    if result != -1 { return result }
    if errno != EINTR { throw SystemError.current(call, path) }
  }
}
