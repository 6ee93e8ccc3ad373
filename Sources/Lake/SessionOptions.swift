import TaskKit

/// `--dump-month` and `--session-time`, for tasks that work before there is a run.
///
/// They are texts: each task checks them together with what else names a month.
public struct SessionOptions: OptionDeclarations {
  /// `--dump-month`, `YYYY-MM` if it is right.
  @Option(
    "dump-month", environment: "dump_month", help: "The month of the dumps.", valueName: "YYYY-MM",
    defaultHelp: "the run id's, or else the session time's")
  public var dumpMonth: String?
  /// `--session-time`, ISO 8601 if it is right.
  @Option(
    "session-time", environment: "session_time", help: "The session's time, as Digdag has it.",
    valueName: "TIME", defaultHelp: "now")
  public var sessionTime: String?

  /// Whether the session's time was given as an option, and not only in the environment.
  public var isSessionTimeGiven: Bool { $sessionTime == .commandLine }

  /// Every option at its default.
  public init() {}
}
