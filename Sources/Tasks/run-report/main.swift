import Lake
import Report
import TaskKit

struct RunReportTask: TaskCommand {
  static let configuration = TaskConfiguration(
    name: TaskName.runReport, summary: "Write the page that tells how a run went.",
    discussion: """
      One HTML file that needs nothing but itself, _reports/run_report_<time>.html in the run; its path goes to standard \
      output. It tells of any run, whatever became of it: what it was made from, what it holds and how that differs from \
      the run before, what was rejected, what its checks found, and how to go back. Only files are read, with no engine.
      """)

  @OptionGroup var target: RunOptions
  @OptionGroup var forceOption: ForceOption

  func run(_ context: TaskContext) throws {
    try context.print(WriteRunReport(of: target.existingRun(), context).perform(force: forceOption.force))
  }
}

RunReportTask.main()
