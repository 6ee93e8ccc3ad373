import Schema

/// A number that makes runs comparable: something measured in tables, one such over another, or a number for each value
/// of a dimension.
public struct KPI: Sendable, Hashable {
  /// A number of a run.
  public indirect enum Quantity: Sendable, Hashable {
    /// Read from a table, together with everything else that is read from it.
    case measure(Measure, of: Dataset)
    /// The value of another KPI.
    case kpi(String)
    /// Several, added up.
    case sum([Quantity])
    /// One, times itself.
    case square(Quantity)
  }

  /// How the value comes about.
  public enum Formula: Sendable, Hashable {
    /// It is this number.
    case value(Quantity)
    /// The first over the second in basis points: 10000 for equal values, rounded down.
    case basisPoints(Quantity, over: Quantity)
    /// A number for each value of a dimension.
    case values(Dimension, of: Dataset)
  }

  /// Unique among all KPIs; the column `kpi_name`.
  public let name: String
  /// How its value comes about.
  public let formula: Formula
  /// The version that introduced it; the column `schema_version`.
  public let version: Int64

  init(_ name: String, version: Int64 = 1, _ formula: Formula) {
    self.name = name
    self.version = version
    self.formula = formula
  }

  /// Whether it has a number for each value of a dimension.
  public var hasDimension: Bool { if case .values = formula { true } else { false } }

  /// The KPIs of one number each, in the order in which they are documented.
  public static var scalars: [KPI] { all.filter { !$0.hasDimension } }

  /// The KPI of this name, or nil.
  public static func named(_ name: String) -> KPI? { all.first { $0.name == name } }

  /// The ratio of two counts in basis points, rounded down; nil when there is nothing to divide by.
  ///
  /// Computed here and not by an engine: `/` of two integers is an integer in Trino and a DOUBLE in DuckDB.
  /// - Throws: ``KPIError`` when the result does not fit 64 bits.
  static func basisPoints(_ numerator: Int128, over denominator: Int128) throws(KPIError) -> Int128? {
    guard denominator != 0 else { return nil }
    let misfit = KPIError(message: "\(numerator) over \(denominator) in basis points does not fit a BIGINT")
    let (product, overflow) = numerator.multipliedReportingOverflow(by: 10_000)
    guard !overflow else { throw misfit }
    let (quotient, remainder) = product.quotientAndRemainder(dividingBy: denominator)
    let isTruncatedUp = remainder != 0 && (remainder < 0) != (denominator < 0)
    guard let value = Int64(exactly: isTruncatedUp ? quotient - 1 : quotient) else { throw misfit }
    return Int128(value)
  }
}

/// Why a KPI has no value although its tables are there.
struct KPIError: Error, Sendable, Hashable {
  var message: String
}
