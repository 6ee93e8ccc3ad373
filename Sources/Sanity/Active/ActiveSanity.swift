import Lake
import Parquet
import SQL
import Schema
import TaskKit

/// Runs the checks of the active dataset on its tables: one query for all that is measured of a table, and one for
/// each comparison of several.
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
    let present = try engine.tables(in: schema)
    var findings: [Finding] = []
    var columns: [Dataset: Set<String>] = [:]
    steps?.expect(2 * Dataset.all.count)
    for dataset in Dataset.all {
      steps?.begin("registration of \(dataset.table)")
      if let finding = try registration(of: dataset, isPresent: present.contains(dataset.table)) {
        findings.append(finding)
      } else {
        columns[dataset] = Set(try engine.describe(TableName(schema, dataset.table)).map(\.name))
      }
    }
    for dataset in Dataset.all {
      steps?.begin("checks of \(dataset.table)")
      guard let own = columns[dataset] else { continue }
      let checks = ActiveCheck.all.filter { check in
        check.dataset == dataset && check.otherSources.allSatisfy { columns[$0] != nil }
      }
      for column in Set(checks.flatMap(\.columns)).subtracting(own).sorted() {
        findings.append(
          Finding(
            "has_column:\(dataset.table).\(column)", .warn, isOK: false, details: "there is no such column"))
      }
      findings += try measure(checks.filter { own.isSuperset(of: $0.columns) }, of: dataset)
    }
    return findings
  }

  /// Why the dataset's table says nothing about the run; nil when it shows the run's files.
  private func registration(of dataset: Dataset, isPresent: Bool) throws -> Finding? {
    func flaw(_ severity: Severity, _ details: String, isOfCatalog: Bool) -> Finding {
      var finding = Finding("is_registered:\(dataset.table)", severity, isOK: false, details: details)
      finding.isOfCatalog = isOfCatalog
      return finding
    }
    guard isPresent else {
      if run.dataset(dataset) != nil {
        return flaw(
          .critical, "the catalog has no such table, though the run has its files", isOfCatalog: true)
      }
      return dataset.isRequired
        ? flaw(.critical, "the run has no \(dataset.name)", isOfCatalog: false)
        : flaw(.info, "this run does not have it", isOfCatalog: false)
    }
    // Tables that were made over another run may look for files where this one has none.
    guard let made = try? rowsOfFiles(dataset) else { return nil }
    let table = TableName(schema, dataset.table).sql
    let shown = try engine.rows("SELECT count(*) FROM \(table)").first?.first?.int64 ?? 0
    if shown == made { return nil }
    return flaw(
      .critical, "the table shows \(counted(shown, "row")), and the run's files hold \(made)",
      isOfCatalog: true)
  }

  /// The rows of a dataset's files, as their footers say.
  private func rowsOfFiles(_ dataset: Dataset) throws -> Int64 {
    try run.parquetFiles(of: dataset).reduce(0) { try $0 + Int64(ParquetFooter(path: $1).rowCount) }
  }

  private func measure(_ checks: [ActiveCheck], of dataset: Dataset) throws -> [Finding] {
    var expressions = ["count(*)"]
    var orphans: [String] = []
    var measured: [ActiveCheck] = []
    for check in checks {
      switch check.measure {
      case .agreement: continue
      case .rows: expressions.append("count(*)")
      case .nullRatio(let column, _): expressions.append("count(*) - count(\(SQLText.identifier(column)))")
      case .duplicates(let column):
        let id = SQLText.identifier(column)
        expressions.append("count(\(id)) - count(DISTINCT \(id))")
      case .orphans(let reference):
        let name = "is_orphan_\(orphans.count)"
        let id = SQLText.identifier(reference.targetColumn)
        let target = TableName(schema, reference.target.table)
        // NULL, and so not counted, where the column is NULL.
        orphans.append(
          """
          \(SQLText.identifier(reference.column)) NOT IN (
            SELECT \(id) FROM \(target.sql) WHERE \(id) IS NOT NULL) AS \(name)
          """)
        expressions.append("count(CASE WHEN \(name) THEN 1 END)")
      }
      measured.append(check)
    }
    let table = TableName(schema, dataset.table).sql
    let source =
      orphans.isEmpty
      ? table : "(SELECT *, \(orphans.joined(separator: ", ")) FROM \(table)) marked"
    let values = try engine.rows("SELECT \(expressions.joined(separator: ", ")) FROM \(source)").first ?? []
    let counts = values.map { $0.int64 ?? 0 }
    var results = zip(measured, counts.dropFirst()).map { Self.finding($0, count: $1, rows: counts[0]) }
    for check in checks {
      guard case .agreement(let agreement) = check.measure else { continue }
      let numbers = try engine.rows(agreement.sql(schema: schema)).first?.map { $0.int64 ?? 0 } ?? []
      guard numbers.count == 2 else {
        throw SQLError(engine: engine.name, name: "PROTOCOL", message: "\(agreement.name) has no two numbers")
      }
      results.append(
        Finding(
          check.name, check.severity, value: String(numbers[0]), isOK: numbers[0] == numbers[1],
          details: "should be \(numbers[1])"))
    }
    return results
  }

  private static func finding(_ check: ActiveCheck, count: Int64, rows: Int64) -> Finding {
    func result(_ value: String, _ isOK: Bool, _ details: String = "") -> Finding {
      Finding(check.name, check.severity, value: value, isOK: isOK, details: details)
    }
    switch check.measure {
    case .nullRatio(_, let most):
      let isOK = Double(count) <= most * Double(rows)
      return result(
        millionths(count, of: rows), isOK,
        "\(count) of \(rows) rows" + (most < 1 ? ", at most \(most) of them" : ""))
    case .duplicates: return result(String(count), count == 0, "rows with an id that another row has")
    case .orphans(let reference):
      return result(
        String(count), count == 0,
        "of \(rows) rows; the id is no \(reference.targetColumn) of \(reference.target.table)")
    case .rows, .agreement: return result(String(count), count > 0)
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
