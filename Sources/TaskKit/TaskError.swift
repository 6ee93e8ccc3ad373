import Glibc
import Platform

/// An error that knows how the task should end and what the user can do about it.
///
/// Error types of libraries conform to it, so that they arrive on the last line of standard error as they should.
public protocol ReportableError: Error {
  var exitCode: ExitCode { get }
  /// What is wrong, in one line.
  var message: String { get }
  /// What to do about it, if there is something to say.
  var advice: String? { get }
}

/// What is wrong, what to do about it, and how the task ends.
public struct TaskError: ReportableError, Hashable, CustomStringConvertible {
  public var exitCode: ExitCode
  public var message: String
  public var advice: String?

  public init(_ exitCode: ExitCode, _ message: String, advice: String? = nil) {
    self.exitCode = exitCode
    self.message = message
    self.advice = advice
  }

  public var description: String { advice.map { "\(message); \($0)" } ?? message }
}

extension SystemError: ReportableError {
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

  public var message: String { description }

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
