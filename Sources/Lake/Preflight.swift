import Platform
import Schema
import TaskKit

/// Everything that can be known to be wrong before a run starts, found all at once; and the run's id.
public struct Preflight {
  /// What preflight was told, as text: a wrong value is one finding among others.
  public struct Parameters: Sendable {
    /// The lake's folder, which must be there. Required.
    public var lake: String?
    /// The run's id; nil to make it of month and session time.
    public var runID: String?
    /// `YYYY-MM`; nil for the run id's, or else the session time's.
    public var dumpMonth: String?
    /// Where the dumps lie, in a folder for each month; nil for the lake's own folder.
    public var rawRoot: String?
    /// The session's time, ISO 8601; nil for now.
    public var sessionTime: String?
    /// `dev` or `prod`.
    public var runMode = "dev"
    /// `core` or `all`: which datasets the run is to have.
    public var datasets = DatasetChoice.all.rawValue
    /// Whether the run may become the active one in the end.
    public var allowPromote = false
    /// Whether the dumps are yet to be downloaded.
    public var willDownload = false
    /// The free space to ask for, in bytes; nil to estimate it from the dumps.
    public var neededBytes: Int?
    /// The most memory that a task with the engine will take, in bytes; nil if the engine's is not this machine's.
    public var engineMemoryBytes: Int?
    /// What the caller found wrong, to be listed with the rest.
    public var otherProblems: [TaskError] = []
    /// What else there is to look at once the lake is known to be one that can be written to; what it throws is listed with
    /// the rest.
    public var lakeCheck: @Sendable (Lake) throws -> Void = { _ in }

    /// Nothing named yet; the lake must be.
    public init() {}
  }

  /// Something that is wrong.
  struct Problem: Sendable, Hashable {
    var exitCode: ExitCode
    var message: String
    var advice: String
  }

  /// What a run can start from.
  struct Plan: Sendable, Hashable {
    var lake: Lake
    var runID: RunID
    var runMode: RunMode
    var datasets: DatasetChoice
    /// Absolute; nil for the lake's own folder.
    var rawRoot: String?
    /// The dumps of the month's newest date, by entity; none if they are yet to be downloaded.
    var dumps: [DumpFile]
  }

  private let parameters: Parameters
  private let context: TaskContext

  /// Nothing is checked before ``perform(force:)``.
  public init(_ parameters: Parameters, _ context: TaskContext) {
    self.parameters = parameters
    self.context = context
  }

  /// Checks everything, and writes the run's first state file.
  /// - Returns: the run's id.
  /// - Throws: `TaskError` with all that is wrong; `SystemError`.
  public func perform(force: Bool = false) throws -> RunID {
    let plan = try plan()
    let run = plan.lake.run(plan.runID)
    try Files.createDirectory(run.path)
    let inputs = { try plan.dumps.map { try $0.input() } }
    // Dumps that are yet to come do not tell that they will come to another folder than before.
    let isElsewhere = try run.state(TaskName.preflight).map { $0.rawRoot != plan.rawRoot } ?? false
    // A promotion has settled what the run is for.
    let isPromoted = try run.lake.isProtected(run.id)
    let task = TaskRun(TaskName.preflight, of: run, context, force: force || isElsewhere, makes: .findings)
    try task.perform(inputs: inputs) { work in
      work.inputs = try inputs()
      let estimate = estimate(plan.lake, plan.dumps)
      let free = try Files.freeBytes(at: plan.lake.path)
      work.counters = [
        "dumps": plan.dumps.count, "free_bytes": free, "needed_bytes": estimate.bytes,
        "needed_memory_bytes": neededMemory(estimate),
      ]
      tell(estimate, free: free)
      work.runMode = plan.runMode
      work.datasets = plan.datasets
      work.rawRoot = plan.rawRoot
      work.changeManifest { manifest in
        if !isPromoted { manifest.runMode = plan.runMode.rawValue }
        manifest.datasets = plan.datasets
        manifest.dumpDate = plan.dumps.first?.date ?? manifest.dumpDate
      }
      for (dump, input) in zip(plan.dumps, work.inputs) {
        context.log.info("found \(Files.name(of: dump.path))", ["bytes": input.bytes])
      }
    }
    return plan.runID
  }

