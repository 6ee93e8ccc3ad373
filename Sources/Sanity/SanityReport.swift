import Platform
import TaskKit

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
    return ([columns] + rows)
      .map { CSV.record($0) }.joined()
  }

  /// Reads a report back.
  /// - Throws: `SystemError`; `TaskError` (`data`) when the file is no such report.
  public static func read(_ path: String) throws -> [Finding] {
    let records = CSV.records(try Files.readText(path))
    guard records.first == columns else {
      throw TaskError(.data, "\(path) is no sanity report", advice: "remove it, and make another one")
    }
    return try records.dropFirst().map { fields in
      guard fields.count == columns.count, let severity = Severity(rawValue: fields[1]) else {
        throw TaskError(.data, "\(path) is no sanity report", advice: "remove it, and make another one")
      }
      return Finding(fields[0], severity, value: fields[2], isOK: fields[3] == "true", details: fields[4])
    }
  }

  private static let columns = ["check_name", "severity", "value", "ok", "details"]
}
