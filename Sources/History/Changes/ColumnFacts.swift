import Glibc
import Lake
import Parquet
import Platform
import Schema

/// What the footers of a dataset's files say about its columns, without a look at the rows.
struct ColumnFacts: Sendable {
  /// Whether a column holds a value in some row.
  enum Presence: Sendable, Hashable {
    case yes, no
    /// The files do not say.
    case unknown
  }

  /// How many rows there are.
  private(set) var rows = 0
  /// For each row group the largest id and how many rows it has; nil when the files do not say, or the ids of one row group
  /// lie among those of another.
  private(set) var idGroups: [(last: Int64, rows: Int)]? = []
  private var presence: [String: Presence] = [:]

  /// Reads the footers of the dataset's files in a run; a dataset that is not there has no rows.
  /// - Throws: `SystemError`; `ParquetError`.
  init(of dataset: Dataset, in run: RunFolder) throws {
    var ranges: [(ids: ClosedRange<Int64>, rows: Int)]? = []
    for path in try run.parquetFiles(of: dataset) {
      let footer = try ParquetFooter(path: path)
      rows += footer.rowCount
      // Both engines match names without regard to case.
      let places = Dictionary(
        footer.columns.enumerated().map { ($0.element.name.lowercased(), $0.offset) }
      ) { first, _ in first }
      for column in dataset.columns where presence[column.name] != .yes {
        guard let place = places[column.name] else { continue }
        let found = Self.presence(of: column, at: place, in: footer)
        presence[column.name] = Self.either(presence[column.name] ?? .no, found)
      }
      guard let place = places[dataset.columns[0].name] else { continue }
      for group in footer.rowGroups where group.rowCount > 0 {
        if let range = Self.range(group.columns[place]) {
          ranges?.append((range, group.rowCount))
        } else if group.columns[place].nullCount != group.rowCount {
          ranges = nil
        }
      }
    }
    let sorted = ranges?.sorted { $0.ids.lowerBound < $1.ids.lowerBound }
    let isSorted = sorted.map { groups in
      zip(groups, groups.dropFirst()).allSatisfy { $0.ids.upperBound <= $1.ids.lowerBound }
    }
    idGroups = isSorted == true ? sorted?.map { ($0.ids.upperBound, $0.rows) } : nil
  }

  /// Whether the column holds a value in some row.
  func presence(of column: Column) -> Presence { presence[column.name] ?? .no }

  private static func either(_ one: Presence, _ other: Presence) -> Presence {
    one == .yes || other == .yes ? .yes : one == .no && other == .no ? .no : .unknown
  }

  private static func presence(of column: Column, at place: Int, in footer: ParquetFooter) -> Presence {
    var result = Presence.no
    for group in footer.rowGroups where group.rowCount > 0 {
      let summary = group.columns[place]
      if summary.nullCount == group.rowCount { continue }
      guard column.takesZeroForNothing else {
        if summary.nullCount != nil { return .yes }
        result = .unknown
        continue
      }
      // Of values that are not NULL, zeros do not count.
      if let range = range(summary), range == 0...0 { continue }
      if let range = range(summary), range.lowerBound != 0 || range.upperBound != 0,
        summary.nullCount != nil
      {
        return .yes
      }
      result = .unknown
    }
    return result
  }

  /// The values of a BIGINT column in a row group.
  private static func range(_ summary: ParquetFooter.ColumnSummary) -> ClosedRange<Int64>? {
    guard let low = summary.minimum, let high = summary.maximum, low.count == 8, high.count == 8 else {
      return nil
    }
    func number(_ bytes: [UInt8]) -> Int64 {
      Int64(bitPattern: bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) })
    }
    return number(low) <= number(high) ? number(low)...number(high) : nil
  }
}

extension Column {
  /// Whether 0 stands for nothing: ids of other records, alone or joined, and years. Runs made by earlier versions hold it
  /// where later ones hold NULL.
  var takesZeroForNothing: Bool { source.takesZeroForNothing }
}

extension Source {
  fileprivate var takesZeroForNothing: Bool {
    switch self {
    case .numberNotZero, .joinedIDs: true
    case .each(let sources): sources.contains(where: \.takesZeroForNothing)
    default: false
    }
  }
}
