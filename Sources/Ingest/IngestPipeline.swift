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
///
/// Memory has a bound however hostile the dump: a chunk whose rows are many times its size is parsed in pieces, each of
/// which waits until those before it are encoded; and what goes on over many chunks is tried again only when there is
/// twice as much of it.
final class IngestPipeline: @unchecked Sendable {
  /// What was found in the whole dump.
  struct Findings {
    var recordCount = 0
    var rejectCount = 0
    var unreadableNumbers = 0
    var drift = Drift()
  }

  private let reader: ChunkReader
  private let plan: RowPlan
  private let datasets: [DatasetWriter]
  private let threadCount: Int
  /// Unpacking is a chain that one thread at a time works on, a third of all work; more threads than these would find
  /// nothing to do, and only take memory.
  static let usefulThreads = 4
  /// Chunks that may be between reading and encoding at once; bounds memory.
  private let maximumInFlight: Int
  /// Used by the thread that commits.
  private let seenIDs: SeenIDs
  /// With more rejected records than this the dump counts as damaged, and nobody reads on.
  private let maxRejects: Int
  private let onCommit: (ParsedChunk, Chunk) throws -> Void
  /// While rows of more bytes than this wait to be encoded, no more are made of a chunk that is parsed in pieces, nor
  /// of one whose turn has not come.
  private static let maximumRowBytes = 24 << 20

