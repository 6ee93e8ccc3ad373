import Lake
import Parquet
import Platform
import SQL
import Schema
import TaskKit

/// Runs the checks of the active dataset on its tables.
///
/// A server is asked few questions, each about all tables: it plans and starts every query anew. Where the embedded engine
/// reads the run's own files, what they say themselves is not asked; what is left of comparisons by ids is asked for a
/// range of ids at a time.
public struct ActiveSanity {
  private let engine: any SQLEngine
  private let schema: String
  private let run: RunFolder
  private let steps: Steps?

  /// - Parameters:
  ///   - schema: where the tables are, `discogs` for the active run.
  ///   - run: the run that they should show.
  ///   - steps: told which table is looked at.
  public init(engine: any SQLEngine, schema: String, run: RunFolder, steps: Steps? = nil) {
    self.steps = steps
    self.engine = engine
    self.schema = schema
    self.run = run
  }

  /// What every check finds, in the order of their declaration.
  ///
  /// Runs older than a dataset do not have its table, which is no fault of theirs; a dataset that every run has must be
  /// there. A table that does not show the run's files is a fault of the catalog: it is said so, and nothing is measured
  /// of it. What cannot be measured because of a missing table or column is said once.
  /// - Throws: `SQLError`; `SystemError`.
  public func findings() throws -> [Finding] {
    let columns = try engine.columns(in: schema)
    let registered = Dataset.all.filter { columns[$0.table] != nil }
    var footers: [Dataset: [ParquetFooter]] = [:]
    for dataset in registered { footers[dataset] = try self.footers(of: dataset) }
    let (elsewhere, own) = try folders(registered, footers)
    let present = registered.filter { elsewhere[$0] == nil }
    let files =
      engine.name == .duckdb ? FileCounts(of: run, footers: footers.filter { own.contains($0.key) }) : nil
    func has(_ dataset: Dataset, _ names: [String]) -> Bool {
      Set(columns[dataset.table] ?? []).isSuperset(of: names)
    }
    let checks = ActiveCheck.all.filter { check in
      check.otherSources.allSatisfy(present.contains) && has(check.dataset, check.columns)
    }

    let known = Dictionary(
      checks.compactMap { check in files.flatMap { check.nulls(by: $0) }.map { (check, $0) } }
    ) { first, _ in first }
    let countedChecks = present.map { dataset in
      checks.filter { $0.dataset == dataset && isCounted($0) && known[$0] == nil }
    }
    let counts = try Question.ask(
      zip(present, countedChecks).map { dataset, checks in
        Question(
          values: ["count(*)"] + checks.compactMap(\.count), subject: "rows of \(dataset.table)",
          source: TableName(schema, dataset.table).sql)
      }, engine, steps)
    let rows = Dictionary(uniqueKeysWithValues: zip(present, counts.map { $0[0] }))
    var registrations: [Dataset: Finding] = [:]
    for dataset in Dataset.all {
      registrations[dataset] = try registration(
        of: dataset, shows: rows[dataset], reads: elsewhere[dataset], footers[dataset])
    }
    func isShown(_ dataset: Dataset) -> Bool { rows[dataset] != nil && registrations[dataset] == nil }

    var results: [ActiveCheck: Finding] = [:]
    for (checks, counts) in zip(countedChecks, counts) {
      for (check, count) in zip(checks, counts.dropFirst()) {
        results[check] = Self.finding(check, [count], rows: counts[0])
      }
    }
    for (check, count) in known {
      results[check] = Self.finding(check, [count], rows: rows[check.dataset] ?? 0)
    }
    let compared = checks.filter { check in
      !isCounted(check) && isShown(check.dataset) && check.otherSources.allSatisfy(isShown)
    }
    for (check, numbers) in zip(compared, try compare(compared, files, footers)) {
      results[check] = Self.finding(check, numbers, rows: rows[check.dataset] ?? 0)
    }

    return Dataset.all.flatMap { dataset -> [Finding] in
      if let finding = registrations[dataset] { return [finding] }
      guard isShown(dataset) else { return [] }
      let own = ActiveCheck.all.filter { check in
        check.dataset == dataset && check.otherSources.allSatisfy(isShown)
      }
      let missing = Set(own.flatMap(\.columns)).subtracting(columns[dataset.table] ?? []).sorted()
      return missing.map { column in
        Finding(
          "has_column:\(dataset.table).\(column)", .warn, isOK: false, details: "there is no such column")
      } + own.compactMap { results[$0] }
    }
  }

