import Parquet
import Platform
import Schema

/// Looks for ids that more than one record has, in the order of the files.
///
/// Ids of a dump ascend, and then each is compared with the one before. From the first that does not, all are kept: as
/// bits, in pages that are made when they are needed.
struct RepeatedIDs {
  private static let pageBits = 1 << 16
  /// How many pages of 8 KB are kept; what is beyond is not looked at.
  private static let maximumPages = 16_384

  private var last: Int64?
  private var pages: [Int64: [UInt64]] = [:]
  private var keepsAll = false
  /// The ids that came again, as often as they did.
  private(set) var count = 0
  /// The first of them.
  private(set) var first: Int64?
  /// Whether the ids were too scattered to be kept.
  private(set) var gaveUp = false

  /// Looks at a column of some files.
  /// - Throws: `ParquetError`; `SystemError`.
  init(of name: String, in files: [String]) throws {
    for isSecondTry in [false, true] {
      self = RepeatedIDs(keepsAll: isSecondTry)
      var isInOrder = true
      scan: for path in files {
        var column = try Int64Column(name, ofFile: path)
        while let page = try column.nextPage() {
          isInOrder = add(page.values)
          if !isInOrder || gaveUp { break scan }
        }
      }
      if isInOrder { return }
    }
  }

  private init(keepsAll: Bool) { self.keepsAll = keepsAll }

  /// - Returns: false when the ids do not ascend, and were not kept so far.
  private mutating func add(_ ids: [Int64]) -> Bool {
    for id in ids {
      guard keepsAll else {
        if let last, id < last { return false }
        if id == last { note(id) }
        last = id
        continue
      }
      let (page, bit) = (id >> 16, Int(id & 0xFFFF))
      if pages[page] == nil {
        guard pages.count < Self.maximumPages else {
          gaveUp = true
          return true
        }
        pages[page] = Array(repeating: 0, count: Self.pageBits / 64)
      }
      if pages[page]![bit / 64] >> UInt64(bit % 64) & 1 == 1 { note(id) }
      pages[page]![bit / 64] |= 1 << UInt64(bit % 64)
    }
    return true
  }

  private mutating func note(_ id: Int64) {
    count += 1
    first = first ?? id
  }
}

/// Whether each record of a dump is there once: before promotion, by the files alone.
struct IDCheck {
  /// The datasets with a row for each record.
  static let all = Entity.allCases.map { IDCheck(dataset: $0.main) }

  private let dataset: Dataset

  /// What the files say; nil where there are none, or one is broken, which is said elsewhere.
  /// - Throws: `SystemError`.
  func finding(_ facts: RunFacts) throws -> Finding? {
    guard let contents = facts.contents[dataset], contents.rows != nil else { return nil }
    let id = dataset.columns[0].name
    let name = "ids_are_unique:\(dataset.name).\(id)"
    do {
      let repeated = try RepeatedIDs(of: id, in: contents.files.map(\.path))
      if repeated.gaveUp {
        return Finding(name, .warn, isOK: false, details: "the ids are too scattered to be compared")
      }
      return Finding(
        name, .critical, value: String(repeated.count), isOK: repeated.count == 0,
        details: repeated.first.map { "the first is \($0): ingest the dump again" } ?? "")
    } catch ParquetError.unsupported(let what) {
      // Older lakes may have other types; sanity-report looks at those by SQL.
      return Finding(name, .info, isOK: true, details: "not compared: \(what)")
    } catch let error as ParquetError {
      return Finding(name, .critical, isOK: false, details: "\(error)")
    }
  }
}
