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
  /// Whether it takes the whole width of a page, with its numbers beside it.
  var isWide = false

  /// Charts beside one another: in rows of three, or of two where one would be left alone.
  static func grid(_ charts: [Node]) -> Node? {
    if charts.isEmpty { return nil }
    let isInPairs = charts.count % 2 == 0 && charts.count % 3 != 0
    return HTML.div(.class(isInPairs ? "charts two" : "charts")) { charts }
  }

  /// The figure.
  var node: Node {
    HTML.figure(.class(isWide ? "chart wide" : "chart")) {
      HTML.figcaption {
        HTML.h3(text: title)
        HTML.p(.class("unit"), text: subtitle)
      }
      image
      if let numbers, isWide {
        HTML.div(.class("numbers")) { numbers.node }
      } else if let numbers {
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

  /// At most how wide a text of the charts' small size is, whatever of the page's fonts a reader has: in the widest of them,
  /// DejaVu Sans, and in its bold.
  static func textWidth(_ text: String) -> Double { text.reduce(0) { $0 + width(of: $1) } }

  private static func width(of character: Character) -> Double {
    switch character {
    case "i", "j", "l", "I", ".", ",", ":", ";", "'", "|", "!": 4.4
    case "f", "r", "t", " ", "(", ")", "[", "]", "-", "/": 5.4
    case "m", "w", "M", "W", "@", "%", "…", "—": 11.4
    case "0"..."9", "a"..."z": 7.4
    case "A"..."Z": 8.9
    default: (character.unicodeScalars.first?.value ?? 0) < 0x0530 ? 8.6 : 12.5
    }
  }

  /// The text, shortened if it is wider than that.
  static func fitting(_ text: String, _ room: Double) -> String {
    if textWidth(text) <= room { return text }
    var (shown, width) = ("", textWidth("…"))
    for character in text {
      width += self.width(of: character)
      if width > room, !shown.isEmpty { break }
      // Marks without number on one letter are one character all the same.
      shown += String(String.UnicodeScalarView(character.unicodeScalars.prefix(12)))
    }
    return "\(shown)…"
  }
}
