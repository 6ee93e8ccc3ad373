import HTTP
import Lake
import Platform
import Schema
import TaskKit

/// What `download` does with its options.
public struct DownloadTask {
  private let options: DownloadOptions
  private let context: TaskContext

  /// - Parameter options: as read from the command line, and validated.
  public init(_ options: DownloadOptions, _ context: TaskContext) {
    self.options = options
    self.context = context
  }

  /// Brings the month's dumps, or shows what would be brought.
  ///
  /// With a run id and a lake it is a task of that run: the run's state file says what was downloaded, and
  /// while the files are as it says, no request is made again. Otherwise the state lies beside the dumps, and
  /// each execution asks the site whether they are still the published ones.
  ///
  /// - Throws: `TaskError`, `SystemError`.
  public func perform() throws {
    let order = try options.order()
    if order.site.isOpenToTampering {
      context.log.warning(
        "plain HTTP: whoever is on the way can change dumps and digests alike", ["base": order.site.shownBase]
      )
    }
    let http = try options.client(toolVersion: context.toolVersion)
    let download = MonthDownload(order, http: http, log: context.log, progressStyle: context.progressStyle)
    if options.isDryRun {
      for step in try download.plan() { context.print("\(step.action.rawValue)\t\(step.url)\t\(step.path)") }
    } else if let run = try options.run() {
      try run.warnOfAbsence(context.log)
      let task = TaskRun(TaskName.download, of: run, context, force: options.force, makes: .findings)
      func bring(_ work: TaskWork) throws {
        let outcome = try download.run()
        work.inputs = outcome.inputs
        work.counters = outcome.counters
        report(outcome, order)
      }
      try task.perform(inputs: { try present(order) }, bring)
    } else {
      let started = UTCTime.now
      let outcome = try download.run()
      try remember(outcome, order, since: started)
      report(outcome, order)
    }
  }

  /// The ordered dumps that are in the folder, those of one date as they were fetched; none if one of them is missing, as
  /// then the work is not done whatever the state says.
  private func present(_ order: MonthDownload.Order) throws -> [TaskState.Input] {
    let dumps = try DumpFile.all(rawRoot: order.rawRoot, month: order.month)
    let found = try DumpFile.newestSet(of: order.entities, in: dumps).map { try $0.input() }
    return found.count == order.entities.count ? found : []
  }

  private func report(_ outcome: MonthDownload.Outcome, _ order: MonthDownload.Order) {
    var fields: Log.Fields = ["folder": order.folder]
    for (name, count) in outcome.counters { fields[name] = count }
    context.log.info("the dumps of \(order.month) are complete and verified", fields)
  }

  /// The state of a download that belongs to no run: `<raw_root>/<YYYY-MM>/_state/download.json`.
  private func remember(
    _ outcome: MonthDownload.Outcome, _ order: MonthDownload.Order, since started: UTCTime
  ) throws {
    let state = MonthState(
      dumpMonth: order.month, dumpDate: outcome.date, startedAt: started, inputs: outcome.inputs,
      counters: outcome.counters, toolVersion: context.toolVersion)
    let file = Files.join(order.folder, RunFolder.stateName(TaskName.download))
    try Files.createDirectory(Files.parent(of: file))
    try Files.writeAtomically(jsonBytes(state), to: file)
  }
}

/// A `TaskState` without a run.
private struct MonthState: Encodable {
  var dumpMonth: String
  var dumpDate: String
  var startedAt: UTCTime
  var finishedAt = UTCTime.now
  var inputs: [TaskState.Input]
  var counters: [String: Int]
  var toolVersion: String

  /// What it has instead of a run id.
  private enum OwnKeys: String, CodingKey {
    case dumpMonth = "dump_month"
    case dumpDate = "dump_date"
  }

  func encode(to encoder: any Encoder) throws {
    var own = encoder.container(keyedBy: OwnKeys.self)
    try own.encode(dumpMonth, forKey: .dumpMonth)
    try own.encode(dumpDate, forKey: .dumpDate)
    var common = encoder.container(keyedBy: TaskState.CodingKeys.self)
    try common.encode(TaskName.download, forKey: .task)
    try common.encode(TaskState.Status.succeeded, forKey: .status)
    try common.encode(startedAt, forKey: .startedAt)
    try common.encode(finishedAt, forKey: .finishedAt)
    try common.encode(inputs, forKey: .inputs)
    try common.encode(counters, forKey: .counters)
    try common.encode(toolVersion, forKey: .toolVersion)
  }
}

extension MonthDownload.Outcome {
  /// The dumps as a state file has them.
  var inputs: [TaskState.Input] {
    dumps.map { TaskState.Input(path: $0.path, bytes: $0.bytes, sha256: $0.sha256) }
  }
}
