import Platform
import SQL
import Schema
import TaskKit

/// Numbers that are asked of an engine.
struct Question: Sendable, Hashable {
  /// Expressions of the type BIGINT over ``source``, each an aggregate or in a source of one row.
  var values: [String]
  /// What it is about, in a few words.
  var subject: String
  /// What stands behind `FROM`.
  var source: String

  /// Asks all of them.
  ///
  /// A server plans and starts each query anew, which costs more than most questions: there all are one query, as long as
  /// it stays below the number of stages that Trino allows (`query.max-stage-count`, 150). The embedded engine answers
  /// one after the other, in the memory that one needs; but how many rows its tables have it is asked at once, too: its
  /// files tell.
  /// - Returns: the numbers of each, in order; NULL is 0.
  /// - Throws: `SQLError`.
  static func ask(_ questions: [Question], _ engine: any SQLEngine, _ steps: Steps?) throws -> [[Int64]] {
    let together = questions.indices.filter { engine.name == .trino || questions[$0].values == ["count(*)"] }
    let alone = questions.indices.filter { !together.contains($0) }
    let parts = stride(from: 0, to: together.count, by: questionsPerQuery).map {
      Array(together[$0..<min($0 + questionsPerQuery, together.count)])
    }
    steps?.expect(parts.count + alone.count)
    var answers: [Int: [Int64]] = [:]
    for part in parts {
      for (index, answer) in zip(part, try askTogether(part.map { questions[$0] }, engine, steps)) {
        answers[index] = answer
      }
    }
    for index in alone {
      let question = questions[index]
      steps?.begin(question.subject)
      let rows = try engine.rows("SELECT \(question.values.joined(separator: ", ")) FROM \(question.source)")
      answers[index] = try answer(rows.first ?? [], to: question, engine)
    }
    return questions.indices.map { answers[$0] ?? [] }
  }

  /// A table's count takes two stages, with different ids four; there are some twelve comparisons of tables, of up to
  /// seven stages each.
  private static let questionsPerQuery = 60

  /// How many rows name an id that no record has, for all of these references in one query: the ids of each kind of record
  /// are read once.
  /// - Throws: `SQLError`.
  static func orphans(
    of references: [Reference], in schema: String, _ engine: any SQLEngine, _ steps: Steps?
  ) throws -> [Int64] {
    guard !references.isEmpty else { return [] }
    steps?.expect(1)
    steps?.begin("\(counted(references.count, "reference")) between tables")
    var targets: [Dataset] = []
    for reference in references where !targets.contains(reference.target) { targets.append(reference.target) }
    func ids(_ column: String, of dataset: Dataset, _ numbers: String) -> String {
      let id = SQLText.identifier(column)
      return
        "SELECT \(numbers), \(id) AS id FROM \(TableName(schema, dataset.table).sql) WHERE \(id) IS NOT NULL"
    }
    let named = references.enumerated().map { number, reference in
      let target = targets.firstIndex(of: reference.target) ?? 0
      return ids(reference.column, of: reference.dataset, "\(number) AS number, \(target) AS kind")
    }
    let known = targets.enumerated().map { ids($1.columns[0].name, of: $1, "\($0) AS kind") }
    var counts = [Int64](repeating: 0, count: references.count)
    try engine.query(
      """
      SELECT named.number, count(*) FROM (\(named.joined(separator: " UNION ALL "))) named
      LEFT JOIN (SELECT DISTINCT kind, id FROM (\(known.joined(separator: " UNION ALL "))) known) record
      ON record.kind = named.kind AND record.id = named.id
      WHERE record.id IS NULL GROUP BY named.number
      """
    ) { row in
      if let number = row[0].int64, let count = row[1].int64, counts.indices.contains(Int(number)) {
        counts[Int(number)] = count
      }
    }
    return counts
  }

  private static func askTogether(_ questions: [Question], _ engine: any SQLEngine, _ steps: Steps?) throws
    -> [[Int64]]
  {
    steps?.begin(counted(questions.count, "question") + " to the server")
    let width = questions.map(\.values.count).max() ?? 0
    let selects = questions.enumerated().map { number, question in
      let padding = Array(repeating: "CAST(NULL AS BIGINT)", count: width - question.values.count)
      return
        "SELECT \(number), \((question.values + padding).joined(separator: ", ")) FROM \(question.source)"
    }
    var answers: [Int64: [SQLValue]] = [:]
    try engine.query(selects.joined(separator: " UNION ALL ")) { row in
      if let number = row.first?.int64 { answers[number] = Array(row.dropFirst()) }
    }
    return try questions.enumerated().map { number, question in
      try answer(answers[Int64(number)] ?? [], to: question, engine)
    }
  }

  private static func answer(_ row: [SQLValue], to question: Question, _ engine: any SQLEngine) throws
    -> [Int64]
  {
    guard row.count >= question.values.count else {
      throw SQLError(
        engine: engine.name, name: "PROTOCOL", message: "no answer from \(question.source.prefix(200))")
    }
    return row.prefix(question.values.count).map { $0.int64 ?? 0 }
  }
}