  private func tell(_ estimate: RunEstimate, free: Int) {
    let neededMemory = neededMemory(estimate)
    let dumps = estimate.dumpsToCome > 0 ? ", the dumps \(amount(estimate.dumpsToCome))" : ""
    let temporary = estimate.temporary > 0 ? ", build-xref for a time \(amount(estimate.temporary))" : ""
    context.log.info(
      "the run will take about \(amount(estimate.run)) of disk\(dumps)\(temporary), of \(amount(free)) that are free; no task will take more than \(amount(neededMemory)) of memory",
      ["needed_bytes": estimate.bytes, "needed_memory_bytes": neededMemory])
    let memory = Memory.availableMegabytes * 1_048_576
    if memory < neededMemory {
      context.log.warning(
        "this machine has \(amount(memory)) of memory, and a task may take \(amount(neededMemory)): set memory_mb"
      )
    }
  }

  /// Checks everything.
  /// - Throws: `TaskError` with all that is wrong.
  func plan() throws -> Plan {
    var problems: [Problem] = []
    problems += parameters.otherProblems.map { error in
      Problem(exitCode: error.exitCode, message: error.message, advice: error.advice ?? "change it")
    }
    let mode = RunMode(rawValue: parameters.runMode)
    if mode == nil {
      problems.append(
        Problem(
          exitCode: .usage, message: "run mode “\(parameters.runMode)” is unknown", advice: "give dev or prod"
        ))
    }
    let datasets = DatasetChoice(rawValue: parameters.datasets)
    if datasets == nil {
      problems.append(
        Problem(
          exitCode: .usage, message: "datasets “\(parameters.datasets)” are unknown",
          advice: "give core or all"))
    }
    let (runID, month) = runID(&problems)
    if let runID { context.log.concerns(run: runID.text) }
    let lake = lake(&problems)
    if let lake, let runID, let datasets { checkChoice(lake.run(runID), datasets, &problems) }
    let rawRoot = parameters.rawRoot.map(Files.absolute)
    var dumps: [DumpFile] = []
    if let month, let root = rawRoot ?? lake?.rawFolder { dumps = self.dumps(root, month, &problems) }
    if let lake {
      checkSpace(lake, dumps, &problems)
      check(lake, &problems)
    }
    guard problems.isEmpty, let lake, let runID, let mode, let datasets else { throw summary(problems) }
    return Plan(
      lake: lake, runID: runID, runMode: mode, datasets: datasets, rawRoot: rawRoot,
      dumps: parameters.willDownload ? [] : dumps)
  }

  /// One error of all findings; each was logged by itself.
  private func summary(_ problems: [Problem]) -> TaskError {
    if problems.count == 1 {
      return TaskError(problems[0].exitCode, problems[0].message, advice: problems[0].advice)
    }
    for problem in problems { context.log.error("\(problem.message); \(problem.advice)") }
    let list = problems.enumerated().map { "(\($0.offset + 1)) \($0.element.message)" }.joined(
      separator: ", ")
    return TaskError(
      problems.first?.exitCode ?? .software, "\(problems.count) things are wrong: \(list)",
      advice: "the lines above say what to do about each")
  }

  // MARK: Run id and month

  private var knownMonth: String? { parameters.dumpMonth.flatMap { Preflight.isMonth($0) ? $0 : nil } }

  /// Whether the text is a month: `2026-08`.
  public static func isMonth(_ text: String) -> Bool {
    ClockReading("\(text)-01T00:00Z") != nil && text.utf8.count == 7
  }

