import TaskKit

/// The name of a declared KPI, as an option's value.
public struct KPIName: OptionValue, Hashable {
  public let kpi: KPI

  public init?(optionValue text: String) {
    guard let kpi = KPI.named(text) else { return nil }
    self.kpi = kpi
  }

  public var optionText: String { kpi.name }
  public static var expectation: String { "a KPI" }
  public static var choices: [String] { KPI.all.map(\.name) }
}
