import Lake
import Platform
import Schema
import TaskKit

/// Checks a run by its files alone, without an engine: `sanity`.
public struct RunSanity {
  private let run: RunFolder
  private let context: TaskContext
  private let maxShrink: Double
  private let readsPages: Bool

  /// - Parameters:
  ///   - maxShrink: by how many per cent a dataset may be smaller than in the previous run.
  ///   - readsPages: whether every page of every file is read and its checksum tried, and not only the footers.
  public init(_ run: RunFolder, maxShrink: Double, readsPages: Bool, _ context: TaskContext) {
    self.run = run
    self.maxShrink = maxShrink
    self.readsPages = readsPages
    self.context = context
  }

  /// Checks the run, writes the report, and, if all is well, the state file; a manifest that lacks something is
  /// completed.
  /// - Throws: `TaskError` (`data`) when a critical check is not ok.
  public func perform(force: Bool) throws {
    let facts = try RunFacts(of: run, readsPages: readsPages)
    let findings = try findings(facts)
    let failures = findings.filter(\.isFailure)
    if !facts.isOlder, facts.manifestFlaw != nil {
      try run.updateManifest(toolVersion: context.toolVersion, log: context.log) { _ in }
    }

    // A run that is at fault now is so whatever an earlier state says.
    let task = TaskRun(
      TaskName.sanity, of: run, context, force: force || !failures.isEmpty, makes: .findings)
    try task.perform(inputs: facts.inputs) { work in
      guard failures.isEmpty else { throw try failure(findings, failures, work) }
      let report = try writeReport(findings, work)
      work.inputs = try facts.inputs()
      work.counters = [
        "checks": findings.count, "warnings": findings.count { !$0.isOK && $0.severity == .warn },
        "rows": facts.contents.values.reduce(0) { $0 + ($1.rows ?? 0) },
      ]
      for finding in SanityReport.sorted(findings) where !finding.isOK { log(finding) }
      context.log.info(
        "run \(run.id) is in order: \(counted(findings.count, "check"))",
        ["report": report, "checks": findings.count])
    }
  }

  /// All that there is to say about the run, in the order in which it is looked at.
  func findings(_ facts: RunFacts) throws -> [Finding] {
    var findings = makerFindings(facts)
    findings += RunCheck.all.compactMap { check in check.verdict(facts)?.finding(check.name) }
    for dataset in Dataset.all {
      for check in DatasetCheck.all {
        guard let verdict = check.verdict(dataset, facts) else { continue }
        findings.append(verdict.finding("\(check.name):\(dataset.name)"))
      }
    }
    findings += KeyCheck.all.compactMap { $0.finding(facts) }
    findings += try IDCheck.all.compactMap { try $0.finding(facts) }
    findings += try PositionCheck.all.flatMap { try $0.findings(facts) }
    findings += try shrinkFindings(facts)
    return findings
  }

  // MARK: Tasks

  /// Whether the tasks that make a run have finished, and what they rejected and did not know.
  private func makerFindings(_ facts: RunFacts) -> [Finding] {
    if facts.isOlder {
      return [Finding("states", .info, isOK: true, details: "no state files, as in runs of older lakes")]
    }
    var findings: [Finding] = []
    for task in TaskName.makers {
      if let flaw = facts.brokenStates[task] {
        findings.append(Finding("task_succeeded:\(task)", .critical, isOK: false, details: flaw))
      } else if let state = facts.states[task] {
        findings.append(Finding("task_succeeded:\(task)", .critical, isOK: true))
        if let finding = inputFinding(state, facts) { findings.append(finding) }
        for (name, count) in state.counters.sorted(by: { $0.key < $1.key }) {
          findings.append(Finding("counter:\(task).\(name)", .info, value: String(count), isOK: true))
        }
      } else {
        findings.append(
          Finding(
            "task_succeeded:\(task)", .critical, isOK: false,
            details: "there is no state of it that says so: run \(RunFolder.command(for: task))"))
      }
    }
    return findings
  }

