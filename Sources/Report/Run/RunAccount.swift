import FoundationEssentials
import Lake
import Parquet
import Platform
import Sanity
import Schema
import TaskKit

/// All that a run's folder tells about the run, as its report shows it: states, manifest, rejects, reports, pointers.
///
/// What cannot be read is told among the flaws and left out: a report of a run that went wrong is when one is wanted most.
struct RunAccount {
  /// A dump that the run was made from.
  struct Source {
    let entity: Entity
    let file: String
    /// `2026-08-01`
    let date: String?
    let bytes: Int
    /// Nil until the dump was read.
    let sha256: String?
  }

  /// A dataset's size, here and in the previous run.
  struct Size {
    let dataset: Dataset
    let contents: Contents?
    let previous: Contents?
    /// Whether the run is to have it: one made with `core` has no details.
    let isExpected: Bool

    /// Rows more than in the previous run; nil where one has none to compare.
    var change: Int? {
      guard let rows = contents?.rows, let before = previous?.rows else { return nil }
      return rows - before
    }

    /// Bytes more than in the previous run; nil where one has none to compare.
    var changeOfBytes: Int? {
      guard let bytes = contents?.bytes, let before = previous?.bytes else { return nil }
      return bytes - before
    }
  }

  /// What a dataset comes to.
  struct Contents {
    let files: Int
    /// Nil when a file is broken.
    let rows: Int?
    let bytes: Int
  }

  /// What was left out of a dump.
  struct Rejects {
    /// A kind of reason and the places that it was found for.
    struct Reason {
      let text: String
      var count = 0
      var places: [Place] = []
    }
    /// A part of the unpacked dump.
    struct Place {
      let offset: Int
      let length: Int
      let excerpt: String
    }

    let entity: Entity
    /// Those with most places first.
    let reasons: [Reason]
    var count: Int { reasons.reduce(0) { $0 + $1.count } }
  }

  /// An element or attribute of a dump that nobody knows.
  struct Drift {
    let entity: Entity
    let path: String
    /// How often.
    let count: Int
    /// How often in the previous run; nil where it does not tell.
    let previous: Int?

    /// Whether it is new, gone, or neither.
    var isNew: Bool { previous == 0 }
    var isGone: Bool { count == 0 }
  }

  /// A sanity report.
  struct Check {
    /// The file's name.
    let report: String
    let findings: [Finding]
    var failures: [Finding] { findings.filter(\.isFailure) }
    /// Worth a look, although the data may be used.
    var warnings: [Finding] { findings.filter { !$0.isOK && $0.severity == .warn } }
  }

  let run: RunFolder
  /// By task.
  let states: [String: TaskState]
  let manifest: Manifest?
  /// Whether the run is one of an older lake, without states.
  let isOlder: Bool
  /// The datasets that every run must have and this one has not.
  let missingRequired: [Dataset]
  let sources: [Source]
  /// In the order in which datasets are documented; those that neither run has, nor this one should, are left out.
  let sizes: [Size]
  /// Which datasets the run is to have.
  let choice: DatasetChoice
  /// The datasets that are not as the run's tasks made them.
  let damages: [DatasetDamage]
  /// The dumps that were read to their end.
  let entitiesRead: [Entity]
  /// Why tasks failed last, by task.
  let failures: [String: TaskFailure]
  let rejects: [Rejects]
  /// What the tasks say that they rejected, by entity.
  let rejectCounts: [Entity: Int]
  let drift: [Drift]
  /// Unknown elements and attributes under paths that were not counted apart, because there are so many.
  let otherDrift: Int
  /// The newest report from before promotion, by files.
  let before: Check?
  /// The newest report from after promotion, by tables.
  let after: Check?
  /// The run that this one is compared with.
  let previous: RunFolder?
  /// Where `active` points.
  let active: ActivePointer.Target
  /// Where a rollback leads, if there is such a run.
  let rollbackTarget: RunID?
  /// What could not be read, and why.
  let flaws: [String]

