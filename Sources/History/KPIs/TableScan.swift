import SQL
import Schema

/// Everything that is to be measured in one table, read in one pass over it.
struct TableScan: Sendable, Hashable {
  let dataset: Dataset
  let measures: [Measure]

  /// The scans that the formulas of `kpis` need: one for each table, each measure once.
  static func covering(_ kpis: some Sequence<KPI>) -> [TableScan] {
    var measures: [Dataset: [Measure]] = [:]
    var order: [Dataset] = []
    for case .measure(let measure, let dataset) in kpis.map(\.formula) {
      if measures[dataset] == nil { order.append(dataset) }
      if measures[dataset]?.contains(measure) != true { measures[dataset, default: []].append(measure) }
    }
    return order.map { TableScan(dataset: $0, measures: measures[$0] ?? []) }
  }

  /// The query: one row with a value for each measure, in their order.
  func sql(in schema: String) -> String {
    let table = TableName(schema, dataset.table).sql
    let ranked = Set(measures.compactMap(\.rankedColumn)).sorted().map {
      let name = SQLText.identifier($0)
      return
        ", row_number() OVER (ORDER BY \(name) DESC NULLS LAST) AS \(SQLText.identifier(Measure.rank($0)))"
    }
    let source = ranked.isEmpty ? table : "(SELECT *\(ranked.joined()) FROM \(table)) AS ranked"
    return "SELECT \(measures.map(\.sql).joined(separator: ", ")) FROM \(source)"
  }

  /// The same measures one by one, for when the scan as a whole fails.
  var parts: [TableScan] { measures.map { TableScan(dataset: dataset, measures: [$0]) } }
}