  /// The run's id, and the month of its dumps: the one may be known without the other.
  private func runID(_ problems: inout [Problem]) -> (id: RunID?, month: String?) {
    var session: ClockReading?
    if let text = parameters.sessionTime {
      session = ClockReading(text)
      if session == nil {
        problems.append(
          Problem(
            exitCode: .usage, message: "session time “\(text)” is no date and time",
            advice: "write it as 2026-08-01T00:00:00+00:00"))
      }
    } else {
      session = ClockReading(UTCTime.now.iso8601)
    }
    if let month = parameters.dumpMonth, knownMonth == nil {
      problems.append(
        Problem(exitCode: .usage, message: "dump month “\(month)” is no month", advice: "write it as 2026-08")
      )
    }
    // Where a month was named that is none, the session's is not what was meant.
    let month = knownMonth ?? (parameters.dumpMonth == nil ? session?.wallClock.month : nil)
    do {
      if let text = parameters.runID {
        let runID = try RunID(validating: text)
        if let month = knownMonth, month != runID.dumpMonth {
          problems.append(
            Problem(
              exitCode: .usage, message: "run \(runID) is not of the dump month \(month)",
              advice: "leave out one of the two, or make them agree"))
        }
        if parameters.sessionTime != nil, let session, session.wallClock.compact != runID.sessionStamp {
          problems.append(
            Problem(
              exitCode: .usage,
              message: "run \(runID) is not of the session time \(session.wallClock.compact)",
              advice: "unset run_id, or leave out the session time"))
        }
        return (runID, runID.dumpMonth)
      }
      guard let session, let month else { return (nil, month) }
      return (try RunID.make(dumpMonth: month, session: session), month)
    } catch {
      let refusal = error as? TaskError
      problems.append(
        Problem(
          exitCode: .usage, message: refusal?.message ?? "\(error)",
          advice: refusal?.advice ?? "give another run id"))
      return (nil, knownMonth)
    }
  }

  /// A run keeps the datasets that it was begun with: later tasks count on those that earlier ones made.
  private func checkChoice(_ run: RunFolder, _ datasets: DatasetChoice, _ problems: inout [Problem]) {
    // A state that cannot be read is made anew, or found wrong by the task itself.
    guard let state = try? run.state(TaskName.preflight) else { return }
    let known = state.datasets ?? .core
    guard known != datasets else { return }
    problems.append(
      Problem(
        exitCode: .usage,
        message: "run \(run.id) was begun with datasets \(known.rawValue), not \(datasets.rawValue)",
        advice: "give --datasets \(known.rawValue), or start a new session for a run with the others"))
  }

  // MARK: The lake

  private func lake(_ problems: inout [Problem]) -> Lake? {
    guard let path = parameters.lake else {
      problems.append(
        Problem(
          exitCode: .usage, message: "no lake is named", advice: "give --lake DIR or set DISCOGS_DATA_LAKE"))
      return nil
    }
    let lake = Lake(path: path)
    if let absence = lake.absence {
      problems.append(
        Problem(exitCode: absence.exitCode, message: absence.message, advice: absence.advice ?? "make it"))
      return nil
    }
    // Tried rather than asked: access(2) knows nothing of quotas, read-only mounts and full disks.
    for folder in [lake.path, lake.runsFolder, lake.metaFolder] {
      do {
        try Files.createDirectory(folder)
        try Preflight.tryToWrite(in: folder)
      } catch {
        // The name of what was tried would say nothing.
        let reason = (error as? SystemError)?.reason ?? "\(error)"
        let error = error as? any ReportableError
        problems.append(
          Problem(
            exitCode: error?.exitCode ?? .cannotCreate, message: "\(folder) is not writable: \(reason)",
            advice: error?.advice ?? "make it a folder that user \(Environment.userName) may write to"))
        return lake
      }
    }
    let pointer = ActivePointer(of: lake)
    if (try? pointer.target()) == .notALink {
      if parameters.allowPromote, parameters.runMode == RunMode.prod.rawValue {
        let refusal = pointer.refusal
        problems.append(
          Problem(
            exitCode: refusal.exitCode, message: refusal.message,
            advice: refusal.advice ?? "move it away yourself"))
      } else {
        context.log.warning(
          "\(lake.activeLink) is a real folder or file: promote will refuse until it is moved away")
      }
    }
    return lake
  }

  /// Writes a small file in the folder, and removes it, with those that killed processes left. Another preflight may
  /// remove it before: what is done with it does not need its name.
  private static func tryToWrite(in folder: String) throws {
    try Files.removeTemporaries(in: folder, named: "preflight.")
    let path = Files.temporaryName(beside: Files.join(folder, "preflight"))
    let probe = try OutputFile(creating: path)
    do {
      try Array("preflight\n".utf8).withUnsafeBytes { try probe.write($0) }
      try probe.sync()
      try probe.close()
    } catch {
      try? Files.remove(path)
      throw error
    }
    try Files.remove(path)
  }

  /// The most memory that a task without an engine takes, in bytes: ingest-entity with four threads, which holds a row group
  /// of each dataset.
  static func ingestMemoryBytes(_ datasets: DatasetChoice) -> Int {
    switch datasets {
    case .core: 100_000_000
    case .all: 220_000_000
    }
  }