  /// Whether a check is answered with the number of its table's rows: all that need no other table, and with a server's
  /// memory those of different ids, too.
  private func isCounted(_ check: ActiveCheck) -> Bool {
    switch check.measure {
    case .rows, .nullRatio: true
    case .duplicates: engine.name == .trino
    case .orphans, .agreement: false
    }
  }

  /// The numbers that comparisons of ids and tables give.
  private func compare(
    _ checks: [ActiveCheck], _ files: FileCounts?, _ footers: [Dataset: [ParquetFooter]]
  ) throws -> [[Int64]] {
    let known = try files?.comparisons(checks) ?? [:]
    let left = checks.filter { known[$0] == nil }
    let answers =
      engine.name == .trino ? try compareTogether(left) : try compareInParts(left, footers)
    let asked = Dictionary(uniqueKeysWithValues: zip(left, answers))
    return checks.map { check in known[check].map { [$0] } ?? asked[check] ?? [0, 0] }
  }

  /// All references in one query, and all agreements in another.
  private func compareTogether(_ checks: [ActiveCheck]) throws -> [[Int64]] {
    let references = checks.compactMap(\.reference)
    let orphans = Dictionary(
      uniqueKeysWithValues: zip(references, try Question.orphans(of: references, in: schema, engine, steps)))
    let others = checks.filter { $0.reference == nil }
    let answers = Dictionary(
      uniqueKeysWithValues: zip(
        others, try Question.ask(others.map { question($0) { _ in "true" } }, engine, steps)))
    return checks.map { check in
      check.reference.flatMap { orphans[$0] }.map { [$0] } ?? answers[check] ?? [0, 0]
    }
  }

  /// One after the other, each added over its parts.
  private func compareInParts(_ checks: [ActiveCheck], _ footers: [Dataset: [ParquetFooter]]) throws
    -> [[Int64]]
  {
    var parts: [Entity: IDParts] = [:]
    for entity in Set(checks.compactMap(\.entity)) {
      parts[entity] = idParts(of: entity, footers[entity.main])
    }
    let questions = checks.map { check in
      let parts = check.entity.flatMap { parts[$0] } ?? .whole
      return (0..<parts.count).map { part in
        question(check) { column in parts.condition(part, on: column) }
      }
    }
    var answers = try Question.ask(questions.flatMap { $0 }, engine, steps)[...]
    return questions.map { questions in
      let own = answers.prefix(questions.count)
      answers = answers.dropFirst(questions.count)
      return own.dropFirst().reduce(own.first ?? []) { sums, numbers in
        zip(sums, numbers).map { sum, number in
          let (sum, overflow) = sum.addingReportingOverflow(number)
          return overflow ? .max : sum
        }
      }
    }
  }

  /// Some four million records a part: the table of their ids takes a tenth of a gigabyte.
  private func idParts(of entity: Entity, _ footers: [ParquetFooter]?) -> IDParts {
    let recordsPerPart = 4_000_000
    guard let footers else { return .whole }
    let rows = footers.reduce(0) { $0 + $1.rowCount }
    let ranges = footers.compactMap { footer in
      footer.columns.firstIndex { $0.name == entity.main.columns[0].name }.flatMap(footer.int64Range)
    }
    guard rows > recordsPerPart, let low = ranges.map(\.lowerBound).min(),
      let high = ranges.map(\.upperBound).max()
    else { return .whole }
    return IDParts(of: low...high, count: (rows - 1) / recordsPerPart + 1)
  }

  private func question(_ check: ActiveCheck, _ isInPart: (_ column: String) -> String) -> Question {
    let table = TableName(schema, check.dataset.table).sql
    switch check.measure {
    case .rows, .nullRatio: preconditionFailure("counted with the table's rows")
    case .duplicates(let column):
      return Question(
        values: [check.count ?? ""], subject: check.name,
        source: "\(table) WHERE \(isInPart(SQLText.identifier(column)))")
    case .orphans(let reference):
      let column = "reference.\(SQLText.identifier(reference.column))"
      let id = "target.\(SQLText.identifier(reference.targetColumn))"
      let target = TableName(schema, reference.target.table).sql
      return Question(
        values: ["count(*)"], subject: check.name,
        source: """
          \(table) reference WHERE \(column) IS NOT NULL AND \(isInPart(column))
          AND NOT EXISTS (SELECT 1 FROM \(target) target WHERE \(id) = \(column) AND \(isInPart(id)))
          """)
    case .agreement(let agreement):
      return Question(
        values: ["found", "expected"], subject: check.name,
        source: "(\(agreement.sql(schema: schema, part: isInPart("release_id")))) agreement")
    }
  }

