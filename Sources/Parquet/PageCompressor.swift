import CSnappy
import CZlib
import CZstd
import Synchronization

/// Compresses pages, and has the working memory for it; used by one thread at a time.
///
/// There are as many as threads compress at the same time, however many columns there are: each is borrowed from a
/// pool for one page.
final class PageCompressor: @unchecked Sendable {
  /// Where a page is put together before it is compressed.
  var page = Buffer<UInt8>()
  private var compressed = Buffer<UInt8>()
  private var zstd: OpaquePointer?

  /// Few pages are larger.
  private static let usualBytes = 4 << 20

  private static let idle = Mutex<[PageCompressor]>([])

  private init() {}

  deinit { ZSTD_freeCCtx(zstd) }

  /// Lends a compressor to `body`.
  static func borrow<Result>(_ body: (PageCompressor) throws -> Result) rethrows -> Result {
    let compressor = idle.withLock { $0.popLast() } ?? PageCompressor()
    defer {
      compressor.page.removeAll(keepingAtMost: usualBytes)
      compressor.compressed.removeAll(keepingAtMost: usualBytes)
      idle.withLock { $0.append(compressor) }
    }
    return try body(compressor)
  }

  /// The bytes of `page`, compressed; valid until the next call.
  /// - Throws: `ParquetError.codec`.
  func compress(_ compression: Compression) throws -> UnsafeRawBufferPointer {
    compressed.removeAll()
    switch compression {
    case .uncompressed: return page.rawBytes
    case .zstd(let level): try compressZstd(level: level)
    case .gzip(let level): try compressGzip(level: level)
    case .snappy: try compressSnappy()
    }
    return compressed.rawBytes
  }

  /// `ZSTD_compress2`: one frame that says its size.
  private func compressZstd(level: Int) throws {
    if zstd == nil { zstd = ZSTD_createCCtx() }
    ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, Int32(clamping: level))
    // With pages of half a megabyte level 1 looks for matches of seven bytes. In columns of names six find 2 % more,
    // in the same time.
    ZSTD_CCtx_setParameter(zstd, ZSTD_c_minMatch, level == 1 ? 6 : 0)
    let bound = ZSTD_compressBound(page.count)
    let size = ZSTD_compress2(zstd, compressed.reserve(bound), bound, page.start, page.count)
    if ZSTD_isError(size) != 0 {
      throw ParquetError.codec("zstd: " + String(cString: ZSTD_getErrorName(size)))
    }
    compressed.commit(size)
  }

  /// `deflate` in one call, with gzip's header and trailer.
  private func compressGzip(level: Int) throws {
    var stream = z_stream()
    // 16 more than the window's bits asks for gzip's framing.
    var status = deflateInit2_(
      &stream, Int32(clamping: level), Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw ParquetError.codec("zlib: deflateInit2 returned \(status)") }
    defer { deflateEnd(&stream) }
    let bound = Int(deflateBound(&stream, UInt(page.count)))
    stream.next_in = page.start
    stream.avail_in = UInt32(page.count)
    stream.next_out = compressed.reserve(bound)
    stream.avail_out = UInt32(bound)
    status = deflate(&stream, Z_FINISH)
    guard status == Z_STREAM_END else { throw ParquetError.codec("zlib: deflate returned \(status)") }
    compressed.commit(bound - Int(stream.avail_out))
  }

  /// `snappy_compress`: the raw format, without framing.
  private func compressSnappy() throws {
    var size = snappy_max_compressed_length(page.count)
    let target = UnsafeMutableRawPointer(compressed.reserve(size)).assumingMemoryBound(to: CChar.self)
    let source = UnsafeRawPointer(page.start).assumingMemoryBound(to: CChar.self)
    let status = snappy_compress(source, page.count, target, &size)
    guard status == SNAPPY_OK else { throw ParquetError.codec("snappy: status \(status.rawValue)") }
    compressed.commit(size)
  }
}

extension Compression {
  /// What column chunks' metadata call it.
  var codec: CompressionCodec {
    switch self {
    case .uncompressed: .uncompressed
    case .snappy: .snappy
    case .gzip: .gzip
    case .zstd: .zstd
    }
  }
}
