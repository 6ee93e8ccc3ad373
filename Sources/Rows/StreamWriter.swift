import Dump
import Parquet
import Schema

/// Writes a record's rows that come from one set into a dataset's batch, column by column.
struct StreamWriter {
  /// A column with the values that it goes to: of three kinds the one that fits its type.
  private struct Column {
    let operation: ColumnOperation
    /// The slot of a column that is the text of one; -1 for all others.
    let onlySlot: Int
    let texts: Unmanaged<ByteArrayValues>?
    let numbers: Unmanaged<Int64Values>?
    let flags: Unmanaged<BooleanValues>?
  }

  let set: Int
  // The batch lives as long as this does: references to its columns are not counted at every record.
  private let columns: UnsafeMutableBufferPointer<Column>

  init(_ stream: RowStream, to batch: RowBatch) {
    set = stream.set
    columns = .allocate(capacity: stream.columns.count)
    _ = columns.initialize(
      from: zip(stream.columns, batch.columns).map { operation, values in
        var onlySlot = -1
        if case .text(let slot, let other) = operation, slot == other { onlySlot = slot }
        return switch values {
        case .byteArray(let values):
          Column(
            operation: operation, onlySlot: onlySlot, texts: .passUnretained(values), numbers: nil, flags: nil
          )
        case .int64(let values):
          Column(operation: operation, onlySlot: -1, texts: nil, numbers: .passUnretained(values), flags: nil)
        case .boolean(let values):
          Column(operation: operation, onlySlot: -1, texts: nil, numbers: nil, flags: .passUnretained(values))
        }
      })
  }

  func deallocate() { columns.deallocate() }

  var columnCount: Int { columns.count }

  /// The bytes of the record's texts that each row repeats.
  @inline(__always)
  func repeatedBytes(_ sets: UnsafeMutablePointer<Elements>) -> Int {
    if set == 0 { return 0 }
    var sum = 0
    for column in columns {
      if case .recordText(let slot) = column.operation { sum += sets[0].texts[slot].count }
    }
    return sum
  }

  /// Appends a row for each element of the set that makes one.
  func write(_ id: Int64, _ sets: UnsafeMutablePointer<Elements>, _ unreadable: inout Int) {
    let isEveryOne = isEveryOne(sets)
    let rows = sets[set].rows
    let width = sets[set].width
    let first = sets[set].texts
    for column in columns {
      if column.onlySlot >= 0, isEveryOne {
        // Most columns are that, and most records have few rows: no call for each.
        let texts = first + column.onlySlot
        column.texts?._withUnsafeGuaranteedRef { values in
          values.appendRows(rows) { (texts[$0 &* width].start, texts[$0 &* width].count) }
        }
      } else if let texts = column.texts {
        texts._withUnsafeGuaranteedRef { write(column.operation, sets, to: $0) }
      } else if let numbers = column.numbers {
        numbers._withUnsafeGuaranteedRef { write(column.operation, id, sets, to: $0, &unreadable) }
      } else if let flags = column.flags, case .flag(let slot) = column.operation {
        flags._withUnsafeGuaranteedRef { flags in
          forEachRow(sets) { _, texts in flags.append(texts[slot].flag) }
        }
      }
    }
  }

  @inline(__always)
  private func forEachRow(
    _ sets: UnsafeMutablePointer<Elements>, _ body: (Int, UnsafeMutablePointer<Text>) -> Void
  ) {
    let elements = sets + set
    let count = elements.pointee.count
    let width = elements.pointee.width
    let isEveryOne = elements.pointee.rows == count
    let headers = elements.pointee.headers
    var texts = elements.pointee.texts
    for index in 0..<count {
      if isEveryOne || headers[index].isRow { body(index, texts) }
      texts += width
    }
  }

  /// Whether every element of the set makes a row.
  private func isEveryOne(_ sets: UnsafeMutablePointer<Elements>) -> Bool {
    sets[set].rows == sets[set].count
  }

  // MARK: Texts

  @inline(__always)
  private func forEachRow(
    _ sets: UnsafeMutablePointer<Elements>, texts slot: Int, appendTo values: ByteArrayValues
  ) {
    guard isEveryOne(sets) else { return forEachRow(sets) { _, texts in values.row(texts[slot]) } }
    let width = sets[set].width
    let texts = sets[set].texts + slot
    values.appendRows(sets[set].count) { (texts[$0 &* width].start, texts[$0 &* width].count) }
  }

