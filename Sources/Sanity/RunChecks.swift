import Lake
import Parquet
import Platform
import Schema
import TaskKit

/// The outcome of a check.
struct Verdict {
  var severity = Severity.critical
  var value = ""
  var isOK: Bool
  var details = ""

  /// The line of the report.
  func finding(_ check: String) -> Finding {
    Finding(check, severity, value: value, isOK: isOK, details: details)
  }
}

/// A check of a run as a whole, by what its tasks say.
struct RunCheck: Sendable {
  let name: String
  /// What it finds; nil where it does not apply.
  let verdict: @Sendable (RunFacts) -> Verdict?

  /// The checks, in the order in which they are made: each is declared here and nowhere else.
  static let all: [RunCheck] = [
    // Ids of one dump that lead into another fit only where both are of one date.
    RunCheck(name: "dumps_are_of_one_date") { facts in
      let dates = facts.dumpDates
      guard !dates.isEmpty else { return nil }
      let found = Set(dates.values).sorted()
      let list = Entity.allCases.compactMap { entity in dates[entity].map { "\(entity) of \($0)" } }
      return Verdict(
        value: found.joined(separator: " "), isOK: found.count == 1,
        details: found.count == 1
          ? "" : "\(list.joined(separator: ", ")): start a new session with dumps of one date")
    },
    RunCheck(name: "manifest_is_complete") { facts in
      if facts.isOlder { return nil }
      let flaw = facts.manifestFlaw.map { "\($0); what the state files tell is added to it now" }
      return Verdict(severity: .warn, isOK: flaw == nil, details: flaw ?? "")
    },
  ]
}

/// A check of one dataset of a run, by its files alone.
struct DatasetCheck: Sendable {
  let name: String
  /// What it finds; nil where it does not apply.
  let verdict: @Sendable (Dataset, RunFacts) -> Verdict?

  /// The checks, in the order in which they are made: each is declared here and nowhere else.
  static let all: [DatasetCheck] = [
    // A dataset is expected in every run if it is required, and in this run if a task says that it made it.
    DatasetCheck(name: "is_present") { dataset, facts in
      let isExpected = dataset.isRequired || facts.output(of: dataset) != nil
      if facts.contents[dataset] != nil { return Verdict(isOK: true) }
      if isExpected {
        return Verdict(isOK: false, details: "there is no folder \(dataset.name) in \(facts.run.path)")
      }
      return Verdict(severity: .info, isOK: true, details: "absent, as in runs older than this dataset")
    },
    DatasetCheck(name: "is_not_empty") { dataset, facts in
      guard let contents = facts.contents[dataset], let rows = contents.rows else { return nil }
      // Details may be empty for good: images are gone from the dumps.
      let severity: Severity = dataset.isRequired ? .critical : dataset.isDetail ? .info : .warn
      if contents.files.isEmpty {
        return Verdict(severity: severity, value: "0", isOK: false, details: "no Parquet file")
      }
      return Verdict(
        severity: severity, value: String(rows), isOK: rows > 0, details: rows > 0 ? "" : "no rows")
    },
    DatasetCheck(name: "files_are_whole") { dataset, facts in
      guard let contents = facts.contents[dataset] else { return nil }
      let flaws = contents.files.compactMap { file -> String? in
        guard case .failure(let error) = file.footer else { return nil }
        return "\(Files.name(of: file.path)): \(error)"
      }
      return Verdict(
        value: String(contents.files.count), isOK: flaws.isEmpty, details: flaws.joined(separator: "; "))
    },
    DatasetCheck(name: "holds_only_parquet") { dataset, facts in
      guard let contents = facts.contents[dataset] else { return nil }
      let names = contents.foreign.joined(separator: ", ")
      return Verdict(
        value: String(contents.foreign.count), isOK: names.isEmpty,
        details: names.isEmpty ? "" : "engines would read these as data: \(names)")
    },
    DatasetCheck(name: "files_are_named_for_the_run") { dataset, facts in
      guard let contents = facts.contents[dataset], facts.output(of: dataset) != nil else { return nil }
      let names = contents.files.map { Files.name(of: $0.path) }
      let expected = Set(names.indices.map(facts.run.partName))
      let others = names.filter { !expected.contains($0) }
      return Verdict(isOK: others.isEmpty, details: others.joined(separator: ", "))
    },
    DatasetCheck(name: "schema_is_as_declared", verdict: schemaVerdict),
    DatasetCheck(name: "counts_equal_the_state") { dataset, facts in
      guard let contents = facts.contents[dataset], let rows = contents.rows else { return nil }
      guard let output = facts.output(of: dataset) else {
        if facts.isOlder { return nil }
        return Verdict(
          severity: dataset.isRequired ? .critical : .warn, value: String(rows), isOK: false,
          details: "no succeeded task says that it made it: what a killed task left")
      }
      let bytes = contents.files.reduce(0) { $0 + ($1.bytes ?? 0) }
      let pairs = [
        ("rows", rows, output.rows), ("files", contents.files.count, output.files),
        ("bytes", bytes, output.bytes),
      ]
      let differences = pairs.filter { $0.1 != $0.2 }.map {
        "\($0.0): \($0.1), but \($0.2) in the state file"
      }
      return Verdict(
        value: String(rows), isOK: differences.isEmpty, details: differences.joined(separator: "; "))
    },
  ]

