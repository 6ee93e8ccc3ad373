import TaskKit

/// `--raw-root`, for tasks that read or fetch dumps.
public struct RawRootOption: OptionDeclarations {
  /// As it was given; nil for the lake's own folder.
  @Option(
    "raw-root", environment: "raw_root",
    help: "Where the dumps lie, in a folder for each month.", valueName: "DIR",
    defaultHelp: "what preflight was told for the run, or else <lake>/_raw")
  public var rawRoot: String?

  /// Not given.
  public init() {}
}
