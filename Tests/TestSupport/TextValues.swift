/// The values of text rows as a column holds them: a length for each row, of which the bytes lie one after the other.
/// - Parameters:
///   - null: the length of a row without a value; another below zero stands for the value of the row before.
public func textValues(lengths: some Sequence<Int32>, bytes: UnsafePointer<UInt8>, null: Int32) -> [String?] {
  var value = bytes
  var last: String?
  return lengths.map { length in
    if length == null { last = nil }
    if length >= 0 {
      last = String(decoding: UnsafeBufferPointer(start: value, count: Int(length)), as: UTF8.self)
      value += Int(length)
    }
    return last
  }
}
