import Foundation

/// A page as a browser shows it.
public struct BrowserPage: Decodable, Sendable {
  /// A table of a page.
  public struct Table: Decodable, Sendable {
    public let columns: [String]
    /// The cells' texts.
    public let rows: [[String]]
    /// What the cells are sorted by: numbers without groups of digits.
    public let keys: [[String]]

    /// The texts of a row, by column; nil without such a row.
    public func texts(_ name: String) -> [String: String]? {
      rows.first { $0.first == name }.map { Dictionary(zip(columns, $0)) { first, _ in first } }
    }

    /// The keys of a row, by column; nil without such a row.
    public func row(_ name: String) -> [String: String]? {
      rows.firstIndex { $0.first == name }.map {
        Dictionary(zip(columns, keys[$0])) { first, _ in first }
      }
    }
  }

  /// A chart of a page.
  public struct Chart: Decodable, Sendable {
    /// For those who do not see it.
    public let name: String
    public let description: String
    /// The words above it.
    public let title: String
    public let unit: String
    /// The texts in it: what bars are called, values, and those of the axes.
    public let names: [String]
    public let values: [String]
    public let ticks: [String]
    /// What a pointer tells of each mark.
    public let tips: [String]
  }

  /// A number that stands large at the top.
  public struct Figure: Decodable, Sendable {
    public let value: String
    public let change: String
  }

  /// The headline.
  public let heading: String
  /// All text.
  public let text: String
  /// By id.
  public let tables: [String: Table]
  /// By what they count.
  public let figures: [String: Figure]
  /// By id.
  public let charts: [String: Chart]

  /// Opens a file in a headless Chromium.
  public static func open(_ path: String) throws -> BrowserPage {
    let read = try execute(
      "/usr/bin/python3", [Checkout.path("Tests/Browser/read_tables.py"), try Tools.chromium.path(), path])
    guard read.status == 0 else { throw UnexpectedExecution(description: read.stderr) }
    return try JSONDecoder().decode(BrowserPage.self, from: Data(read.stdout.utf8))
  }

  /// What is wrong with the pages, as `Tests/Browser/check_page.py` finds it; empty if nothing is.
  public static func faults(_ pages: [String]) throws -> [String] {
    let checked = try execute(
      "/usr/bin/python3", [Checkout.path("Tests/Browser/check_page.py"), try Tools.chromium.path()] + pages,
      timeout: 400)
    let lines = checked.stdout.split(separator: "\n").map(String.init)
    let looked = lines.filter { $0.firstMatch(of: /: \d+ tables, \d+ images, \d+ headings$/) != nil }
    guard looked.count == pages.count else { throw UnexpectedExecution(description: checked.stderr) }
    return lines.filter { !looked.contains($0) }
  }
}
