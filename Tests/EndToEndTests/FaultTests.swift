import Foundation
import Glibc
import Schema
import TestSupport
import Testing

/// What is left when something goes wrong half-way, and that it can be done again.
@Suite struct FaultTests {
  private let session = "2026-09-02T03:04:05Z"

  /// A pipeline whose dumps are large enough to be interrupted, with a run that preflight has begun.
  private func withLargeRun(_ body: (Pipeline, String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      var pipeline = try Pipeline(in: folder)
      pipeline.rawRoot = folder.path("raw")
      try Dumps.make(pipeline.rawRoot, "--month", "2026-07", "--scale", "60")
      try body(pipeline, try pipeline.preflight("2026-07", session: session))
    }
  }

  @Test(.needs(Tools.duckdb), arguments: ["ingest-entity", "build-xref"])
  func killedAnywhereAndStartedAgainItEndsWithTheSameBytes(task: String) throws {
    try withLargeRun { pipeline, runID in
      let arguments = task == "ingest-entity" ? ["--entity", "releases"] : []
      let datasets: [Dataset] =
        task == "ingest-entity"
        ? Dataset.all.filter { $0.origin == .dump(.releases) } : Dataset.derived
      if task == "build-xref" {
        for entity in Dumps.entities { try pipeline.run("ingest-entity", ["--entity", entity], run: runID) }
      }
      let started = Date()
      try pipeline.run(task, arguments, run: runID)
      let duration = Date().timeIntervalSince(started)
      let expected = try checksums(of: pipeline.folder(runID), without: "_state", "_manifest.json")
      let state =
        "\(pipeline.folder(runID))/_state/\(task == "ingest-entity" ? "ingest-releases" : task).json"

      for (turn, signal) in [SIGKILL, SIGTERM, SIGKILL, SIGINT, SIGKILL, SIGKILL, SIGTERM, SIGKILL]
        .enumerated()
      {
        try FileManager.default.removeItem(atPath: state)
        for dataset in datasets {
          try FileManager.default.removeItem(atPath: "\(pipeline.folder(runID))/\(dataset.name)")
        }
        let running = try RunningProgram(
          try Products.executable(task), arguments,
          environment: ["DISCOGS_DATA_LAKE": pipeline.lake, "run_id": runID, "raw_root": pipeline.rawRoot])
        usleep(useconds_t(duration * 1e6 * (Double(turn) + 0.5) / 8))
        running.signal(signal)
        let ended = try running.wait()
        let finished = FileManager.default.fileExists(atPath: state)
        if !finished {
          #expect(ended.status == 128 + signal, "\(ended.stderr)")
          if signal != SIGKILL { #expect(ended.lastErrorLine.contains("stopped by SIG"), "\(ended.stderr)") }
        }
        // Whatever has a dataset's name is whole; and what a task that could clean up left out of sight was about
        // to get its name.
        let left = try checksums(of: pipeline.folder(runID), without: "_state", "_manifest.json")
        for (path, sum) in left where !path.hasPrefix(".") || signal != SIGKILL {
          let name = path.hasPrefix(".") ? String(path.drop { $0 != "/" }.dropFirst()) : path
          #expect(expected[name] == sum, "\(path)")
        }

        try pipeline.run(task, arguments, run: runID)
        #expect(try checksums(of: pipeline.folder(runID), without: "_state", "_manifest.json") == expected)
      }
    }
  }

  @Test func aSecondSameTaskWaitsAndFindsTheWorkDone() throws {
    try withLargeRun { pipeline, runID in
      let environment = ["DISCOGS_DATA_LAKE": pipeline.lake, "run_id": runID, "raw_root": pipeline.rawRoot]
      let both = try (0..<2).map { _ in
        try RunningProgram(
          try Products.executable("ingest-entity"), ["--entity", "releases"], environment: environment)
      }
      let ended = try both.map { try $0.wait() }
      #expect(ended.map(\.status) == [0, 0])
      #expect(ended.filter { $0.stderr.contains("already") }.count == 1, "\(ended.map(\.stderr))")
    }
  }

  enum Damage: String, CaseIterable {
    case cutOff, notGzip, empty, wrongChecksum, noEnd, otherRoot, secondMemberBroken
  }

  @Test(arguments: Damage.allCases)
  func aDamagedDumpFailsAndLeavesNoDataset(damage: Damage) throws {
    try withTemporaryFolder { folder in
      var pipeline = try Pipeline(in: folder)
      pipeline.rawRoot = folder.path("raw")
      try FileManager.default.createDirectory(atPath: pipeline.rawRoot, withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        atPath: "\(Dumps.fixtures)/2026-07", toPath: "\(pipeline.rawRoot)/2026-07")
      let runID = try pipeline.preflight("2026-07", session: session)
      let dump = try Dumps.path(pipeline.rawRoot, "2026-07", "releases")
      let file = URL(fileURLWithPath: dump)
      var bytes = try Data(contentsOf: file)
      switch damage {
      case .cutOff: bytes.removeLast(bytes.count / 3)
      case .notGzip: bytes = Data("<releases><release id=\"1\"/></releases>".utf8)
      case .empty: bytes = Data()
      case .wrongChecksum: bytes[bytes.count - 6] ^= 1
      case .secondMemberBroken: bytes += [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0xff, 0xff]
      case .noEnd: bytes = try gzip("<releases>\n<release id=\"1\"><title>x</title></release>\n", in: folder)
      case .otherRoot: bytes = try gzip("<artists>\n<artist><id>1</id></artist>\n</artists>\n", in: folder)
      }
      try bytes.write(to: file)
      let failed = try pipeline.run("ingest-entity", ["--entity", "releases"], run: runID, expecting: 65)
      #expect(failed.lastErrorLine.contains(dump) || failed.stderr.contains(dump), "\(failed.stderr)")
      #expect(pipeline.datasets(runID) == [])
      #expect(pipeline.names("_runs/\(runID)/_state") == ["preflight.json"])
    }
  }

  private func gzip(_ text: String, in folder: TemporaryFolder) throws -> Data {
    let plain = try folder.write(text, to: "plain")
    let packed = try execute("/bin/gzip", ["-kf", plain])
    #expect(packed.status == 0)
    return try Data(contentsOf: URL(fileURLWithPath: plain + ".gz"))
  }

  @Test(.needsRoot, .enabled(if: FaultTests.canMount, "cannot mount a small file system here"))
  func aFullDiskFailsCleanlyAndIsNoHindranceLater() throws {
    try withTemporaryFolder { folder in
      var pipeline = try Pipeline(in: folder)
      pipeline.rawRoot = folder.path("raw")
      try Dumps.make(pipeline.rawRoot, "--month", "2026-07", "--scale", "20")
      let runID = try pipeline.preflight("2026-07", session: session)
      func mount(_ options: String) throws {
        let mounted = try execute("/bin/mount", ["-t", "tmpfs", "-o", options, "none", pipeline.lake])
        try #require(mounted.status == 0, "\(mounted.stderr)")
      }
      try mount("size=200k")
      defer { _ = try? execute("/bin/umount", [pipeline.lake]) }
      let failed = try pipeline.run("ingest-entity", ["--entity", "releases"], run: runID, expecting: 74)
      #expect(failed.lastErrorLine.contains("space"), "\(failed.stderr)")
      #expect(pipeline.datasets(runID) == [])
      try mount("remount,size=100m")
      try pipeline.run("ingest-entity", ["--entity", "releases"], run: runID)
      #expect(pipeline.datasets(runID).count == Entity.releases.datasets.count)
    }
  }

  @Test func everyTaskExplainsItsOptionsAndItsVersion() throws {
    for name in [
      "preflight", "download", "ingest-entity", "build-xref", "sanity", "promote", "sanity-report",
      "run-report",
      "register-run-schema", "reconcile", "compute-kpis", "compare-runs", "export-csv", "history-report",
    ] {
      let help = try task(name, ["--help"]).stdout
      #expect(help.contains("--lake") && help.contains("DISCOGS_DATA_LAKE"), "\(name)")
      #expect(help.contains("--log-format") && help.contains("log_format"), "\(name)")
      #expect(try task(name, ["--version"]).stdout.contains { $0.isNumber }, "\(name)")
      let wrong = try task(name, ["--lakee", "x"], expecting: 64)
      #expect(wrong.stderr.contains("--lake"), "\(name) hints: \(wrong.stderr)")
      #expect(wrong.stdout == "")
    }
  }

  static let canMount: Bool = {
    (try? withTemporaryFolder { folder in
      let mounted = try execute("/bin/mount", ["-t", "tmpfs", "none", folder.path]).status == 0
      if mounted { _ = try execute("/bin/umount", [folder.path]) }
      return mounted
    }) ?? false
  }()
}
