import Markup

/// Values of things beside one another, as bars from zero.
struct BarChart {
  /// A thing and its value.
  struct Bar {
    let name: String
    let value: Double
    /// The value as it is written at the bar's end.
    let shown: String
    /// What is shown when a pointer rests on the bar, if it is more than both.
    var tip: String?
    /// Whether it is one to look at, in the colour for that; the others are grey.
    var isMain = true
    /// A part of the value, from zero on, that is drawn in the bar in another shade.
    var part: Double?
  }

  let id: String
  /// For readers who do not see it.
  let name: String
  let bars: [Bar]
  var tickText: (Double) -> String = Figures.short
  var isWhole = true
  var nameWidth = 142.0

  private typealias Size = ChartSize

  /// The image; nil without any bar.
  var image: Node? {
    guard !bars.isEmpty else { return nil }
    let values = Axis(covering: bars.map(\.value), fromZero: true, count: 3, isWhole: isWhole)
    let names = min(nameWidth, (bars.map { Size.textWidth($0.name) }.max() ?? 0) + 8)
    let right = Size.width - (bars.map { Size.textWidth($0.shown) }.max() ?? 0) - 10
    let top = 20.0
    let height = top + Double(bars.count) * Size.row + 4
    func x(_ value: Double) -> Double { names + values.place(value) * (right - names) }
    return SVG.image(
      id: id, size: SVG.Point(Size.width, height), class: "bar-chart", title: name, description: description
    ) {
      for tick in values.ticks {
        SVG.line(SVG.Point(x(tick), top - 4), SVG.Point(x(tick), height), class: tick == 0 ? "axis" : "grid")
        SVG.text(
          tickText(tick), at: SVG.Point(x(tick), top - 8), anchor: tick == 0 ? .start : .middle, class: "tick"
        )
      }
      for (index, bar) in bars.enumerated() {
        let y = top + Double(index) * Size.row
        SVG.text(
          Size.fitting(bar.name, names - 6), at: SVG.Point(names - 7, y + 16), anchor: .end, class: "name")
        SVG.rect(
          SVG.Point(names, y + 4), width: x(bar.value) - names, height: Size.row - 7,
          class: bar.isMain ? "bar main" : "bar", tip: bar.tip ?? "\(bar.name): \(bar.shown)")
        if let part = bar.part {
          SVG.rect(SVG.Point(names, y + 4), width: x(part) - names, height: Size.row - 7, class: "bar part")
        }
        SVG.text(bar.shown, at: SVG.Point(x(bar.value) + 5, y + 16), class: "value")
      }
    }
  }

  private var description: String {
    bars.prefix(12).map { "\($0.name): \($0.shown)" }.joined(separator: "; ")
      + (bars.count > 12 ? "; and \(bars.count - 12) more" : "")
  }
}
