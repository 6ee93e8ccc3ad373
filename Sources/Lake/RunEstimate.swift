import Platform
import Schema

/// What a month will need, before anything of it is read.
///
/// The lake's newest whole run tells best what a run takes of its dumps' size: months differ little from one another. A
/// lake without one goes by what was measured.
struct RunEstimate: Sendable, Hashable {
  /// The dumps that are yet to be downloaded, in bytes.
  var dumpsToCome: Int
  /// The run, in bytes.
  var run: Int

  /// What build-xref takes beside the run until it is done, for what does not fit into its memory, in bytes.
  var temporary: Int

  /// The most memory that a task with the embedded engine takes for it, in bytes; nil where a server does that work.
  var engineMemory: Int?

  /// All of them but memory, in bytes.
  var bytes: Int { dumpsToCome + run + temporary }

  /// What the datasets that an entity's dump adds to take for each byte of it, with what is derived from them: measured
  /// on dumps of a real month's shape and size (Benchmarks, `make bench-month`). Of a tenth of it, they take 8 % less.
  static let shares: [Entity: (core: Double, details: Double)] = [
    .artists: (1.06, 0.07), .labels: (0.80, 0.07), .masters: (0.08, 0.76), .releases: (0.22, 0.64),
  ]

  /// The most memory that build-xref takes, which takes most, for dumps of this size: a tenth above what was measured of a
  /// whole month and of a tenth of one.
  static func memory(forDumps bytes: Int) -> Int { 450_000_000 + Int(Double(bytes) * 0.038) }

  /// What build-xref sorts at a time for each byte of the releases' dump: reckoned from one measurement, of such a dump.
  static let sortedShare = 0.14

  /// The dumps of a month that is not there yet and of which no other is either: those of October 2026.
  static let usualDumps: [Entity: Int] = [
    .artists: 500_000_000, .labels: 90_000_000, .masters: 620_000_000, .releases: 11_400_000_000,
  ]

  /// - Parameters:
  ///   - dumps: those that are there.
  ///   - willDownload: whether the others, and these if they have changed, are yet to come.
  ///   - datasets: what the run will hold.
  ///   - engineMemory: the most that a task with the embedded engine takes, in bytes, about half of which holds what is
  ///     sorted; nil where a server does that.
  init(
    of dumps: [DumpFile], willDownload: Bool, datasets: [Dataset], in lake: Lake, engineMemory: Int? = nil
  ) {
    let model = RunEstimate.newestWholeRun(in: lake, with: datasets)
    var sizes: [Entity: Int] = [:]
    for dump in dumps { sizes[dump.entity] = try? Files.size(dump.path) }
    dumpsToCome = 0
    if willDownload {
      for entity in Entity.allCases where sizes[entity] == nil {
        let usual = model?.dumps.first { $0.entity == entity }?.bytes ?? RunEstimate.usualDumps[entity] ?? 0
        sizes[entity] = usual
        dumpsToCome += usual
      }
    }
    let sorted = Int(Double(sizes[.releases] ?? 0) * RunEstimate.sortedShare)
    temporary = engineMemory.map { max(sorted - $0 / 2, 0) } ?? 0
    let total = sizes.values.reduce(0, +)
    self.engineMemory = engineMemory.map { min($0, RunEstimate.memory(forDumps: total)) }
    if let model, case let before = model.dumps.reduce(0, { $0 + $1.bytes }), before > 0 {
      let made = model.contents.filter { contents in datasets.contains { $0.name == contents.dataset } }
        .reduce(0) { $0 + $1.bytes }
      run = Int(Double(made) * Double(total) / Double(before))
    } else {
      let hasDetails = datasets.contains(where: \.isDetail)
      run = Int(
        sizes.reduce(0.0) { sum, dump in
          let share = RunEstimate.shares[dump.key] ?? (core: 0, details: 0)
          return sum + Double(dump.value) * (share.core + (hasDetails ? share.details : 0))
        })
    }
  }

  /// The manifest of the newest run that has all of these datasets and knows its dumps. Small ones tell little of a
  /// month: what every file has beside its rows counts too much there.
  private static func newestWholeRun(in lake: Lake, with datasets: [Dataset]) -> Manifest? {
    let ids = (try? lake.runs().ids) ?? []
    return ids.reversed().lazy.compactMap { try? lake.run($0).manifest() }.first { manifest in
      manifest.dumps.count == Entity.allCases.count
        && manifest.dumps.reduce(0) { $0 + $1.bytes } > 100_000_000
        && datasets.allSatisfy { dataset in manifest.contents.contains { $0.dataset == dataset.name } }
    }
  }
}
