import Foundation
import Glibc
import TestSupport
import Testing

/// The commands of the documentation as they are written there, pasted into one shell block by block.
@Suite struct DocumentedCommandsTests {
  /// Where the documentation stands whose commands are run.
  enum Tree: String, CaseIterable {
    /// A checkout whose programs were built.
    case checkout
    /// What `make place` makes: another user's, and read-only.
    case installed
  }

  @Test(.needs(Tools.digdag, Tools.java, Tools.duckdb), arguments: Tree.allCases)
  func everyBlockOfCommandsWorksAsItIsWritten(tree: Tree) throws {
    try withTemporaryFolder { folder in
      let documents = try Documents(tree, in: folder)
      let files = FileManager.default
      try files.createDirectory(atPath: folder.path("site/data"), withIntermediateDirectories: true)
      try files.copyItem(atPath: "\(Dumps.fixtures)/2026-08", toPath: folder.path("site/data/2026"))
      let server = try DumpServer(root: folder.path("site"))
      let environment = [
        "download_base_url": server.base, "no_proxy": "127.0.0.1,localhost", "min_free_gb": "0",
      ]
      defer { _ = try? execute("/bin/chmod", ["-R", "u+w", folder.path]) }
      // The README's lake, and then what the other documents say, on the same lake.
      let lake = documents.home + "/lake"
      try documents.run(
        documents.commands("README.md").filter { !$0.contains("trino") && !$0.contains("TRINO") },
        in: "", replacing: ["/data/discogs": lake], environment)
      let counted = try documents.run(
        documents.commands("docs/queries.md"), in: "", [:].merging(["DISCOGS_DATA_LAKE": lake]) { $1 })
      #expect(counted.count { $0.contains("count_star()") } >= 3, "\(counted)")

      let session = "2026-09-03 08:00:00"
      let runID = "2026-08__20260903_080000"
      var main = try documents.commands("workflows/main/README.md")
      main[0] = main[0].replacing("$(date -u '+%Y-%m-%d %H:%M:%S')", with: session)
      try documents.run(main, in: "workflows/main", replacing: ["/data/discogs": lake])
      #expect(try files.destinationOfSymbolicLink(atPath: "\(lake)/active") == "_runs/\(runID)")
      try documents.run(
        documents.commands("workflows/history/README.md"), in: "workflows/history",
        replacing: ["/data/lake": lake, "2026-08__20260802_031500": runID])
      let reports = try files.contentsOfDirectory(atPath: "\(lake)/_meta/discogs_history/reports")
      #expect(
        reports.contains { $0.wholeMatch(of: /history_kpis_long_latest_\d{8}_\d{6}\.csv/) != nil },
        "\(reports)")
      #expect(reports.contains("history_report_latest.html"))

      // A mirror over HTTP, and a folder of dumps.
      for line in try documents.commands("docs/download.md").flatMap({ $0.split(separator: "\n") }) {
        let other = documents.home + "/\(UUID().uuidString)"
        try documents.run(
          ["mkdir \"$DISCOGS_DATA_LAKE\"", "PATH=\"\(documents.programs):$PATH\"", String(line)], in: "",
          replacing: [
            "https://mirror.example.org/discogs": server.base,
            "file:///mnt/mirror": "file://\(Dumps.fixtures)",
          ], ["DISCOGS_DATA_LAKE": other, "dump_month": "2026-08", "no_proxy": "127.0.0.1"])
        #expect(try files.contentsOfDirectory(atPath: "\(other)/_raw/2026-08").count >= 5, "\(line)")
      }
      #expect(try documents.writtenBeside() == [])
      let run = [
        "README.md", "docs/queries.md", "docs/download.md", "docker/trino/README.md",
        "workflows/main/README.md",
        "workflows/history/README.md",
      ]
      for document in try documents.names() where !run.contains(document) {
        let untried = try documents.commands(document)
        #expect(untried == [], "\(document) has commands that nobody has tried")
      }
    }
  }

  /// The server without a container, and the workflow that uses it.
  @Test(
    .needs(Tools.trinoHome, Tools.java24, Tools.digdag, Tools.java, Tools.duckdb), arguments: Tree.allCases)
  func theBlocksOnTrinoWork(tree: Tree) throws {
    try withTemporaryFolder { folder in
      let documents = try Documents(tree, in: folder)
      defer { _ = try? execute("/bin/chmod", ["-R", "u+w", folder.path]) }
      let port = try freePort()
      let lake = documents.home + "/lake"
      try FileManager.default.createDirectory(
        atPath: "\(lake)/_raw", withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        atPath: "\(Dumps.fixtures)/2026-08", toPath: "\(lake)/_raw/2026-08")
      try documents.giveHome()
      let blocks = try documents.commands("README.md")
      let start = try #require(blocks.first { $0.contains("bin/launcher") })
      #expect(try documents.commands("docker/trino/README.md") == [start], "the same in both places")
      let java = try Tools.java24.path()
      let server = try documents.start(
        [start], in: "", replacing: ["8080": "\(port)"],
        [
          "TRINO_HOME": try Tools.trinoHome.path(), "JAVA_HOME": java,
          "PATH": "\(java)/bin:\(documents.searchPath)",
        ])
      defer {
        server.signal(SIGTERM)
        _ = try? server.wait()
      }
      let workflow = try #require(blocks.first { $0.contains("sql_engine=trino") })
      try documents.run(
        [workflow], in: "", replacing: ["8080": "\(port)"],
        ["DISCOGS_DATA_LAKE": lake, "trino_wait": "300"], timeout: 600)
      #expect(server.isRunning)
      #expect(
        try FileManager.default.destinationOfSymbolicLink(atPath: "\(lake)/active").hasPrefix(
          "_runs/2026-08__"))
      #expect(try documents.writtenBeside() == [])
    }
  }
}

