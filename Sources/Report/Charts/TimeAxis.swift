import Platform

/// Days along the bottom of a chart, marked at the beginnings of years or months.
struct TimeAxis {
  /// A mark with its text.
  struct Tick {
    let day: Int
    let text: String
  }

  /// Days since 1970.
  let range: ClosedRange<Int>
  let ticks: [Tick]

  /// - Parameter days: since 1970, at least one.
  init(covering days: [Int]) {
    let (low, high) = (days.min() ?? 0, days.max() ?? 0)
    range = low...high
    guard high > low else {
      ticks = [Tick(day: low, text: Self.month(of: low))]
      return
    }
    let (first, last) = (CalendarDate(daysSince1970: low), CalendarDate(daysSince1970: high))
    let months = (last.year - first.year) * 12 + last.month - first.month
    // Months from one mark to the next, so that at most six fit beside one another.
    let step = [1, 2, 3, 6, 12, 24, 36, 60, 120].first { months / $0 <= 5 } ?? 240
    var ticks: [Tick] = []
    var month = (first.year * 12 + first.month - 1 + step - 1) / step * step
    while month <= last.year * 12 + last.month - 1 {
      let date = CalendarDate(year: month / 12, month: month % 12 + 1, day: 1)!
      let day = date.daysSince1970
      if day >= low { ticks.append(Tick(day: day, text: step >= 12 ? "\(date.year)" : Self.month(of: day))) }
      month += step
    }
    // Where no beginning lies in the range, its ends say when it was.
    self.ticks =
      ticks.count > 1 ? ticks : [low, high].map { Tick(day: $0, text: Self.month(of: $0)) }
  }

  /// How far along the axis a day is, from 0 to 1; in the middle if there is only one.
  func place(_ day: Int) -> Double {
    range.upperBound == range.lowerBound
      ? 0.5 : Double(day - range.lowerBound) / Double(range.upperBound - range.lowerBound)
  }

  /// `Aug 2026`
  private static func month(of day: Int) -> String {
    let date = CalendarDate(daysSince1970: day)
    return "\(Figures.month("\(date.year)-\(padded(date.month, 2))").prefix(3)) \(date.year)"
  }
}
