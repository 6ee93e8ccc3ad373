/// The rows of a data page of text that is not full yet; they are encoded without a dictionary.
struct TextPage: ~Copyable {
  private let options: WriterOptions
  /// The rows' definition levels.
  private var levels = Buffer<UInt8>()
  /// The lengths of the values that are not NULL.
  private var lengths = Buffer<Int32>()
  private var bytes = Buffer<UInt8>()

  init(_ options: WriterOptions) { self.options = options }

  /// Appends rows, and each page that becomes full to the chunk.
  mutating func append(_ rows: TextRows, to chunk: inout ColumnChunkBuilder) throws {
    var rest = rows
    while !rest.lengths.isEmpty {
      rest = fill(rest)
      if isFull { try finish(to: &chunk) }
    }
  }

  /// Appends rows without values, and each page that becomes full to the chunk.
  mutating func appendNulls(_ rows: Int, to chunk: inout ColumnChunkBuilder) throws {
    var rest = rows
    while rest > 0 {
      let count = min(rest, options.pageRows - levels.count)
      levels.reserve(count).initialize(repeating: 0, count: count)
      levels.commit(count)
      rest -= count
      if isFull { try finish(to: &chunk) }
    }
  }

  /// Appends what there is as a page to the chunk.
  mutating func finish(to chunk: inout ColumnChunkBuilder) throws {
    if levels.count == 0 { return }
    var range = ByteRange()
    var value = UnsafePointer(bytes.start)
    for length in lengths.elements {
      range.include(value, count: Int(length))
      value += Int(length)
    }
    chunk.addToBloomFilter(lengths: lengths.elements, bytes: bytes.start)
    try chunk.appendDataPage(
      levels: levels.elements, nulls: levels.count - lengths.count,
      encoding: options.textEncoding == .plain ? .plain : .deltaLengthByteArray, bounds: PageBounds(range)
    ) { page in
      if options.textEncoding == .plain {
        PlainByteArray.encode(lengths: lengths.elements, bytes: bytes.elements, to: &page)
      } else {
        DeltaLengthByteArray.encode(lengths: lengths.elements, bytes: bytes.elements, to: &page)
      }
    }
    levels.removeAll()
    lengths.removeAll()
    // A single value may be many times as large as a page.
    bytes.removeAll(keepingAtMost: 4 * options.pageBytes)
  }

  private var isFull: Bool { bytes.count >= options.pageBytes || levels.count >= options.pageRows }

  /// Appends rows up to the one that fills the page.
  /// - Returns: The rows after it.
  private mutating func fill(_ rows: TextRows) -> TextRows {
    let most = min(rows.lengths.count, options.pageRows - levels.count)
    let levels = self.levels.reserve(most)
    let lengths = self.lengths.reserve(most)
    var size = 0
    // How many of these bytes are in the page.
    var copied = 0
    var before = rows.before
    var count = 0
    var row = 0
    while row < most && bytes.count &+ (size &- copied) < options.pageBytes {
      let length = rows.lengths[row]
      if length == TextRows.again {
        bytes.append(UnsafeBufferPointer(start: rows.bytes + copied, count: size - copied))
        copied = size
        bytes.append(UnsafeBufferPointer(start: rows.bytes + (size - Int(before)), count: Int(before)))
        levels[row] = 1
        lengths[count] = before
        count &+= 1
        row &+= 1
        continue
      }
      levels[row] = length < 0 ? 0 : 1
      lengths[count] = length
      count &+= length < 0 ? 0 : 1
      size &+= Int(max(0, length))
      before = length
      row &+= 1
    }
    bytes.append(UnsafeBufferPointer(start: rows.bytes + copied, count: size - copied))
    self.levels.commit(row)
    self.lengths.commit(count)
    return rows.dropFirst(row, bytes: size)
  }
}
