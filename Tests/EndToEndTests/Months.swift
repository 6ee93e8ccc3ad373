import Foundation
import TestSupport

/// Dumps to run on.
enum Dumps {
  /// The folder of the fixtures, one subfolder a month.
  static let fixtures = Checkout.path("fixtures/dumps")

  /// The months of the fixtures, oldest first.
  static let months = ["2019-11", "2026-06", "2026-07", "2026-08"]

  static let entities = ["artists", "labels", "masters", "releases"]

  /// Makes dumps into `folder` with the fixtures' own script.
  static func make(_ folder: String, _ arguments: String...) throws {
    let made = try execute("/usr/bin/python3", [Checkout.path("fixtures/make.py"), folder] + arguments)
    guard made.status == 0 else { throw UnexpectedExecution(description: made.stderr) }
  }

  /// Links the sample of real dumps into `folder` as the dumps of its month, 2020-08, and returns the month.
  static func linkSample(into folder: String) throws -> String {
    let sample = try Tools.sampleDumps.path()
    try FileManager.default.createDirectory(atPath: "\(folder)/2020-08", withIntermediateDirectories: true)
    for entity in entities {
      let name = "discogs_20200806_\(entity).xml.gz"
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/2020-08/\(name)", withDestinationPath: "\(sample)/\(name)")
    }
    return "2020-08"
  }

  /// The path of a dump in a folder of months.
  static func path(_ folder: String, _ month: String, _ entity: String) throws -> String {
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(month)")
    guard let name = names.first(where: { $0.hasSuffix("_\(entity).xml.gz") }) else {
      throw UnexpectedExecution(description: "no dump of \(entity) in \(folder)/\(month)")
    }
    return "\(folder)/\(month)/\(name)"
  }
}

/// Compares a run with what the oracle derives from its dumps; nil if all is as expected, else the differences.
func differences(of run: String, from dumps: String, _ what: String = "all") throws -> String? {
  let compared = try execute(
    try Tools.python.path(), [Checkout.path("Tests/Oracle/compare.py"), run, dumps, what])
  return compared.status == 0 ? nil : compared.stdout + compared.stderr
}

/// The SHA-256 of every file of a folder by its path in it, but for those below the named subfolders.
func checksums(of folder: String, without excluded: String...) throws -> [String: String] {
  let listed = try execute(
    "/bin/sh", ["-c", "find . -type f -print0 | sort -z | xargs -0r sha256sum"], in: folder)
  var sums: [String: String] = [:]
  for line in listed.stdout.split(separator: "\n") {
    let parts = line.split(separator: " ", maxSplits: 1)
    let path = parts[1].drop { $0 == " " || $0 == "*" }.dropFirst(2)
    if !excluded.contains(where: { path == $0 || path.hasPrefix($0 + "/") }) {
      sums[String(path)] = String(parts[0])
    }
  }
  return sums
}