  /// Whether a task that read what others of the run made read what they have made by now; nil for those that read
  /// dumps.
  private func inputFinding(_ state: TaskState, _ facts: RunFacts) -> Finding? {
    if TaskName.ingests.contains(state.task) { return nil }
    let changed = state.inputs.filter { input in
      guard let task = RunFolder.task(ofStateName: input.path) else { return false }
      return (try? facts.states[task]?.asInput()) != input
    }
    let sources = changed.compactMap { RunFolder.task(ofStateName: $0.path) }.joined(separator: ", ")
    return Finding(
      "made_from_present_inputs:\(state.task)", .critical, isOK: changed.isEmpty && !state.inputs.isEmpty,
      details: changed.isEmpty
        ? (state.inputs.isEmpty ? "its state does not say what it was made from" : "")
        : "\(sources) was done again since: run \(state.task) again")
  }

  // MARK: The previous run

  private func shrinkFindings(_ facts: RunFacts) throws -> [Finding] {
    guard let previous = try Self.previousRun(of: run) else {
      return [Finding("shrink", .info, isOK: true, details: "there is no previous run to compare with")]
    }
    let before = try RunFacts(of: previous)
    let choice = try run.datasetChoice()
    return Dataset.all.filter(choice.includes).compactMap { dataset in
      guard let contents = before.contents[dataset] else { return nil }
      // A broken dataset is reported as such, not as a small one.
      if facts.contents[dataset] != nil, facts.contents[dataset]?.rows == nil { return nil }
      guard let old = contents.rows else {
        return Finding(
          "shrink:\(dataset.name)", .warn, isOK: false,
          details: "could not be compared: a file of it in run \(previous.id) is broken")
      }
      guard old > 0 else { return nil }
      let new = facts.contents[dataset]?.rows ?? 0
      let percent = (Double(old) - Double(new)) / Double(old) * 100
      let isOK = percent <= maxShrink
      // What the details hold changes with the dumps' format: images were gone from one month to the next.
      return Finding(
        "shrink:\(dataset.name)", dataset.isDetail ? .warn : .critical, value: rounded(percent), isOK: isOK,
        details: "\(counted(new, "row")), \(old) in run \(previous.id)"
          + (isOK ? "" : ": more than \(maxShrink.optionText) % less"))
    }
  }

  /// The run to compare with: the newest before this one that sanity passed or that is of an older lake; if there is
  /// none, the newest that has all required datasets. So a run that failed is not what its successor is measured by.
  /// - Throws: `SystemError`.
  public static func previousRun(of run: RunFolder) throws -> RunFolder? {
    let earlier = try run.lake.runs().ids.filter { $0 < run.id }.reversed().map(run.lake.run)
    let complete = earlier.filter { run in Dataset.required.allSatisfy { run.dataset($0) != nil } }
    return try complete.first { run in
      let isKnownGood = (try? run.state(TaskName.sanity))?.status == .succeeded
      return try isKnownGood || run.isOlder()
    } ?? complete.first
  }

  /// A percentage with one digit after the point.
  private func rounded(_ percent: Double) -> String {
    // Footers can claim any number of rows.
    let tenths = Int(max(-1e15, min(1e15, (percent * 10).rounded())))
    return "\(tenths < 0 ? "-" : "")\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
  }

  // MARK: Report

  private func writeReport(_ findings: [Finding], _ work: TaskWork) throws -> String {
    try work.report("run_sanity", Array(SanityReport.csv(findings).utf8))
  }

  private func failure(_ findings: [Finding], _ failures: [Finding], _ work: TaskWork) throws -> TaskError {
    // What an earlier success said is not true any more, whether or not there is room for a report.
    if try Files.found(run.stateFile(TaskName.sanity)) != nil {
      try Files.remove(run.stateFile(TaskName.sanity))
      try Files.syncDirectory(run.stateFolder)
    }
    let report = try writeReport(findings, work)
    for finding in failures { log(finding) }
    let names = failures.prefix(3).map(\.check).joined(separator: ", ") + (failures.count > 3 ? ", …" : "")
    return TaskError(
      .data, "run \(run.id) failed \(counted(failures.count, "check")): \(names)",
      advice: "see \(report); nothing is promoted until sanity succeeds")
  }

  private func log(_ finding: Finding) {
    let message = "\(finding.check): \(finding.details)"
    switch finding.severity {
    case .critical: context.log.error(message)
    case .warn: context.log.warning(message)
    case .info: context.log.info(message)
    }
  }
}
