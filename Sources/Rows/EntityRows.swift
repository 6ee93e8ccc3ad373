import Dump
import Parquet
import Schema

/// Builds the rows of an entity's datasets from its records, as a plan says; one thread at a time.
///
/// A record's fields first become texts of elements (``Elements``), and only when the whole record has been read are its
/// rows appended to the batches.
public final class EntityRows: RecordSink {
  /// One batch for each of the plan's datasets, in their order.
  public let batches: [RowBatch]
  /// Texts that stand where a number belongs and are none, or one that does not fit 64 bits; NULL in the rows.
  // One thread uses it, and nothing sees it while it is written: checking that at each record costs more than the record.
  @exclusivity(unchecked) public private(set) var unreadableNumbers = 0

  /// Whether one record may take more memory than rows should.
  public var allowsLarge = false
  /// The records' ids.
  @exclusivity(unchecked) public private(set) var ids = RecordIDs()

  /// Rows that may have more bytes than this are handed on before more are made; many times what a chunk's have.
  static let fullBytes = 16 << 20
  /// What the rows may have at most, in bytes.
  @exclusivity(unchecked) private var mostBytes = 0
  /// Whether what was taken is to be handed on before another record is read.
  public var isFull: Bool { hasDeclined || mostBytes > EntityRows.fullBytes }
  /// Whether the last record was not taken, since there is no room for it beside what was taken before.
  @exclusivity(unchecked) public private(set) var hasDeclined = false

  /// A record whose rows take more bytes than this is rejected.
  public static let maximumBytesOfRows = 64 << 20

  private let plan: RowPlan
  private let operations: UnsafeMutablePointer<FieldOperation>
  private let sets: UnsafeMutablePointer<Elements>
  private let setCount: Int
  private let idSlot: Int
  private let writers: UnsafeMutableBufferPointer<StreamWriter>
  /// The sets whose elements are numbered before rows are written.
  private let numberedFirst: [Int]

  /// Rows of the plan's datasets, none yet.
  public init(_ plan: RowPlan) {
    self.plan = plan
    batches = plan.datasets.map(RowBatch.init)
    operations = .allocate(capacity: plan.operations.count)
    operations.initialize(from: plan.operations, count: plan.operations.count)
    setCount = plan.sets.count
    sets = .allocate(capacity: setCount)
    for (index, set) in plan.sets.enumerated() { (sets + index).initialize(to: Elements(set)) }
    idSlot = plan.idSlot
    numberedFirst = plan.sets.indices.filter { plan.sets[$0].isNumberedFirst }
    let made = zip(batches, plan.streams).flatMap { batch, streams in
      streams.map { StreamWriter($0, to: batch) }
    }
    writers = .allocate(capacity: made.count)
    _ = writers.initialize(from: made)
  }

  deinit {
    for writer in writers { writer.deallocate() }
    writers.deallocate()
    for set in 0..<setCount { sets[set].deallocate() }
    sets.deallocate()
    operations.deallocate()
  }

  /// Removes the rows and keeps the memory.
  /// - Parameter taken: ids that may not come (again); nil where nobody looks.
  public func removeAll(refusing taken: Set<Int64>? = nil) {
    for batch in batches { batch.removeAll() }
    ids.removeAll(refusing: taken)
    unreadableNumbers = 0
    mostBytes = 0
    hasDeclined = false
  }

  /// Appends a record's rows.
  /// - Returns: why the record has no rows, or nil.
  public func take(_ fields: UnsafeBufferPointer<Field>) -> String? {
    let byteCount = collect(fields)
    let text = sets[0].texts[idSlot]
    if text.isEmpty { return "the record has no id" }
    guard let id = text.number else {
      let shown = UnsafeBufferPointer(start: text.start, count: min(text.count, 40))
      return "the record's id is \(text.isDigits ? "beyond 64 bits" : "not a number"): "
        + "\"\(String(decoding: shown, as: UTF8.self))\""
    }
    guard ids.allow(id) else { return "the record's id came before: \(id)" }
    if let reason = append(id, byteCount) { return reason }
    if !hasDeclined { ids.append(id) }
    return nil
  }

  // MARK: Fields to elements

  /// Puts the fields' texts into the slots of their elements.
  /// - Returns: how many bytes they have together.
  private func collect(_ fields: UnsafeBufferPointer<Field>) -> Int {
    let sets = self.sets
    let operations = self.operations
    for set in 0..<setCount { sets[set].removeAll() }
    sets[0].begin(in: -1)
    sets[0].headers[0].isRow = true
    sets[0].rows = 1
    var byteCount = 0
    for field in fields {
      let operation = operations[Int(field.token)]
      let set = sets + Int(operation.set)
      byteCount &+= field.count
      switch operation.kind {
      case .text:
        let slot = set.pointee.current + Int(operation.slot)
        if slot.pointee.isEmpty { slot.pointee = Text(trimming: field) }
      case .begin:
        begin(set, operation)
        if !set.pointee.leader.isEmpty {
          set.pointee.current[set.pointee.leaderSlot] = set.pointee.leader
          set.pointee.leader = .missing
        }
      case .end: end(set, operation)
      case .leaf:
        let text = Text(trimming: field)
        if text.isEmpty { continue }
        begin(set, operation)
        set.pointee.current.pointee = text
        end(set, operation)
      case .leader:
        endLeader(set, operation)
        set.pointee.leader = Text(trimming: field)
      case .endOfLeaders: endLeader(set, operation)
      case .none: break
      }
    }
    return byteCount
  }

