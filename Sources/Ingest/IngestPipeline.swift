import Dump
import Parquet
import Platform
import Rows
import Schema

/// Turns a dump into the rows of its datasets, on any number of threads, with the same bytes as a result.
///
/// The work is cut into steps, and every thread takes whichever step is ready:
///
///     read      unpack the next chunk                 one thread at a time, in order
///     parse     a chunk's records into rows           any chunk, on any thread
///     commit    put a parsed chunk in its place       one thread at a time, in order
///     encode    a batch into a column's pages         any column, in the order of batches within it
///     write     a row group that is whole             one at a time for each dataset, in order
///
/// A chunk is parsed in the belief that it begins between two records. Where that proves wrong (a chunk that ended
/// within a CDATA section, say), commit joins what was left of the chunk before with it and parses it again. It also
/// does so where a record has an id that came before, and leaves that record out.
final class IngestPipeline: @unchecked Sendable {
  /// What was found in the whole dump.
  struct Findings {
    var recordCount = 0
    var rejectCount = 0
    var unreadableNumbers = 0
    var drift = Drift()
  }

  private let reader: ChunkReader
  private let entity: Entity
  private let vocabulary: Vocabulary
  private let datasets: [DatasetWriter]
  private let threadCount: Int
  /// Unpacking is a chain that one thread at a time works on, a third of all work; more threads than these would find
  /// nothing to do, and only take memory.
  static let usefulThreads = 4
  /// Chunks that may be between reading and encoding at once; bounds memory.
  private let maximumInFlight: Int
  /// Used by the thread that commits.
  private let seenIDs: SeenIDs
  private let onCommit: (ParsedChunk, Chunk) throws -> Void

  /// What the threads share; only touched under its lock.
  private struct State {
    var isReading = false
    var isReadDone = false
    var nextToRead = 0
    var unparsed: [(number: Int, chunk: Chunk)] = []
    var parsed: [Int: ParsedChunk] = [:]
    var isCommitting = false
    var nextToCommit = 0
    var isCommitDone = false
    var inFlight = 0
    var position = DocumentPosition.beforeRoot
    /// Where chunks are believed to begin.
    var positionBetween = DocumentPosition.betweenRecords
    var documentType: [UInt8] = []
    /// The chunk before, if a record at its end goes on, and where in it that record begins.
    var carry: (chunk: Chunk, consumed: Int)?
    var idleRows: [ParsedChunk] = []
    var findings = Findings()
    var lastLane = 0
    var failure: (any Error)?
  }
  private let state = Monitor(State())
  private let lanes: [(dataset: DatasetWriter, lane: DatasetWriter.Lane)]

  /// - Parameters:
  ///   - seenIDs: the ids of the records so far; none yet.
  ///   - onCommit: sees each chunk when it takes its place, in order; what it throws ends the pipeline.
  init(
    reader: ChunkReader, entity: Entity, vocabulary: Vocabulary, datasets: [DatasetWriter], threadCount: Int,
    seenIDs: SeenIDs, onCommit: @escaping (ParsedChunk, Chunk) throws -> Void
  ) {
    self.reader = reader
    self.entity = entity
    self.vocabulary = vocabulary
    self.datasets = datasets
    self.threadCount = min(max(1, threadCount), IngestPipeline.usefulThreads)
    self.seenIDs = seenIDs
    self.onCommit = onCommit
    maximumInFlight = self.threadCount + 3
    lanes = datasets.flatMap { dataset in dataset.lanes.map { (dataset, $0) } }
  }

  /// Reads the dump to its end.
  /// - Throws: the first error of any step.
  func run() throws -> Findings {
    // With fewer threads than asked for it only takes longer.
    let helpers = (1..<threadCount).compactMap { number in
      try? SystemThread("ingest-\(number)") { [self] in work() }
    }
    work()
    for helper in helpers { helper.join() }
    return try state.update { state in
      if let failure = state.failure { throw failure }
      return state.findings
    }
  }

  // MARK: Steps

  private enum Step: @unchecked Sendable {
    case read
    case parse(Int, Chunk, ParsedChunk, DocumentPosition, [UInt8])
    case commit(ParsedChunk)
    case encode(DatasetWriter, DatasetWriter.Lane, [DatasetWriter.Step])
    case write(DatasetWriter, [ColumnChunk])
    case stop
  }

  private func work() {
    let documentReader = DocumentReader(vocabulary)
    while true {
      do {
        switch state.wait(until: { nextStep(&$0) }) {
        case .read: try read()
        case .parse(let number, let chunk, let parsed, let position, let documentType):
          documentReader.documentType = documentType
          parsed.parse(chunk, from: position, with: documentReader)
          let found = documentReader.documentType
          state.update { state in
            if position == .beforeRoot { state.documentType = found }
            state.parsed[number] = parsed
          }
        case .commit(let parsed): try commit(parsed, documentReader)
        case .encode(let dataset, let lane, let steps): try encode(dataset, lane, steps)
        case .write(let dataset, let group):
          try dataset.write(group)
          state.update { _ in dataset.didWriteGroup() }
        case .stop: return
        }
      } catch {
        state.update { state in state.failure = state.failure ?? error }
      }
    }
  }

