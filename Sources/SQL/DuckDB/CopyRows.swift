import Platform

/// Cuts the rows out of what DuckDB's `COPY … TO '/dev/stdout' (FORMAT csv, FORCE_QUOTE *)` writes.
///
/// Every value is in quotes and NULL is nothing at all, so the two can be told apart and no character is lost. The first
/// row says how many fields all have; an empty line is a row of one NULL.
struct CopyRows {
  /// One field as written: nil is NULL.
  typealias Field = String?

  private enum State { case fieldStart, quoted, quoteInQuoted }

  private var width: Int?
  private var state = State.fieldStart
  private var field: [UInt8] = []
  private var fields: [Field] = []

  /// Reads rows from `bytes` until the end of the results is met, which is a byte at the start of a row that cannot
  /// begin one.
  ///
  /// - Returns: where that byte is, or the buffer's count when all was rows.
  mutating func read(
    _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, row: ([Field]) throws -> Void
  ) throws -> Int {
    var at = start
    while at < bytes.count {
      let byte = bytes[at]
      switch state {
      case .quoted:
        // Values are long compared with what surrounds them: copy up to the next quote at once.
        var end = at
        while end < bytes.count, bytes[end] != UInt8(ascii: "\"") { end += 1 }
        field.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[at..<end]))
        at = end
        if at < bytes.count {
          state = .quoteInQuoted
          at += 1
        }
      case .quoteInQuoted:
        switch byte {
        case UInt8(ascii: "\""):
          field.append(byte)
          state = .quoted
        case UInt8(ascii: ","), UInt8(ascii: "\n"):
          try endField(String(decoding: field, as: UTF8.self), byte, row)
        default: throw SQLError(engine: .duckdb, name: "PROTOCOL", message: "unexpected text after a value")
        }
        at += 1
      case .fieldStart:
        switch byte {
        case UInt8(ascii: "\""):
          field.removeAll(keepingCapacity: true)
          state = .quoted
        case UInt8(ascii: ","), UInt8(ascii: "\n"): try endField(nil, byte, row)
        default:
          guard fields.isEmpty else {
            throw SQLError(engine: .duckdb, name: "PROTOCOL", message: "a row ends in the middle")
          }
          return at
        }
        at += 1
      }
    }
    return at
  }

  private mutating func endField(_ value: Field, _ byte: UInt8, _ row: ([Field]) throws -> Void) throws {
    fields.append(value)
    state = .fieldStart
    guard byte == UInt8(ascii: "\n") else { return }
    let expected = width ?? fields.count
    guard fields.count == expected else {
      throw SQLError(
        engine: .duckdb, name: "PROTOCOL",
        message: "a row of \(counted(fields.count, "value")) where \(expected) belong")
    }
    width = expected
    try row(fields)
    fields.removeAll(keepingCapacity: true)
  }
}
