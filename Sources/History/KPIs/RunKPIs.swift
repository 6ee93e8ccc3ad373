import SQL
import Schema

/// The KPIs of one run: what is known, what a table's scan brought, and what follows from both.
struct RunKPIs {
  /// What came of a KPI, or of a part of one.
  enum Outcome: Sendable, Hashable {
    /// Products of 64-bit numbers fit in here.
    case value(Int128)
    /// A number for each value of a dimension.
    case values([DimensionValue])
    /// There is nothing to divide by: the KPI has no value, and that is no fault.
    case undefined
    case missingTable(String)
    case failedQuery(String)
  }

  /// A KPI's number for one value of its dimension.
  struct DimensionValue: Sendable, Hashable {
    var dimension: String?
    var value: Int64
    var details: String?
  }

  private let known: [String: Int64]
  private var read: [Reading: Outcome] = [:]

  /// - Parameter known: the values that need not be computed, by KPI.
  init(known: [String: Int64]) { self.known = known }

  /// What came of a KPI; nil while something that it needs has not been read.
  func outcome(of kpi: KPI) -> Outcome? {
    if let value = known[kpi.name] { return .value(Int128(value)) }
    switch kpi.formula {
    case .value(let quantity): return outcome(of: quantity)
    case .basisPoints(let numerator, let denominator):
      guard let above = outcome(of: numerator), let below = outcome(of: denominator) else { return nil }
      return Self.combine([above, below]) { values throws(KPIError) in
        try KPI.basisPoints(values[0], over: values[1])
      }
    case .values(let dimension, let dataset):
      return read[Reading(item: .dimension(dimension), dataset: dataset)]
    }
  }

  /// What has to be read from tables before every one of `kpis` has an outcome, each once.
  func unread(for kpis: some Sequence<KPI>) -> [Reading] {
    var seen: Set<Reading> = []
    return kpis.filter { outcome(of: $0) == nil }.flatMap { readings(of: $0) }.filter {
      read[$0] == nil && seen.insert($0).inserted
    }
  }

  /// Keeps what came of reading something.
  mutating func set(_ item: TableScan.Item, of dataset: Dataset, to outcome: Outcome) {
    read[Reading(item: item, dataset: dataset)] = outcome
  }

  private func outcome(of quantity: KPI.Quantity) -> Outcome? {
    switch quantity {
    case .measure(let measure, let dataset): return read[Reading(item: .measure(measure), dataset: dataset)]
    case .kpi(let name): return KPI.named(name).flatMap { outcome(of: $0) }
    case .sum(let parts):
      let outcomes = parts.compactMap { outcome(of: $0) }
      guard outcomes.count == parts.count else { return nil }
      return Self.combine(outcomes) { $0.reduce(0, +) }
    case .square(let root):
      guard let outcome = outcome(of: root) else { return nil }
      return Self.combine([outcome]) { $0[0] * $0[0] }
    }
  }

  private func readings(of kpi: KPI) -> [Reading] {
    if known[kpi.name] != nil { return [] }
    return switch kpi.formula {
    case .value(let quantity): readings(of: quantity)
    case .basisPoints(let numerator, let denominator): readings(of: numerator) + readings(of: denominator)
    case .values(let dimension, let dataset): [Reading(item: .dimension(dimension), dataset: dataset)]
    }
  }

  private func readings(of quantity: KPI.Quantity) -> [Reading] {
    switch quantity {
    case .measure(let measure, let dataset): [Reading(item: .measure(measure), dataset: dataset)]
    case .kpi(let name): KPI.named(name).map { readings(of: $0) } ?? []
    case .sum(let parts): parts.flatMap { readings(of: $0) }
    case .square(let root): readings(of: root)
    }
  }

  /// What follows from the values of parts, or what the parts lack: a missing table before a query that failed.
  private static func combine(
    _ parts: [Outcome], _ body: ([Int128]) throws(KPIError) -> Int128?
  ) -> Outcome {
    var values: [Int128] = []
    for case .missingTable(let reason) in parts { return .missingTable(reason) }
    for case .failedQuery(let message) in parts { return .failedQuery(message) }
    for case .value(let value) in parts { values.append(value) }
    guard values.count == parts.count else { return .undefined }
    do throws(KPIError) { return try body(values).map(Outcome.value) ?? .undefined } catch {
      return .failedQuery(error.message)
    }
  }
}
