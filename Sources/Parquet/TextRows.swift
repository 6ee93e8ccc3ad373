/// Rows of text elsewhere in memory: a length for each, and the values' bytes one after the other.
struct TextRows {
  /// The length of a row without a value.
  static var null: Int32 { -1 }
  /// The length of a row that has the value of the row before, whose bytes are not there again.
  static var again: Int32 { -2 }

  var lengths: UnsafeBufferPointer<Int32>
  var bytes: UnsafePointer<UInt8>
  /// The length of the value before the first row's; its bytes lie before `bytes`. Known where the first row has it
  /// again.
  var before: Int32 = 0

  /// Whether no row has a value.
  var areAllNull: Bool {
    var all: Int32 = -1
    for length in lengths { all &= length }
    return all == TextRows.null
  }

  func dropFirst(_ count: Int) -> TextRows {
    let skipped = lengths[..<count].reduce(0) { $0 + Int(max(0, $1)) }
    return dropFirst(count, bytes: skipped)
  }

  /// - Parameter skipped: The number of bytes of the first `count` rows.
  func dropFirst(_ count: Int, bytes skipped: Int) -> TextRows {
    let before = lengths[..<count].last { $0 != TextRows.again } ?? self.before
    return TextRows(
      lengths: UnsafeBufferPointer(rebasing: lengths[count...]), bytes: bytes + skipped,
      before: max(0, before))
  }

  func prefix(_ count: Int) -> TextRows {
    TextRows(lengths: UnsafeBufferPointer(rebasing: lengths[..<count]), bytes: bytes, before: before)
  }
}
