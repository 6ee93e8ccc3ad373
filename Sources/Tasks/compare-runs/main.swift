import History
import Lake
import Platform
import TaskKit

/// Compares runs with the runs before them.
struct CompareRunsTask: TaskCommand {
  static let configuration = TaskConfiguration(
    name: "compare-runs", summary: "Compares each run with its previous one: what is new, gone and changed.",
    discussion: """
      The previous run is the newest of an earlier dump date that can be used. A run never changes: a pair that was \
      compared is not compared again. Counts go to hive.discogs_history.run_change_events, the records to \
      entity_change_events, those of one pair together; run_changes_latest and entity_changes_latest show the newest.
      """)

  @OptionGroup var options: HistoryOptions
  @Option(
    "run-id", help: "Compare this run, with --previous-run-id.", valueName: "YYYY-MM__YYYYMMDD_HHMMSS",
    defaultHelp: "every run")
  var runID: RunID?
  @Option(
    "previous-run-id", help: "The run to compare it with, whatever its date.",
    valueName: "YYYY-MM__YYYYMMDD_HHMMSS", defaultHelp: "the run's previous one")
  var previousRunID: RunID?
  @Flag("force", environment: "force", help: "Compare known pairs again.") var force: Bool

  func validate() throws {
    guard (runID == nil) == (previousRunID == nil) else {
      throw TaskError(
        .usage, "--run-id and --previous-run-id go together",
        advice: "give both, or --only-run-id for a run and its previous one")
    }
    if let runID, runID == previousRunID {
      throw TaskError(.usage, "run \(runID) cannot be compared with itself", advice: "name two runs")
    }
  }

  func run(_ context: TaskContext) throws {
    // What another execution is comparing is known when it ends.
    let lock = try options.lakeOptions.lake().lock(Self.configuration.name, log: context.log)
    defer { lock.release() }
    let history = try HistorySession(options, context, .upToDate)
    defer { history.close() }
    let comparison = CompareRuns(history, log: context.log)
    comparison.ignoresKnown = force
    let choice: CompareRuns.Choice =
      if let runID, let previousRunID {
        .pair(runID, previous: previousRunID)
      } else {
        .previous(onlyRunID: options.onlyRunID, includesActive: options.includeActive)
      }
    let result = try comparison.run(choice)
    context.log.info(
      "\(counted(result.pairs, "pair")) compared, \(result.known) known, \(result.leftOut) left out, \(counted(result.changes, "changed record")) recorded",
      [
        "pairs": result.pairs, "known": result.known, "left_out": result.leftOut,
        "changes": result.changes,
      ])
    if result.failures > 0, case .pair = choice {
      throw TaskError(
        .data, "\(result.failures) of 4 comparisons failed",
        advice: "mend the runs' tables, and compare them again")
    }
  }
}

CompareRunsTask.main()
