/// The ids of the records that became rows, in document order, and which may not come again.
///
/// Whether an id came in an earlier stretch of the dump is not known while stretches are parsed in parallel. So a
/// stretch is parsed as if none had; where that proves wrong it is parsed once more, with the ids that are taken.
public struct RecordIDs {
  /// The ids, one for each record that has rows.
  public private(set) var all: [Int64] = []
  /// Whether each id is larger than the one before.
  public private(set) var ascend = true
  /// The ids that may not come again; nil where nobody looks.
  private var taken: Set<Int64>?

  /// Begins a stretch.
  /// - Parameter taken: ids that came before; with any set, also those within the stretch are looked at.
  mutating func removeAll(refusing taken: Set<Int64>? = nil) {
    all.removeAll(keepingCapacity: true)
    ascend = true
    self.taken = taken
  }

  /// Whether a record may have this id.
  func allow(_ id: Int64) -> Bool { taken.map { !$0.contains(id) } ?? true }

  /// Takes the id of a record that has rows.
  mutating func append(_ id: Int64) {
    if let last = all.last, id <= last { ascend = false }
    all.append(id)
    if taken != nil { taken!.insert(id) }
  }
}
