import Markup

/// A line of the size of a word, to show how a number came to be what it is.
struct Sparkline {
  let id: String
  let name: String
  /// In their order; nil where there is none.
  let values: [Double?]
  /// What the first and the last value are, in words.
  let description: String

  /// The image; nil with less than two values.
  var image: Node? {
    let known = values.enumerated().compactMap { index, value in value.map { (Double(index), $0) } }
    guard known.count > 1, let low = known.map(\.1).min(), let high = known.map(\.1).max() else { return nil }
    let (width, height) = (84.0, 20.0)
    let span = high > low ? high - low : 1
    let points = known.map { index, value in
      SVG.Point(
        3 + index / Double(values.count - 1) * (width - 6),
        high > low ? height - 3 - (value - low) / span * (height - 6) : height / 2)
    }
    return SVG.image(
      id: id, size: SVG.Point(width, height), class: "sparkline", title: name, description: description
    ) {
      SVG.path(points, class: "series")
      SVG.circle(points[points.count - 1], radius: 2.4, class: "dot main")
    }
  }
}