  /// Runs of this pipeline have the declared columns and no others; in older ones the declared columns must be among
  /// those of the files.
  @Sendable private static func schemaVerdict(_ dataset: Dataset, _ facts: RunFacts) -> Verdict? {
    guard let contents = facts.contents[dataset], !contents.footers.isEmpty else { return nil }
    let isExact = facts.output(of: dataset) != nil
    var flaws: [String] = []
    var remarks: [String] = []
    for file in contents.files {
      guard let footer = try? file.footer.get() else { continue }
      let name = Files.name(of: file.path)
      let (missing, different) = differences(dataset, footer)
      if !missing.isEmpty { flaws.append("\(name) lacks \(missing.joined(separator: ", "))") }
      var unlike: [String] = []
      if !different.isEmpty { unlike.append("\(name): \(different.joined(separator: ", "))") }
      if missing.isEmpty, footer.columns.map(\.name) != dataset.columns.map(\.name) {
        let names = footer.columns.map(\.name).joined(separator: ", ")
        unlike.append("\(name) has other columns or another order: \(names)")
      }
      if isExact { flaws += unlike } else { remarks += unlike }
    }
    if !flaws.isEmpty { return Verdict(isOK: false, details: (flaws + remarks).joined(separator: "; ")) }
    return Verdict(
      severity: remarks.isEmpty ? .critical : .warn, isOK: remarks.isEmpty,
      details: remarks.joined(separator: "; "))
  }

  /// The declared columns that a file lacks, and those that it has with another type.
  private static func differences(_ dataset: Dataset, _ footer: ParquetFooter) -> (
    missing: [String], different: [String]
  ) {
    var missing: [String] = []
    var different: [String] = []
    for column in dataset.columns {
      guard let found = footer.columns.first(where: { $0.name == column.name }) else {
        missing.append(column.name)
        continue
      }
      let isRight = found.isOptional && found.valueType == SchemaColumn(column).type
      if !isRight { different.append("\(column.name) is no nullable \(column.type.rawValue)") }
    }
    return (missing, different)
  }
}

/// A column that identifies a dataset's rows, or that names rows of another dataset.
struct KeyCheck: Sendable {
  private let dataset: Dataset
  private let column: String
  /// What it names; nil for a dataset's own key.
  private let reference: Reference?
  private let severity: Severity

  private init(_ dataset: Dataset, _ column: String) {
    self.dataset = dataset
    self.column = column
    reference = nil
    severity = .critical
  }

  private init(_ reference: Reference) {
    dataset = reference.dataset
    column = reference.column
    self.reference = reference
    severity =
      switch reference.strength {
      case .byConstruction: .critical
      case .expected: .warn
      case .reported, .loose: .info
      }
  }

  /// Every key and reference, as far as footers can tell about them: what the columns' declarations say.
  static let all: [KeyCheck] =
    Dataset.all.flatMap { dataset in
      dataset.columns.filter { $0.nulls == .never }.map { KeyCheck(dataset, $0.name) }
    } + Reference.all.map { KeyCheck($0) }

  /// What the footers say; nil where they say nothing.
  func finding(_ facts: RunFacts) -> Finding? {
    guard let reference else {
      guard let nulls = facts.nullCount(of: column, in: dataset) else { return nil }
      // Older runs kept rows without a key.
      let severity: Severity = facts.output(of: dataset) == nil ? .warn : severity
      return Finding(
        "key_is_never_null:\(dataset.name).\(column)", severity, value: String(nulls), isOK: nulls == 0,
        details: nulls == 0 ? "" : "\(counted(nulls, "row")) without \(column)")
    }
    let (target, id) = (reference.target, reference.targetColumn)
    guard let range = facts.range(of: column, in: dataset), let allowed = facts.range(of: id, in: target)
    else { return nil }
    let isInside = allowed.lowerBound <= range.lowerBound && range.upperBound <= allowed.upperBound
    return Finding(
      "key_in_range:\(dataset.name).\(column)", severity, value: "\(range.lowerBound)..\(range.upperBound)",
      isOK: isInside,
      details: isInside
        ? ""
        : "from \(range.lowerBound) to \(range.upperBound) while \(target.name).\(id) is from \(allowed.lowerBound) to \(allowed.upperBound)"
    )
  }
}
