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

  private typealias Size = ChartSize

  /// The image; nil without any point.
  var image: Node? {
    let points = series.flatMap(\.points)
    guard !points.isEmpty else { return nil }
    let values = Axis(covering: points.map(\.value), fromZero: false, isWhole: isWhole)
    let days = TimeAxis(covering: points.map(\.day))
    let labels = series.count > 1 ? series.map(endLabel) : []
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
      if series.count > 1 { ends(labels, plot) } else { alone(series[0], plot) }
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

  /// One line has its first and last value written beside it.
  @NodeBuilder private func alone(_ line: Series, _ plot: Plot) -> [Node] {
    if let first = line.points.first, let last = line.points.last {
      let places = line.points.map(plot.at)
      if line.points.count > 1 {
        let y = Self.clearOf(places[1].y, beside: places[0].y, plot)
        SVG.text(first.shown, at: SVG.Point(places[0].x, y), class: "value")
        let end = places[places.count - 1]
        SVG.text(
          last.shown, at: SVG.Point(end.x + 4, Self.clearOf(places[places.count - 2].y, beside: end.y, plot)),
          anchor: .end, class: "value main")
      } else {
        SVG.text(
          last.shown, at: SVG.Point(places[0].x, places[0].y - 9), anchor: .middle, class: "value main")
      }
    }
  }

  /// Where a text beside a point is out of the way of the line to its neighbour: below the point if the line goes up.
  private static func clearOf(_ neighbour: Double, beside point: Double, _ plot: Plot) -> Double {
    neighbour < point && point + 18 < plot.bottom ? point + 17 : point - 9
  }

  private func endLabel(_ line: Series) -> String { "\(line.name) \(line.points.last?.shown ?? "")" }

  /// The lines' labels beside their ends, moved apart where they would lie on one another.
  private func ends(_ labels: [String], _ plot: Plot) -> [Node] {
    let height = 14.0
    var ends = zip(series, labels).compactMap { line, label in
      line.points.last.map {
        (y: plot.y($0.value) + 4, x: plot.x($0.day) + 8, label: label, isMain: line.isMain)
      }
    }.sorted { $0.y < $1.y }
    for index in ends.indices.dropFirst() { ends[index].y = max(ends[index].y, ends[index - 1].y + height) }
    for index in ends.indices.reversed() {
      let limit = index == ends.count - 1 ? plot.bottom : ends[index + 1].y - height
      ends[index].y = min(ends[index].y, limit)
    }
    return ends.map {
      SVG.text($0.label, at: SVG.Point($0.x, $0.y), class: $0.isMain ? "value main" : "value")
    }
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
