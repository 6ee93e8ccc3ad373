// A plain build makes this module too, without the testing library.
#if canImport(Testing)
  import Foundation
  import Testing

  extension Trait where Self == ConditionTrait {
    /// Skips a test on a machine that lacks one of these tools, and says which.
    ///
    /// Where `CI` is `true` and the servers for tests are at hand nothing is skipped: the test runs, and fails at
    /// the tool that it does not find.
    public static func needs(_ tools: Tool...) -> Self {
      let missing = tools.filter { $0.location == nil }
      return .enabled(
        if: missing.isEmpty || mayNotSkip,
        "\(missing.map { "\($0.name) not found (\($0.advice))" }.joined(separator: "; "))")
    }

    /// Skips a test on a machine without a browser, but nowhere that `CI` is set: `scripts/setup test` installs one.
    public static var needsBrowser: Self {
      let isCI = ProcessInfo.processInfo.environment["CI"].map { !$0.isEmpty } ?? false
      let tool = Tools.chromium
      return .enabled(if: tool.location != nil || isCI, "\(tool.name) not found (\(tool.advice))")
    }

    /// Skips a test that only root can run, such as one that mounts a small file system.
    public static var needsRoot: Self { .enabled(if: geteuid() == 0, "needs root") }
  }

  private let mayNotSkip =
    ProcessInfo.processInfo.environment["CI"] == "true" && Checkout.neighbour != nil
#endif
