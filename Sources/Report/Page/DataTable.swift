import Lake
import Markup

/// A table of numbers and words. The page's script can sort and filter it.
struct DataTable {
  /// What a column is called, and how its cells are set.
  struct Column {
    let title: String
    /// Numbers stand at the right, in figures of one width.
    var isNumber = false

    /// A column of words.
    static func words(_ title: String) -> Column { Column(title: title) }
    /// A column of numbers.
    static func numbers(_ title: String) -> Column { Column(title: title, isNumber: true) }

    /// The title; that of a run is broken between its month, day and time and nowhere else.
    @NodeBuilder fileprivate var heading: [Node] {
      if let id = try? RunID(validating: title) {
        let day = id.text.dropFirst("2026-08__".count).prefix("20260802_".count)
        HTML.span(.class("d"), text: "\(id.dumpMonth)__")
        HTML.wbr()
        HTML.span(.class("d"), text: String(day))
        HTML.wbr()
        HTML.span(.class("d"), text: String(id.text.suffix("030405".count)))
      } else {
        title
      }
    }
  }

  /// What stands in a row's place of a column.
  struct Cell {
    var content: [Node]
    /// By what the table is sorted, where that is not the text.
    var sortKey: String?

    /// Words.
    static func text(_ text: String) -> Cell { Cell(content: [.text(text)]) }
    /// Text from a dump: of any language and direction.
    static func foreign(_ text: String, tip: Int = 1000) -> Cell {
      Cell(content: [Phrases.foreign(text, tip: tip)])
    }
    /// A day.
    static func date(_ text: String?) -> Cell {
      Cell(content: [HTML.span(.class("d"), text: text ?? "–")], sortKey: text ?? "")
    }
    /// A name of ours: a file, a column.
    static func code(_ text: String) -> Cell { Cell(content: [Phrases.name(text)]) }
    /// A number with its digits in groups; nil where there is none.
    static func number(_ value: (some BinaryInteger)?) -> Cell {
      value.map { Cell(content: [.text(Figures.grouped($0))], sortKey: String($0)) } ?? .nothing
    }
    /// A change; nil where there is none.
    static func change(_ value: (some BinaryInteger)?) -> Cell {
      value.map { Cell(content: [.text(Figures.signed($0))], sortKey: String($0)) } ?? .nothing
    }
    /// A length of time in seconds, to the hundredth.
    static func seconds(_ value: Double) -> Cell {
      Cell(content: [.text(Figures.trimmed(value, places: 2, keepsZeros: true))])
    }
    /// A text that stands for a number.
    static func number(_ text: String?, _ value: Int64?) -> Cell {
      guard let text, let value else { return .nothing }
      return Cell(content: [.text(text)], sortKey: String(value))
    }
    /// Nodes.
    static func nodes(@NodeBuilder _ content: () -> [Node]) -> Cell { Cell(content: content()) }
    /// There is nothing to say.
    static let nothing = Cell(content: [HTML.span(.class("none"), text: "–")], sortKey: "")
  }

  /// Unique in the page.
  let id: String
  /// What the table holds; also its name for those who do not see it.
  let caption: String
  let columns: [Column]
  /// Each has a cell for each column; the first is the row's name.
  let rows: [[Cell]]
  /// What the script adds.
  var isSortable = false
  var isFilterable = false
  /// How wide tables keep their first column in sight, and how they are printed.
  var style = ""

  /// The table, in a box that scrolls where the page is too narrow for it.
  var node: Node {
    let behaviours = [isSortable ? "sort" : nil, isFilterable ? "filter" : nil].compactMap { $0 }
    return HTML.div(
      .class("scroll \(style)"), .role("region"), .labelled(by: "\(id)-caption"), .focusable
    ) {
      HTML.table(
        .id(id), behaviours.isEmpty ? nil : .behaviour(behaviours.joined(separator: " "))
      ) {
        HTML.caption(.id("\(id)-caption"), text: caption)
        HTML.thead {
          HTML.tr {
            for column in columns {
              HTML.th(.scope(.column), column.isNumber ? .class("n") : nil) { column.heading }
            }
          }
        }
        HTML.tbody { for row in rows { HTML.tr { cells(row) } } }
      }
    }
  }

  private func cells(_ row: [Cell]) -> [Node] {
    zip(columns, row).enumerated().map { index, pair in
      let (column, cell) = pair
      let attributes =
        (index == 0 ? [Attribute.scope(.row)] : []) + (column.isNumber ? [.class("n")] : [])
        + (cell.sortKey.map { key in needsKey(cell, key) ? [.sortKey(key)] : [] } ?? [])
      return (index == 0 ? HTML.th : HTML.td).make(attributes, cell.content)
    }
  }

  /// A plain number is read from its text, which saves a third of a large page.
  private func needsKey(_ cell: Cell, _ key: String) -> Bool {
    guard case .text(let text)? = cell.content.first, cell.content.count == 1 else { return true }
    return text.filter { $0 != "," } != key
  }
}
