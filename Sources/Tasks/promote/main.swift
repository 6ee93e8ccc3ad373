import Lake
import TaskKit

struct Promote: TaskCommand {
  static let configuration = TaskConfiguration(
    name: TaskName.promote, summary: "Make a run the active one, or go back to the one before.",
    discussion: """
      Points <lake>/active to the run, by a single rename, after the present pointer was kept as \
      active__prev_<time>. Promotes only with --run-mode prod and --allow-promote true, and only a run that \
      sanity found in order; otherwise it says why, and leaves a state file that says so.

      With --rollback it points active to the run of the newest previous pointer; with --run-id as well, only if that \
      run is the active one.
      """)

  @OptionGroup var lakeOptions: LakeOptions
  @Option(
    "run-id", environment: "run_id",
    help: "The run. Required, but for --rollback, which heeds the option and not the variable.",
    valueName: "YYYY-MM__YYYYMMDD_HHMMSS")
  var runID: RunID?
  @Option("run-mode", environment: "run_mode", help: "Only prod promotes.") var runMode: RunMode = .dev
  @Option("allow-promote", environment: "allow_promote", help: "Whether the run may become active.")
  var allowPromote = false
  @Flag(
    "allow-older", environment: "allow_older", help: "Promote also when the active run's dumps are newer.")
  var allowOlder: Bool
  @Flag("rollback", environment: "promote_rollback", help: "Go back to the previous run instead.")
  var rollback: Bool

  func validate() throws {
    if runID == nil, !rollback {
      throw TaskError(
        .usage, "no run is named", advice: "give --run-id ID or set run_id; preflight prints it")
    }
  }

  func run(_ context: TaskContext) throws {
    let lake = try lakeOptions.lake()
    if rollback {
      // A session's environment names the run that it makes, which need not be the one to go back from.
      try Promotion.rollBack(lake, from: $runID == .commandLine ? runID : nil, context)
    } else if let runID {
      try Promotion(of: lake.existingRun(runID), context)
        .perform(mode: runMode, isAllowed: allowPromote, allowOlder: allowOlder)
    }
  }
}

Promote.main()
