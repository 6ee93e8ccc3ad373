import Parquet
import Platform

/// The ids in a column of some files, as bits from the smallest to the largest.
struct IDSet: Sendable {
  /// What the bits of a set may take: 32 MB, which is room for 268 million ids side by side.
  private static let maximumWords = 1 << 22

  private let first: Int64
  private var words: [UInt64]
  /// The values that had come before: two of three that are alike.
  private(set) var repeated: Int64 = 0

  /// Reads all of them; NULL is none.
  ///
  /// Nil where the files do not say between which ids theirs lie, where they say it wrongly, and where those are too far
  /// apart.
  /// - Throws: `ParquetError`; `SystemError`.
  init?(of name: String, in files: [String]) throws {
    guard let range = try Self.range(of: name, in: files) else { return nil }
    let span = UInt64(bitPattern: range.upperBound &- range.lowerBound)
    guard span / 64 < UInt64(Self.maximumWords) else { return nil }
    first = range.lowerBound
    words = Array(repeating: 0, count: Int(span / 64) + 1)
    for path in files {
      var column = try Int64Column(name, ofFile: path)
      while let page = try column.nextPage() { guard insert(page.values) else { return nil } }
    }
  }

  /// How many of these ids are not in the set.
  func absent(of ids: [Int64]) -> Int64 {
    var absent: Int64 = 0
    words.withUnsafeBufferPointer { words in
      for id in ids {
        // An id below the first becomes larger than any.
        let place = UInt64(bitPattern: id &- first)
        guard place / 64 < UInt64(words.count), words[Int(place / 64)] >> (place % 64) & 1 == 1 else {
          absent += 1
          continue
        }
      }
    }
    return absent
  }

  private mutating func insert(_ ids: [Int64]) -> Bool {
    var repeated: Int64 = 0
    let first = first
    let areInRange = words.withUnsafeMutableBufferPointer { words in
      for id in ids {
        let place = UInt64(bitPattern: id &- first)
        guard place / 64 < UInt64(words.count) else { return false }
        repeated += Int64(words[Int(place / 64)] >> (place % 64) & 1)
        words[Int(place / 64)] |= 1 << (place % 64)
      }
      return true
    }
    self.repeated += repeated
    return areInRange
  }

  /// The smallest and the largest id, as the footers tell; of no ids at all a range of one.
  private static func range(of name: String, in files: [String]) throws -> ClosedRange<Int64>? {
    var range: ClosedRange<Int64>?
    for path in files {
      let footer = try ParquetFooter(path: path)
      guard let column = footer.columns.firstIndex(where: { $0.name == name }) else { return nil }
      if footer.nullCount(ofColumn: column) == footer.rowCount { continue }
      guard let own = footer.int64Range(ofColumn: column) else { return nil }
      range = min(own.lowerBound, range?.lowerBound ?? .max)...max(own.upperBound, range?.upperBound ?? .min)
    }
    return range ?? 0...0
  }
}
