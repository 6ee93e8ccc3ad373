/// The elements of SVG that the charts are made of (SVG 2). Coordinates are in the image's own units.
public enum SVG {
  static let svg = Tag("svg", startsLine: true)
  static let titleTag = Tag("title")
  static let descTag = Tag("desc")
  static let lineTag = Tag("line")
  static let rectTag = Tag("rect")
  static let circleTag = Tag("circle")
  static let pathTag = Tag("path")
  static let textTag = Tag("text")
  static let groupTag = Tag("g")

  /// A place in an image.
  public struct Point: Sendable, Hashable {
    public var x: Double
    public var y: Double

    public init(_ x: Double, _ y: Double) {
      self.x = x
      self.y = y
    }
  }

  /// Which part of a text is at its place.
  public enum Anchor: String, Sendable { case start, middle, end }

  /// An image, which has a name and a description by construction: both are what a reader who does not see it gets.
  /// - Parameters:
  ///   - id: unique in the page.
  ///   - size: of the coordinates; the page's style decides how large they are shown.
  public static func image(
    id: String, size: Point, class name: String, title: String, description: String,
    @NodeBuilder content: () -> [Node]
  ) -> Node {
    svg.make(
      [
        Attribute("viewBox", "0 0 \(number(size.x)) \(number(size.y))"), .class(name), .role("img"),
        .labelled(by: "\(id)-title \(id)-desc"),
      ],
      [
        titleTag(.id("\(id)-title"), text: title), descTag(.id("\(id)-desc"), text: description),
      ] + content())
  }

  /// A straight line.
  public static func line(_ from: Point, _ to: Point, class name: String) -> Node {
    lineTag.make(
      [
        Attribute("x1", number(from.x)), Attribute("y1", number(from.y)), Attribute("x2", number(to.x)),
        Attribute("y2", number(to.y)), .class(name),
      ], [])
  }

  /// A rectangle, with what is shown when a pointer rests on it.
  public static func rect(
    _ corner: Point, width: Double, height: Double, class name: String, tip: String? = nil
  )
    -> Node
  {
    rectTag.make(
      [
        Attribute("x", number(corner.x)), Attribute("y", number(corner.y)),
        Attribute("width", number(max(0, width))), Attribute("height", number(max(0, height))), .class(name),
      ], tips(tip))
  }

  /// A filled circle, with what is shown when a pointer rests on it.
  public static func circle(_ center: Point, radius: Double, class name: String, tip: String? = nil) -> Node {
    circleTag.make(
      [
        Attribute("cx", number(center.x)), Attribute("cy", number(center.y)), Attribute("r", number(radius)),
        .class(name),
      ], tips(tip))
  }

  /// A line through the points in their order.
  public static func path(_ points: [Point], class name: String) -> Node {
    let commands = points.enumerated().map { index, point in
      "\(index == 0 ? "M" : "L")\(number(point.x)) \(number(point.y))"
    }
    return pathTag.make([Attribute("d", commands.joined()), .class(name)], [])
  }

  /// A text on one line.
  public static func text(_ text: String, at point: Point, anchor: Anchor = .start, class name: String)
    -> Node
  {
    textTag.make(
      [
        Attribute("x", number(point.x)), Attribute("y", number(point.y)),
        Attribute("text-anchor", anchor.rawValue), .class(name),
      ], [.text(text)])
  }

  /// Several of these under one class.
  public static func group(class name: String, @NodeBuilder content: () -> [Node]) -> Node {
    groupTag.make([.class(name)], content())
  }

  private static func tips(_ text: String?) -> [Node] { text.map { [titleTag(text: $0)] } ?? [] }

  /// A coordinate: a tenth of a unit is finer than any screen.
  static func number(_ value: Double) -> String {
    guard value.isFinite else { return "0" }
    let tenths = Int((value * 10).rounded())
    let (whole, rest) = (tenths.magnitude / 10, tenths.magnitude % 10)
    return "\(tenths < 0 ? "-" : "")\(whole)\(rest == 0 ? "" : ".\(rest)")"
  }
}
