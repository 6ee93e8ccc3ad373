import SQL
import Schema

/// How the records of one kind differ between two runs: what is compared, and the queries for it.
///
/// A record is compared by a hash of each of its columns, and of each dataset's rows by the sum of their hashes, which is the
/// same in whatever order the rows are, and another when one is there once more. Hashes are the engine's own and leave it
/// only as "differs" or "does not". A range of ids is read at a time, of both runs at once, and nothing is joined but what
/// was found to differ.
struct EntityComparison: Sendable {
  let entity: Entity
  /// The schemas of the older and the newer run.
  let schemas: [String]
  /// The columns of the main dataset that are compared.
  let columns: [ComparedColumn]
  /// The other datasets that are compared, each with its columns.
  let parts: [(dataset: Dataset, columns: [ComparedColumn])]
  /// What is not compared because one of the runs cannot say it: columns, `dataset.column`, datasets.
  let leftOut: [String]

  /// The datasets whose rows belong to one record of this kind: the main one first. The rows of memberships stand in two
  /// artists' records, and their first column is not the record's id.
  static func datasets(of entity: Entity) -> [Dataset] {
    let id = entity.main.columns[0].name
    return [entity.main] + entity.datasets.filter { $0 != entity.main && $0.columns[0].name == id }
  }

  /// What became of a record.
  struct Difference: Sendable {
    var id: Int64
    /// How many rows the older run's main dataset has of it.
    var older: Int64
    /// How many rows the newer run's main dataset has of it.
    var newer: Int64
    /// A bit for each compared column, then one for each compared dataset.
    var mask: Int64

    /// Whether the mask is about more than one row of a run.
    var isOfSeveralRows: Bool { older > 0 && newer > 0 && older + newer > 2 }
  }

  /// The names for a mask: columns, then datasets.
  func names(of mask: Int64) -> String {
    let all = columns.map(\.column.name) + parts.map(\.dataset.name)
    return all.enumerated().filter { mask & 1 << Int64($0.offset) != 0 }.map(\.element)
      .joined(separator: ", ")
  }

  /// The mask's bits for columns of the main dataset.
  var columnBits: Int64 { 1 << Int64(columns.count) - 1 }

  /// The query for the records in a range that differ: id, rows in the older run, rows in the newer run, mask; and a row
  /// without id that says how many records the older run has there.
  func differences(in range: IDRange, _ engine: any SQLEngine) -> String {
    let id = SQLText.identifier(entity.main.columns[0].name)
    func hash(_ columns: [ComparedColumn]) -> String {
      // Sums of 64-bit hashes need more bits, which both engines have in decimals.
      "CAST(\(engine.hash(of: columns.map(\.hashed))) AS DECIMAL(38, 0))"
    }
    func sides(_ dataset: Dataset, _ hashes: [String]) -> String {
      schemas.enumerated().map { side, schema in
        let values = hashes.enumerated().map { ", \($0.element) AS h\($0.offset)" }.joined()
        return """
          SELECT \(side) AS side, CAST(\(id) AS BIGINT) AS id\(values) \
          FROM \(TableName(schema, dataset.table).sql) WHERE \(range.sql(id))
          """
      }.joined(separator: " UNION ALL ")
    }
    func differs(_ number: Int) -> String {
      "sum(CASE side WHEN 0 THEN h\(number) ELSE -h\(number) END) <> 0"
    }
    let bits = columns.indices.map { "CASE WHEN \(differs($0)) THEN \(1 << Int64($0)) ELSE 0 END" }
    let own = """
      SELECT id, count(*) FILTER (WHERE side = 0) AS older, count(*) FILTER (WHERE side = 1) AS newer, \
      CAST(\(bits.isEmpty ? "0" : bits.joined(separator: " + ")) AS BIGINT) AS mask \
      FROM (\(sides(entity.main, columns.map { hash([$0]) }))) AS rows_of_both GROUP BY id
      """
    let others = parts.enumerated().map { number, part in
      """
      SELECT id, CAST(\(1 << Int64(columns.count + number)) AS BIGINT) AS mask \
      FROM (\(sides(part.dataset, [hash(part.columns)]))) AS rows_of_both GROUP BY id HAVING \(differs(0))
      """
    }
    let join =
      others.isEmpty
      ? (own: own, parts: "0", condition: "")
      : (
        own: """
        SELECT own.id, own.older, own.newer, own.mask, coalesce(part.mask, 0) AS parts FROM (\(own)) AS own \
        LEFT JOIN (SELECT id, CAST(sum(mask) AS BIGINT) AS mask FROM (\(others.joined(separator: " UNION ALL "))) \
        AS part GROUP BY id) AS part ON part.id = own.id
        """,
        parts: "parts", condition: " OR parts <> 0"
      )
    return """
      SELECT id, older, newer, CAST(mask + \(join.parts) AS BIGINT) AS mask FROM (\(join.own)) AS compared \
      WHERE older = 0 OR newer = 0 OR mask <> 0\(join.condition) \
      UNION ALL SELECT CAST(NULL AS BIGINT) AS id, count(DISTINCT CAST(\(id) AS BIGINT)) AS older, \
      CAST(0 AS BIGINT) AS newer, CAST(0 AS BIGINT) AS mask \
      FROM \(TableName(schemas[0], entity.main.table).sql) WHERE \(range.sql(id)) ORDER BY id
      """
  }

  /// The query for the rows of records in both runs, with the run's place, the id, and the values of the compared columns.
  func rows(of ids: some Sequence<Int64>) -> String {
    let id = SQLText.identifier(entity.main.columns[0].name)
    let list = ids.map { String($0) }.joined(separator: ", ")
    return schemas.enumerated().map { side, schema in
      let values = columns.enumerated().map { ", \($0.element.sql) AS c\($0.offset)" }.joined()
      return """
        SELECT \(side) AS side, CAST(\(id) AS BIGINT) AS id\(values) \
        FROM \(TableName(schema, entity.main.table).sql) WHERE \(id) IN (\(list))
        """
    }.joined(separator: " UNION ALL ")
  }

  /// The query for whether these columns of a run hold a value in some row: how many do, for each.
  static func counts(of columns: [Column], _ table: TableName) -> String {
    let counts = columns.map { "count(\(ComparedColumn(column: $0).sql))" }
    return "SELECT \(counts.joined(separator: ", ")) FROM \(table.sql)"
  }
}
