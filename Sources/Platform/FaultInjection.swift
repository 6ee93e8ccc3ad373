/// Lets tests make the n-th step that changes the file system fail, or end the process there.
///
/// Costs one read of a task-local value for each such call when nothing is injected.
public enum FaultInjection {
  /// Called before each creation, write, sync, rename and link with the call's name and path; may throw.
  @TaskLocal public static var hook: (@Sendable (_ call: String, _ path: String) throws -> Void)?

  static func step(_ call: String, _ path: String) throws { try hook?(call, path) }
}