  /// The most memory that any task of the run will take, in bytes.
  private func neededMemory(_ estimate: RunEstimate) -> Int {
    let datasets = DatasetChoice(rawValue: parameters.datasets) ?? .all
    return max(estimate.engineMemory ?? 0, Preflight.ingestMemoryBytes(datasets))
  }

  private func estimate(_ lake: Lake, _ dumps: [DumpFile]) -> RunEstimate {
    let choice = DatasetChoice(rawValue: parameters.datasets) ?? .all
    return RunEstimate(
      of: dumps, willDownload: parameters.willDownload, datasets: Dataset.all.filter(choice.includes),
      in: lake, engineMemory: parameters.engineMemoryBytes)
  }

  private func check(_ lake: Lake, _ problems: inout [Problem]) {
    do { try parameters.lakeCheck(lake) } catch {
      let reported = error as? any ReportableError
      problems.append(
        Problem(
          exitCode: reported?.exitCode ?? .software, message: reported?.message ?? "\(error)",
          advice: reported?.advice ?? "mend that"))
    }
  }

  private func checkSpace(_ lake: Lake, _ dumps: [DumpFile], _ problems: inout [Problem]) {
    let needed = parameters.neededBytes ?? estimate(lake, dumps).bytes
    guard let free = try? Files.freeBytes(at: lake.path), free < needed else { return }
    problems.append(
      Problem(
        exitCode: .io,
        message:
          "\(lake.path) has \(amount(free)) free, a run needs about \(amount(needed))",
        advice: "free some space, or say with --min-free-gb what is enough"))
  }

  // MARK: Dumps

  /// The dumps of the month's newest date.
  private func dumps(_ root: String, _ month: String, _ problems: inout [Problem]) -> [DumpFile] {
    let folder = DumpFile.folder(rawRoot: root, month: month)
    func note(_ message: String, absent them: String) {
      problems.append(
        Problem(
          exitCode: .noInput, message: message,
          advice:
            "put \(them) there, let the workflow fetch \(them) with do_download=true, or name another --raw-root"
        ))
    }
    let all: [DumpFile]
    do { all = try DumpFile.all(rawRoot: root, month: month) } catch {
      let error = error as? any ReportableError
      problems.append(
        Problem(
          exitCode: error?.exitCode ?? .io, message: error?.message ?? folder,
          advice: error?.advice ?? "make it readable"))
      return []
    }
    let newest = all.last?.stamp
    let dumps = all.filter { $0.stamp == newest }
    if parameters.willDownload { return dumps }
    guard let newest else {
      note("there are no dumps of \(month) in \(folder)", absent: "them")
      return []
    }
    for entity in Entity.allCases where !dumps.contains(where: { $0.entity == entity }) {
      note("\(DumpFile.name(entity, newest)) is missing in \(folder)", absent: "it")
    }
    for dump in dumps {
      if let flaw = flaw(dump.path) { problems.append(flaw) }
    }
    return dumps.sorted { $0.entity.rawValue < $1.entity.rawValue }
  }

  /// What is wrong with a dump at first sight; whether it is whole is for ingest-entity to see.
  private func flaw(_ path: String) -> Problem? {
    func flaw(_ exitCode: ExitCode, _ words: String, _ advice: String) -> Problem {
      Problem(exitCode: exitCode, message: "\(path) \(words)", advice: advice)
    }
    do {
      guard let kind = try Files.found(path) else {
        return flaw(.noInput, "is a link to nothing", "mend the link, or put the dump in its place")
      }
      guard kind == .file else {
        let what = kind == .directory ? "a folder" : "a pipe or a device"
        return flaw(.noInput, "is no file that could be read, but \(what)", "put the dump in its place")
      }
      let file = try InputFile(opening: path)
      var magic = [UInt8](repeating: 0, count: 2)
      let count = try magic.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
      if count == 0 { return flaw(.data, "is empty", "download it again") }
      return magic == [0x1f, 0x8b]
        ? nil
        : flaw(.data, "is no gzip file", "pack it with gzip if it is the dump's XML, else download it again")
    } catch {
      let error = error as? SystemError
      return flaw(
        error?.exitCode ?? .io, "cannot be read: \(error?.reason ?? "unknown")",
        error?.advice ?? "see to it that it can be read")
    }
  }
}
