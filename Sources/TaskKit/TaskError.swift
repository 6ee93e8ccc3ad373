import Glibc
import Platform

/// An error that knows how the task should end and what the user can do about it.
///
/// Error types of libraries conform to it, so that they arrive on the last line of standard error as they should.
public protocol ReportableError: Error {
  /// How the task ends because of it.
  var exitCode: ExitCode { get }
  /// What is wrong, in one line.
  var message: String { get }
  /// What to do about it, if there is something to say.
  var advice: String? { get }
}

/// What is wrong, what to do about it, and how the task ends.
public struct TaskError: ReportableError, Hashable, CustomStringConvertible {
  /// How the task ends.
  public var exitCode: ExitCode
  /// What is wrong, in one line.
  public var message: String
  /// What to do about it; nil if there is nothing to say.
  public var advice: String?

  /// - Parameters:
  ///   - message: without a full stop; it names the file or option.
  ///   - advice: in the imperative, to follow the message after a semicolon.
  public init(_ exitCode: ExitCode, _ message: String, advice: String? = nil) {
    self.exitCode = exitCode
    self.message = message
    self.advice = advice
  }

  /// `<message>; <advice>`
  public var description: String { advice.map { "\(message); \($0)" } ?? message }
}

extension SystemError: ReportableError {
  /// By the `errno` value, and by the call where that says more: what cannot be made is `cannotCreate`, a
  /// program that does not start `configuration`.
  public var exitCode: ExitCode {
    switch code {
    case _ where call == "exec": .configuration
    case EACCES, EPERM: .noPermission
    case ENOSPC, EDQUOT, EIO: .io
    case _ where ["create", "mkdir", "symlink", "rename", "renameat2"].contains(call): .cannotCreate
    case ENOENT, ENOTDIR, EISDIR, ELOOP, ENAMETOOLONG: .noInput
    case EWOULDBLOCK where call == "flock": .tryAgain
    default: .io
    }
  }

  /// The description: path, reason and call.
  public var message: String { description }

  /// For what a person can mend: space, rights, a lock, a missing program; nil for others.
  public var advice: String? {
    switch code {
    case _ where call == "exec": "install the program, or put it on PATH"
    case ENOSPC, EDQUOT: "free some space there and run the task again: it resumes"
    case EACCES, EPERM: "give user \(Environment.userName) access to it"
    case EROFS: "the file system is mounted read-only"
    case EWOULDBLOCK where call == "flock": "another task holds this lock: wait for it to end"
    default: nil
    }
  }
}
