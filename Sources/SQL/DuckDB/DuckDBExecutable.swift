import Platform

/// Finds DuckDB's command line shell.
public enum DuckDBExecutable {
  /// The path of the shell: what `DUCKDB` says; else `duckdb` in `PATH`; else what set-up installed: `.tools/bin/duckdb`
  /// beside or above this executable, or `libexec/duckdb` in the prefix it was installed to.
  public static func find(environment: [String: String] = Environment.all) -> String? {
    if let named = environment["DUCKDB"], !named.isEmpty { return named }
    if let found = ChildProcess.find("duckdb") { return found }
    guard let own = try? Files.resolve("/proc/self/exe") else { return nil }
    var folder = Files.parent(of: own)
    let installed = Files.join(Files.parent(of: folder), "libexec/duckdb")
    if Files.isExecutable(installed) { return installed }
    while true {
      let tool = Files.join(folder, ".tools/bin/duckdb")
      if Files.isExecutable(tool) { return tool }
      guard folder != "/" else { return nil }
      folder = Files.parent(of: folder)
    }
  }
}
