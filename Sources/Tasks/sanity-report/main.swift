import Lake
import SQL
import Sanity
import TaskKit

struct SanityReportTask: TaskCommand {
  static let configuration = TaskConfiguration(
    name: TaskName.sanityReport, summary: "Checks the active run's tables and writes a report.",
    discussion: """
      The report is _reports/<engine>_sanity_active_<time>.csv in the run; a CRITICAL check that is not ok fails the \
      task with 65. Tables are those of schema discogs, which register-run-schema --active makes; where they do not \
      show the run's files, the task ends with 78. A run that is not active is not looked at.
      """)

  @OptionGroup var runOptions: RunOptions
  @OptionGroup var engineOptions: EngineOptions
  @OptionGroup var forceOption: ForceOption
  @Flag(
    "rollback-on-critical", environment: "rollback_on_critical",
    help: "Point active, and schema discogs, back to the run before when the data fail a CRITICAL check.")
  var rollbackOnCritical: Bool

  func run(_ context: TaskContext) throws {
    let run = try runOptions.existingRun()
    try ReportSanity(of: run, context).perform(
      force: forceOption.force, rollsBack: rollbackOnCritical
    ) { access in
      try engineOptions.open(lake: run.lake, access, run: run.id, context)
    }
  }
}

SanityReportTask.main()
