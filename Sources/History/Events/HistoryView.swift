import SQL
import Schema

/// A view of the history: its name, its columns, and the query behind it.
///
/// This file is the one place that says which views there are; every figure that is exported or reported is read from
/// them.
public struct HistoryView: Sendable {
  /// The view's name, in the schema of the event tables.
  public let name: String
  /// What it holds, in plain ASCII of at most 250 characters.
  public let comment: String
  /// The columns in their order.
  public let columns: [Column]
  /// The query, in the words of the engine that is to keep it.
  let select: @Sendable (any SQLEngine) -> String

  /// The view in the catalog.
  public var viewName: TableName { TableName(EventTable.schema, name) }

  /// All of them, each after those that it reads.
  public static let all: [HistoryView] =
    EventTable.all.filter { $0.countedBy == nil }.map(latest) + [latest(.entityChanges), kpiGrowth]

  /// The view of a table's newest events.
  public static func latest(_ table: EventTable) -> HistoryView {
    HistoryView(name: table.latest.name, comment: table.latest.comment, columns: table.columns) { _ in
      latestSelect(table)
    }
  }

  /// Each run's KPIs beside those of its previous run.
  public static let kpiGrowth = HistoryView(
    name: "kpi_growth", comment: "The KPIs of each run beside those of its previous run.",
    columns: [
      Column("run_id", comment: "The run."),
      Column("previous_run_id", comment: "The newest run with an earlier dump date; NULL if there is none."),
      Column("kpi_name", comment: "The name of the KPI."),
      Column("kpi_value", .bigint, comment: "The run's value."),
      Column("previous_value", .bigint, comment: "The previous run's value; NULL if there is none."),
      Column("delta", .bigint, comment: "How much the value grew."),
      Column("delta_bp", .bigint, comment: "The growth in basis points of the previous value, rounded down."),
    ]
  ) { engine in
    let delta = "(own.kpi_value - earlier.kpi_value)"
    let latest = TableName(EventTable.schema, EventTable.kpiSnapshots.latest.name).sql
    return """
      SELECT own.run_id, previous.previous_run_id, own.kpi_name, own.kpi_value, \
      earlier.kpi_value AS previous_value, \(delta) AS delta, \
      \(engine.basisPoints(of: delta, over: "earlier.kpi_value")) AS delta_bp \
      FROM \(latest) AS own \
      LEFT JOIN (\(PreviousRuns.select())) AS previous ON previous.run_id = own.run_id \
      LEFT JOIN \(latest) AS earlier \
      ON earlier.run_id = previous.previous_run_id AND earlier.kpi_name = own.kpi_name
      """
  }

  private static func latestSelect(_ table: EventTable) -> String {
    let names = table.columns.map { SQLText.identifier($0.name) }
    let list = names.joined(separator: ", ")
    let keys = table.latest.keys.map(SQLText.identifier)
    let moment = SQLText.identifier(table.columns[0].name)
    func numbered(_ ranking: String, _ order: [String], status: String?) -> String {
      let filter = status.map { " WHERE status = \(SQLText.literal($0))" } ?? ""
      return """
        SELECT \(list) FROM (SELECT \(list), \(ranking)() OVER (PARTITION BY \(keys.joined(separator: ", ")) \
        ORDER BY \(order.joined(separator: ", "))) AS place FROM \(table.tableName.sql)\(filter)) AS ordered \
        WHERE place = 1
        """
    }
    switch table.latest.choice {
    case .newest(let status):
      // Two executions may have told something at the same moment: which event counts must not depend on the order in
      // which an engine reads files, so after the moment every other column decides.
      let order = names.filter { !keys.contains($0) }.map { "\($0) DESC NULLS LAST" }
      return numbered("row_number", order, status: status)
    case .newestMoment(let status):
      return numbered("rank", ["\(moment) DESC NULLS LAST"], status: status)
    case .momentOf(let name):
      guard let other = EventTable.named(name) else { preconditionFailure("there is no table \(name)") }
      let both = ([moment] + keys).map { "counted.\($0) = own.\($0)" }
      return """
        SELECT \(names.map { "own.\($0)" }.joined(separator: ", ")) FROM \(table.tableName.sql) AS own \
        JOIN \(TableName(EventTable.schema, other.latest.name).sql) AS counted ON \(both.joined(separator: " AND "))
        """
    }
  }
}
