import Markup

/// Values over time as lines: one, or a few that are labelled where they end.
struct LineChart {
  /// A value on a day.
  struct Point {
    /// Since 1970.
    let day: Int
    let value: Double
    /// The value as it is said at the line's end, and when a pointer rests on the point.
    let shown: String
    /// What the point is about: a run's dump.
    let about: String
  }

  /// A line.
  struct Series {
    let name: String
    let points: [Point]
    /// Whether it is the one to look at, in the colour for that.
    var isMain = true
  }

  let id: String
  /// For readers who do not see it.
  let name: String
  let series: [Series]
  /// How values are written along the left side.
  var tickText: (Double) -> String = Figures.short
  var isWhole = true
  /// What no value can exceed.
  var limit: Double?

  private typealias Size = ChartSize

  /// The image; nil without any point.
  var image: Node? {
    let points = series.flatMap(\.points)
    guard !points.isEmpty else { return nil }
    let values = Axis(covering: points.map(\.value), fromZero: false, limit: limit, isWhole: isWhole)
    let days = TimeAxis(covering: points.map(\.day))
    let labels = series.count > 1 ? series.flatMap { [$0.name, $0.points.last?.shown ?? ""] } : []
    let plot = Plot(
      left: (values.ticks.map { Size.textWidth(tickText($0)) }.max() ?? 0) + 8,
      right: Size.width - max(14, (labels.map(Size.textWidth).max() ?? 0) + 10), values: values, days: days)
    return SVG.image(
      id: id, size: SVG.Point(Size.width, Size.lineHeight), class: "line-chart", title: name,
      description: description
    ) {
      for tick in values.ticks { grid(tick, plot) }
      bottom(plot)
      for line in series { path(line, plot) }
      if series.count > 1 { ends(plot) } else { alone(series[0], plot) }
      targets(plot)
    }
  }

  /// Where values and days are in the image.
  private struct Plot {
    let left: Double
    let right: Double
    let top = 22.0
    let bottom = ChartSize.lineHeight - 24
    let values: Axis
    let days: TimeAxis

    func at(_ point: Point) -> SVG.Point { SVG.Point(x(point.day), y(point.value)) }
    func x(_ day: Int) -> Double { left + days.place(day) * (right - left) }
    func y(_ value: Double) -> Double { bottom - values.place(value) * (bottom - top) }
  }

  private var description: String {
    series.map { line in
      guard let first = line.points.first, let last = line.points.last else {
        return "\(line.name): no values."
      }
      return line.points.count == 1
        ? "\(line.name): \(last.shown) (\(last.about))."
        : "\(line.name): from \(first.shown) (\(first.about)) to \(last.shown) (\(last.about)), \(line.points.count) points."
    }.joined(separator: " ")
  }

  @NodeBuilder private func grid(_ tick: Double, _ plot: Plot) -> [Node] {
    let y = plot.y(tick)
    SVG.line(SVG.Point(plot.left, y), SVG.Point(plot.right, y), class: "grid")
    SVG.text(tickText(tick), at: SVG.Point(plot.left - 6, y + 4), anchor: .end, class: "tick")
  }

  @NodeBuilder private func bottom(_ plot: Plot) -> [Node] {
    SVG.line(SVG.Point(plot.left, plot.bottom), SVG.Point(plot.right, plot.bottom), class: "axis")
    for tick in plot.days.ticks {
      let x = plot.x(tick.day)
      let half = Size.textWidth(tick.text) / 2
      SVG.line(SVG.Point(x, plot.bottom), SVG.Point(x, plot.bottom + 4), class: "axis")
      // A text at an end stays within the image.
      SVG.text(
        tick.text, at: SVG.Point(min(max(x, half), Size.width - half), plot.bottom + 17), anchor: .middle,
        class: "tick")
    }
  }

  @NodeBuilder private func path(_ line: Series, _ plot: Plot) -> [Node] {
    let places = line.points.map(plot.at)
    let kind = line.isMain ? "main" : "other"
    if places.count > 1 { SVG.path(places, class: "series \(kind)") }
    if places.count <= 40 { for place in places { SVG.circle(place, radius: 2.2, class: "dot \(kind)") } }
    if let last = places.last { SVG.circle(last, radius: 3.6, class: "dot \(kind)") }
  }

  /// One line has its first and last value written beside it, where the line itself leaves room.
  @NodeBuilder private func alone(_ line: Series, _ plot: Plot) -> [Node] {
    if let first = line.points.first, let last = line.points.last {
      let places = line.points.map(plot.at)
      var room = LabelRoom(
        around: places, left: plot.left, right: Size.width - 2, top: 2, bottom: plot.bottom - 2)
      let end = room.place(
        last.shown, beside: places[places.count - 1], side: line.points.count > 1 ? .left : .both)
      SVG.text(last.shown, at: end.at, anchor: end.anchor, class: "value main")
      if line.points.count > 1 {
        let start = room.place(first.shown, beside: places[0], side: .right)
        SVG.text(first.shown, at: start.at, anchor: start.anchor, class: "value")
      }
    }
  }

  /// The lines' names and last values beside their ends, moved apart where they would lie on one another.
  @NodeBuilder private func ends(_ plot: Plot) -> [Node] {
    let (line, height) = (13.0, 30.0)
    // Each is the baseline of the name; the value stands below.
    let ends = Self.apart(
      series.compactMap { series in
        series.points.last.map { (y: plot.y($0.value) - 2, series: series, point: $0) }
      }
      .sorted { $0.y < $1.y }, by: height, through: plot.bottom - line + 4)
    for (y, series, point) in ends {
      let kind = series.isMain ? "value main" : "value"
      SVG.text(series.name, at: SVG.Point(plot.right + 9, y), class: kind)
      SVG.text(point.shown, at: SVG.Point(plot.right + 9, y + line), class: kind)
    }
  }

  /// Moves places down, and up again from the last that is allowed, until each is so far from the one before.
  private static func apart(
    _ ends: [(y: Double, series: Series, point: Point)], by height: Double, through last: Double
  ) -> [(y: Double, series: Series, point: Point)] {
    var ends = ends
    for index in ends.indices.dropFirst() { ends[index].y = max(ends[index].y, ends[index - 1].y + height) }
    for index in ends.indices.reversed() {
      ends[index].y = min(ends[index].y, index == ends.count - 1 ? last : ends[index + 1].y - height)
    }
    return ends
  }

  /// What a pointer finds: the whole height of the image at each day.
  private func targets(_ plot: Plot) -> [Node] {
    let byDay = Dictionary(grouping: series.flatMap { line in line.points.map { (line.name, $0) } }) {
      $0.1.day
    }
    let days = byDay.keys.sorted()
    return days.enumerated().map { index, day in
      let x = plot.x(day)
      let start = index == 0 ? plot.left - 4 : (plot.x(days[index - 1]) + x) / 2
      let end = index == days.count - 1 ? plot.right + 4 : (plot.x(days[index + 1]) + x) / 2
      let points = byDay[day] ?? []
      let values = points.map { series.count > 1 ? "\($0.0) \($0.1.shown)" : $0.1.shown }
      return SVG.rect(
        SVG.Point(start, plot.top - 10), width: end - start, height: plot.bottom - plot.top + 10,
        class: "target", tip: "\(points.first?.1.about ?? ""): \(values.joined(separator: ", "))")
    }
  }
}
