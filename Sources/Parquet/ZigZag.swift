/// Signed numbers with their sign in the lowest bit, so that small ones are short as variable-length integers.
///
/// Specification: thrift-compact-protocol.md of apache/thrift, "Integer encoding"; Encodings.md of Parquet, "Delta Encoding".
extension UInt64 {
  init(zigZag value: Int64) { self.init(bitPattern: value << 1 ^ value >> 63) }
}

extension Int64 {
  init(zigZag value: UInt64) { self = Int64(bitPattern: value >> 1) ^ -Int64(value & 1) }
}
