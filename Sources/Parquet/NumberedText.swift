/// A chunk's rows of text as numbers of a dictionary's values.
struct NumberedText: ~Copyable {
  private let options: WriterOptions
  private var dictionary = ByteArrayDictionary()
  /// The rows' definition levels.
  private var levels = Buffer<UInt8>()
  /// The number of each value that is not NULL.
  private var numbers = Buffer<UInt32>()
  /// The bytes that the values would take in the encoding `PLAIN`.
  private var plainSize = 0
  /// When the dictionary has so many values, or is full, it is looked at whether it pays. Not when it has so many bytes:
  /// a thousand long texts are too few to tell, and cost less time than they will take room.
  private var nextCheck = firstCheck
  private static var firstCheck: Int { 4096 }

  init(_ options: WriterOptions) { self.options = options }

  /// Removes everything and keeps the rows' memory for the next chunk.
  mutating func removeAll() {
    dictionary = ByteArrayDictionary()
    levels.removeAll()
    numbers.removeAll()
    plainSize = 0
    nextCheck = Self.firstCheck
  }

  /// Appends rows.
  /// - Returns: The rows after the one that showed that the dictionary does not pay; nil if all were appended and it
  ///   may still pay.
  mutating func append(_ rows: TextRows) -> TextRows? {
    if rows.areAllNull {
      self.levels.reserve(rows.lengths.count).initialize(repeating: 0, count: rows.lengths.count)
      self.levels.commit(rows.lengths.count)
      return nil
    }
    var value = rows.bytes
    // Values often come in runs: the same one again needs no look-up.
    var last: (start: UnsafePointer<UInt8>, count: Int, number: UInt32) = (value, -1, 0)
    let levels = self.levels.reserve(rows.lengths.count)
    let numbers = self.numbers.reserve(rows.lengths.count)
    var count = 0
    // What rows would take that have the value before them again.
    var repeated = 0
    for row in 0..<rows.lengths.count {
      let length = Int(rows.lengths[row])
      if length >= 0 {
        if length != last.count || !ByteArrayDictionary.areEqual(value, last.start, count: length) {
          last = (value, length, dictionary.number(of: value, count: length))
        }
        value += length
      } else if length == TextRows.null {
        levels[row] = 0
        continue
      } else {
        if last.count < 0 {
          let before = Int(rows.before)
          last = (value - before, before, dictionary.number(of: value - before, count: before))
        }
        repeated += last.count
      }
      levels[row] = 1
      numbers[count] = last.number
      count &+= 1
      if dictionary.count >= nextCheck || dictionary.plainBytes.count >= options.dictionaryBytes {
        let plain = plainSize + (value - rows.bytes) + repeated + 4 * count
        if !mayPay(plainSize: plain) {
          plainSize = plain
          self.levels.commit(row + 1)
          self.numbers.commit(count)
          return rows.dropFirst(row + 1, bytes: value - rows.bytes)
        }
      }
    }
    plainSize += (value - rows.bytes) + repeated + 4 * count
    self.levels.commit(rows.lengths.count)
    self.numbers.commit(count)
    return nil
  }

  /// Whether the dictionary as it is now may still pay in the end; the next check is when it has doubled.
  private mutating func mayPay(plainSize: Int) -> Bool {
    let size = dictionary.plainBytes.count
    nextCheck = 2 * dictionary.count
    return size < options.dictionaryBytes && size < plainSize / 2
  }

  /// Whether dictionary and numbers together take so much less than the values that it still shows after compression,
  /// which finds most repetitions by itself.
  var pays: Bool {
    numbers.count > 0
      && dictionary.plainBytes.count + numbers.count * numberWidth / 8 < plainSize / 5 * 2
  }

  /// The bits of a number. At least one: not every reader knows numbers of no bits.
  private var numberWidth: Int { max(1, BitPacker.width(of: UInt64(max(1, dictionary.count) - 1))) }

  /// Appends the dictionary page and the data pages.
  mutating func appendPages(to chunk: inout ColumnChunkBuilder) throws {
    chunk.distinctCount = dictionary.count
    try chunk.appendDictionaryPage(dictionary.plainBytes.elements, count: dictionary.count)
    chunk.addToBloomFilter(dictionary)
    let width = numberWidth
    var firstNumber = 0
    for firstRow in stride(from: 0, to: levels.count, by: options.pageRows) {
      let endRow = min(levels.count, firstRow + options.pageRows)
      let pageLevels = UnsafeBufferPointer(rebasing: levels.elements[firstRow..<endRow])
      let count = pageLevels.reduce(0) { $0 &+ Int($1) }
      let pageNumbers = UnsafeBufferPointer(rebasing: numbers.elements[firstNumber..<firstNumber + count])
      firstNumber += count
      try chunk.appendDataPage(
        levels: pageLevels, nulls: pageLevels.count - count, encoding: .rleDictionary,
        bounds: bounds(of: pageNumbers)
      ) { page in
        page.append(UInt8(width))
        RLEBitPackedHybrid.encode(pageNumbers, width: width, to: &page)
      }
    }
  }

  private func bounds(of numbers: UnsafeBufferPointer<UInt32>) -> PageBounds? {
    withUnsafeTemporaryAllocation(of: Bool.self, capacity: dictionary.count) { isThere in
      isThere.initialize(repeating: false)
      for number in numbers { isThere[Int(number)] = true }
      var range = ByteRange()
      for number in 0..<dictionary.count where isThere[number] {
        let value = dictionary[UInt32(number)]
        range.include(value.start, count: value.count)
      }
      return PageBounds(range)
    }
  }

  /// The rows, if all of them are NULL.
  var nullRows: Int? { numbers.count == 0 ? levels.count : nil }

  /// Hands out all rows as text again, in batches.
  func forEachBatch(_ body: (TextRows) throws -> Void) throws {
    let batchRows = 1024
    var lengths = Buffer<Int32>(capacity: batchRows)
    var bytes = Buffer<UInt8>()
    var next = 0
    for firstRow in stride(from: 0, to: levels.count, by: batchRows) {
      lengths.removeAll()
      bytes.removeAll()
      var last: UInt32?
      for level in levels.elements[firstRow..<min(levels.count, firstRow + batchRows)] {
        if level == 0 {
          lengths.append(TextRows.null)
          last = nil
          continue
        }
        let number = numbers.start[next]
        next += 1
        if number == last {
          lengths.append(TextRows.again)
          continue
        }
        last = number
        let value = dictionary[number]
        lengths.append(Int32(value.count))
        bytes.append(UnsafeBufferPointer(start: value.start, count: value.count))
      }
      try body(TextRows(lengths: lengths.elements, bytes: UnsafePointer(bytes.start)))
    }
  }
}

extension PageBounds {
  /// nil when there was no value.
  init?(_ range: ByteRange) {
    guard let minimum = range.minimum, let maximum = range.maximum else { return nil }
    self.init(minimum: Array(minimum), maximum: Array(maximum))
  }
}
