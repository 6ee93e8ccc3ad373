import TaskKit

/// The name of a declared KPI, as an option's value.
public struct KPIName: OptionValue, Hashable {
  /// The KPI of that name.
  public let kpi: KPI

  /// Nil if no KPI is declared under this name.
  public init?(optionValue text: String) {
    guard let kpi = KPI.named(text) else { return nil }
    self.kpi = kpi
  }

  /// The KPI's name.
  public var optionText: String { kpi.name }
  /// What to write, for usage errors.
  public static var expectation: String { "one of \(choices.joined(separator: ", "))" }
  /// The names of all declared KPIs.
  public static var choices: [String] { KPI.all.map(\.name) }
}
