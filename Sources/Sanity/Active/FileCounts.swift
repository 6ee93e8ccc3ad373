import Lake
import Parquet
import Platform
import Schema

/// What checks count, read from the run's files where that gives the same as asking an engine: NULLs, which footers tell
/// exactly, and ids, which need no more memory than a bit each.
///
/// The ids of all records are read once, each column that names records once, on all processors.
struct FileCounts: Sendable {
  private let run: RunFolder
  private let footers: [Dataset: [ParquetFooter]]

  /// - Parameter footers: those of the datasets whose files are to be looked at.
  init(of run: RunFolder, footers: [Dataset: [ParquetFooter]]) {
    self.run = run
    self.footers = footers
  }

  /// How many rows have NULL in a column; nil if the files do not say.
  func nulls(_ column: String, of dataset: Dataset) -> Int64? {
    footers[dataset]?.reduce(0) { sum, footer in
      guard let sum, let index = footer.columns.firstIndex(where: { $0.name == column }) else { return nil }
      return footer.nullCount(ofColumn: index).map { sum + Int64($0) }
    }
  }

  /// What these checks of ids count. Checks are left out that are about something else, whose files cannot be read so,
  /// and whose ids are too far apart: they are for an engine.
  /// - Throws: `SystemError`.
  func comparisons(_ checks: [ActiveCheck]) throws -> [ActiveCheck: Int64] {
    let checks = checks.filter { footers[$0.dataset] != nil && $0.isOfIDs }
    let targets = Set(checks.compactMap(\.entity)).filter { footers[$0.main] != nil }.sorted {
      $0.rawValue < $1.rawValue
    }
    let sets = try SystemThread.map(targets.count) { number in
      let dataset = targets[number].main
      return try readable { try IDSet(of: dataset.columns[0].name, in: run.parquetFiles(of: dataset)) }
    }
    let records = Dictionary(uniqueKeysWithValues: zip(targets, sets)).compactMapValues { $0 }
    let counts = try SystemThread.map(checks.count) { number -> Int64? in
      let check = checks[number]
      guard let ids = check.entity.flatMap({ records[$0] }) else { return nil }
      guard case .orphans(let reference) = check.measure else { return ids.repeated }
      return try readable { try absent(reference.column, of: reference.dataset, from: ids) }
    }
    return Dictionary(uniqueKeysWithValues: zip(checks, counts)).compactMapValues { $0 }
  }

  private func absent(_ column: String, of dataset: Dataset, from ids: IDSet) throws -> Int64 {
    var absent: Int64 = 0
    for path in try run.parquetFiles(of: dataset) {
      var values = try Int64Column(column, ofFile: path)
      while let page = try values.nextPage() { absent += ids.absent(of: page.values) }
    }
    return absent
  }

  /// Nil for files of a kind that is not read here, and for broken ones, of which the engine has more to say.
  private func readable<Value>(_ body: () throws -> Value?) throws -> Value? {
    do { return try body() } catch is ParquetError { return nil }
  }
}

extension ActiveCheck {
  /// Whether it compares nothing but ids.
  fileprivate var isOfIDs: Bool {
    switch measure {
    case .duplicates, .orphans: true
    case .rows, .nullRatio, .agreement: false
    }
  }
}