  /// What a thread does next; nil while there is nothing to do but wait.
  private func nextStep(_ state: inout State) -> Step? {
    if state.failure != nil { return .stop }
    // The chain of reads is the longest, so it must not starve; but what is in memory goes out first.
    let mayRead = !state.isReading && !state.isReadDone && state.inFlight < maximumInFlight
    if mayRead, state.unparsed.isEmpty {
      state.isReading = true
      state.inFlight += 1
      return .read
    }
    if !state.isCommitting, let parsed = state.parsed.removeValue(forKey: state.nextToCommit) {
      state.isCommitting = true
      return .commit(parsed)
    }
    for dataset in datasets {
      if let group = dataset.takeWholeGroup() { return .write(dataset, group) }
    }
    if let step = nextLane(&state) { return step }
    // Until the first chunk is committed, nobody knows whether the document has come to its records.
    if let next = state.unparsed.first, next.number == 0 || state.nextToCommit > 0 {
      state.unparsed.removeFirst()
      let parsed = state.idleRows.popLast() ?? ParsedChunk(EntityRows.of(entity))
      let position = next.number == 0 ? .beforeRoot : state.positionBetween
      return .parse(next.number, next.chunk, parsed, position, state.documentType)
    }
    if mayRead {
      state.isReading = true
      state.inFlight += 1
      return .read
    }
    return state.isCommitDone && datasets.allSatisfy(\.isIdle) ? .stop : nil
  }

  private func nextLane(_ state: inout State) -> Step? {
    for offset in 1...lanes.count {
      let index = (state.lastLane + offset) % lanes.count
      let (dataset, lane) = lanes[index]
      if lane.isBusy || lane.steps.isEmpty { continue }
      state.lastLane = index
      lane.isBusy = true
      let steps = lane.steps
      lane.steps.removeAll(keepingCapacity: true)
      return .encode(dataset, lane, steps)
    }
    return nil
  }

  private func read() throws {
    let chunk = try reader.next()
    state.update { state in
      state.isReading = false
      guard let chunk else {
        state.isReadDone = true
        state.inFlight -= 1
        return
      }
      state.unparsed.append((state.nextToRead, chunk))
      state.nextToRead += 1
      if chunk.isLast { state.isReadDone = true }
    }
  }

  private func commit(_ parsed: ParsedChunk, _ documentReader: DocumentReader) throws {
    let (position, carry, documentType) = state.update { state in
      defer { state.carry = nil }
      return (state.position, state.carry, state.documentType)
    }
    var chunk = parsed.chunk!
    if carry != nil || parsed.before != position {
      if let carry { chunk = Chunk.joining(carry.chunk, from: carry.consumed, chunk) }
      documentReader.documentType = documentType
      parsed.parse(chunk, from: position, with: documentReader)
    }
    // A record whose id came before has no rows; that it came is only known now.
    if let taken = try seenIDs.repeated(in: parsed.rows.ids) {
      documentReader.documentType = documentType
      parsed.parse(chunk, from: position, with: documentReader, refusing: taken)
    }
    try seenIDs.insert(parsed.rows.ids)
    let consumed = try parsed.consumed.get()
    let foundType = documentReader.documentType
    try onCommit(parsed, chunk)
    parsed.chunk = nil

    state.update { state in
      if position == .beforeRoot, carry != nil { state.documentType = foundType }
      state.position = parsed.after
      if parsed.after == .betweenBareRecords { state.positionBetween = .betweenBareRecords }
      if consumed < chunk.count { state.carry = (chunk, consumed) }
      state.findings.recordCount += parsed.recordCount
      state.findings.rejectCount += parsed.rejects.count
      state.findings.unreadableNumbers += parsed.rows.unreadableNumbers
      state.findings.drift.merge(parsed.drift)
      parsed.pendingLanes = datasets.reduce(0) { $0 + $1.enqueue(parsed) }
      if parsed.pendingLanes == 0 { release(parsed, &state) }
      state.nextToCommit += 1
      state.isCommitting = false
      if chunk.isLast {
        state.isCommitDone = true
        for dataset in datasets { dataset.endGroup() }
      }
    }
  }

  private func encode(_ dataset: DatasetWriter, _ lane: DatasetWriter.Lane, _ steps: [DatasetWriter.Step])
    throws
  {
    var sealed: [(Int, ColumnChunk)] = []
    for step in steps {
      switch step {
      case .append(let parsed):
        try lane.encoder.append(parsed.rows.batches[dataset.index].columns[lane.column])
      case .seal(let group): sealed.append((group, try lane.encoder.seal()))
      }
    }
    state.update { state in
      for (group, chunk) in sealed { dataset.put(chunk, column: lane.column, group: group) }
      for case .append(let parsed) in steps {
        parsed.pendingLanes -= 1
        if parsed.pendingLanes == 0 { release(parsed, &state) }
      }
      lane.isBusy = false
    }
  }

  private func release(_ parsed: ParsedChunk, _ state: inout State) {
    state.idleRows.append(parsed)
    state.inFlight -= 1
  }
}