  @inline(__always)
  private func begin(_ set: UnsafeMutablePointer<Elements>, _ operation: FieldOperation) {
    set.pointee.begin(in: operation.parent == 0 ? -1 : sets[Int(operation.parent)].currentIndex)
  }

  /// Ends the current element: keeps it if there is anything in it, and decides whether it makes a row.
  @inline(__always)
  private func end(_ set: UnsafeMutablePointer<Elements>, _ operation: FieldOperation) {
    let index = set.pointee.currentIndex
    let header = set.pointee.headers + index
    let present = set.pointee.present
    if !header.pointee.isRow, set.pointee.makesRow(present, &unreadableNumbers) {
      header.pointee.isRow = true
    }
    let parent = Int(header.pointee.parent)
    set.pointee.leave(to: operation.parent == operation.set ? parent : -1)
    if header.pointee.isRow {
      set.pointee.rows &+= 1
    } else if present == 0, index == set.pointee.count &- 1 {
      set.pointee.removeLast()
      return
    }
    if parent >= 0 { link(index, set, operation) }
  }

  /// Adds an element to the list of those in its parent.
  @inline(never)
  private func link(_ index: Int, _ set: UnsafeMutablePointer<Elements>, _ operation: FieldOperation) {
    let header = set.pointee.headers + index
    let parents = sets + Int(operation.parent)
    let parent = Int(header.pointee.parent)
    let list = parents.pointee.children + (parent &* parents.pointee.childWidth &+ set.pointee.childIndex)
    if list.pointee.last >= 0 {
      set.pointee.headers[Int(list.pointee.last)].next = Int32(truncatingIfNeeded: index)
    } else {
      list.pointee.first = Int32(truncatingIfNeeded: index)
    }
    list.pointee.last = Int32(truncatingIfNeeded: index)
    guard header.pointee.isRow else { return }
    list.pointee.rows &+= 1
    header.pointee.ordinal = list.pointee.rows
    parents.pointee.headers[parent].isRow = true
  }

  /// A text that no element came after stands for one.
  @inline(never)
  private func endLeader(_ set: UnsafeMutablePointer<Elements>, _ operation: FieldOperation) {
    if set.pointee.leader.isEmpty { return }
    begin(set, operation)
    set.pointee.current[set.pointee.leaderSlot] = set.pointee.leader
    set.pointee.leader = .missing
    end(set, operation)
  }

  // MARK: Elements to rows

  /// Appends the rows of the record with this id.
  /// - Parameter byteCount: the bytes of the record's texts.
  /// - Returns: why there are none, or nil if there are, or if it is declined.
  private func append(_ id: Int64, _ byteCount: Int) -> String? {
    hasDeclined = false
    for set in numberedFirst { sets[set].number() }
    var repeated = 0
    var values = 0
    for writer in writers {
      let rows = sets[writer.set].rows
      repeated += rows * writer.repeatedBytes(sets)
      values += rows * writer.columnCount
    }
    // No text is in more than four columns, and what is put around one takes less than a number.
    let most = repeated + 4 * byteCount + 8 * values
    if most > EntityRows.fullBytes {
      if repeated > EntityRows.maximumBytesOfRows { return EntityRows.tooLarge }
      hasDeclined = !allowsLarge || mostBytes > 0
      if hasDeclined { return nil }
    }
    mostBytes += most
    if most > EntityRows.maximumBytesOfRows { return appendLarge(id) }
    write(id)
    return nil
  }

  private func write(_ id: Int64) {
    for writer in writers where sets[writer.set].rows > 0 { writer.write(id, sets, &unreadableNumbers) }
  }

  /// Appends the rows of a record that may have too many bytes of them, and takes them back if it has.
  @inline(never)
  private func appendLarge(_ id: Int64) -> String? {
    let counts = batches.map(\.count)
    let before = batches.reduce(0) { $0 + $1.byteCount }
    write(id)
    if batches.reduce(0, { $0 + $1.byteCount }) - before <= EntityRows.maximumBytesOfRows { return nil }
    for (batch, count) in zip(batches, counts) { batch.truncate(to: count) }
    return EntityRows.tooLarge
  }

  private static let tooLarge = "its rows would take more than \(maximumBytesOfRows >> 20) MiB"
}
