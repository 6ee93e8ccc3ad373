import Testing

@testable import Parquet

@Suite struct StatisticsTests {
  @Test func shortTextIsItsOwnBound() {
    #expect(TextBounds.lower(Array("abc".utf8), limit: 3) == Array("abc".utf8))
    #expect(TextBounds.upper(Array("abc".utf8), limit: 3) == Array("abc".utf8))
  }

  @Test(arguments: [
    ("abcd", 3, "abc", "abd"),
    ("abéd", 3, "ab", "ac"),
    ("a\u{7F}zz", 2, "a\u{7F}", "b"),  // U+0080 takes a byte more than there is room for
    ("a\u{7F}zz", 3, "a\u{7F}z", "a\u{7F}{"),
    ("ab\u{D7FF}x", 5, "ab\u{D7FF}", "ab\u{E000}"),  // no surrogates
    ("a\u{FFFF}x", 4, "a\u{FFFF}", "b"),  // U+10000 takes four bytes
    ("a\u{10FFFF}\u{10FFFF}x", 9, "a\u{10FFFF}\u{10FFFF}", "b"),
    ("🎵🎵", 7, "🎵", "🎶"),
  ])
  func boundsEndBetweenCharacters(text: String, limit: Int, lower: String, upper: String) {
    #expect(TextBounds.lower(Array(text.utf8), limit: limit) == Array(lower.utf8))
    #expect(TextBounds.upper(Array(text.utf8), limit: limit) == Array(upper.utf8))
  }

  @Test func nothingIsAboveTheLastCharacter() {
    #expect(TextBounds.upper(Array("\u{10FFFF}\u{10FFFF}\u{10FFFF}".utf8), limit: 8) == nil)
    #expect(TextBounds.upper(Array("🎵".utf8), limit: 2) == nil)
  }

  @Test func boundsHoldForAnyText() {
    var chance = Chance(seed: 3)
    for _ in 0..<20_000 {
      let text = Array(chance.text(upTo: 12).utf8)
      let limit = chance.below(20)
      let lower = TextBounds.lower(text, limit: limit)
      #expect(lower.count <= max(limit, 0) && !PhysicalType.byteArray.isBefore(text, lower))
      #expect(String(validating: lower, as: UTF8.self) != nil)
      guard let upper = TextBounds.upper(text, limit: limit) else { continue }
      #expect(upper.count <= limit && !PhysicalType.byteArray.isBefore(upper, text))
      #expect(String(validating: upper, as: UTF8.self) != nil)
    }
  }

  @Test func invalidBytesHaveBoundsToo() {
    #expect(TextBounds.upper([0x41, 0xFF, 0xFF, 0xFF], limit: 2) == [0x42])
    #expect(TextBounds.upper([0xFF, 0xFF, 0xFF], limit: 2) == nil)
    #expect(TextBounds.lower([0x80, 0x80, 0x80], limit: 2) == [])
  }

  @Test func rangesAreTheSmallestAndTheLargest() {
    var chance = Chance(seed: 5)
    for _ in 0..<2_000 {
      let texts = (0...chance.below(9)).map { _ in
        Array(("prefix" + chance.text(upTo: 4)).utf8.dropFirst(chance.below(7)))
      }
      var range = ByteRange()
      // One block of memory, so that the pointers stay valid.
      let block = texts.flatMap(\.self) + [0]
      block.withUnsafeBufferPointer { block in
        var start = block.baseAddress!
        for text in texts {
          range.include(start, count: text.count)
          start += text.count
        }
        let ordered = texts.sorted { $0.lexicographicallyPrecedes($1) }
        #expect(range.minimum.map { Array($0) } == ordered.first)
        #expect(range.maximum.map { Array($0) } == ordered.last)
      }
    }
  }

  @Test func theBoundaryOrderIsThatOfMinimaAndMaxima() {
    func order(_ ranges: [(Int, Int)]) -> BoundaryOrder {
      ColumnIndex.boundaryOrder(of: ranges.map { (minimum: $0.0, maximum: $0.1) }, by: <)
    }
    #expect(order([(1, 3), (2, 3), (2, 5)]) == .ascending)
    #expect(order([(4, 9), (4, 8), (1, 8)]) == .descending)
    #expect(order([(1, 9), (2, 8)]) == .unordered)
    #expect(order([(1, 1)]) == .ascending)
  }
}
