import Platform
import SQL
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
  /// A server plans and starts each query anew, which costs more than most questions: there many are one query, as many as
  /// stay well below the number of stages that Trino allows (`query.max-stage-count`, 150). The embedded engine answers
  /// one after the other, in the memory that one needs.
  /// - Returns: the numbers of each, in order; NULL is 0.
  /// - Throws: `SQLError`.
  static func ask(_ questions: [Question], _ engine: any SQLEngine, _ steps: Steps?) throws -> [[Int64]] {
    guard engine.name == .trino else {
      steps?.expect(questions.count)
      return try questions.map { question in
        steps?.begin(question.subject)
        let rows = try engine.rows(
          "SELECT \(question.values.joined(separator: ", ")) FROM \(question.source)")
        return try answer(rows.first ?? [], to: question, engine)
      }
    }
    let parts = stride(from: 0, to: questions.count, by: questionsPerQuery).map {
      Array(questions[$0..<min($0 + questionsPerQuery, questions.count)])
    }
    steps?.expect(parts.count)
    return try parts.flatMap { try askTogether($0, engine, steps) }
  }

  /// A comparison of two tables takes up to four stages.
  private static let questionsPerQuery = 24

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
