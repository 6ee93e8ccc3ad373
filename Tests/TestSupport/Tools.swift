import Foundation

/// The checkout that these tests were built from.
public enum Checkout {
  /// The folder that holds `Package.swift`.
  public static let root: String = {
    var folder = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { folder.deleteLastPathComponent() }
    return folder.path
  }()

  /// A path below the checkout.
  public static func path(_ relative: String) -> String { "\(root)/\(relative)" }

  /// The folder of ready-built servers and sample data beside the checkout: the last place where tools are
  /// looked for. Nil where there is none.
  public static let neighbour: String? = {
    let path = "\(root)/../shared"
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }()
}

/// Something outside the package that a test works with.
public struct Tool: Sendable {
  /// What it is called in a message.
  public let name: String
  /// How to get it.
  public let advice: String
  /// Where it is, or nil.
  public let location: String?

  init(_ name: String, advice: String, _ location: String?) {
    self.name = name
    self.advice = advice
    self.location = location
  }

  /// Its path; throws ``MissingTool`` where it is absent.
  public func path() throws -> String {
    guard let location else { throw MissingTool(tool: self) }
    return location
  }
}

/// A test asked for a tool that is not on this machine.
public struct MissingTool: Error, CustomStringConvertible {
  let tool: Tool
  public var description: String { "\(tool.name) not found: \(tool.advice)" }
}

/// The tools that tests use, each looked for where its user would have put it.
public enum Tools {
  /// The DuckDB shell: `DUCKDB`, PATH, or what the set-up script installed.
  public static let duckdb = Tool(
    "DuckDB", advice: "run scripts/setup test, or set DUCKDB",
    firstExecutable(environment["DUCKDB"], onPath("duckdb"), Checkout.path(".tools/bin/duckdb")))

  /// A Python that has pyarrow.
  public static let python = Tool(
    "Python with pyarrow", advice: "run scripts/setup test",
    firstExecutable(Checkout.path(".tools/python/bin/python3")))

  /// The same Python, if it has the packages that `queries/with-*.py` open the lake with.
  public static let pythonReaders = Tool(
    "Python with duckdb, polars, pandas and trino", advice: "run scripts/setup test",
    python.location.flatMap { python in
      let libraries = URL(fileURLWithPath: python).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("lib")
      let folders = (try? FileManager.default.contentsOfDirectory(atPath: libraries.path)) ?? []
      let isThere = folders.contains { folder in
        ["duckdb", "polars", "pandas", "trino"].allSatisfy {
          FileManager.default.fileExists(atPath: "\(libraries.path)/\(folder)/site-packages/\($0)")
        }
      }
      return isThere ? python : nil
    })

  /// The `digdag` command: `DIGDAG`, PATH, or the one beside the checkout.
  public static let digdag = Tool(
    "Digdag", advice: "install it from its site and set DIGDAG, or put it on PATH",
    firstExecutable(
      environment["DIGDAG"], onPath("digdag"), Checkout.neighbour.map { "\($0)/tools/digdag/bin/digdag" }))

  /// The folder of a Trino server: `TRINO_HOME`, or the one beside the checkout.
  public static let trinoHome = Tool(
    "Trino", advice: "install it from its site and set TRINO_HOME",
    first(environment["TRINO_HOME"], Checkout.neighbour.map { "\($0)/tools/trino" }) {
      FileManager.default.isExecutableFile(atPath: "\($0)/bin/launcher")
    })

  /// The home of a Java that runs Trino: what the set-up script installed.
  public static let java24 = Tool(
    "Java 24 or later", advice: "run scripts/setup test",
    first(environment["TRINO_JAVA_HOME"], Checkout.path(".tools/java")) {
      FileManager.default.isExecutableFile(atPath: "\($0)/bin/java")
    })

  /// A Java 17 for Digdag and the Hive metastore, on PATH.
  public static let java = Tool("Java 17", advice: "run scripts/setup test", firstExecutable(onPath("java")))

  /// The folder of jars that a Hive metastore server runs from.
  public static let hiveJars = Tool(
    "Hive's jars", advice: "run scripts/setup test",
    first(Checkout.path(".tools/hive-jars")) { FileManager.default.fileExists(atPath: $0) })

  /// A real dump's first records of each kind, named `discogs_20200806_<entity>.xml.gz`.
  public static let sampleDumps = Tool(
    "The sample of real dumps", advice: "set DISCOGS_SAMPLE to the folder of one",
    first(environment["DISCOGS_SAMPLE"], Checkout.neighbour.map { "\($0)/data" }) {
      FileManager.default.fileExists(atPath: "\($0)/discogs_20200806_releases.xml.gz")
    })

  /// A browser to open pages in.
  public static let chromium = Tool(
    "Chromium", advice: "run scripts/setup test, or set CHROMIUM",
    firstExecutable(environment["CHROMIUM"], onPath("chromium"), onPath("chromium-browser")))

  private static let environment = ProcessInfo.processInfo.environment

  private static func first(_ candidates: String?..., where fits: (String) -> Bool) -> String? {
    candidates.lazy.compactMap { $0 }.first { !$0.isEmpty && fits($0) }
  }

  private static func firstExecutable(_ candidates: String?...) -> String? {
    candidates.lazy.compactMap { $0 }.first {
      !$0.isEmpty && FileManager.default.isExecutableFile(atPath: $0)
    }
  }

  private static func onPath(_ command: String) -> String? {
    (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(command)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}

/// The executables that this package builds.
public enum Products {
  /// The folder they are in: `DISCOGS_BIN_DIR`, or where the running tests were built.
  public static let folder: String = {
    if let named = ProcessInfo.processInfo.environment["DISCOGS_BIN_DIR"], !named.isEmpty { return named }
    let running = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: running).deletingLastPathComponent().path
  }()

  /// The path of the executable of this name; throws where it was not built.
  public static func executable(_ name: String) throws -> String {
    try Tool(name, advice: "swift build", "\(folder)/\(name)").existing().path()
  }
}

extension Tool {
  fileprivate func existing() -> Tool {
    let there = location.map { FileManager.default.isExecutableFile(atPath: $0) } ?? false
    return there ? self : Tool(name, advice: advice, nil)
  }
}
