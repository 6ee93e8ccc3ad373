import Parquet
import Platform
import Schema
import TaskKit

/// Whether the rows of each record are numbered from 1 without a gap, in their order, and whether the rows are there that
/// they name by such numbers: before promotion, by the files alone.
///
/// Which columns number rows, and whose rows they name, follows from the datasets' declarations. The files are in the
/// order of the dump, so one pass over the columns is enough, in constant memory.
struct PositionCheck {
  /// A dataset whose rows are numbered, and those whose rows name its rows.
  private let dataset: Dataset
  private let dependents: [Dataset]

  /// Each numbered dataset that names no other's rows, with those that name its own.
  static let all: [PositionCheck] = numbered.filter { $0.parent == nil || $0.parent == $0 }.map { dataset in
    PositionCheck(dataset: dataset, dependents: numbered.filter { $0 != dataset && $0.parent == dataset })
  }

  private static let numbered = Dataset.all.filter { dataset in
    dataset.columns.contains { $0.source == .ordinal }
  }

  /// What the files say; nothing about datasets that this pipeline did not make, or with a file that is broken, which is
  /// said elsewhere.
  /// - Throws: `SystemError`.
  func findings(_ facts: RunFacts) throws -> [Finding] {
    func places(of dataset: Dataset) throws -> PlaceReader? {
      guard let contents = facts.contents[dataset], contents.rows != nil, facts.output(of: dataset) != nil
      else { return nil }
      return try PlaceReader(dataset, files: contents.files.map(\.path))
    }
    var (own, others): (PlaceReader?, [PlaceReader]) = (nil, [])
    func all() -> [PlaceReader] { (own.map { [$0] } ?? []) + others }
    do {
      own = try places(of: dataset)
      for dependent in dependents { if let reader = try places(of: dependent) { others.append(reader) } }
      while let record = try own?.next() {
        for other in others.indices { try others[other].compare(with: record) }
      }
      for other in others.indices { try others[other].finish(isCompared: own != nil) }
    } catch ParquetError.unsupported(let what) {
      return all().map { $0.finding(.info, isOK: true, details: "not compared: \(what)") }
    } catch let error as ParquetError {
      // Without a look at the pages' checksums, damage shows only here.
      return all().map { $0.finding(.critical, isOK: false, details: "\(error)") }
    }
    return all().flatMap(\.findings)
  }
}

/// The rows of a record, or those of one of its rows.
private struct Place {
  var record: Int64
  /// The row that they belong to, by its number; 0 for the record itself.
  var parent: Int64
  /// How many they are.
  var count: Int64
}

/// Reads the numbers of a dataset's rows, place by place.
private struct PlaceReader {
  private let dataset: Dataset
  private let parentName: String?
  private let namesOwnRows: Bool
  private var record: NumberReader
  private var position: NumberReader
  private var parent: NumberReader?

  /// The place that is compared next.
  private var pending: Place?
  private var last: Place?
  private var gaps = Fault()
  private var strangers = Fault()
  private var isCompared = true

  /// Rows at fault.
  private struct Fault {
    var count: Int64 = 0
    var first: String?

    mutating func note(rows: Int64 = 1, _ first: String) {
      count += rows
      self.first = self.first ?? first
    }
  }

  init(_ dataset: Dataset, files: [String]) throws {
    func name(_ source: Source) -> String? { dataset.columns.first { $0.source == source }?.name }
    self.dataset = dataset
    parentName = name(.parentOrdinal)
    namesOwnRows = dataset.parent == dataset
    record = try NumberReader(name(.recordID)!, files)
    position = try NumberReader(name(.ordinal)!, files)
    parent = try parentName.map { try NumberReader($0, files) }
  }

  /// The rows of the next record, or of its next row; nil at the end.
  mutating func next() throws -> Place? {
    guard let id = record.peek() else { return nil }
    var place = Place(record: id, parent: 0, count: 0)
    let isNew = last?.record != id
    var outer: Int64 = 0
    repeat {
      _ = try record.next()
      let number = try position.next() ?? 0
      let around = try parent?.next() ?? 0
      if namesOwnRows {
        // A row comes before those in it, and these stand in no others.
        if around == 0 {
          outer = number
        } else if around != outer {
          strangers.note("\(dataset.columns[0].name) \(id), \(parentName!) \(around)")
        }
      } else if place.count == 0 {
        place.parent = around
      }
      place.count += 1
      if number != place.count {
        gaps.note("\(dataset.columns[0].name) \(id), \(number) in place of \(place.count)")
      }
    } while record.peek() == id && (namesOwnRows || parent == nil || parent!.peek() == place.parent)
    if !isNew, let last, place.parent <= last.parent {
      gaps.note(rows: place.count, "\(dataset.columns[0].name) \(id), whose rows do not stand together")
    }
    last = place
    return place
  }

  /// Compares the places of a record with the rows that they name.
  mutating func compare(with rows: Place) throws {
    if pending == nil { pending = try next() }
    while let place = pending, place.record == rows.record {
      if !(1...rows.count).contains(place.parent) { strangers.note(rows: place.count, name(of: place)) }
      pending = try next()
    }
  }

  /// Counts what no record was found for.
  mutating func finish(isCompared: Bool) throws {
    self.isCompared = isCompared
    if pending == nil { pending = try next() }
    while let place = pending {
      if isCompared { strangers.note(rows: place.count, name(of: place)) }
      pending = try next()
    }
  }

  private func name(of place: Place) -> String {
    "\(dataset.columns[0].name) \(place.record), \(parentName!) \(place.parent)"
  }

  func finding(_ severity: Severity, isOK: Bool, value: String = "", details: String) -> Finding {
    let name =
      "positions_have_no_gap:\(dataset.name).\(dataset.columns.first { $0.source == .ordinal }!.name)"
    return Finding(name, severity, value: value, isOK: isOK, details: details)
  }

  var findings: [Finding] {
    func details(_ fault: Fault) -> String {
      fault.first.map { "the first is \($0): ingest the dump again" } ?? ""
    }
    var findings = [
      finding(.critical, isOK: gaps.count == 0, value: String(gaps.count), details: details(gaps))
    ]
    if let parentName, isCompared {
      findings.append(
        Finding(
          "parents_are_there:\(dataset.name).\(parentName)", .critical, value: String(strangers.count),
          isOK: strangers.count == 0, details: details(strangers)))
    }
    return findings
  }
}

/// The numbers of a column, row by row through several files; 0 for NULL.
private struct NumberReader {
  private let name: String
  private var files: ArraySlice<String>
  private var column: Int64Column?
  private var page: [Int64] = []
  private var index = 0

  init(_ name: String, _ files: [String]) throws {
    self.name = name
    self.files = files[...]
    try fill()
  }

  private mutating func fill() throws {
    index = 0
    page = []
    while page.isEmpty {
      if let next = try column?.nextPage() {
        page = next.rows(null: 0)
      } else if let file = files.popFirst() {
        column = try Int64Column(name, ofFile: file)
      } else {
        return
      }
    }
  }

  /// The next number, which stays; nil at the end.
  func peek() -> Int64? { index < page.count ? page[index] : nil }

  mutating func next() throws -> Int64? {
    guard index < page.count else { return nil }
    let number = page[index]
    index += 1
    if index == page.count { try fill() }
    return number
  }
}
