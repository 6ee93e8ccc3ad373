import Foundation
import TestSupport
import Testing

@testable import History

@Suite struct HistoryDocumentationTests {
  /// `docs/history.md` is made from the declarations; with `WRITE_DOCUMENTATION=1` this test writes it.
  @Test func eventsAndKPIsAreDocumentedAsTheyAreDeclared() throws {
    var text = """
      # The history's tables and KPIs

      Both tables of `hive.discogs_history` only ever grow; each has a view of what is newest. Columns in this order,
      those without a type are VARCHAR. Times are UTC.

      | table | columns | view | a row for each |
      |---|---|---|---|

      """
    for table in EventTable.all {
      let columns = table.columns.map { $0.name + ($0.type == .varchar ? "" : " \($0.type.rawValue)") }
      let status = table.latest.status.map { " with an event of status `\($0)`" } ?? ""
      text += "| `\(table.name)` | \(columns.joined(separator: ", ")) | `\(table.latest.name)` "
      text += "| \(table.latest.keys.joined(separator: ", "))\(status) |\n"
    }
    text += """

      A run's status in `\(EventTable.runRegistry.name)` is \(list(RunRegistryEvent.Status.allCases.map(\.rawValue))); \
      a KPI's in `\(EventTable.kpiSnapshots.name)` \(list(KPISnapshotEvent.Status.allCases.map(\.rawValue))).

      ## KPIs

      Version \(EventTable.schemaVersion). Each is a BIGINT; `_bp` are basis points, rounded down: 10000 for equal
      values. Where there is nothing to divide by there is no value.

      | KPI | what it is |
      |---|---|

      """
    for kpi in KPI.all { text += "| `\(kpi.name)` | \(meaning(of: kpi)) |\n" }

    let file = URL(fileURLWithPath: Checkout.path("docs/history.md"))
    if ProcessInfo.processInfo.environment["WRITE_DOCUMENTATION"] == "1" {
      try Data(text.utf8).write(to: file)
    }
    let written = try String(contentsOf: file, encoding: .utf8)
    #expect(written == text, "WRITE_DOCUMENTATION=1 swift test --filter DocumentationTests")
  }

  private func list(_ values: [String]) -> String { values.map { "`\($0)`" }.joined(separator: ", ") }

  private func meaning(of kpi: KPI) -> String {
    switch kpi.formula {
    case .basisPoints(let numerator, let denominator): return "`\(numerator)` over `\(denominator)`"
    case .measure(let measure, let dataset):
      let table = "of `\(dataset.table)`"
      switch measure {
      case .rows: return "rows \(table)"
      case .distinct(let column): return "different `\(column)` \(table)"
      case .sum(let column): return "sum of `\(column)` \(table)"
      case .sumOfLargest(1, let column): return "the largest `\(column)` \(table)"
      case .sumOfLargest(let count, let column): return "the \(count) largest `\(column)` \(table), summed"
      }
    }
  }
}
