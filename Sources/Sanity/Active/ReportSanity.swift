import Catalog
import Lake
import Platform
import SQL
import Schema
import TaskKit

/// `sanity-report`: checks the active dataset by SQL, writes the report, and goes back to the run before where that is
/// asked for.
public struct ReportSanity {
  private let run: RunFolder
  private let context: TaskContext

  /// - Parameter run: the run that should be the active one.
  public init(of run: RunFolder, _ context: TaskContext) {
    self.run = run
    self.context = context
  }

  /// Does the work if the run is the active one, and says so if it is not.
  /// - Parameters:
  ///   - rollsBack: whether a CRITICAL finding moves `active` back to the run before, and registers that.
  ///   - open: opens an engine.
  /// - Throws: `TaskError`: `data` when a CRITICAL check of the data is not ok, `configuration` when the catalog does not
  ///   show the run; `SQLError`; `SystemError`.
  public func perform(force: Bool, rollsBack: Bool, open: (EngineAccess) throws -> any SQLEngine)
    throws
  {
    try Promotion.finishRollback(of: run.lake, context)
    guard try run.lake.activeRun() == run.id else {
      try checkWasNotRolledBack(open)
      context.log.info("run \(run.id) is not the active one: nothing to check")
      return
    }
    try TaskRun(TaskName.sanityReport, of: run, context, force: force, makes: .findings).perform(
      inputs: inputs
    ) { work in
      work.inputs = try inputs()
      let (findings, engine) = try findings(open)
      let report = try work.report(
        "\(engine.rawValue)_sanity_active", Array(SanityReport.csv(findings).utf8))
      work.counters = counters(findings)
      context.log.info(
        "\(counted(findings.count, "check")), \(findings.filter { !$0.isOK }.count) not ok",
        [
          "report": report, "checks": findings.count, "not_ok": findings.count { !$0.isOK },
        ])
      for finding in findings where !finding.isOK && finding.severity == .warn {
        context.log.warning("\(finding.check): \(finding.value)", ["details": finding.details])
      }
      try judge(findings.filter(\.isFailure), engine, report, rollsBack: rollsBack, open)
    }
  }

  private func findings(_ open: (EngineAccess) throws -> any SQLEngine) throws -> ([Finding], EngineName) {
    let engine = try open(.reading)
    defer { engine.close() }
    let steps = context.steps()
    defer { steps.end() }
    let sanity = ActiveSanity(engine: engine, schema: RunCatalog.activeSchema, run: run, steps: steps)
    return (try sanity.findings(), engine.name)
  }

  /// What the checks look at: the promotion, and every file of the run, so that a run that was promoted again or
  /// tampered with is checked again.
  private func inputs() throws -> [TaskState.Input] {
    var inputs: [TaskState.Input] = []
    // It may have been promoted by hand; but a state that cannot be read is an error of the system.
    do { inputs.append(try run.stateInput(TaskName.promote)) } catch is TaskError {}
    for dataset in Dataset.all {
      for path in try run.parquetFiles(of: dataset) {
        inputs.append(
          TaskState.Input(
            path: String(path.dropFirst(run.path.count + 1)), bytes: try Files.size(path), sha256: nil))
      }
    }
    return inputs
  }

  private func counters(_ findings: [Finding]) -> [String: Int] {
    var counters = ["checks": findings.count]
    for severity in Severity.allCases {
      counters["\(severity.rawValue.lowercased())_not_ok"] =
        findings.filter { !$0.isOK && $0.severity == severity }.count
    }
    return counters
  }

  private func judge(
    _ failures: [Finding], _ engine: EngineName, _ report: String, rollsBack: Bool,
    _ open: (EngineAccess) throws -> any SQLEngine
  ) throws {
    let dataFailures = failures.filter { !$0.isOfCatalog }
    // No other run is better off with such a catalog: to go back to one would mend nothing.
    if dataFailures.isEmpty, !failures.isEmpty {
      // A lost catalog shows none of the tables: the report has them all.
      let others = failures.count > 3 ? "; and \(failures.count - 3) more" : ""
      throw TaskError(
        .configuration,
        "the catalog does not show the active run \(run.id) as it is: \(list(failures.prefix(3)))\(others)",
        advice: "run register-run-schema --active, then this again"
          + (engine == .trino ? ", both with the --trino-catalog that is this lake's own" : "")
          + "; the report is \(report)")
    }
    guard !failures.isEmpty else { return }
    var consequence = "it is still active"
    if rollsBack {
      do {
        if let previous = try Promotion.rollBack(
          run.lake, from: run.id, because: list(failures), report: report, context)
        {
          consequence = "rolled back to \(previous)"
          if let problem = registerActive(open) {
            consequence += ", which register-run-schema --active has still to show (\(problem))"
          }
        }
      } catch let error as any ReportableError {
        consequence = "it could not be rolled back: \(error.message)"
      }
    }
    throw TaskError(
      .data, "the active run \(run.id) is not in order, \(consequence): \(list(failures))",
      advice: rollsBack ? "see \(report)" : "see \(report), and go back with promote --rollback")
  }

  /// A run that this task has rolled back stays a failure when the task is done again, as a resumed session does: and the
  /// active run's tables are made again, since the first execution may have ended before it came to that.
  private func checkWasNotRolledBack(_ open: (EngineAccess) throws -> any SQLEngine) throws {
    guard let rollback = try run.state(TaskName.promote)?.rollback, let finding = rollback.because else {
      return
    }
    var consequence = "it was rolled back to \(rollback.to)"
    if try run.lake.activeRun() == rollback.to, let problem = registerActive(open) {
      consequence += ", which register-run-schema --active has still to show (\(problem))"
    }
    throw TaskError(
      .data, "run \(run.id) is not in order, \(consequence): \(finding)",
      advice: rollback.report.map { "see \($0)" })
  }

  /// The findings in a few words: what was measured, or else what is wrong.
  private func list(_ failures: some Sequence<Finding>) -> String {
    failures.map { "\($0.check)\($0.value.isEmpty ? ": \($0.details)" : " is \($0.value)")" }
      .joined(separator: "; ")
  }

  /// Makes the tables of the run that is active now: its files may lie elsewhere, and have other columns.
  /// - Returns: why that was not possible, if it was not.
  private func registerActive(_ open: (EngineAccess) throws -> any SQLEngine) -> String? {
    do {
      let engine = try open(.writing)
      defer { engine.close() }
      try RunCatalog(engine: engine, lake: run.lake, log: context.log).registerActive(allowPartial: true)
      return nil
    } catch { return (error as? any ReportableError)?.message ?? "\(error)" }
  }
}
