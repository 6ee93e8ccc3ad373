/// How a task ends, by the numbers of BSD's `sysexits.h`.
public enum ExitCode: Int32, Sendable, Hashable {
  /// Done, or skipped with a reason.
  case ok = 0
  /// The command line or a parameter is wrong.
  case usage = 64
  /// Data at fault: a corrupt dump, a failed check.
  case data = 65
  /// An input is missing.
  case noInput = 66
  /// A service cannot be reached.
  case unavailable = 69
  /// A bug.
  case software = 70
  /// An output cannot be created.
  case cannotCreate = 73
  /// Reading or writing failed; the disk is full.
  case io = 74
  /// Another try later may succeed.
  case tryAgain = 75
  /// Not permitted, by the system or by a guardrail.
  case noPermission = 77
  /// The set-up is wrong.
  case configuration = 78
}
