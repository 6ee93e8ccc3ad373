import Foundation
import Schema
import TestSupport
import Testing

/// What the documentation says about things that the code declares.
@Suite struct DocumentationTests {
  /// `docs/datasets.md` is made from the schema; with `WRITE_DOCUMENTATION=1` this test writes it.
  @Test func theDatasetsAreDocumentedAsTheyAreDeclared() throws {
    let groups: [(title: String, datasets: [Dataset])] = [
      ("From the dumps", Dataset.all.filter { $0.origin != .derived && !$0.isDetail }),
      ("From the dumps, with `datasets=all`", Dataset.all.filter { $0.origin != .derived && $0.isDetail }),
      ("Derived", Dataset.derived),
    ]
    var text = """
      # The datasets

      A folder in a run, a table in the schema `hive.discogs` and in that of the run. Columns in this order, all
      nullable. Runs without \(Dataset.required.map { "`\($0.name)`" }.joined(separator: ", ")) are incomplete.
      How text becomes columns is said in [text.md](text.md).


      """
    for (title, datasets) in groups {
      text += "## \(title)\n\n| dataset | table | |\n|---|---|---|\n"
      for dataset in datasets {
        let table = dataset.table == dataset.name ? "same" : "`\(dataset.table)`"
        text += "| [`\(dataset.name)`](#\(dataset.name)) | \(table) | \(dataset.comment) |\n"
      }
      text += "\n"
    }
    text += "## Columns\n\n"
    for dataset in groups.flatMap(\.datasets) {
      text +=
        "### \(dataset.name)\n\n\(dataset.comment)\n\n| column | type | | NULL | names |\n|---|---|---|---|---|\n"
      for column in dataset.columns {
        let names = column.references.map { "\($0.entity.main.columns[0].name)" } ?? ""
        text +=
          "| `\(column.name)` | \(column.type.rawValue) | \(column.comment) | \(column.nulls.words) | \(names) |\n"
      }
      text += "\n"
    }
    text += """
      ## Order and norms

      `*_norm` is a name in lower case, code point by code point; `norm_name` also drops a trailing number (`Name (2)`) and
      has single blanks. The rows of a derived dataset lie in the order of what they are looked up by: `artist_name_map_v1`
      by norm_name, `release_artists_v1` by artist_id, the others by `*_norm`; NULL comes first. Links without a name keep
      their rows in `release_label_xref_v1`, and in `release_artists_v1` if they have an id.

      """
    let file = URL(fileURLWithPath: Checkout.path("docs/datasets.md"))
    if ProcessInfo.processInfo.environment["WRITE_DOCUMENTATION"] == "1" {
      try Data(text.utf8).write(to: file)
    }
    let written = try String(contentsOf: file, encoding: .utf8)
    #expect(written == text, "WRITE_DOCUMENTATION=1 swift test --filter DocumentationTests")
  }

  /// The blocks are pasted into one shell, one after the other: none may leave the folder that the next one starts from,
  /// or keep the catalog from the tasks.
  @Test func theReadmesCommandsCanBeRunInSequence() throws {
    let text = try String(contentsOfFile: Checkout.path("README.md"), encoding: .utf8)
    let commands = text.split(separator: "\n").filter { $0.hasPrefix("    ") }.map { $0.drop { $0 == " " } }
    #expect(commands.contains { $0.hasPrefix("(cd workflows/main && ") })
    #expect(commands.filter { $0.hasPrefix("cd ") } == [])
    let openings = commands.filter { $0.contains("/_meta/catalog.duckdb") }
    #expect(!openings.isEmpty && openings.allSatisfy { $0.contains("duckdb -readonly ") })
  }
}

extension Column.Nulls {
  /// What the documentation says of it.
  fileprivate var words: String {
    switch self {
    case .any, .reported: "may be"
    case .atMost(0), .never: "never"
    case .atMost(let share): "rare, at most \(Int((share * 100).rounded())) %"
    }
  }
}
