import CISAL

/// The checksum of pages: CRC-32 with gzip's polynomial.
enum CRC32 {
  /// The checksum of the bytes, or of all bytes so far when `previous` is that of those before.
  ///
  /// ISA-L's `crc32_gzip_refl`: the same numbers as zlib's `crc32`, by carry-less multiplication.
  static func checksum(_ bytes: UnsafeRawBufferPointer, previous: UInt32 = 0) -> UInt32 {
    guard let start = bytes.baseAddress else { return previous }
    return crc32_gzip_refl(previous, start.assumingMemoryBound(to: UInt8.self), UInt64(bytes.count))
  }
}
