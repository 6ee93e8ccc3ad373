import Schema

/// A number that makes runs comparable: a measure of one table, or one KPI divided by another.
public struct KPI: Sendable, Hashable {
  /// How the value comes about.
  public enum Formula: Sendable, Hashable {
    /// Read from a table, together with every other measure of that table.
    case measure(Measure, of: Dataset)
    /// The first KPI over the second in basis points: 10000 for equal values, rounded down.
    case basisPoints(String, over: String)
  }

  /// Unique among all KPIs; the column `kpi_name`.
  public let name: String
  /// How its value comes about.
  public let formula: Formula

  init(_ name: String, _ measure: Measure, of dataset: Dataset) {
    self.name = name
    self.formula = .measure(measure, of: dataset)
  }

  init(_ name: String, basisPointsOf numerator: String, over denominator: String) {
    self.name = name
    self.formula = .basisPoints(numerator, over: denominator)
  }

  /// The KPI of this name, or nil.
  public static func named(_ name: String) -> KPI? { all.first { $0.name == name } }

  /// The ratio of two counts in basis points, rounded down; nil when there is nothing to divide by.
  ///
  /// Computed here and not by an engine: `/` of two integers is an integer in Trino and a DOUBLE in DuckDB.
  /// - Throws: ``KPIError`` when the result does not fit 64 bits.
  static func basisPoints(_ numerator: Int64, over denominator: Int64) throws(KPIError) -> Int64? {
    guard denominator != 0 else { return nil }
    // Int128 holds every product of a BIGINT and 10000.
    let (quotient, remainder) = (Int128(numerator) * 10_000).quotientAndRemainder(
      dividingBy: Int128(denominator))
    let isTruncatedUp = remainder != 0 && (remainder < 0) != (denominator < 0)
    guard let value = Int64(exactly: isTruncatedUp ? quotient - 1 : quotient) else {
      throw KPIError(message: "\(numerator) over \(denominator) in basis points does not fit a BIGINT")
    }
    return value
  }
}

/// Why a KPI has no value although its tables are there.
struct KPIError: Error, Sendable, Hashable {
  var message: String
}
