import TaskKit

/// The engines that can run the pipeline's SQL.
public enum EngineName: String, Sendable, Hashable, CaseIterable {
  /// The embedded one: DuckDB's command line shell as a child process.
  case duckdb
  /// A Trino server with the Hive connector.
  case trino

  /// What this engine has against a lake's path, if anything.
  public func objection(toLakePath path: String) -> TaskError? {
    guard self == .duckdb, path.unicodeScalars.contains(where: { $0 == "?" || $0 == "\\" }) else {
      return nil
    }
    return TaskError(
      .configuration, "DuckDB takes no path with ? or \\ for what it is: \(path)",
      advice: "give the lake another name, or use --engine trino")
  }
}