  private func write(
    _ operation: ColumnOperation, _ sets: UnsafeMutablePointer<Elements>, to values: ByteArrayValues
  ) {
    switch operation {
    case .text(let slot, let other):
      if slot == other {
        forEachRow(sets, texts: slot, appendTo: values)
      } else {
        forEachRow(sets) { _, texts in values.row(texts[slot].isEmpty ? texts[other] : texts[slot]) }
      }
    case .recordText(let slot):
      values.row(sets[0].texts[slot])
      values.appendAgain(sets[set].rows - 1)
    case .joined(let gathering, let slot, let separator, let dropsZero):
      forEachRow(sets) { index, _ in
        gathering.forEach(in: index, set, sets) { texts in
          if dropsZero, texts[slot].isZero { return }
          values.join(texts[slot], separator.text)
        }
        values.finishValue()
      }
    case .displayCredit(let gathering, let variation, let name, let join):
      forEachRow(sets) { index, _ in
        var credit = DisplayCredit()
        gathering.forEach(in: index, set, sets) { texts in
          credit.append(variation: texts[variation], name: texts[name], join: texts[join], to: values)
        }
        values.finishValue()
      }
    case .flatCredits(let gathering, let role, let name):
      forEachRow(sets) { index, _ in
        gathering.forEach(in: index, set, sets) { texts in
          values.appendCredit(role: texts[role], name: texts[name])
        }
        values.finishValue()
      }
    case .flatIdentifiers(let gathering, let type, let description, let value, let text):
      forEachRow(sets) { index, _ in
        gathering.forEach(in: index, set, sets) { texts in
          values.appendIdentifier(
            type: texts[type], description: texts[description],
            value: texts[value].isEmpty ? texts[text] : texts[value])
        }
        values.finishValue()
      }
    case .trackKind(let subtracks, let number, let duration):
      let tracks = sets + set
      var isAnyNumbered = false
      forEachRow(sets) { _, texts in isAnyNumbered = isAnyNumbered || !texts[number].isEmpty }
      forEachRow(sets) { index, texts in
        let isAlone = tracks.pointee.children[index * tracks.pointee.childWidth + subtracks].rows == 0
        let isSubtrack = tracks.pointee.headers[index].parent >= 0
        if !isAlone {
          values.append(bytes: "index")
        } else if isAnyNumbered, !isSubtrack, texts[number].isEmpty, texts[duration].isEmpty {
          values.append(bytes: "heading")
        } else {
          values.append(bytes: "track")
        }
        values.finishValue()
      }
    default: preconditionFailure("a text column of numbers")
    }
  }

  // MARK: Numbers

  @inline(__always)
  private func forEachNumber(
    _ sets: UnsafeMutablePointer<Elements>, to values: Int64Values,
    _ number: (UnsafeMutablePointer<Text>) -> Int64?
  ) {
    guard isEveryOne(sets) else { return forEachRow(sets) { _, texts in values.append(number(texts)) } }
    let width = sets[set].width
    let texts = sets[set].texts
    values.appendRows(sets[set].count) { number(texts + $0 &* width) }
  }

  private func write(
    _ operation: ColumnOperation, _ id: Int64, _ sets: UnsafeMutablePointer<Elements>, to values: Int64Values,
    _ unreadable: inout Int
  ) {
    func number(_ text: Text) -> Int64? {
      if text.isEmpty { return nil }
      let number = text.number
      if number == nil { unreadable += 1 }
      return number
    }
    switch operation {
    case .recordID: values.appendRows(sets[set].rows) { _ in id }
    case .count: values.appendRows(sets[set].rows) { Int64($0 &+ 1) }
    case .ordinal:
      let headers = sets[set].headers
      forEachRow(sets) { index, _ in values.append(Int64(headers[index].ordinal)) }
    case .parentOrdinal(let parents):
      let headers = sets[set].headers
      let parentHeaders = sets[parents].headers
      forEachRow(sets) { index, _ in
        let parent = Int(headers[index].parent)
        values.append(parent < 0 ? nil : Int64(parentHeaders[parent].ordinal))
      }
    case .number(let slot):
      forEachNumber(sets, to: values) { number($0[slot]) }
    case .numberNotZero(let slot, let other):
      forEachNumber(sets, to: values) { texts in
        let found = number(texts[slot].isEmpty ? texts[other] : texts[slot])
        return found == 0 ? nil : found
      }
    case .seconds(let slot): forEachNumber(sets, to: values) { $0[slot].seconds }
    case .datePart(let part, let slot):
      forEachRow(sets) { _, texts in
        let date = PartialDate(texts[slot])
        let value =
          switch part {
          case .year: date.year
          case .month: date.month
          case .day: date.day
          }
        values.append(value.map(Int64.init))
      }
    default: preconditionFailure("a number column of texts")
    }
  }
}

extension Gathering {
  /// Calls `body` with the texts of each element, in the order of the record.
  @inline(__always)
  fileprivate func forEach(
    in index: Int, _ parents: Int, _ sets: UnsafeMutablePointer<Elements>,
    _ body: (UnsafeMutablePointer<Text>) -> Void
  ) {
    let elements = sets + set
    let width = elements.pointee.width
    var texts = elements.pointee.texts
    guard let childIndex else {
      for _ in 0..<elements.pointee.count {
        body(texts)
        texts += width
      }
      return
    }
    let children = sets[parents].children + index * sets[parents].childWidth + childIndex
    var next = Int(children.pointee.first)
    while next >= 0 {
      texts = elements.pointee.texts + next * width
      body(texts)
      next = Int(elements.pointee.headers[next].next)
    }
  }
}

extension Elements {
  /// Numbers the elements that make rows from 1.
  func number() {
    var last: Int32 = 0
    for index in 0..<count where headers[index].isRow {
      last += 1
      headers[index].ordinal = last
    }
  }
}
