import Glibc

/// A call of the operating system that failed, with the file that it was about.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The `errno` value, such as `ENOSPC`.
  public var code: Int32
  /// The call as the manual names it; `create` stands for an `open` that makes a new file.
  public var call: String
  /// The file, or the executable that was to be started; nil where the call was about none.
  public var path: String?
  private var ownReason: String?

  /// - Parameters:
  ///   - code: an `errno` value.
  ///   - call: the call's name in the manual.
  ///   - reason: what is wrong, where the system's words for the code would not tell.
  public init(code: Int32, call: String, path: String? = nil, reason: String? = nil) {
    self.code = code
    self.call = call
    self.path = path
    ownReason = reason
  }

  /// The error that the calling thread's `errno` tells; take it right after the call that failed.
  public static func current(_ call: String, _ path: String? = nil) -> SystemError {
    SystemError(code: errno, call: call, path: path)
  }

  /// Whether the file itself is at fault: it is a folder, a pipe or a device, or larger than the reader takes.
  public var isAboutKindOrSize: Bool { code == EISDIR || code == EFBIG }

  /// The system's words for the code: "No space left on device"; ours where those would not tell.
  public var reason: String {
    if let ownReason { return ownReason }
    // Safe on all threads since glibc 2.32: its buffer is the thread's own.
    return String(cString: strerror(code))
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