  private struct Carry {
    var chunks: [Chunk]
    /// Where in the first of them it begins.
    var consumed: Int
    /// How many bytes were tried, in vain.
    var triedCount: Int
    var count: Int { chunks.reduce(-consumed) { $0 + $1.count } }
  }

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
    /// What is left of the chunks before, if a record at their end goes on.
    var carry: Carry?
    /// The chunk that is next to be committed, if only a piece of it was, and where the rest begins.
    var rest: (chunk: Chunk, start: Int)?
    /// The bytes of all rows in memory, and of those that are committed.
    var rowBytes = 0
    var queuedRowBytes = 0
    var expandedCount = 0
    var idleRows: [ParsedChunk] = []
    var findings = Findings()
    /// The lanes that have something to do, by their numbers, first come first; those before `nextLane` are gone.
    var waitingLanes: [Int] = []
    var nextLane = 0
    /// Whether a row group may have become whole since it was looked for.
    var mayHaveWholeGroup = false
    var failure: (any Error)?
  }
  private let state = Monitor(State())
  private let lanes: [(dataset: DatasetWriter, lane: DatasetWriter.Lane)]

  /// - Parameters:
  ///   - seenIDs: the ids of the records so far; none yet.
  ///   - onCommit: sees each chunk when it takes its place, in order; what it throws ends the pipeline.
  init(
    reader: ChunkReader, plan: RowPlan, datasets: [DatasetWriter], threadCount: Int,
    seenIDs: SeenIDs, maxRejects: Int, onCommit: @escaping (ParsedChunk, Chunk) throws -> Void
  ) {
    self.reader = reader
    self.plan = plan
    self.datasets = datasets
    self.threadCount = min(max(1, threadCount), IngestPipeline.usefulThreads)
    self.seenIDs = seenIDs
    self.maxRejects = maxRejects
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
    case parseRest(Int, Chunk, Int, ParsedChunk, DocumentPosition, [UInt8])
    case commit(ParsedChunk)
    case encode(DatasetWriter, DatasetWriter.Lane, Int, [DatasetWriter.Step])
    case write(DatasetWriter, [ColumnChunk])
    case stop
  }

  private func work() {
    let documentReader = DocumentReader(plan.vocabulary)
    documentReader.maximumRejects = maxRejects
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
            state.rowBytes += parsed.byteCount
          }
        case .parseRest(let number, let chunk, let start, let parsed, let position, let documentType):
          documentReader.documentType = documentType
          parsed.parse(chunk, from: position, at: start, with: documentReader, allowsLarge: true)
          state.update { state in
            state.parsed[number] = parsed
            state.rowBytes += parsed.byteCount
          }
        case .commit(let parsed): try commit(parsed, documentReader)
        case .encode(let dataset, let lane, let number, let steps): try encode(dataset, lane, number, steps)
        case .write(let dataset, let group):
          try dataset.write(group)
          state.update { state in
            dataset.didWriteGroup()
            state.mayHaveWholeGroup = true
          }
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
    if state.mayHaveWholeGroup {
      for dataset in datasets {
        if let group = dataset.takeWholeGroup() { return .write(dataset, group) }
      }
      state.mayHaveWholeGroup = false
    }
    if let step = nextLane(&state) { return step }
    if let rest = state.rest, state.queuedRowBytes < IngestPipeline.maximumRowBytes {
      state.rest = nil
      state.inFlight += 1
      let parsed = state.idleRows.popLast() ?? newRows()
      return .parseRest(
        state.nextToCommit, rest.chunk, rest.start, parsed, state.position, state.documentType)
    }
    // Until the first chunk is committed, nobody knows whether the document has come to its records.
    if let next = state.unparsed.first, next.number == 0 || state.nextToCommit > 0,
      next.number == state.nextToCommit || state.rowBytes < IngestPipeline.maximumRowBytes
    {
      state.unparsed.removeFirst()
      let parsed = state.idleRows.popLast() ?? newRows()
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

  private func newRows() -> ParsedChunk { ParsedChunk(EntityRows(plan)) }

  private func nextLane(_ state: inout State) -> Step? {
    guard state.nextLane < state.waitingLanes.count else {
      state.waitingLanes.removeAll(keepingCapacity: true)
      state.nextLane = 0
      return nil
    }
    let number = state.waitingLanes[state.nextLane]
    state.nextLane += 1
    // The line is never empty while there is much to do.
    if state.nextLane >= 4 * lanes.count {
      state.waitingLanes.removeFirst(state.nextLane)
      state.nextLane = 0
    }
    let (dataset, lane) = lanes[number]
    let steps = lane.steps
    lane.steps = []
    return .encode(dataset, lane, number, steps)
  }

  /// Has the lanes with something to do wait for a thread.
  private func queueLanes(_ state: inout State) {
    for (number, (_, lane)) in lanes.enumerated() where !lane.isTaken && !lane.steps.isEmpty {
      lane.isTaken = true
      state.waitingLanes.append(number)
    }
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
    let bytesBefore = parsed.byteCount
    var chunk = parsed.chunk!
    if var carry {
      carry.chunks.append(chunk)
      // What goes on over many chunks is not looked at each time one comes: that would be quadratic.
      if carry.count < 2 * carry.triedCount, !chunk.isLast {
        parsed.chunk = nil
        state.update { state in
          state.carry = carry
          state.rowBytes -= bytesBefore
          release(parsed, &state)
          state.nextToCommit += 1
          state.isCommitting = false
        }
        return
      }
      chunk = Chunk.joining(carry.chunks, from: carry.consumed)
    }
    documentReader.documentType = documentType
    if carry != nil || parsed.before != position {
      parsed.parse(chunk, from: position, with: documentReader)
    }
    // A record whose id came before has no rows; that it came is only known now. Without its rows there may be room for
    // records behind it.
    var taken: Set<Int64> = []
    while let repeated = try seenIDs.repeated(in: parsed.rows.ids) {
      taken.formUnion(repeated)
      parsed.parse(
        chunk, from: position, at: parsed.start, with: documentReader,
        allowsLarge: parsed.rows.allowsLarge, refusing: taken)
    }
    try seenIDs.insert(parsed.rows.ids)
    let consumed = try parsed.consumed.get()
    let foundType = documentReader.documentType
    try onCommit(parsed, chunk)
    parsed.chunk = nil

    try state.update { state in
      if position == .beforeRoot, carry != nil { state.documentType = foundType }
      state.position = parsed.after
      if parsed.after == .betweenBareRecords { state.positionBetween = .betweenBareRecords }
      state.findings.recordCount += parsed.recordCount
      state.findings.rejectCount += parsed.rejects.count
      state.findings.unreadableNumbers += parsed.rows.unreadableNumbers
      state.findings.drift.merge(parsed.drift)
      state.expandedCount += parsed.expandedCount
      if state.expandedCount > DocumentReader.maximumExpansion(chunk.offset + chunk.count) {
        throw DumpError.expandsTooMuch(offset: chunk.offset + consumed)
      }
      state.rowBytes += parsed.byteCount - bytesBefore
      state.queuedRowBytes += parsed.byteCount
      parsed.pendingLanes = datasets.reduce(0) { $0 + $1.enqueue(parsed) }
      if parsed.pendingLanes == 0 { releaseRows(parsed, &state) }
      defer { queueLanes(&state) }
      state.isCommitting = false
      if parsed.isFull {
        state.rest = (chunk, consumed)
        return
      }
      if consumed < chunk.count {
        let isStuck = carry != nil && consumed == 0
        state.carry = Carry(chunks: [chunk], consumed: consumed, triedCount: isStuck ? chunk.count : 0)
      }
      state.nextToCommit += 1
      if chunk.isLast {
        state.isCommitDone = true
        for dataset in datasets { dataset.endGroup() }
      }
    }
  }

  private func encode(
    _ dataset: DatasetWriter, _ lane: DatasetWriter.Lane, _ number: Int, _ steps: [DatasetWriter.Step]
  ) throws {
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
        if parsed.pendingLanes == 0 { releaseRows(parsed, &state) }
      }
      if !sealed.isEmpty { state.mayHaveWholeGroup = true }
      lane.isTaken = !lane.steps.isEmpty
      if lane.isTaken { state.waitingLanes.append(number) }
    }
  }

  /// All lanes have taken the rows.
  private func releaseRows(_ parsed: ParsedChunk, _ state: inout State) {
    state.rowBytes -= parsed.byteCount
    state.queuedRowBytes -= parsed.byteCount
    release(parsed, &state)
  }

  private func release(_ parsed: ParsedChunk, _ state: inout State) {
    // What took much memory would keep it.
    if !parsed.isLarge { state.idleRows.append(parsed) }
    state.inFlight -= 1
  }
}
