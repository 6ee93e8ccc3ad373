/// Encodes an integer column's chunk: its values are kept until the end, and then the encoding is chosen that takes
/// the fewest bytes.
final class Int64ChunkEncoder {
  private let column: SchemaColumn
  private let options: WriterOptions
  private var chunk: ColumnChunkBuilder
  /// The rows' definition levels.
  private var levels = Buffer<UInt8>()
  /// The values that are not NULL.
  private var values = Buffer<Int64>()

  init(_ column: SchemaColumn, _ options: WriterOptions) {
    self.column = column
    self.options = options
    chunk = ColumnChunkBuilder(column, options)
  }

  func append(_ rows: Int64Values, rows range: Range<Int>) {
    let levels = UnsafeBufferPointer(rebasing: rows.levels[range])
    self.levels.append(levels)
    let target = values.reserve(range.count)
    var count = 0
    for (level, value) in zip(levels, rows.values[range]) {
      // Written in any case, and kept only if it counts: no branch on what is NULL.
      target[count] = value
      count &+= Int(level)
    }
    values.commit(count)
  }

  /// Ends the chunk; the next row starts a new one.
  func finish() throws -> ColumnChunk {
    let deltaSize = DeltaBinaryPacked.estimatedSize(values.elements)
    var dictionary = Int64Dictionary()
    var numbers = Buffer<UInt32>()
    if number(into: &dictionary, &numbers, limit: deltaSize) {
      chunk.distinctCount = dictionary.count
      try chunk.appendDictionaryPage(
        dictionary.values.rawBytes.assumingMemoryBound(to: UInt8.self), count: dictionary.count)
      chunk.addToBloomFilter(dictionary.values.elements)
    } else {
      chunk.addToBloomFilter(values.elements)
    }
    let isNumbered = numbers.count > 0
    let width = Self.width(of: dictionary.count)
    var next = 0
    for firstRow in stride(from: 0, to: levels.count, by: options.pageRows) {
      let pageLevels = UnsafeBufferPointer(
        rebasing: levels.elements[firstRow..<min(levels.count, firstRow + options.pageRows)])
      let range = next..<next + pageLevels.reduce(0) { $0 &+ Int($1) }
      next = range.upperBound
      let pageValues = UnsafeBufferPointer(rebasing: values.elements[range])
      try chunk.appendDataPage(
        levels: pageLevels, nulls: pageLevels.count - range.count,
        encoding: isNumbered ? .rleDictionary : .deltaBinaryPacked, bounds: PageBounds(pageValues)
      ) { page in
        if isNumbered {
          page.append(UInt8(width))
          let pageNumbers = UnsafeBufferPointer(rebasing: numbers.elements[range])
          RLEBitPackedHybrid.encode(pageNumbers, width: width, to: &page)
        } else {
          DeltaBinaryPacked.encode(pageValues, to: &page)
        }
      }
    }
    levels.removeAll()
    values.removeAll()
    var finished = ColumnChunkBuilder(column, options)
    swap(&finished, &chunk)
    return finished.finish()
  }

  /// Numbers all values, unless dictionary and numbers together would take `limit` bytes or more.
  /// - Returns: Whether they take less; otherwise `numbers` is empty.
  private func number(
    into dictionary: inout Int64Dictionary, _ numbers: inout Buffer<UInt32>, limit: Int
  ) -> Bool {
    let mostDistinct = min(limit, options.dictionaryBytes) / MemoryLayout<Int64>.size
    if mostDistinct == 0 { return false }
    let target = numbers.reserve(values.count)
    for (index, value) in values.elements.enumerated() {
      target[index] = dictionary.number(of: value)
      if dictionary.count > mostDistinct { return false }
      // Where hardly any comes again among the first, a dictionary is made in vain.
      if index == Self.firstValues, dictionary.count > Self.firstValues / 4 * 3 { return false }
    }
    let size = 8 * dictionary.count + values.count * Self.width(of: dictionary.count) / 8
    if size >= limit { return false }
    numbers.commit(values.count)
    return true
  }

  private static let firstValues = 4096

  /// The bits of a value's number. At least one: not every reader knows numbers of no bits.
  private static func width(of distinct: Int) -> Int {
    max(1, BitPacker.width(of: UInt64(max(1, distinct) - 1)))
  }
}

extension PageBounds {
  /// nil when there is no value.
  init?(_ values: UnsafeBufferPointer<Int64>) {
    guard var smallest = values.first else { return nil }
    var largest = smallest
    for value in values {
      smallest = min(smallest, value)
      largest = max(largest, value)
    }
    self.init(minimum: smallest.littleEndianBytes, maximum: largest.littleEndianBytes)
  }
}
