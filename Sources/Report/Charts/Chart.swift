import Markup

/// What every chart has: a title that says what it shows, a subtitle with unit and source, an image, and its numbers.
struct Chart {
  /// Unique in the page.
  let id: String
  /// What the chart shows, as a finding where there is one.
  let title: String
  /// Unit, and where the numbers come from.
  let subtitle: String
  /// The image itself.
  let image: Node
  /// The numbers that are in the image, exactly.
  let numbers: DataTable?
  /// Whether it takes the whole width of a page.
  var isWide = false

  /// The figure.
  var node: Node {
    HTML.figure(.class(isWide ? "chart wide" : "chart")) {
      HTML.figcaption {
        HTML.h3(text: title)
        HTML.p(.class("unit"), text: subtitle)
      }
      image
      if let numbers {
        HTML.details(.class("numbers")) {
          HTML.summary(text: "The numbers")
          numbers.node
        }
      }
    }
  }
}

/// Sizes of the images, in their units: a unit is about a pixel where a chart stands in its column.
enum ChartSize {
  static let width = 360.0
  static let lineHeight = 208.0
  static let row = 23.0

  /// About how wide a text of the charts' small size is.
  static func textWidth(_ text: String) -> Double { Double(text.unicodeScalars.count) * 6.7 }

  /// The text, shortened if it is wider than that.
  static func fitting(_ text: String, _ width: Double) -> String {
    let most = max(2, Int(width / 6.7))
    return text.unicodeScalars.count <= most ? text : text.prefix(most - 1) + "…"
  }
}
