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
  /// How many lanes have yet to take the rows; under the pipeline's lock.
  var pendingLanes = 0

  init(_ rows: EntityRows) { self.rows = rows }

  /// Reads the chunk's records into rows.
  /// - Parameter taken: ids that may not come (again); nil where nobody looks.
  func parse(
    _ chunk: Chunk, from position: DocumentPosition, with reader: DocumentReader,
    refusing taken: Set<Int64>? = nil
  ) {
    self.chunk = chunk
    rows.removeAll(refusing: taken)
    reader.reset()
    before = position
    after = position
    consumed = Result { try reader.read(chunk.input, position: &after, into: rows) }
    recordCount = reader.recordCount
    rejects = reader.rejects
    drift = reader.drift
  }
}
