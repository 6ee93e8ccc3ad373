import Lake
import Sanity
import TaskKit

struct SanityTask: TaskCommand {
  static let configuration = TaskConfiguration(
    name: TaskName.sanity, summary: "Check a run by its files, before it is promoted.",
    discussion: """
      Looks at the file system and the footers of the Parquet files, without an engine: that datasets are there, whole, \
      not empty, with the declared columns and the rows that their state files say, that keys lie in range, and that \
      nothing shrank against the previous run. All findings go to _reports/run_sanity_<time>.csv; a critical one \
      ends the task with 65, and then the run cannot be promoted.
      """)

  @OptionGroup var target: RunOptions
  @Option(
    "max-shrink", environment: "max_shrink",
    help: "By how many per cent a dataset may be smaller than in the previous run.", valueName: "PERCENT")
  var maxShrink: Double = 20
  @Flag(
    "check-pages", environment: "check_pages",
    help: "Read every page and try its checksum, not only the footers.")
  var checkPages: Bool
  @OptionGroup var forceOption: ForceOption

  func validate() throws {
    guard (0...100).contains(maxShrink) else {
      throw TaskError(
        .usage, "--max-shrink \(maxShrink.optionText) is no percentage", advice: "give a number from 0 to 100"
      )
    }
  }

  func run(_ context: TaskContext) throws {
    try RunSanity(target.existingRun(), maxShrink: maxShrink, readsPages: checkPages, context)
      .perform(force: forceOption.force)
  }
}

SanityTask.main()
