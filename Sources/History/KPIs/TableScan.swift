import SQL
import Schema

/// Everything that is to be measured in one table, read in one pass over it.
struct TableScan: Sendable, Hashable {
  /// What is measured.
  enum Item: Sendable, Hashable {
    case measure(Measure)
    case dimension(Dimension)
  }

  let dataset: Dataset
  let items: [Item]

  /// The scans that these readings need: one for each table, each item once, and one for each dimension that is no part
  /// of a scan.
  static func covering(_ readings: some Sequence<Reading>) -> [TableScan] {
    var items: [Dataset: [Item]] = [:]
    var order: [Dataset] = []
    var alone: [TableScan] = []
    for reading in readings {
      if case .dimension(let dimension) = reading.item, !dimension.isScanned {
        let scan = TableScan(dataset: reading.dataset, items: [reading.item])
        if !alone.contains(scan) { alone.append(scan) }
        continue
      }
      if items[reading.dataset] == nil { order.append(reading.dataset) }
      if items[reading.dataset]?.contains(reading.item) != true {
        items[reading.dataset, default: []].append(reading.item)
      }
    }
    return order.map { TableScan(dataset: $0, items: items[$0] ?? []) } + alone
  }

  /// The tables that are read.
  var datasets: [Dataset] {
    [dataset] + dimensions.flatMap(\.otherDatasets)
  }

  private var measures: [Measure] {
    items.compactMap { if case .measure(let measure) = $0 { measure } else { nil } }
  }

  private var dimensions: [Dimension] {
    items.compactMap { if case .dimension(let dimension) = $0 { dimension } else { nil } }
  }

  /// The query.
  ///
  /// Without dimensions one row with a value for each measure. With them a row for each value of each dimension: the
  /// dimension's number, its value, and the count for that; the measures stand in a row of number 0.
  /// - Parameter ids: what is known of the table's ids.
  func sql(in schema: String, knowing ids: KnownIDs = KnownIDs()) -> String {
    let table = TableName(schema, dataset.table).sql
    if dimensions.count == 1, items.count == 1,
      let alone = dimensions[0].sql(of: dataset, in: schema, knowing: ids)
    {
      return alone
    }
    let ranked = Set(measures.compactMap(\.rankedColumn)).sorted().map {
      let name = SQLText.identifier($0)
      return
        ", row_number() OVER (ORDER BY \(name) DESC NULLS LAST) AS \(SQLText.identifier(Measure.rank($0)))"
    }
    let source = ranked.isEmpty ? table : "(SELECT *\(ranked.joined()) FROM \(table)) AS ranked"
    let values = measures.map { $0.sql(knowing: ids) }
    guard !dimensions.isEmpty else { return "SELECT \(values.joined(separator: ", ")) FROM \(source)" }
    let whole = ["0 AS part", "CAST(NULL AS VARCHAR) AS part_value", "CAST(0 AS BIGINT) AS number"]
    let nothing = measures.map { _ in ", CAST(NULL AS BIGINT)" }.joined()
    let parts = dimensions.enumerated().compactMap { number, dimension -> String? in
      guard case .distinct(let id, let value) = dimension else { return nil }
      let rows = "SELECT \(id.sql) AS part_id, \(value.sql) AS part_value FROM \(table)"
      let pairs =
        ids.areDistinct(id, by: value)
        ? rows : "SELECT DISTINCT part_id, part_value FROM (\(rows)) AS named WHERE part_value IS NOT NULL"
      return """
        SELECT \(number + 1), part_value, count(part_id)\(nothing) FROM (\(pairs)) AS pairs \
        WHERE part_value IS NOT NULL GROUP BY part_value
        """
    }
    return (["SELECT \((whole + values).joined(separator: ", ")) FROM \(source)"] + parts)
      .joined(separator: " UNION ALL ")
  }

  /// The columns of ids that are counted apart or by values.
  var idColumns: [String] {
    let columns = measures.compactMap(\.countedColumn) + dimensions.compactMap(\.countedColumn)
    return Set(columns).filter { name in dataset.columns.contains { $0.name == name && $0.type == .bigint } }
      .sorted()
  }

  /// The dimensions' pairs of value and id.
  var pairs: [(value: RowValue, id: RowValue)] {
    dimensions.compactMap { dimension in
      switch dimension {
      case .distinct(let id, let value): (value, id)
      case .mostRows(_, let thing, let id, _, _, _): (.nonzero(thing), .nonzero(id))
      case .largest: nil
      }
    }
  }

  /// What an answer to the query says of each item, in their order.
  func outcomes(of rows: [[SQLValue]]) -> [RunKPIs.Outcome] {
    let notAnInteger = RunKPIs.Outcome.failedQuery("the engine's answer is not an integer")
    if dimensions.isEmpty {
      return measures.indices.map { index in
        rows.first.flatMap { index < $0.count ? $0[index].int64 : nil }.map { .value(Int128($0)) }
          ?? notAnInteger
      }
    }
    if let alone = dimensions.first, !alone.isScanned {
      return [
        .values(rows.map { .init(dimension: $0[0].string, value: $0[1].int64 ?? 0, details: $0[2].string) })
      ]
    }
    // Of a table without rows there is no part 0 either.
    let measured = rows.first { $0[0] == .bigint(0) }
    var (measure, part) = (0, 0)
    return items.map { item in
      switch item {
      case .measure:
        defer { measure += 1 }
        guard let measured else { return .value(0) }
        return measured[3 + measure].int64.map { .value(Int128($0)) } ?? notAnInteger
      case .dimension:
        part += 1
        return .values(
          rows.compactMap { row in
            guard row[0] == .bigint(Int64(part)), let value = row[1].string, let count = row[2].int64,
              count > 0
            else { return nil }
            return .init(dimension: value, value: count, details: nil)
          })
      }
    }
  }

  /// The same items one by one, for when the scan as a whole fails.
  var parts: [TableScan] { items.map { TableScan(dataset: dataset, items: [$0]) } }
}

/// Something that is read from a table.
struct Reading: Sendable, Hashable {
  let item: TableScan.Item
  let dataset: Dataset
}
