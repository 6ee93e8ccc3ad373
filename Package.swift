// swift-tools-version: 6.2
import PackageDescription

// The folders under Sources follow the data: dump → records → rows → Parquet → lake → SQL → history.
// Each task of the workflows is an executable of a few lines in Sources/Tasks; what it does is in a library.

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

func library(
  _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/\(name)", resources: resources,
    swiftSettings: strict)
}

func task(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(
    name: name, dependencies: ["TaskKit", "Lake"] + dependencies, path: "Sources/Tasks/\(name)",
    // The toolchain's own linker: several times as fast as the default one with the static standard library.
    swiftSettings: strict, linkerSettings: [.unsafeFlags(["-use-ld=lld"])])
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: ["TestSupport"] + dependencies, path: "Tests/\(name)Tests",
    swiftSettings: strict)
}

func cLibrary(_ name: String, pkgConfig: String? = nil, apt: String) -> Target {
  .systemLibrary(
    name: name, path: "Sources/C/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

// The commit that is built, as make tells it. It is known to one file of C alone: another commit compiles that file
// again and links, and nothing else.
let commit = Context.environment["DISCOGS_GIT_COMMIT"] ?? ""
let commitSettings: [CSetting] = commit.isEmpty ? [] : [.define("DISCOGS_GIT_COMMIT", to: "\"\(commit)\"")]

let package = Package(
  name: "discogs-lakehouse",
  targets: [
    cLibrary("CISAL", pkgConfig: "libisal", apt: "libisal-dev"),
    cLibrary("CLibXML2", pkgConfig: "libxml-2.0", apt: "libxml2-dev"),
    cLibrary("CZlib", apt: "zlib1g-dev"),
    cLibrary("CZstd", pkgConfig: "libzstd", apt: "libzstd-dev"),
    cLibrary("CSnappy", apt: "libsnappy-dev"),
    cLibrary("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
    cLibrary("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
    .target(name: "CBuild", path: "Sources/C/CBuild", cSettings: commitSettings),
    .target(name: "CBytes", path: "Sources/C/CBytes"),
    .target(name: "CSystem", path: "Sources/C/CSystem"),

    library("Platform", ["CCrypto", "CSystem"]),
    library("Markup", ["Platform"]),
    library("TaskKit", ["Platform", "CBuild"]),
    library("Schema"),
    library("Dump", ["Platform", "CBytes", "CISAL", "CLibXML2"]),
    library("Parquet", ["Platform", "Schema", "CBytes", "CISAL", "CZlib", "CZstd", "CSnappy"]),
    library("Rows", ["Schema", "Dump", "Parquet"]),
    library("Lake", ["Platform", "TaskKit", "Schema", "Parquet"]),
    library("Ingest", ["Platform", "TaskKit", "Schema", "Dump", "Rows", "Parquet", "Lake"]),
    library("HTTP", ["Platform", "CCurl"]),
    library("Download", ["Platform", "TaskKit", "Schema", "HTTP", "Lake"]),
    library("SQL", ["Platform", "TaskKit", "Schema", "Lake", "HTTP"]),
    library("Catalog", ["Platform", "TaskKit", "Schema", "Parquet", "Lake", "SQL"]),
    library(
      "Derived", ["Platform", "TaskKit", "Schema", "Parquet", "Lake", "SQL"],
      resources: [.embedInCode("Scripts")]),
    library(
      "Sanity", ["Platform", "TaskKit", "Schema", "Parquet", "Lake", "SQL", "Catalog"],
      resources: [.embedInCode("Scripts")]),
    library(
      "History", ["Platform", "TaskKit", "Schema", "Parquet", "Lake", "SQL", "Catalog"],
      resources: [.embedInCode("Scripts")]),
    library(
      "Report", ["Markup", "Platform", "TaskKit", "Schema", "Parquet", "Lake", "Sanity", "SQL", "History"],
      resources: [
        .embedInCode("Page/report.css"), .embedInCode("Page/report.js"), .embedInCode("History/Scripts"),
      ]),

    library("Status", ["Platform", "TaskKit", "Schema", "Parquet", "Lake", "SQL"]),

    task("preflight", ["Catalog", "Schema", "SQL"]),
    task("download", ["Download"]),
    task("ingest-entity", ["Ingest", "Parquet", "Platform", "Schema"]),
    task("build-xref", ["Derived", "SQL"]),
    task("sanity", ["Sanity"]),
    task("promote", []),
    task("sanity-report", ["Sanity", "SQL"]),
    task("run-report", ["Report"]),
    task("register-run-schema", ["Catalog", "SQL"]),
    task("reconcile", ["History"]),
    task("compute-kpis", ["History"]),
    task("compare-runs", ["History"]),
    task("export-csv", ["History"]),
    task("lake-status", ["Status", "SQL", "Platform"]),
    task("history-report", ["History", "Report"]),

    .target(
      name: "TestSupport", dependencies: ["Platform"], path: "Tests/TestSupport", swiftSettings: strict),
    tests("Platform", ["Platform"]),
    tests("TaskKit", ["TaskKit"]),
    tests("Markup", ["Markup"]),
    tests("Dump", ["Dump", "Rows", "Schema", "Platform", "CBytes"]),
    tests("Parquet", ["Parquet"]),
    tests("Rows", ["Rows", "Dump", "Parquet", "Schema", "CBytes"]),
    tests("Ingest", ["Ingest", "Dump", "Lake", "Parquet", "Platform", "Schema", "TaskKit"]),
    tests("Lake", ["Lake", "Sanity", "Parquet"]),
    tests("HTTP", ["HTTP"]),
    tests("Download", ["Download"]),
    tests(
      "SQL",
      ["HTTP", "Lake", "Parquet", "Platform", "Schema", "TaskKit", "SQL", "Catalog", "Derived", "Sanity"]),
    tests("History", ["History"]),
    tests("Status", ["Status", "Lake", "Platform", "Schema", "TaskKit"]),
    tests("Report", ["Report", "Markup", "Lake", "Sanity", "Schema", "Platform"]),
    tests("EndToEnd", ["Lake", "Platform", "Schema", "Parquet", "SQL"]),
  ],
  swiftLanguageModes: [.v6]
)

// Coverage-guided fuzzers need a build of their own: see "make fuzz".
if Context.environment["DISCOGS_FUZZ"] != nil {
  func fuzzer(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
      name: name, dependencies: dependencies, path: "Tests/Fuzz/\(name)", exclude: ["seeds"],
      swiftSettings: [.unsafeFlags(["-parse-as-library"])])
  }
  package.targets += [
    fuzzer("fuzz-records", ["CBytes", "Dump", "Rows", "Schema"]),
    fuzzer(
      "fuzz-document",
      ["CBytes", "Dump", "Ingest", "Lake", "Parquet", "Platform", "Rows", "Schema", "TaskKit"]),
    fuzzer("fuzz-footer", ["Catalog", "Lake", "Parquet", "Platform", "Sanity", "Schema", "TaskKit"]),
    fuzzer("fuzz-values", ["Lake", "Platform", "Sanity", "Schema", "TaskKit"]),
    fuzzer("fuzz-replies", ["HTTP", "SQL"]),
  ]
}
