import Parquet
import TaskKit

/// A file of a run that cannot be read is data at fault, not a bug.
extension ParquetError: ReportableError {
  public var exitCode: ExitCode { .data }
  public var message: String { description }
  public var advice: String? { nil }
}
