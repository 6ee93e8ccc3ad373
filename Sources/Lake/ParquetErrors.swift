import Parquet
import TaskKit

/// A file of a run that cannot be read is data at fault, not a bug.
extension ParquetError: ReportableError {
  /// `data`
  public var exitCode: ExitCode { .data }
  /// The error's own description.
  public var message: String { description }
  /// Nil: what to do depends on the task that reads the file.
  public var advice: String? { nil }
}
