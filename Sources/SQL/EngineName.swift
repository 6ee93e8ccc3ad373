/// The engines that can run the pipeline's SQL.
public enum EngineName: String, Sendable, Hashable, CaseIterable {
  /// The embedded one: DuckDB's command line shell as a child process.
  case duckdb
  /// A Trino server with the Hive connector.
  case trino
}
