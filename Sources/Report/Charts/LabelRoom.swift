import Markup

/// The room that a line leaves for texts beside its points: no text is struck through by the line, or lies on another.
struct LabelRoom {
  /// To which side of its point a text may be moved.
  enum Side { case left, right, both }

  /// A rectangle of the image.
  private struct Box {
    var left: Double
    var top: Double
    var right: Double
    var bottom: Double

    func meets(_ other: Box) -> Bool {
      left < other.right && other.left < right && top < other.bottom && other.top < bottom
    }

    /// Whether a straight line passes through (Liang and Barsky, 1984).
    func meets(_ from: SVG.Point, _ to: SVG.Point) -> Bool {
      var (enter, leave) = (0.0, 1.0)
      let (dx, dy) = (to.x - from.x, to.y - from.y)
      for (step, room) in [
        (-dx, from.x - left), (dx, right - from.x), (-dy, from.y - top), (dy, bottom - from.y),
      ] {
        if step == 0 {
          if room < 0 { return false }
        } else if step < 0 {
          enter = max(enter, room / step)
        } else {
          leave = min(leave, room / step)
        }
      }
      return enter <= leave
    }

    func distance(to point: SVG.Point) -> Double {
      let (dx, dy) = (max(left - point.x, 0, point.x - right), max(top - point.y, 0, point.y - bottom))
      return (dx * dx + dy * dy).squareRoot()
    }
  }

  private let line: [SVG.Point]
  private let bounds: Box
  private var taken: [Box] = []

  /// Half of the line's width, and some air.
  private static let air = 2.5
  /// Of a text above and below its baseline.
  private static let (ascent, descent) = (9.5, 2.5)

  /// - Parameters:
  ///   - line: the points that the line goes through.
  ///   - left: texts stay within these.
  init(around line: [SVG.Point], left: Double, right: Double, top: Double, bottom: Double) {
    self.line = line
    bounds = Box(left: left, top: top, right: right, bottom: bottom)
  }

  /// Where a text is written: as near to its point as the line lets it, above it if all is alike.
  mutating func place(_ text: String, beside point: SVG.Point, side: Side) -> (
    at: SVG.Point, anchor: SVG.Anchor
  ) {
    let width = ChartSize.textWidth(text)
    let shifts = stride(from: 0.0, through: 96, by: 6)
    let start: Double
    let lefts: [Double]
    switch side {
    case .left:
      start = point.x + 4 - width
      lefts = shifts.map { start - $0 }
    case .right:
      start = point.x
      lefts = shifts.map { start + $0 }
    case .both:
      start = point.x - width / 2
      lefts = shifts.flatMap { [start + $0, start - $0] }
    }
    // Above all of the line there is room whatever it does.
    var best = box(max(bounds.left, min(start, bounds.right - width)), bounds.top + Self.ascent, width)
    var least = Double.infinity
    for left in lefts {
      for baseline in stride(from: bounds.top + Self.ascent, through: bounds.bottom - Self.descent, by: 1) {
        let candidate = box(left, baseline, width)
        let distance =
          candidate.distance(to: point) + (baseline > point.y ? 0.5 : 0) + abs(left - start) / 100
        if distance < least, distance >= 5, isFree(candidate) { (best, least) = (candidate, distance) }
      }
    }
    taken.append(best)
    let baseline = best.bottom - Self.descent
    switch side {
    case .left: return (SVG.Point(best.right, baseline), .end)
    case .right: return (SVG.Point(best.left, baseline), .start)
    case .both: return (SVG.Point((best.left + best.right) / 2, baseline), .middle)
    }
  }

  private func box(_ left: Double, _ baseline: Double, _ width: Double) -> Box {
    Box(left: left, top: baseline - Self.ascent, right: left + width, bottom: baseline + Self.descent)
  }

  private func isFree(_ box: Box) -> Bool {
    guard box.left >= bounds.left - 0.5, box.right <= bounds.right, !taken.contains(where: box.meets) else {
      return false
    }
    let air = Self.air
    let wide = Box(left: box.left - air, top: box.top - air, right: box.right + air, bottom: box.bottom + air)
    return !zip(line, line.dropFirst()).contains { wide.meets($0, $1) }
  }
}
