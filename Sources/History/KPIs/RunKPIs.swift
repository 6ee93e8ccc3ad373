import SQL
import Schema

/// The KPIs of one run: what is known, what a table's scan brought, and what follows from both.
struct RunKPIs {
  /// What came of one KPI.
  enum Outcome: Sendable, Hashable {
    case value(Int64)
    /// There is nothing to divide by: the KPI has no value, and that is no fault.
    case undefined
    case missingTable(String)
    case failedQuery(String)
  }

  private var outcomes: [String: Outcome] = [:]

  /// - Parameter known: the values that need not be computed, by KPI.
  init(known: [String: Int64]) {
    outcomes = known.mapValues(Outcome.value)
  }

  /// What came of a KPI; nil while a measure that it needs has not been read.
  func outcome(of kpi: KPI) -> Outcome? {
    if let outcome = outcomes[kpi.name] { return outcome }
    guard case .basisPoints(let numerator, let denominator) = kpi.formula else { return nil }
    guard let above = outcomes[numerator], let below = outcomes[denominator] else { return nil }
    return RunKPIs.ratio(above, over: below)
  }

  /// The KPIs that have to be read from tables before every one of `kpis` has an outcome, each once.
  func unread(for kpis: some Sequence<KPI>) -> [KPI] {
    var seen: Set<String> = []
    return kpis.filter { outcome(of: $0) == nil }.flatMap(\.inputs).filter {
      outcomes[$0.name] == nil && seen.insert($0.name).inserted
    }
  }

  /// Keeps what came of a measure for every KPI that is just this measure.
  mutating func set(_ measure: Measure, of dataset: Dataset, to outcome: Outcome) {
    for kpi in KPI.all where kpi.formula == .measure(measure, of: dataset) && outcomes[kpi.name] == nil {
      outcomes[kpi.name] = outcome
    }
  }

  private static func ratio(_ numerator: Outcome, over denominator: Outcome) -> Outcome {
    switch (numerator, denominator) {
    case (.missingTable, _): return numerator
    case (_, .missingTable): return denominator
    case (.failedQuery, _): return numerator
    case (_, .failedQuery): return denominator
    case (.value(let above), .value(let below)):
      do throws(KPIError) {
        return try KPI.basisPoints(above, over: below).map(Outcome.value) ?? .undefined
      } catch { return .failedQuery(error.message) }
    case (.undefined, _), (_, .undefined): return .undefined
    }
  }
}

extension KPI {
  /// The KPIs that are read from tables for this one: itself, or what it divides.
  var inputs: [KPI] {
    switch formula {
    case .measure: [self]
    case .basisPoints(let numerator, let denominator): [numerator, denominator].compactMap(KPI.named)
    }
  }
}
