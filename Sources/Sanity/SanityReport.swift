import Platform

/// A sanity report: findings as CSV (RFC 4180), with columns `check_name,severity,value,ok,details`.
public enum SanityReport {
  /// The findings in the report's order: the worst severity first, of each those that are not ok, otherwise as they
  /// came.
  public static func sorted(_ findings: [Finding]) -> [Finding] {
    findings.enumerated().sorted { one, other in
      let (a, b) = (one.element, other.element)
      if a.severity != b.severity { return a.severity < b.severity }
      if a.isOK != b.isOK { return !a.isOK }
      return one.offset < other.offset
    }.map(\.element)
  }

  /// The report's text.
  public static func csv(_ findings: [Finding]) -> String {
    let rows = sorted(findings).map { finding in
      [finding.check, finding.severity.rawValue, finding.value, String(finding.isOK), finding.details]
    }
    return ([["check_name", "severity", "value", "ok", "details"]] + rows)
      .map { CSV.record($0) }.joined()
  }
}
