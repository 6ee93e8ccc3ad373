import Foundation
import Glibc
import TestSupport
import Testing

/// What `make install` puts into a folder.
@Suite struct InstallTests {
  private func install(into folder: TemporaryFolder) throws -> String {
    let destination = folder.path("root")
    let made = try execute(
      "/usr/bin/make",
      ["-s", "place", "DESTDIR=\(destination)", "BUILT=\(Products.folder)"], timeout: 300)
    try #require(made.status == 0, "\(made.stderr)")
    return "\(destination)/opt/discogs-lakehouse"
  }

  @Test(.needs(Tools.duckdb))
  func itIsAFolderOfItsOwnWhoseDocumentsAndLinksWork() throws {
    try withTemporaryFolder { folder in
      let prefix = try install(into: folder)
      let share = "\(prefix)/share/discogs-lakehouse"
      let version = try execute("\(prefix)/bin/preflight", ["--version"])
      #expect(version.stdout.hasPrefix("preflight 0."))
      let tree = try #require(FileManager.default.enumerator(atPath: share)?.allObjects as? [String])
      let documents = tree.filter { $0.hasSuffix(".md") }
      #expect(
        Set(documents).isSuperset(of: [
          "README.md", "CHANGELOG.md", "docs/datasets.md", "workflows/main/README.md",
        ]))
      #expect(tree.contains("LICENSE"))
      #expect(tree.contains("queries/most-reissued.sql"))
      // The queries' script finds the DuckDB that was installed with it, and asks the lake's catalog.
      let asked = try execute(
        "/bin/sh",
        [
          "-euc",
          """
          mkdir -p "$0/_meta"
          "$1/libexec/duckdb" "$0/_meta/catalog.duckdb" -c "CREATE SCHEMA discogs" -c "CREATE TABLE discogs.t AS SELECT 42 AS n"
          echo "SELECT n FROM hive.discogs.t" >"$0/query.sql"
          "$1/share/discogs-lakehouse/queries/with-duckdb.sh" "$0/query.sql" -csv
          """, folder.path("it's a lake"), prefix,
        ],
        environment: [
          "DISCOGS_DATA_LAKE": folder.path("it's a lake"), "DUCKDB": nil, "PATH": "/usr/bin:/bin",
        ])
      #expect(asked.status == 0 && asked.stdout.hasSuffix("n\n42\n"), "\(asked.stdout)\(asked.stderr)")
      for document in documents {
        let text = try String(contentsOfFile: "\(share)/\(document)", encoding: .utf8)
        for link in text.matches(of: /\]\(([^)#:]+)(#[^)]*)?\)/) {
          let target =
            URL(fileURLWithPath: "\(share)/\(document)").deletingLastPathComponent().path + "/\(link.1)"
          #expect(FileManager.default.fileExists(atPath: target), "\(document): \(link.1)")
        }
        #expect(!text.contains(".tools/bin/duckdb") && !text.contains("$PWD/.build/release"), "\(document)")
      }
    }
  }

  /// Digdag's state goes into the lake, as documented; the user may write there and nowhere else.
  @Test(.needs(Tools.digdag, Tools.java, Tools.duckdb))
  func anotherUserRunsItsWorkflowsFromAReadOnlyTree() throws {
    try withTemporaryFolder { folder in
      let prefix = try install(into: folder)
      let lake = folder.path("lake")
      try FileManager.default.createDirectory(atPath: lake, withIntermediateDirectories: true)
      // The superuser may write anywhere, so another user is who tries.
      let user = geteuid() == 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []
      let own = try execute(
        "/bin/sh",
        [
          "-c",
          "chmod a+rx \"$(dirname \"$2\")\"; chmod -R a-w,a+rX \"$1\"; \(user.isEmpty ? ":" : "chown 65534:65534 \"$2\"")",
          "-", prefix,
          lake,
        ])
      try #require(own.status == 0)
      defer { _ = try? execute("/bin/chmod", ["-R", "u+w", prefix]) }
      let session = ["--session", "2026-09-02 03:04:05", "--save", "\(lake)/_meta/digdag"]
      func digdag(_ flow: String, _ file: String, _ parameters: [String]) throws -> Execution {
        try execute(
          "/usr/bin/env", user + [try Tools.digdag.path(), "run", file] + session + parameters,
          environment: ["DISCOGS_DATA_LAKE": lake, "LC_ALL": "C.UTF-8", "HOME": lake],
          in: "\(prefix)/share/discogs-lakehouse/workflows/\(flow)", timeout: 400)
      }
      let run = try digdag(
        "main", "main.dig",
        ["dump_month=2026-08", "raw_root=\(Dumps.fixtures)", "run_mode=prod", "allow_promote=true"].flatMap {
          ["-p", $0]
        })
      try #require(run.status == 0, "\(run.stdout)\(run.stderr)")
      #expect((run.stdout + run.stderr).contains("lake \(lake): run 2026-08__20260902_030405 is active"))
      let history = try digdag("history", "history_pipeline.dig", [])
      try #require(history.status == 0, "\(history.stdout)\(history.stderr)")
      #expect(FileManager.default.fileExists(atPath: "\(lake)/_meta/digdag"))
      // The same session on another lake is another one: there it does the work, and finds no dumps.
      let second = folder.path("second")
      try FileManager.default.createDirectory(atPath: second, withIntermediateDirectories: true)
      let other = try execute(
        try Tools.digdag.path(),
        ["run", "main.dig", "--session", "2026-09-02 03:04:05", "--save", "\(second)/_meta/digdag"],
        environment: ["DISCOGS_DATA_LAKE": second, "LC_ALL": "C.UTF-8"],
        in: "\(prefix)/share/discogs-lakehouse/workflows/main", timeout: 400)
      #expect(other.status != 0 && (other.stdout + other.stderr).contains("code 66"))
    }
  }

  @Test(.needs(Tools.digdag, Tools.java))
  func aMissingProgramIsSaidWithTheWayToMakeIt() throws {
    try withTemporaryFolder { folder in
      let pipeline = try Pipeline(in: folder)
      let run = try pipeline.digdag(
        "main", "main.dig", session: "2026-09-02 03:04:05", ["bin_dir": folder.path("nowhere")])
      #expect(run.status != 0)
      let said = run.stdout + run.stderr
      #expect(
        said.contains("there is no program \(folder.path("nowhere"))/preflight; build it with make build"))
      #expect(said.contains("code 78"))
    }
  }
}