  /// Looks at the run.
  /// - Throws: `SystemError` when its folder cannot be listed.
  init(of run: RunFolder) throws {
    self.run = run
    var flaws: [String] = []
    func reading<Value>(_ body: () throws -> Value?) -> Value? {
      do { return try body() } catch let error as any ReportableError {
        flaws.append(error.message)
      } catch { flaws.append("\(error)") }
      return nil
    }

    var states: [String: TaskState] = [:]
    for task in try run.finishedTasks() { states[task] = reading { try run.state(task) } }
    self.states = states
    let manifest = reading { try run.manifest() }
    self.manifest = manifest
    isOlder = try run.isOlder()
    missingRequired = reading { try run.missingRequired() } ?? []
    sources = Self.sources(manifest, states)

    let previous = reading { try Self.previous(of: run) }
    self.previous = previous
    let before = previous.flatMap { run in reading { try run.manifest() } }
    let choice = reading { try run.datasetChoice() } ?? .all
    self.choice = choice
    let damages = reading { try run.damages() } ?? []
    self.damages = damages
    let gone = Set(damages.filter(\.isGone).map(\.dataset))
    let required = isOlder ? Dataset.required : Dataset.all.filter(choice.includes)
    sizes = Dataset.all.compactMap { dataset in
      let contents =
        gone.contains(dataset) ? nil : reading { try Self.contents(of: dataset, in: run, manifest) }
      let earlier = previous.flatMap { run in reading { try Self.contents(of: dataset, in: run, before) } }
      let isExpected = required.contains(dataset)
      guard contents != nil || earlier != nil || isExpected else { return nil }
      return Size(dataset: dataset, contents: contents, previous: earlier, isExpected: isExpected)
    }
    var failures: [String: TaskFailure] = [:]
    for task in TaskName.makers {
      failures[task] = reading { try run.failure(task) }
    }
    self.failures = failures
    entitiesRead = Entity.allCases.filter { states[TaskName.ingest($0)]?.status == .succeeded }

    rejects = Entity.allCases.compactMap { entity in reading { try Self.rejects(of: entity, in: run) } }
    rejectCounts = Dictionary(
      uniqueKeysWithValues: Entity.allCases.compactMap { entity in
        states[TaskName.ingest(entity)]?.counters["records_rejected"].map { (entity, $0) }
      })
    drift = Entity.allCases.flatMap { entity -> [Drift] in
      // What was not read to its end has not lost anything yet.
      guard states[TaskName.ingest(entity)] != nil else { return [] }
      let earlier = previous.flatMap { run in reading { try run.state(TaskName.ingest(entity)) } }
      return Self.drift(of: entity, states[TaskName.ingest(entity)], earlier)
    }
    otherDrift = TaskName.ingests.reduce(0) { $0 + (states[$1]?.counters["unknown_under_other_paths"] ?? 0) }
    self.before = reading { try Self.newestCheck(of: run, suffix: "run_sanity") }
    after = reading { try Self.newestCheck(of: run, suffix: "_sanity_active") }

    let pointer = ActivePointer(of: run.lake)
    active = try pointer.target()
    rollbackTarget = try? pointer.previousRun()
    self.flaws = flaws
  }

  /// Whether `active` points to the run.
  var isActive: Bool { active == .run(run.id) }

  /// Whether `active` points to a run that is not there.
  var activeIsGone: Bool {
    guard case .run(let id) = active else { return false }
    return (try? Files.found(run.lake.run(id).path)) != .directory
  }

  /// The tasks that make the run and have not, in their order.
  var unfinishedMakers: [String] { TaskName.makers.filter { states[$0]?.status != .succeeded } }

  /// The state of a task that succeeded.
  func succeeded(_ task: String) -> TaskState? { states[task].flatMap { $0.status == .succeeded ? $0 : nil } }

  /// The day of the dumps, or their month where no more is known.
  var dumpDate: String { manifest?.dumpDate ?? sources.compactMap(\.date).max() ?? run.id.dumpMonth }

  /// The size of a dataset.
  func size(of dataset: Dataset) -> Size? { sizes.first { $0.dataset == dataset } }

  // MARK: Reading

  /// The run to compare with, which is the one that sanity compares with.
  static func previous(of run: RunFolder) throws -> RunFolder? { try RunSanity.previousRun(of: run) }

