import Lake
import Parquet
import Platform
import Rows
import Schema
import TaskKit

/// Writes one dataset's file from batches that arrive in order, each column on a lane of its own.
///
/// A lane is a column's encoder with the batches it has yet to take. Different lanes may be worked on by different
/// threads at once, each lane by one thread at a time; what a lane produces depends only on the order of its batches.
/// Row groups end at batches that are fixed by the rows themselves, so the file's bytes do not depend on timing.
final class DatasetWriter {
  /// When a row group ends: with the batch that brings it to this many rows or bytes of values.
  struct RowGroupLimits {
    var rows = 65_536
    var bytes = 32 << 20
  }

  /// What a lane has to do next.
  enum Step {
    case append(ParsedChunk)
    /// Ends the column chunk; the row group's number.
    case seal(Int)
  }

  final class Lane {
    let column: Int
    let encoder: ColumnChunkEncoder
    // Under the pipeline's lock:
    var steps: [Step] = []
    /// Whether a thread works on it, or it stands in the line of those that wait for one.
    var isTaken = false

    init(column: Int, encoder: ColumnChunkEncoder) {
      self.column = column
      self.encoder = encoder
    }
  }

  let index: Int
  let dataset: Dataset
  let lanes: [Lane]
  private let file: OutputFile
  private let writer: ParquetFileWriter
  private let limits: RowGroupLimits

  // Under the pipeline's lock:
  private var groupRows = 0
  private var groupBytes = 0
  private var groupNumber = 0
  private var sealed: [Int: [ColumnChunk?]] = [:]
  private var nextGroupToWrite = 0
  private(set) var isWriting = false

  private(set) var rows = 0

  init(
    _ dataset: Dataset, index: Int, path: String, metadata: [(String, String)], options: WriterOptions,
    limits: RowGroupLimits
  ) throws {
    self.index = index
    self.dataset = dataset
    self.limits = limits
    let columns = dataset.columns.map(SchemaColumn.init)
    file = try OutputFile(creating: path)
    writer = try ParquetFileWriter(
      to: file, columns: columns, keyValueMetadata: metadata, createdBy: Tool.createdBy)
    lanes = columns.enumerated().map { index, column in
      Lane(column: index, encoder: ColumnChunkEncoder(column: column, options: options))
    }
  }

  // MARK: Under the pipeline's lock

  /// Queues a parsed chunk's rows on all lanes.
  /// - Returns: the number of lanes that have to take it.
  func enqueue(_ chunk: ParsedChunk) -> Int {
    let batch = chunk.rows.batches[index]
    if batch.count == 0 { return 0 }
    rows += batch.count
    groupRows += batch.count
    groupBytes += batch.byteCount
    for lane in lanes { lane.steps.append(.append(chunk)) }
    if groupRows >= limits.rows || groupBytes >= limits.bytes { endGroup() }
    return lanes.count
  }

  /// Ends the row group under way, if it has rows.
  func endGroup() {
    if groupRows == 0 { return }
    for lane in lanes { lane.steps.append(.seal(groupNumber)) }
    sealed[groupNumber] = Array(repeating: nil, count: lanes.count)
    groupNumber += 1
    groupRows = 0
    groupBytes = 0
  }

  func put(_ chunk: ColumnChunk, column: Int, group: Int) { sealed[group]![column] = chunk }

  /// The next row group in the file's order, if all its columns are there and nobody is writing.
  func takeWholeGroup() -> [ColumnChunk]? {
    guard !isWriting, let chunks = sealed[nextGroupToWrite], chunks.allSatisfy({ $0 != nil }) else {
      return nil
    }
    sealed[nextGroupToWrite] = nil
    nextGroupToWrite += 1
    isWriting = true
    return chunks.map { $0! }
  }

  func didWriteGroup() { isWriting = false }

  /// Whether all that was queued is in the file.
  var isIdle: Bool {
    !isWriting && sealed.isEmpty && lanes.allSatisfy { !$0.isTaken && $0.steps.isEmpty }
  }

  // MARK: By the thread that took the group, or at the end

  func write(_ group: [ColumnChunk]) throws {
    try writer.write(rowGroup: group)
    // The disk works while the next group is made; in the end nobody waits for it long.
    file.startWritingBack()
  }

  /// Writes the footer; no lane is at work any more.
  func finish(adding metadata: [(String, String)]) throws -> TaskState.Output {
    writer.keyValueMetadata += metadata
    let (rows, bytes) = try writer.finish()
    file.startWritingBack()
    try file.close()
    return TaskState.Output(dataset: dataset.name, files: 1, rows: rows, bytes: bytes)
  }
}
