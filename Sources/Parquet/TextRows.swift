/// Rows of text elsewhere in memory: a length for each, -1 for NULL, and the values' bytes one after the other.
struct TextRows {
  var lengths: UnsafeBufferPointer<Int32>
  var bytes: UnsafePointer<UInt8>

  /// Whether no row has a value.
  var areAllNull: Bool {
    var all: Int32 = -1
    for length in lengths { all &= length }
    return all < 0
  }

  func dropFirst(_ count: Int) -> TextRows {
    let skipped = lengths[..<count].reduce(0) { $0 + Int(max(0, $1)) }
    return dropFirst(count, bytes: skipped)
  }

  /// - Parameter skipped: The number of bytes of the first `count` rows.
  func dropFirst(_ count: Int, bytes skipped: Int) -> TextRows {
    TextRows(lengths: UnsafeBufferPointer(rebasing: lengths[count...]), bytes: bytes + skipped)
  }

  func prefix(_ count: Int) -> TextRows {
    TextRows(lengths: UnsafeBufferPointer(rebasing: lengths[..<count]), bytes: bytes)
  }
}
