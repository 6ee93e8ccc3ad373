import TestSupport
import Testing

/// The options of the executables, as their `--help` shows them.
@Suite struct TaskOptionsTests {
  static let tasks = [
    "preflight", "download", "ingest-entity", "build-xref", "sanity", "promote", "sanity-report",
    "run-report", "register-run-schema", "reconcile", "compute-kpis", "compare-runs", "export-csv",
    "history-report",
  ]

  @Test(arguments: tasks) func everyOptionHasItsVariable(_ name: String) throws {
    let help = try task(name, ["--help"]).stdout
    // What a terminal is shown is no parameter of a workflow.
    var withoutVariable = ["quiet", "verbose", "version"]
    // Every task of a workflow sees the workflow's run_id, which is not the run that it compares.
    if name == "compare-runs" { withoutVariable += ["run-id", "previous-run-id"] }
    let options = help.split(separator: "\n  --").dropFirst()
    #expect(options.count > 3)
    for option in options {
      let words = option.split(whereSeparator: \.isWhitespace)
      let name = try #require(words.first)
      guard !withoutVariable.contains(String(name)) else { continue }
      #expect(words.joined(separator: " ").contains("(environment: "), "\(name)")
    }
  }

  @Test(arguments: ["=x", "a b=x", "ä=x", "x"]) func aSessionPropertyHasAName(_ property: String) throws {
    for name in ["preflight", "reconcile"] {
      let last = try task(
        name, ["--lake", "/", "--engine", "trino", "--trino-session", property], expecting: 64
      ).lastErrorLine
      #expect(last.contains("--trino-session \(property)"), "\(last)")
    }
  }

  /// A shell or a workflow may have a variable of a common name for something else.
  @Test func whatBelongsToOneTaskIsNamedAfterIt() throws {
    for (name, variables) in [
      ("register-run-schema", ["register_active", "register_all"]), ("promote", ["promote_rollback"]),
      ("reconcile", ["reconcile_action", "reconcile_dry_run"]),
      (
        "download",
        [
          "download_tries", "download_retry_pause", "download_poll_interval", "download_connect_timeout",
          "download_stall_timeout", "download_dry_run",
        ]
      ),
    ] {
      let help = try task(name, ["--help"]).stdout
      for variable in variables { #expect(help.contains(variable), "\(name)") }
    }
  }
}
