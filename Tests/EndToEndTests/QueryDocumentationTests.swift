import Foundation
import Platform
import TestSupport
import Testing

/// What `docs/queries.md` says of the queries.
@Suite struct QueryDocumentationTests {
  private static let heading = "## Questions and answers\n"
  /// More rows than these of a result are only counted.
  private static let mostRows = 10

  /// From the heading on the document is made from `queries/*.sql` and what they answer on the demo's lake; with
  /// `WRITE_DOCUMENTATION=1` this test writes it.
  @Test(.needs(Tools.duckdb))
  func theQueriesAreDocumentedWithTheirAnswers() throws {
    try withTemporaryFolder { folder in
      let pipeline = try Pipeline.ofTheDemo(in: folder)
      let file = URL(fileURLWithPath: Checkout.path("docs/queries.md"))
      let before = try String(contentsOf: file, encoding: .utf8)
      let start = try #require(before.range(of: Self.heading)).upperBound
      let queries = try QueryTests.all().map { try Query(name: $0) }
      var text =
        before[..<start] + """

          Each is a file that DuckDB and Trino run as it is; what it asks for stands in the lines that end in `-- wanted`. The larger
          table of a join stands first, since Trino follows that order where it knows no sizes. The results are those of
          the demo, whose world is invented. Queries that need tracks, credits, companies or identifiers need a run with
          `datasets=all`.


          """
      for query in queries { text += "- [\(query.title)](#\(query.anchor))\n" }
      for query in queries {
        text += """

          ### \(query.title)

          \(query.description)

          [`\(query.name).sql`](../queries/\(query.name).sql):

          ```sql
          \(query.sql)
          ```

          \(Self.table(CSV.records(try QueryTests.inShell(query.name, pipeline))))
          """
      }
      if ProcessInfo.processInfo.environment["WRITE_DOCUMENTATION"] == "1" {
        try Data(text.utf8).write(to: file)
      }
      let written = try String(contentsOf: file, encoding: .utf8)
      #expect(written == text, "WRITE_DOCUMENTATION=1 swift test --filter DocumentationTests")
    }
  }

  /// A query's file: the title and the description are its first comment.
  private struct Query {
    let name: String
    let title: String
    let description: String
    let sql: String

    init(name: String) throws {
      self.name = name
      let lines = try QueryTests.text(of: name).split(separator: "\n", omittingEmptySubsequences: false)
      let comment = lines.prefix { $0.hasPrefix("-- ") }.map { String($0.dropFirst(3)) }
      try #require(comment.count > 1, "\(name).sql begins with a title and what it does")
      title = comment[0]
      description = comment.dropFirst().joined(separator: "\n")
      sql = lines.dropFirst(comment.count).joined(separator: "\n")
        .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The name of the title as a place in the page.
    var anchor: String {
      String(title.lowercased().filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" })
        .replacing(" ", with: "-")
    }
  }

  private static func table(_ records: [[String]]) -> String {
    let names = records[0]
    let rows = records.dropFirst()
    var text = "| \(names.map(escaped).joined(separator: " | ")) |\n|\(names.map { _ in "---|" }.joined())\n"
    for row in rows.prefix(mostRows) { text += "| \(row.map(escaped).joined(separator: " | ")) |\n" }
    if rows.count > mostRows { text += "\nand \(rows.count - mostRows) more.\n" }
    return text
  }

  /// A value as it may stand in a cell of a table: names hold everything.
  private static func escaped(_ value: String) -> String {
    var text = value
    for (character, reference) in [
      ("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("|", "&#124;"), ("*", "&#42;"), ("_", "&#95;"),
      ("[", "&#91;"), ("`", "&#96;"), ("@", "&#64;"),
    ] { text = text.replacing(character, with: reference) }
    return text
  }
}
