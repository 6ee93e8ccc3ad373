import Dump
import Lake
import Parquet
import Platform
import Rows
import Schema
import TaskKit

/// Reads one dump into the datasets of its entity: the work of `ingest-entity`.
public struct Ingest {
  /// What the dump is a dump of.
  public var entity: Entity
  /// How many threads share the work; the result does not depend on it.
  public var threads: Int
  /// With more rejected records than this the dump counts as damaged.
  public var maxRejects: Int
  /// How the Parquet files are written.
  public var options: WriterOptions
  /// How many bytes of the unpacked dump are parsed in one piece. Row groups end with a chunk, so the files depend on
  /// it; tests make it small.
  var chunkSize = 1 << 20
  var rowGroupLimits = DatasetWriter.RowGroupLimits()
  /// How many unusual ids are kept in memory; tests make it small.
  var seenIDLimit = SeenIDs.defaultLimit

  /// - Parameters:
  ///   - threads: by default as many as this process may use processors.
  ///   - maxRejects: the most records that may be rejected.
  public init(
    _ entity: Entity, threads: Int = SystemThread.processorCount, maxRejects: Int = 1000,
    options: WriterOptions = WriterOptions()
  ) {
    self.entity = entity
    self.threads = threads
    self.maxRejects = maxRejects
    self.options = options
  }

  /// Makes the entity's datasets in the run, unless they are made.
  ///
  /// - Throws: `TaskError`: `data` if the dump is damaged, ends early, is another entity's, or has more rejects than
  ///   allowed (the rejects stay to be read); `SystemError`.
  public func run(_ dump: DumpFile, into run: RunFolder, force: Bool, _ context: TaskContext) throws {
    let plan = try RowPlan(entity, run.datasetChoice())
    let frame = TaskRun(
      TaskName.ingest(entity), of: run, context, force: force,
      makes: .datasets(plan.datasets, files: [RunFolder.rejectsName(entity)]))
    try frame.perform(
      inputs: { [try dump.input(knownFrom: run.state(TaskName.ingest(entity)))] },
      { work in
        do {
          try read(dump, plan, work, context)
        } catch let error as DumpError {
          throw TaskError(.data, "\(dump.path): \(error)", advice: error.advice)
        }
      })
  }

  private func read(_ dump: DumpFile, _ plan: RowPlan, _ work: TaskWork, _ context: TaskContext) throws {
    try compare(dump, with: work.run, context.log)
    let identity = try RememberedHash.Identity(of: dump.path)
    let reader = try ChunkReader(path: dump.path, vocabulary: plan.vocabulary, chunkSize: chunkSize)
    let rejectsName = RunFolder.rejectsName(entity)
    let rejects = RejectsFile(path: work.staged.file(rejectsName))
    let datasets = try plan.datasets.enumerated().map { index, dataset in
      try DatasetWriter(
        dataset, index: index,
        path: Files.join(work.staged.folder(for: dataset), work.run.partName(0)),
        metadata: [
          ("run_id", work.run.id.text), ("dataset", dataset.name),
          ("dump_file", DumpFile.name(entity, dump.stamp)),
        ], options: options, limits: rowGroupLimits)
    }
    let progress = context.progress(entity.rawValue, totalBytes: reader.fileSize)
    defer { progress.abandon() }

    var rejectCount = 0
    let pipeline = IngestPipeline(
      reader: reader, plan: plan, datasets: datasets, threadCount: threads,
      seenIDs: SeenIDs(spillingTo: work.staged.folder, limit: seenIDLimit), maxRejects: maxRejects
    ) { parsed, chunk in
      let isTooMany = parsed.rejects.count > maxRejects - rejectCount
      try rejects.append(
        isTooMany ? parsed.rejects.prefix(maxRejects - rejectCount + 1) : parsed.rejects[...])
      rejectCount += parsed.rejects.count
      if isTooMany {
        try rejects.close()
        let published = try work.staged.publish(rejectsName)
        throw TaskError(
          .data, "\(dump.path): more than \(counted(maxRejects, "record was", "records were")) rejected",
          advice: "read \(published); if the dump is sound, raise --max-rejects")
      }
      progress.advance(records: parsed.recordCount)
      progress.set(bytes: chunk.compressedEnd)
    }
    let findings = try pipeline.run()
    try rejects.close()

    let hash = reader.finishHash()
    if let published = try dump.publishedHash(log: context.log), published.hex != hash {
      throw TaskError(
        .data,
        "\(dump.path) is not what was published: its SHA-256 is \(hash), and \(published.list) says \(published.hex)",
        advice: "download it again")
    }
    var input = TaskState.Input(path: dump.path, bytes: reader.compressedCount, sha256: hash)
    // What took its place while it was read must not be taken for it.
    if (try? RememberedHash.Identity(of: dump.path)) == identity {
      (input.modified, input.fileNumber) = (identity.modified, identity.number)
      RememberedHash.remember(dump.path, hash, bytes: reader.compressedCount, since: identity)
    }
    work.inputs = [input]
    work.textEncoding = options.textEncoding.rawValue
    work.outputs = try datasets.map { try $0.finish(adding: [("dump_sha256", hash)]) }
    work.counters = [
      "records_read": findings.recordCount, "records_rejected": findings.rejectCount,
      "unreadable_numbers": findings.unreadableNumbers,
      "unknown_elements_and_attributes": findings.drift.total,
    ]
    if findings.drift.otherCount > 0 {
      work.counters["unknown_under_other_paths"] = findings.drift.otherCount
    }
    for (path, count) in findings.drift.counts { work.counters["unknown:\(path)"] = count }
    work.changeManifest { manifest in
      manifest.dumpDate = dump.date
      manifest.record(
        Manifest.Dump(
          entity: entity, file: DumpFile.name(entity, dump.stamp), bytes: reader.compressedCount, sha256: hash
        ))
    }
    // Not before nothing is left to be found wrong with the dump.
    progress.finish()
    report(findings, work, context.log)
  }

