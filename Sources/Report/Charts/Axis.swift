/// A range of values on a length of the image, with round numbers to mark it.
struct Axis {
  /// The least and the largest value that are shown.
  let range: ClosedRange<Double>
  /// Round numbers within the range, ascending.
  let ticks: [Double]

  /// An axis that holds all values.
  /// - Parameters:
  ///   - fromZero: whether it starts at zero, as it must where lengths are compared.
  ///   - count: about how many marks there should be.
  ///   - limit: what no value can exceed, such as 100 %.
  ///   - isWhole: whether marks between whole numbers would say nothing.
  init(covering values: [Double], fromZero: Bool, count: Int = 4, limit: Double? = nil, isWhole: Bool = false)
  {
    var low = values.min() ?? 0
    var high = values.max() ?? 1
    if fromZero {
      low = min(0, low)
      high = max(0, high)
    }
    if low == high {
      // A value that never changed is a line in the middle, and nothing is a line at the bottom.
      let room = low == 0 ? 1 : max(abs(low) * 0.1, isWhole ? 1 : 0)
      if !fromZero, low != 0 { low -= room }
      high += room
    }
    if let limit, low < limit { high = min(high, limit) }
    let step = Self.step((high - low) / Double(max(1, count)), isWhole: isWhole)
    let first = (low / step).rounded(.down)
    // A limit is a round number, and so a mark.
    let last = (high / step - 1e-9).rounded(.up)
    ticks = stride(from: first, through: last, by: 1).map { $0 * step }
    range = first * step...max(last * step, first * step + step)
  }

  /// 1, 2 or 5 times a power of ten, at least as large as what is asked for.
  private static func step(_ least: Double, isWhole: Bool) -> Double {
    guard least > 0, least.isFinite else { return 1 }
    var power = 1.0
    while power > least { power /= 10 }
    while power * 10 <= least { power *= 10 }
    let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= least * 0.999_999 } ?? power * 10
    return isWhole ? max(1, step.rounded()) : step
  }

  /// How far along the axis a value is, from 0 to 1.
  func place(_ value: Double) -> Double {
    (value - range.lowerBound) / (range.upperBound - range.lowerBound)
  }
}
