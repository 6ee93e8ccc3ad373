/// The ids of an entity cut into ranges, so that what compares records by their ids needs memory for a part at a time.
///
/// Files are in the order of ids, or nearly so: a part is read from its row groups alone, and where they are in another
/// order the outcome is the same.
struct IDParts: Sendable, Hashable {
  /// The first id of every part but the first, ascending.
  private let starts: [Int64]

  /// One part.
  static let whole = IDParts(starts: [])

  private init(starts: [Int64]) { self.starts = starts }

  /// Parts of equal width.
  /// - Parameter range: the smallest and the largest id.
  init(of range: ClosedRange<Int64>, count: Int) {
    // The distance of two ids can be more than an Int64 holds.
    let width = UInt64(bitPattern: range.upperBound &- range.lowerBound) / UInt64(max(count, 1))
    starts =
      width == 0
      ? []
      : (1..<max(count, 2)).filter { $0 < count }.map {
        Int64(bitPattern: UInt64(bitPattern: range.lowerBound) &+ width * UInt64($0))
      }
  }

  var count: Int { starts.count + 1 }

  /// The condition that `column` lies in a part; NULL lies in the first.
  /// - Parameter column: as SQL text.
  func condition(_ part: Int, on column: String) -> String {
    let start = part > 0 ? "\(column) >= \(starts[part - 1])" : nil
    let end = part < starts.count ? "\(column) < \(starts[part])" : nil
    switch (start, end) {
    case (nil, nil): return "true"
    case (nil, let end?): return "(\(end) OR \(column) IS NULL)"
    case (let start?, nil): return start
    case (let start?, let end?): return "(\(start) AND \(end))"
    }
  }
}
