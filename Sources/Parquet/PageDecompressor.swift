import CSnappy
import CZlib
import CZstd
import Platform

/// Decompresses pages, each into as many bytes as its header says.
enum PageDecompressor {
  /// Larger pages than any known writer makes are not read into memory.
  static let maximumSize = 256 << 20

  /// - Parameter size: the page's size before it was compressed.
  /// - Throws: `ParquetError`.
  static func decompress(_ bytes: ArraySlice<UInt8>, _ codec: CompressionCodec, size: Int) throws -> [UInt8] {
    guard (0...maximumSize).contains(size) else {
      throw ParquetError.unsupported("a page of \(counted(size, "byte"))")
    }
    // Nothing takes a few bytes in most codecs.
    if size == 0 { return [] }
    if codec == .uncompressed {
      guard bytes.count == size else { throw ParquetError.malformed("a page that is not as long as it says") }
      return Array(bytes)
    }
    return try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      count = try bytes.withUnsafeBufferPointer { try decompress($0, codec, into: buffer, size: size) }
      guard count == size else { throw ParquetError.malformed("a page that is not as long as it says") }
    }
  }

  /// - Parameter size: what `buffer`, which may be larger, is to hold in the end.
  private static func decompress(
    _ bytes: UnsafeBufferPointer<UInt8>, _ codec: CompressionCodec,
    into buffer: UnsafeMutableBufferPointer<UInt8>,
    size: Int
  ) throws -> Int {
    switch codec {
    case .zstd:
      let count = ZSTD_decompress(buffer.baseAddress, size, bytes.baseAddress, bytes.count)
      guard ZSTD_isError(count) == 0 else {
        throw ParquetError.codec("zstd: " + String(cString: ZSTD_getErrorName(count)))
      }
      return count
    case .snappy:
      var count = size
      let status = snappy_uncompress(
        UnsafeRawPointer(bytes.baseAddress!).assumingMemoryBound(to: CChar.self), bytes.count,
        UnsafeMutableRawPointer(buffer.baseAddress!).assumingMemoryBound(to: CChar.self), &count)
      guard status == SNAPPY_OK else { throw ParquetError.codec("snappy: \(status.rawValue)") }
      return count
    case .gzip:
      var stream = z_stream()
      // 32: gzip's header or zlib's, whichever comes.
      guard inflateInit2_(&stream, 15 + 32, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
        throw ParquetError.codec("zlib could not be set up")
      }
      defer { inflateEnd(&stream) }
      stream.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
      stream.avail_in = UInt32(bytes.count)
      stream.next_out = buffer.baseAddress
      stream.avail_out = UInt32(size)
      let status = inflate(&stream, Z_FINISH)
      guard status == Z_STREAM_END else { throw ParquetError.codec("zlib: \(status)") }
      return Int(stream.total_out)
    default: throw ParquetError.unsupported("pages compressed with \(codec)")
    }
  }
}
