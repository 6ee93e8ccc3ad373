import Derived
import Lake
import SQL
import TaskKit

struct BuildXrefTask: TaskCommand {
  static let configuration = TaskConfiguration(
    name: TaskName.buildXref,
    summary: "Computes a run's derived datasets from its links: name map, cross-references, counts.",
    discussion: """
      A run with the detail datasets also gets its barcodes. Nothing appears in the run before all of it is whole.
      """)

  @OptionGroup var runOptions: RunOptions
  @OptionGroup var engineOptions: EngineOptions
  @OptionGroup var forceOption: ForceOption

  func run(_ context: TaskContext) throws {
    let run = try runOptions.existingRun()
    try BuildXref(run: run, context).perform(force: forceOption.force) { scratch in
      try engineOptions.open(lake: run.lake, .building(scratch: scratch), run: run.id, context)
    }
  }
}

BuildXrefTask.main()
