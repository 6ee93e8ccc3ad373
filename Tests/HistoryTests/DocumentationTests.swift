import Foundation
import Schema
import TestSupport
import Testing

@testable import History

@Suite struct HistoryDocumentationTests {
  /// `docs/history.md` is made from the declarations; with `WRITE_DOCUMENTATION=1` this test writes it.
  @Test func eventsAndKPIsAreDocumentedAsTheyAreDeclared() throws {
    var text = """
      # The history's tables and KPIs

      The tables of `hive.discogs_history` only ever grow; each has a view of what is newest. Columns in this order,
      those without a type are VARCHAR. Times are UTC. Files of older versions lack columns that came later: those are
      NULL there.

      | table | columns | view | what the view shows |
      |---|---|---|---|

      """
    for table in EventTable.all {
      text +=
        "| `\(table.name)` | \(columns(table.columns)) | `\(table.latest.name)` | \(meaning(of: table.latest)) |\n"
    }
    let growth = HistoryView.kpiGrowth
    text += """

      A run's status in `\(EventTable.runRegistry.name)` is \(list(RunRegistryEvent.Status.allCases.map(\.rawValue))); \
      a KPI's in `\(EventTable.kpiSnapshots.name)` and `\(EventTable.kpiDimensions.name)` \
      \(list(KPISnapshotEvent.Status.allCases.map(\.rawValue))); a comparison's in `\(EventTable.runChanges.name)` \
      \(list(RunChangeEvent.Status.allCases.map(\.rawValue))). `change` is \
      \(list(EntityChangeEvent.Change.allCases.map(\.rawValue))).

      `\(growth.name)` (\(columns(growth.columns))) shows each KPI of each run beside that of its previous run: the newest
      with an earlier dump date, of several the one with the largest run id, among those whose latest status is `ok` or
      `skipped_active`. `delta_bp` is `delta` in basis points of `previous_value`, rounded down.

      ## KPIs

      Each is a BIGINT; `_bp` are basis points, rounded down: 10000 for equal values. Where there is nothing to divide by
      there is no value. `schema_version` says which version introduced it. In version 2 an id or a year of 0 counts as
      none; a year is that of a date `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.


      """
    for version in Set(KPI.all.map(\.version)).sorted() {
      text += "\n### Version \(version)\n\n| KPI | what it is |\n|---|---|\n"
      for kpi in KPI.scalars where kpi.version == version {
        text += "| `\(kpi.name)` | \(meaning(of: kpi)) |\n"
      }
    }
    text += """

      ### With a dimension (version 2)

      A row for each value in `\(EventTable.kpiDimensions.name)`, those that are NULL left out. Of those with the same
      number the name decides, by the bytes of its UTF-8, then the id. A KPI without values has one row, with `dim_value`
      NULL and 0.

      | KPI | what it is |
      |---|---|

      """
    for kpi in KPI.all where kpi.hasDimension { text += "| `\(kpi.name)` | \(meaning(of: kpi)) |\n" }
    text = text.replacing("\n\n\n", with: "\n\n")

    let file = URL(fileURLWithPath: Checkout.path("docs/history.md"))
    if ProcessInfo.processInfo.environment["WRITE_DOCUMENTATION"] == "1" {
      try Data(text.utf8).write(to: file)
    }
    let written = try String(contentsOf: file, encoding: .utf8)
    #expect(written == text, "WRITE_DOCUMENTATION=1 swift test --filter DocumentationTests")
  }

  private func list(_ values: [String]) -> String { values.map { "`\($0)`" }.joined(separator: ", ") }

  private func columns(_ columns: [Column]) -> String {
    columns.map { $0.name + ($0.type == .varchar ? "" : " \($0.type.rawValue)") }.joined(separator: ", ")
  }

  private func meaning(of view: EventTable.LatestView) -> String {
    let keys = view.keys.joined(separator: ", ")
    switch view.choice {
    case .newest(let status): return "the newest\(status.map { " `\($0)`" } ?? "") row of each \(keys)"
    case .newestMoment(let status): return "the `\(status)` rows of the newest moment of each \(keys)"
    case .momentOf(let table): return "the rows of the moment of the newest row in `\(table)` of each \(keys)"
    }
  }

  private func meaning(of kpi: KPI) -> String {
    switch kpi.formula {
    case .value(let quantity): return meaning(of: quantity)
    case .basisPoints(let numerator, let denominator):
      return "\(meaning(of: numerator)) over \(meaning(of: denominator))"
    case .values(.distinct(let id, let value), let dataset):
      return "different \(meaning(of: id)) of `\(dataset.table)` for each \(meaning(of: value))"
    case .values(.largest(let count, let number, let name, _), let dataset):
      return
        "the \(count) rows of `\(dataset.table)` with the largest `\(number)`, by `\(name)`; those without are left out"
    case .values(.mostRows(let count, let id, let distinct, let name, let other, let column), let dataset):
      return """
        the \(count) `\(id)` with most different `\(distinct)` in `\(dataset.table)`, by `\(column)` in `\(other.table)`, \
        else the smallest `\(name)`; `details` is the id
        """
    }
  }

  private func meaning(of quantity: KPI.Quantity) -> String {
    switch quantity {
    case .kpi(let name): return "`\(name)`"
    case .sum(let parts): return parts.map { meaning(of: $0) }.joined(separator: " and ")
    case .square(let root): return "the square of \(meaning(of: root))"
    case .measure(let measure, let dataset):
      let table = "of `\(dataset.table)`"
      switch measure {
      case .rows(let condition): return "rows \(table)\(meaning(of: condition))"
      case .distinct(let value, let condition):
        return "different \(meaning(of: value)) \(table)\(meaning(of: condition))"
      case .sum(let column): return "sum of `\(column)` \(table)"
      case .sumOfSquares(let column): return "sum of the squares of `\(column)` \(table)"
      case .sumOfLargest(1, let column): return "the largest `\(column)` \(table)"
      case .sumOfLargest(let count, let column): return "the \(count) largest `\(column)` \(table), summed"
      }
    }
  }

  private func meaning(of value: RowValue) -> String {
    switch value {
    case .column(let name), .nonzero(let name): "`\(name)`"
    case .yearOfDate(let name): "year of `\(name)`"
    case .decade(let year): "decade of the \(meaning(of: year))".replacing("the `", with: "`")
    }
  }

  private func meaning(of condition: Condition?) -> String {
    switch condition {
    case nil: ""
    case .has(let value)?: " with a \(meaning(of: value))"
    case .equal(let column, let text)?: " whose `\(column)` is `\(text)`"
    case .isTextOtherThan(let column, let text)?:
      " whose `\(column)` is neither NULL nor `\(text)` in any case"
    }
  }

  @Test func everyTableViewAndColumnOfTheHistorySaysWhatItHolds() throws {
    let comments =
      EventTable.all.map(\.comment) + HistoryView.all.map(\.comment)
      + (EventTable.all.flatMap(\.columns) + HistoryView.all.flatMap(\.columns)).map(\.comment)
    for comment in comments {
      #expect(
        (1...250).contains(comment.utf8.count) && comment.utf8.allSatisfy { (0x20..<0x7F).contains($0) })
    }
  }
}