  private static func sources(_ manifest: Manifest?, _ states: [String: TaskState]) -> [Source] {
    Entity.allCases.compactMap { entity in
      if let dump = manifest?.dumps.first(where: { $0.entity == entity }) {
        return Source(
          entity: entity, file: dump.file, date: DumpFile.date(ofName: dump.file, entity), bytes: dump.bytes,
          sha256: dump.sha256)
      }
      // A dump that was not read to its end is known from those who have seen it.
      for task in [TaskName.ingest(entity), TaskName.download, TaskName.preflight] {
        for input in states[task]?.inputs ?? [] {
          let file = Files.name(of: input.path)
          guard let date = DumpFile.date(ofName: file, entity) else { continue }
          return Source(entity: entity, file: file, date: date, bytes: input.bytes, sha256: input.sha256)
        }
      }
      return nil
    }
  }

  /// As the manifest has it, or else as the files do.
  private static func contents(of dataset: Dataset, in run: RunFolder, _ manifest: Manifest?) throws
    -> Contents?
  {
    if let entry = manifest?.contents.first(where: { $0.dataset == dataset.name }) {
      return Contents(files: entry.files, rows: entry.rows, bytes: entry.bytes)
    }
    guard run.dataset(dataset) != nil else { return nil }
    let files = try run.parquetFiles(of: dataset)
    let rows = files.map { try? ParquetFooter(path: $0).rowCount }
    return Contents(
      files: files.count, rows: rows.contains(nil) ? nil : rows.reduce(0) { $0 + ($1 ?? 0) },
      bytes: try files.reduce(0) { try $0 + Files.size($1) })
  }

  /// A line of a file of rejects.
  private struct RejectLine: Decodable {
    let offset: Int
    let length: Int
    let reason: String
    let excerpt: String
  }

  private static func rejects(of entity: Entity, in run: RunFolder) throws -> Rejects? {
    let path = run.rejectsFile(entity)
    guard try Files.found(path) != nil else { return nil }
    let decoder = JSONDecoder()
    var reasons: [String: Rejects.Reason] = [:]
    for line in try Files.read(path).split(separator: UInt8(ascii: "\n")) {
      guard let reject = try? decoder.decode(RejectLine.self, from: Data(line)) else {
        throw TaskError(.data, "\(path) has a line that is no reject")
      }
      let kind = RejectKind.of(reject.reason)
      var reason = reasons[kind] ?? Rejects.Reason(text: kind)
      reason.count += 1
      if reason.places.count < 3 {
        reason.places.append(
          Rejects.Place(offset: reject.offset, length: reject.length, excerpt: reject.excerpt))
      }
      reasons[kind] = reason
    }
    let sorted = reasons.values.sorted {
      ($1.count, $0.places.first?.offset ?? 0) < ($0.count, $1.places.first?.offset ?? 0)
    }
    return Rejects(entity: entity, reasons: sorted)
  }

  private static func drift(of entity: Entity, _ state: TaskState?, _ previous: TaskState?) -> [Drift] {
    func counts(_ state: TaskState?) -> [String: Int] {
      var counts: [String: Int] = [:]
      for (name, count) in state?.counters ?? [:] where name.hasPrefix("unknown:") {
        counts[String(name.dropFirst("unknown:".count))] = count
      }
      return counts
    }
    let (now, then) = (counts(state), counts(previous))
    return Set(now.keys).union(then.keys).sorted().map {
      Drift(
        entity: entity, path: $0, count: now[$0] ?? 0, previous: previous == nil ? nil : then[$0] ?? 0)
    }
  }

  /// The newest of the reports whose names end so before their time.
  private static func newestCheck(of run: RunFolder, suffix: String) throws -> Check? {
    guard try Files.found(run.reportsFolder) != nil else { return nil }
    let reports = try Files.list(run.reportsFolder).filter {
      !$0.hasPrefix(".") && $0.hasSuffix(".csv")
        && $0.dropLast("_20260801_000000.csv".count).hasSuffix(suffix)
    }
    guard let newest = reports.max(by: { $0.suffix(19) < $1.suffix(19) }) else { return nil }
    return Check(
      report: newest,
      findings: SanityReport.sorted(try SanityReport.read(Files.join(run.reportsFolder, newest))))
  }
}
