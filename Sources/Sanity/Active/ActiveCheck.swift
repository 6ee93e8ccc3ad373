import SQL
import Schema

/// A check of the active dataset's tables: what is measured, how bad it is when it is not as it should be.
struct ActiveCheck: Sendable, Hashable {
  /// What is measured.
  enum Measure: Sendable, Hashable {
    /// The rows of a table; none are not ok.
    case rows
    /// The part of the rows in which a column is NULL; more than `atMost` is not ok.
    case nullRatio(String, atMost: Double)
    /// How many rows have an id that another row has too; any are not ok.
    case duplicates(String)
    /// How many rows name an id that the other table does not have; any are not ok.
    case orphans(Reference)
    /// A query of the `Scripts` folder over several tables: the number it finds and the number there should be.
    case agreement(Agreement)
  }

  let dataset: Dataset
  let measure: Measure
  let severity: Severity

  /// The check's name in the report, with what it was applied to.
  var name: String {
    switch measure {
    case .rows: "rows:\(dataset.table)"
    case .nullRatio(let column, _): "null_ratio:\(dataset.table).\(column)"
    case .duplicates(let column): "duplicate_ids:\(dataset.table).\(column)"
    case .orphans(let reference):
      "orphans:\(dataset.table).\(reference.column)->\(reference.target.table)"
    case .agreement(let agreement): agreement.name
    }
  }

  /// The expression that counts it in its own table; nil for what compares tables.
  var count: String? {
    switch measure {
    case .rows: "count(*)"
    case .nullRatio(let column, _): "count(*) - count(\(SQLText.identifier(column)))"
    case .duplicates(let column):
      "count(\(SQLText.identifier(column))) - count(DISTINCT \(SQLText.identifier(column)))"
    case .orphans, .agreement: nil
    }
  }

  /// The reference that it follows; nil if it follows none.
  var reference: Reference? {
    if case .orphans(let reference) = measure { reference } else { nil }
  }

  /// The NULLs that it counts, as the files tell; nil if it counts none, or they do not tell.
  func nulls(by files: FileCounts) -> Int64? {
    if case .nullRatio(let column, _) = measure { files.nulls(column, of: dataset) } else { nil }
  }

  /// The records by whose ids it compares; nil if it does not.
  var entity: Entity? {
    switch measure {
    case .rows, .nullRatio: nil
    case .duplicates: Entity.allCases.first { $0.main == dataset }
    case .orphans(let reference): Entity.allCases.first { $0.main == reference.target }
    case .agreement(let agreement): agreement.hasParts ? .releases : nil
    }
  }

  /// The tables besides its own that it reads.
  var otherSources: [Dataset] {
    switch measure {
    case .orphans(let reference): [reference.target]
    case .agreement(let agreement): agreement.sources
    default: []
    }
  }

  /// The columns of its own table that it reads.
  var columns: [String] {
    switch measure {
    case .nullRatio(let column, _), .duplicates(let column): [column]
    case .orphans(let reference): [reference.column]
    case .rows, .agreement: []
    }
  }
}

/// A query over several tables that compares what is there with what should be.
struct Agreement: Sendable, Hashable {
  var name: String
  var sources: [Dataset]
  private var text: [UInt8]

  init(_ name: String, _ sources: [Dataset], _ text: [UInt8]) {
    self.name = name
    self.sources = sources
    self.text = text
  }

  /// The query, which yields one row: the number that was found, and the number that is `expected`.
  /// - Parameter part: the condition for the releases that are looked at.
  func sql(schema: String, part: String) -> String {
    String(decoding: text, as: UTF8.self).replacing("${schema}", with: SQLText.identifier(schema))
      .replacing("${part}", with: part)
  }

  /// Whether it can be asked for some of the releases at a time, and the numbers added.
  var hasParts: Bool { String(decoding: text, as: UTF8.self).contains("${part}") }
}
