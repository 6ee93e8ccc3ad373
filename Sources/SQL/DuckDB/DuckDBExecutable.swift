import Platform
import TaskKit

/// Finds DuckDB's command line shell.
public enum DuckDBExecutable {
  /// The path of the shell.
  /// - Throws: `TaskError` (`configuration`) when there is none.
  static func required(environment: [String: String]) throws -> String {
    if let executable = find(environment: environment) {
      guard let path = ChildProcess.find(executable), Files.isExecutable(path) else {
        throw unusable(executable, "there is no such program")
      }
      return executable
    }
    throw TaskError(
      .configuration, "DuckDB's command line shell is not found",
      advice: "put duckdb on the PATH or name it in the environment variable DUCKDB")
  }

  private static func unusable(_ executable: String, _ reason: String) -> TaskError {
    TaskError(
      .configuration, "DuckDB's command line shell \(executable) cannot be used: \(reason)",
      advice: "name another in the environment variable DUCKDB")
  }

  /// What keeps the shell from being used, if anything: that there is none, or that it does not start.
  public static func objection(environment: [String: String] = Environment.all) -> TaskError? {
    do {
      let executable = try required(environment: environment)
      func unusable(_ reason: String) -> TaskError { self.unusable(executable, reason) }
      do {
        let outcome = try ChildProcess.run(
          executable, ["-batch", "-no-init", "-list", "-noheader", "-c", "SELECT 'DuckDB'"])
        guard outcome.termination.isSuccess else {
          let said = outcome.errorText.split(whereSeparator: \.isNewline).last.map(String.init)
          return unusable(said ?? "it ends with \(outcome.termination.status)")
        }
        return outcome.outputText == "DuckDB\n" ? nil : unusable("it does not answer as DuckDB does")
      } catch let error as SystemError { return unusable(error.reason) }
    } catch { return error as? TaskError }
  }

  /// The path of the shell, if there is one: what `DUCKDB` says; else `duckdb` in `PATH`; else what set-up installed: `.tools/bin/duckdb`
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