/// The documents of a tree, and a shell in it.
private struct Documents {
  /// The top folder of the documents.
  let root: String
  /// A folder that the user owns.
  let home: String
  /// The folder of the programs.
  let programs: String
  /// Where the user finds commands: Digdag, and what the machine has.
  let searchPath: String
  private let user: [String]

  /// Blocks that are run elsewhere or are no commands, by what they begin with, and why.
  private static let notRun = [
    "make demo": ".ci/run does that, and make test runs this",
    "make bench-month": "takes an hour, on a month at its real size",
    "export LAKE_UID": "needs containers: see ComposeTests",
    "export DISCOGS_DATA_LAKE=/srv/discogs LAKE_UID": "needs containers: see ComposeTests",
    "Dump      bytes": "a list of folders", "    Column(": "Swift",
    "fixtures/make.py OUT": "usage", "gzip -dc DUMP": "how other programs were measured",
  ]

  init(_ tree: DocumentedCommandsTests.Tree, in folder: TemporaryFolder) throws {
    home = folder.path("home")
    let files = FileManager.default
    for path in [home, folder.path("bin")] {
      try files.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    try files.createSymbolicLink(atPath: folder.path("bin/digdag"), withDestinationPath: Tools.digdag.path())
    searchPath = "\(folder.path("bin")):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"
    switch tree {
    case .checkout:
      root = folder.path("checkout")
      programs = "\(root)/.build/release"
      user = []
      for path in ["docs", "workflows", "docker", "queries", "README.md"] {
        try files.createDirectory(atPath: root, withIntermediateDirectories: true)
        try files.copyItem(atPath: Checkout.path(path), toPath: "\(root)/\(path)")
      }
      for (link, target) in [
        (".build/release", Products.folder), (".tools/bin/duckdb", try Tools.duckdb.path()),
      ] {
        try files.createDirectory(
          atPath: URL(fileURLWithPath: "\(root)/\(link)").deletingLastPathComponent().path,
          withIntermediateDirectories: true)
        try files.createSymbolicLink(atPath: "\(root)/\(link)", withDestinationPath: target)
      }
    case .installed:
      let prefix = folder.path("prefix")
      let made = try execute(
        "/usr/bin/make", ["-s", "place", "PREFIX=\(prefix)", "BUILT=\(Products.folder)"], timeout: 300)
      guard made.status == 0 else { throw UnexpectedExecution(description: made.stderr) }
      root = "\(prefix)/share/discogs-lakehouse"
      programs = "\(prefix)/bin"
      // The superuser may write anywhere, so another user is who tries.
      user = geteuid() == 0 ? ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []
      if geteuid() == 0 { chown(home, 65534, 65534) }
      let closed = try execute("/bin/chmod", ["-R", "a-w,a+rX", prefix])
      guard closed.status == 0 else { throw UnexpectedExecution(description: closed.stderr) }
    }
    before = try checksums(of: root)
  }

  private let before: [String: String]

  /// Makes what is in the home the user's own.
  func giveHome() throws {
    guard !user.isEmpty else { return }
    let given = try execute("/bin/chown", ["-R", "65534:65534", home])
    guard given.status == 0 else { throw UnexpectedExecution(description: given.stderr) }
  }

  /// Every document of the tree.
  func names() throws -> [String] { before.keys.filter { $0.hasSuffix(".md") }.sorted() }

  /// The blocks of commands of a document, in their order.
  func commands(_ document: String) throws -> [String] {
    let text = try String(contentsOfFile: "\(root)/\(document)", encoding: .utf8)
    var blocks: [String] = []
    var block: [Substring] = []
    var fence: Substring?
    var isAfterBlank = true
    func end() {
      while block.last?.isEmpty == true { block.removeLast() }
      if !block.isEmpty { blocks.append(block.joined(separator: "\n")) }
      block = []
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        // Of fenced blocks only those of a shell's commands; others are pictures.
        if fence == nil || fence == "```sh" { end() } else { block = [] }
        fence = fence == nil ? line : nil
      } else if fence != nil {
        block.append(line)
      } else if line.hasPrefix("    "), isAfterBlank || !block.isEmpty {
        block.append(line.dropFirst(4))
      } else if line.isEmpty, !block.isEmpty {
        block.append(line)
      } else {
        end()
      }
      isAfterBlank = line.isEmpty
    }
    end()
    return blocks.filter { block in !Self.notRun.keys.contains(where: block.hasPrefix) }
  }

