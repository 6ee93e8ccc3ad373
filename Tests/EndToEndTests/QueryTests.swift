import Foundation
import Platform
import TestSupport
import Testing

/// The cookbook: `queries/*.sql`, run by the scripts beside them as users run them, on the lake that the demo makes.
@Suite struct QueryTests {
  /// The names of the queries, without extension.
  static func all() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: Checkout.path("queries"))
      .filter { $0.hasSuffix(".sql") }.map { String($0.dropLast(4)) }.sorted()
  }

  @Test(.needs(Tools.duckdb, Tools.python, Tools.pythonReaders))
  func everyQueryAnswersWhatTheDumpsSayWhoeverOpensTheLake() throws {
    try withTemporaryFolder { folder in
      let pipeline = try Pipeline.ofTheDemo(in: folder)
      for name in try Self.all() {
        try Answer(name, of: "duckdb").keep(try Self.inShell(name, pipeline), in: folder)
        try Answer(name, of: "python").keep(
          try Self.python("with-duckdb.py", "\(name).sql", pipeline), in: folder)
      }
      // What polars and pandas answer by themselves.
      let master = try #require(
        try Self.text(of: "versions-of-a-master").firstMatch(of: /master_id = (\d+) -- wanted/)?.1)
      for script in ["polars", "pandas"] {
        try Answer("versions-of-a-master", of: script).keep(
          try Self.python("with-\(script).py", String(master), pipeline), in: folder)
      }
      try Self.expectRightAnswers(
        ["duckdb", "python", "polars/versions-of-a-master.csv", "pandas/versions-of-a-master.csv"], folder)
    }
  }

  @Test(.needs(Tools.trinoHome, Tools.java24, Tools.duckdb, Tools.python, Tools.pythonReaders))
  func everyQueryAnswersTheSameOnTrino() throws {
    try withTemporaryFolder { folder in
      let pipeline = try Pipeline.ofTheDemo(in: folder)
      let server = try TrinoServer(in: folder.path("trino"))
      let onTrino = ["sql_engine": "trino", "trino_url": server.url, "trino_wait": "120"]
      try pipeline.run("register-run-schema", ["--active"], environment: onTrino)
      for task in ["reconcile", "compare-runs"] {
        try pipeline.run(task, ["--include-active"], environment: onTrino)
      }
      for name in try Self.all() {
        try Answer(name, of: "trino").keep(
          try Self.python("with-trino.py", "\(name).sql", pipeline, ["trino_url": server.url]), in: folder)
      }
      try Self.expectRightAnswers(["trino"], folder)
    }
  }

  @Test(.needs(Tools.duckdb))
  func whatIsMissingIsSaid() throws {
    try withTemporaryFolder { folder in
      let query = Checkout.path("queries/longest-tracks.sql")
      let script = Checkout.path("queries/with-duckdb.sh")
      let nothing = try execute(script, [query], environment: ["DISCOGS_DATA_LAKE": folder.path("none")])
      #expect(nothing.status == 66 && nothing.stderr.contains("register-run-schema --active makes it"))
      let unset = try execute(script, [query], environment: ["DISCOGS_DATA_LAKE": nil])
      #expect(unset.status != 0 && unset.stderr.contains("DISCOGS_DATA_LAKE"))
    }
  }

  // MARK: - Running

  /// An answer's file, below a folder for each client.
  struct Answer {
    let name: String
    let client: String

    init(_ name: String, of client: String) {
      self.name = name
      self.client = client
    }

    func keep(_ csv: String, in folder: TemporaryFolder) throws {
      try FileManager.default.createDirectory(
        atPath: folder.path("answers/\(client)"), withIntermediateDirectories: true)
      try csv.write(toFile: folder.path("answers/\(client)/\(name).csv"), atomically: true, encoding: .utf8)
    }
  }

  static func text(of name: String) throws -> String {
    try String(contentsOfFile: Checkout.path("queries/\(name).sql"), encoding: .utf8)
  }

  /// What DuckDB's shell answers, as CSV.
  static func inShell(_ name: String, _ pipeline: Pipeline) throws -> String {
    try output(
      of: Checkout.path("queries/with-duckdb.sh"),
      [Checkout.path("queries/\(name).sql"), "-csv", "-nullvalue", ""],
      ["DISCOGS_DATA_LAKE": pipeline.lake, "DUCKDB": try Tools.duckdb.path()])
  }

  private static func python(
    _ script: String, _ argument: String, _ pipeline: Pipeline, _ environment: [String: String] = [:]
  ) throws -> String {
    let path = argument.hasSuffix(".sql") ? Checkout.path("queries/\(argument)") : argument
    let variables = ["DISCOGS_DATA_LAKE": pipeline.lake, "PYTHONIOENCODING": "utf-8"]
    return try output(
      of: try Tools.pythonReaders.path(), [Checkout.path("queries/\(script)"), path],
      variables.merging(environment) { $1 })
  }

  private static func output(of program: String, _ arguments: [String], _ environment: [String: String])
    throws -> String
  {
    let run = try execute(program, arguments, environment: environment.mapValues { $0 })
    guard run.status == 0 else {
      throw UnexpectedExecution(description: "\(program) \(arguments): \(run.stderr)")
    }
    return run.stdout
  }

  private static func expectRightAnswers(_ answers: [String], _ folder: TemporaryFolder) throws {
    let compared = try execute(
      try Tools.python.path(),
      [Checkout.path("Tests/Oracle/queries.py"), "\(Dumps.fixtures)/2026-08", "\(Dumps.fixtures)/2026-07"]
        + answers.map { folder.path("answers/\($0)") })
    #expect(compared.status == 0, "\(compared.stdout)\(compared.stderr)")
  }
}

extension Pipeline {
  /// The lake that `scripts/demo` makes, on DuckDB, but for its reports.
  static func ofTheDemo(in folder: TemporaryFolder) throws -> Pipeline {
    let pipeline = try Pipeline(in: folder)
    for (index, month) in ["2019-11", "2026-07", "2026-08"].enumerated() {
      _ = try pipeline.makeActive(month, session: "2026-09-0\(index + 1)T03:04:05Z")
    }
    try pipeline.run("register-run-schema", ["--active"])
    try pipeline.run("register-run-schema", ["--all"], environment: ["include_active": "true"])
    for task in ["reconcile", "compare-runs"] { try pipeline.run(task, ["--include-active"]) }
    return pipeline
  }
}
