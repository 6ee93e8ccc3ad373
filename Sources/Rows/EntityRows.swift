import Dump
import Parquet
import Schema

/// Builds the rows of an entity's datasets from its records; one thread at a time.
public class EntityRows: RecordSink {
  /// One batch for each of the entity's datasets, in `Entity.datasets`' order.
  public let batches: [RowBatch]
  /// Texts that stand where a number belongs and are none, or one that does not fit 64 bits; NULL in the rows.
  public internal(set) var unreadableNumbers = 0

  /// Whether one record may take more memory than rows should.
  public var allowsLarge = false
  /// The records' ids.
  public private(set) var ids = RecordIDs()

  init(_ batches: [RowBatch]) { self.batches = batches }

  /// The builder for an entity.
  public static func of(_ entity: Entity) -> EntityRows {
    switch entity {
    case .artists: ArtistRows()
    case .labels: LabelRows()
    case .masters: MasterRows()
    case .releases: ReleaseRows()
    }
  }

  /// Removes the rows and keeps the memory.
  /// - Parameter taken: ids that may not come (again); nil where nobody looks.
  public func removeAll(refusing taken: Set<Int64>? = nil) {
    for batch in batches { batch.removeAll() }
    ids.removeAll(refusing: taken)
    unreadableNumbers = 0
  }

  /// Appends a record's rows.
  /// - Returns: why the record has no rows, or nil.
  public final func take(_ fields: UnsafeBufferPointer<Field>) -> String? {
    // Every entity's id has the token 1, and its first occurrence counts.
    guard let field = fields.first(where: { $0.token == 1 }) else { return "the record has no id" }
    let text = Text(trimming: field)
    guard let id = text.number else {
      let shown = UnsafeBufferPointer(start: text.start, count: min(text.count, 40))
      let digits = UnsafeBufferPointer(start: text.start, count: text.count)
      let isTooLarge = digits.allSatisfy { $0 &- UInt8(ascii: "0") < 10 } && !text.isEmpty
      return "the record's id is \(isTooLarge ? "beyond 64 bits" : "not a number"): "
        + "\"\(String(decoding: shown, as: UTF8.self))\""
    }
    guard ids.allow(id) else { return "the record's id came before: \(id)" }
    append(id, fields)
    ids.append(id)
    return nil
  }

  /// Appends the rows of the record with this id.
  func append(_ id: Int64, _ fields: UnsafeBufferPointer<Field>) { preconditionFailure("no entity") }

  /// The text as a number; NULL and counted if it is none.
  func number(_ text: Text) -> Int64? {
    if text.isEmpty { return nil }
    let number = text.number
    if number == nil { unreadableNumbers += 1 }
    return number
  }

  /// The text as a number; 0 means none.
  func reference(_ text: Text) -> Int64? { number(text).flatMap { $0 == 0 ? nil : $0 } }
}