  /// Starts a shell that is given these blocks, and ends at the first command that fails.
  /// - Parameters:
  ///   - place: the folder in the tree that the document says to be in.
  ///   - replacing: what the document has as an example, and what stands for it here.
  func start(
    _ blocks: [String], in place: String, replacing: [String: String] = [:],
    _ environment: [String: String?] = [:]
  ) throws -> RunningProgram {
    var script = "set -eu\n" + blocks.joined(separator: "\n\n") + "\n"
    for (example, value) in replacing { script.replace(example, with: value) }
    let variables: [String: String?] = [
      "PATH": searchPath, "HOME": home, "TMPDIR": home, "LC_ALL": "C.UTF-8", "DUCKDB": nil, "DIGDAG": nil,
    ]
    return try RunningProgram(
      "/usr/bin/env", user + ["/bin/sh", "-c", script],
      environment: variables.merging(environment) { $1 }, in: "\(root)/\(place)")
  }

  /// Runs these blocks and expects success; returns what they printed.
  @discardableResult
  func run(
    _ blocks: [String], in place: String, replacing: [String: String] = [:],
    _ environment: [String: String?] = [:], timeout: Double = 400
  ) throws -> [Substring] {
    let ended = try start(blocks, in: place, replacing: replacing, environment).wait(timeout: timeout)
    guard ended.status == 0, !blocks.isEmpty else {
      throw UnexpectedExecution(
        description:
          "\(ended.status) from\n\(blocks.joined(separator: "\n\n"))\n\(ended.stdout)\(ended.stderr)")
    }
    return ended.stdout.split(separator: "\n")
  }

  /// Files that were written into the tree, or changed there.
  func writtenBeside() throws -> [String] {
    try checksums(of: root).filter { before[$0.key] != $0.value }.keys.sorted()
  }
}
