import Dump
import Rows

/// What became of a chunk: its rows, and what the document's reader found in it.
///
/// One thread parses it; after that it is only read, until all lanes have taken its rows.
final class ParsedChunk: @unchecked Sendable {
  var chunk: Chunk?
  let rows: EntityRows
  /// How far the reader came, or why it could not go on.
  var consumed: Result<Int, any Error> = .success(0)
  /// Where the document stood before and after it.
  var before = DocumentPosition.beforeRoot
  var after = DocumentPosition.beforeRoot
  var recordCount = 0
  var rejects: [Reject] = []
  var drift = Drift()
  /// Bytes of entities that its records were expanded by.
  var expandedCount = 0
  /// Where in the chunk it begins: a chunk with more rows than memory should hold at once is parsed in pieces.
  var start = 0
  /// Whether the rows are full before the chunk is.
  var isFull = false
  /// The size of the rows in memory.
  var byteCount = 0
  /// Whether it ever held so much more than a chunk and its rows usually have that its memory is not worth keeping.
  private(set) var isLarge = false
  private static let usualBytes = 4 << 20
  /// How many lanes have yet to take the rows; under the pipeline's lock.
  var pendingLanes = 0

  init(_ rows: EntityRows) { self.rows = rows }

  /// Reads the chunk's records into rows.
  /// - Parameters:
  ///   - start: where in the chunk to begin.
  ///   - allowsLarge: whether one record may take more memory than rows should.
  ///   - taken: ids that may not come (again); nil where nobody looks.
  func parse(
    _ chunk: Chunk, from position: DocumentPosition, at start: Int = 0, with reader: DocumentReader,
    allowsLarge: Bool = false, refusing taken: Set<Int64>? = nil
  ) {
    self.chunk = chunk
    self.start = start
    rows.removeAll(refusing: taken)
    rows.allowsLarge = allowsLarge
    reader.reset()
    before = position
    after = position
    consumed = Result { start + (try reader.read(chunk.input(from: start), position: &after, into: rows)) }
    recordCount = reader.recordCount
    rejects = reader.rejects
    drift = reader.drift
    expandedCount = reader.expandedCount
    isFull = reader.isSinkFull
    byteCount = rows.batches.reduce(0) { $0 + $1.byteCount }
    if max(byteCount, chunk.count) > ParsedChunk.usualBytes { isLarge = true }
  }
}