  /// Warns where the dump is not the file any more that an earlier task has chosen for the run.
  private func compare(_ dump: DumpFile, with run: RunFolder, _ log: Log) throws {
    guard let chosen = try dump.chosenInput(of: run), let now = try? dump.input() else { return }
    var differences: [String] = []
    if chosen.bytes != now.bytes {
      differences.append("it had \(counted(chosen.bytes, "byte")) and has \(now.bytes)")
    }
    // A copy has a time and a number of its own.
    if chosen.path == now.path {
      if let modified = chosen.modified, modified != now.modified {
        differences.append("it was written since")
      }
      if let number = chosen.fileNumber, number != now.fileNumber {
        differences.append("another file took its place")
      }
    }
    guard !differences.isEmpty else { return }
    log.warning(
      "\(dump.path) is not what preflight saw: \(differences.joined(separator: ", ")); it is read as it is now",
      ["entity": entity.rawValue])
  }

  private func report(_ findings: IngestPipeline.Findings, _ work: TaskWork, _ log: Log) {
    for output in work.outputs {
      log.info("\(output.dataset) is made", ["rows": output.rows, "bytes": output.bytes])
    }
    if findings.rejectCount > 0 {
      let records = counted(findings.rejectCount, "record was", "records were")
      log.warning(
        "\(records) rejected: see \(work.run.rejectsFile(entity))", ["rejected": findings.rejectCount])
    }
    report(findings.drift, log)
  }

  private func report(_ drift: Drift, _ log: Log) {
    if drift.isEmpty { return }
    log.warning("the dump has elements or attributes that are not known, which were left out")
    func times(_ count: Int) -> String { count == 1 ? "once" : "\(count) times" }
    let byCount = drift.counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    for (path, count) in byCount.prefix(Ingest.driftLines) {
      log.warning("unknown: \(path), \(times(count))")
    }
    let rest = byCount.dropFirst(Ingest.driftLines)
    if !rest.isEmpty {
      log.warning(
        "unknown: \(rest.count) more \(rest.count == 1 ? "path" : "paths"), which the task's state file names"
      )
    }
    if drift.otherCount > 0 {
      log.warning("unknown under still other paths, which are not kept: \(times(drift.otherCount))")
    }
  }

  /// How many of the unknown paths the log names, the most frequent ones first.
  private static let driftLines = 40
}