  /// Why the dataset's table says nothing about the run; nil when it shows the run's files.
  /// - Parameters:
  ///   - rows: the rows that it shows; nil where there is no such table, or one that reads other files.
  ///   - location: the folder of those other files.
  private func registration(
    of dataset: Dataset, shows rows: Int64?, reads location: String?, _ footers: [ParquetFooter]?
  ) throws -> Finding? {
    func flaw(_ severity: Severity, _ details: String, isOfCatalog: Bool) -> Finding {
      var finding = Finding("is_registered:\(dataset.table)", severity, isOK: false, details: details)
      finding.isOfCatalog = isOfCatalog
      return finding
    }
    if let location {
      return flaw(
        .critical,
        "the table reads \(location), and the run's files are in \(run.dataset(dataset) ?? run.path)",
        isOfCatalog: true)
    }
    guard let rows else {
      if run.dataset(dataset) != nil {
        return flaw(
          .critical, "the catalog has no such table, though the run has its files", isOfCatalog: true)
      }
      // Nothing is missing that was not to be made.
      if try !run.datasetChoice().includes(dataset) { return nil }
      return dataset.isRequired
        ? flaw(.critical, "the run has no \(dataset.name)", isOfCatalog: false)
        : flaw(.info, "this run does not have it", isOfCatalog: false)
    }
    // Tables that were made over another run may look for files where this one has none.
    guard let made = footers.map(Self.rows), rows != made else { return nil }
    return flaw(
      .critical, "the table shows \(counted(rows, "row")), and the run's files hold \(made)",
      isOfCatalog: true)
  }

  /// The folders that tables read which are not the run's, and the datasets whose tables read the run's own: the catalog
  /// of a lake that was copied shows the original's files, which may have as many rows.
  ///
  /// A server tells where rows come from more cheaply than how a table was made, so it is asked of tables that should
  /// have some.
  private func folders(_ datasets: [Dataset], _ footers: [Dataset: [ParquetFooter]]) throws
    -> (elsewhere: [Dataset: String], own: Set<Dataset>)
  {
    let asked = datasets.filter { engine.name == .duckdb || footers[$0].map(Self.rows) != 0 }
    let locations = try engine.locations(of: asked.map { TableName(schema, $0.table) })
    var elsewhere: [Dataset: String] = [:]
    var own: Set<Dataset> = []
    for dataset in datasets {
      guard let location = locations[TableName(schema, dataset.table)], let folder = run.dataset(dataset)
      else { continue }
      if Files.isSame(location, folder) { own.insert(dataset) } else { elsewhere[dataset] = location }
    }
    return (elsewhere, own)
  }

  /// The rows of files, as their footers say.
  private static func rows(_ footers: [ParquetFooter]) -> Int64 {
    footers.reduce(0) { $0 + Int64($1.rowCount) }
  }

  /// The footers of a dataset's files; nil where one of them is broken.
  private func footers(of dataset: Dataset) throws -> [ParquetFooter]? {
    do { return try run.parquetFiles(of: dataset).map { try ParquetFooter(path: $0) } } catch is ParquetError
    {
      return nil
    }
  }

  /// - Parameter numbers: what was counted, and for an agreement what is expected.
  private static func finding(_ check: ActiveCheck, _ numbers: [Int64], rows: Int64) -> Finding {
    let count = numbers[0]
    func result(_ value: String, _ isOK: Bool, _ details: String = "") -> Finding {
      Finding(check.name, check.severity, value: value, isOK: isOK, details: details)
    }
    switch check.measure {
    case .nullRatio(_, let most):
      let isOK = Double(count) <= most * Double(rows)
      return result(
        millionths(count, of: rows), isOK,
        "\(count) of \(counted(rows, "row"))" + (most < 1 ? ", at most \(most) of them" : ""))
    case .duplicates: return result(String(count), count == 0, "rows with an id that another row has")
    case .orphans(let reference):
      return result(
        String(count), count == 0,
        "of \(counted(rows, "row")); the id is no \(reference.targetColumn) of \(reference.target.table)")
    case .agreement: return result(String(count), count == numbers[1], "should be \(numbers[1])")
    case .rows: return result(String(count), count > 0)
    }
  }

  /// A ratio with six places, rounded down: `0.017000`.
  private static func millionths(_ part: Int64, of whole: Int64) -> String {
    guard whole > 0 else { return "0.000000" }
    let millionths = part.multipliedFullWidth(by: 1_000_000)
    let digits = String(whole.dividingFullWidth(millionths).quotient)
    let padded = String(repeating: "0", count: max(0, 7 - digits.count)) + digits
    return "\(padded.dropLast(6)).\(padded.suffix(6))"
  }
}
