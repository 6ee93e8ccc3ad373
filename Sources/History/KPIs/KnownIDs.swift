import SQL
import Schema

/// What is known of a table's ids before they are counted: to count different ones otherwise takes a table of all of them
/// in memory, which is most of what the KPIs of a month cost.
///
/// Rows lie in the order of the files, and those are sorted: a look at each row and the one before it proves ids to be
/// different. Where it proves nothing, nothing is known, and they are counted in full.
struct KnownIDs: Sendable, Hashable {
  /// Columns in which every row has an id of its own.
  private(set) var unique: Set<String> = []
  /// Between which numbers the ids of a column lie, where a bit for each number of them takes little.
  private(set) var ranges: [String: ClosedRange<Int64>] = [:]
  private var distinctPairs: Set<[RowValue]> = []

  /// Nothing.
  init() {}

  /// Whether no two rows have both the same value and the same id; rows without one of them aside.
  func areDistinct(_ id: RowValue, by value: RowValue) -> Bool {
    if let column = id.column, unique.contains(column) { return true }
    return distinctPairs.contains([value, id])
  }

  /// Looks at what a scan will count; only where the engine hands rows on in the order of files.
  /// - Throws: `SQLError`.
  init(for scan: TableScan, in schema: String, _ engine: any SQLEngine) throws {
    let columns = scan.idColumns
    guard engine.name == .duckdb, !columns.isEmpty else { return }
    let table = TableName(schema, scan.dataset.table).sql
    let counts = columns.map { column in
      let (id, before) = (SQLText.identifier(column), SQLText.identifier(Self.before(column)))
      return "count(*) FILTER (WHERE \(id) IS NULL OR \(id) <= \(before)), min(\(id)), max(\(id))"
    }
    let values = columns.map { column in
      let id = SQLText.identifier(column)
      return "\(id), lag(\(id)) OVER () AS \(SQLText.identifier(Self.before(column)))"
    }
    let row = try engine.rows(
      "SELECT \(counts.joined(separator: ", ")) FROM (SELECT \(values.joined(separator: ", ")) FROM \(table)) AS ordered"
    ).first
    for (number, column) in columns.enumerated() {
      guard let row, row.count == 3 * columns.count else { return }
      let facts = row[(3 * number)...]
      if facts[3 * number].int64 == 0 { unique.insert(column) }
      // 32 MB of bits.
      if let low = facts[3 * number + 1].int64, let high = facts[3 * number + 2].int64, low <= high,
        UInt64(bitPattern: high &- low) < 1 << 28
      {
        ranges[column] = low...high
      }
    }
    guard case .derived = scan.dataset.origin else { return }
    for (value, id) in scan.pairs where !areDistinct(id, by: value) {
      if try Self.areDistinct(id, by: value, table, engine) { distinctPairs.insert([value, id]) }
    }
  }

  /// Whether the rows of each value lie side by side, and their ids ascend.
  private static func areDistinct(
    _ id: RowValue, by value: RowValue, _ table: String, _ engine: any SQLEngine
  ) throws -> Bool {
    let row = try engine.rows(
      """
      SELECT
        count(*) FILTER (WHERE thing IS NOT NULL AND thing IS DISTINCT FROM thing_before) - count(DISTINCT thing),
        count(*) FILTER (WHERE thing = thing_before AND coalesce(id <= id_before, true))
      FROM (
        SELECT thing, id, lag(thing) OVER () AS thing_before, lag(id) OVER () AS id_before
        FROM (SELECT \(value.sql) AS thing, \(id.sql) AS id FROM \(table)) AS named
      ) AS ordered
      """
    ).first
    return row == [.bigint(0), .bigint(0)]
  }

  private static func before(_ column: String) -> String { "\(column) before" }
}

extension RowValue {
  /// The column that it is taken from as it stands there, 0 aside.
  var column: String? {
    switch self {
    case .column(let name), .nonzero(let name): name
    case .yearOfDate, .decade: nil
    }
  }
}
