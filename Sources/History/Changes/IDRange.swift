import SQL

/// A range of ids that is compared in one step, so that memory is bounded whatever the size of the runs.
struct IDRange: Sendable, Hashable {
  /// The first id; nil for no bound.
  var first: Int64?
  /// The id behind the last one; nil for no bound.
  var end: Int64?

  /// The condition for a column of ids; NULL is no id.
  func sql(_ column: String) -> String {
    let bounds = [
      first.map { "\(column) >= \($0)" }, end.map { "\(column) < \($0)" },
    ].compactMap(\.self)
    return bounds.isEmpty ? "\(column) IS NOT NULL" : bounds.joined(separator: " AND ")
  }

  /// How many rows, of both runs together, a step is about.
  static let rows = 250_000

  /// Ranges of about so many rows each, which together hold every id.
  /// - Parameter groups: how many rows there are up to each of these ids, from the group before it on.
  static func covering(_ groups: [(last: Int64, rows: Int)], rows: Int = IDRange.rows) -> [IDRange] {
    var ranges: [IDRange] = []
    var start: Int64?
    var count = 0
    for group in groups.sorted(by: { $0.last < $1.last }) {
      count += group.rows
      guard count >= rows, group.last < .max, start ?? .min < group.last + 1 else { continue }
      ranges.append(IDRange(first: start, end: group.last + 1))
      start = group.last + 1
      count = 0
    }
    // What is left over is added to the last one if it is little.
    if count < rows / 4, let last = ranges.popLast() {
      ranges.append(IDRange(first: last.first, end: nil))
    } else {
      ranges.append(IDRange(first: start, end: nil))
    }
    return ranges
  }
}
