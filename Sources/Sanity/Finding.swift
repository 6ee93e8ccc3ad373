/// How bad it is when a check is not ok.
public enum Severity: String, Sendable, Hashable, Comparable, CaseIterable {
  /// The data must not be used.
  case critical = "CRITICAL"
  /// Someone should look.
  case warn = "WARN"
  /// Worth knowing.
  case info = "INFO"

  /// The worst first.
  public static func < (one: Severity, other: Severity) -> Bool {
    allCases.firstIndex(of: one)! < allCases.firstIndex(of: other)!
  }
}

/// What a check found: a line of a sanity report.
public struct Finding: Sendable, Hashable {
  /// The check's name, with what it was applied to: `is_present:labels_v10`.
  public var check: String
  /// How bad it is if it is not ok.
  public var severity: Severity
  /// What was measured: a count, a ratio; empty where there is nothing to measure.
  public var value: String
  /// Whether the value is what it should be.
  public var isOK: Bool
  /// What a person needs to know besides the value; empty if there is nothing.
  public var details: String
  /// Whether it is about how the catalog shows the run, which registering it mends, and not about the run's data.
  public var isOfCatalog = false

  /// - Parameter value: as text, the way the report shows it.
  public init(_ check: String, _ severity: Severity, value: String = "", isOK: Bool, details: String = "") {
    self.check = check
    self.severity = severity
    self.value = value
    self.isOK = isOK
    self.details = details
  }

  /// Whether the data must not be used because of it.
  public var isFailure: Bool { !isOK && severity == .critical }
}
