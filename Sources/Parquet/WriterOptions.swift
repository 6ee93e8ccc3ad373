/// How pages are compressed.
public enum Compression: Sendable, Hashable {
  case uncompressed
  case snappy
  /// zlib's levels, 1 to 9.
  case gzip(level: Int = 6)
  /// Zstandard's levels, 1 to 19; negative ones are faster still.
  case zstd(level: Int = 1)
}

/// How text is laid out in pages that have no dictionary.
public enum TextEncoding: String, Sendable, Hashable, CaseIterable {
  /// `PLAIN`: each value after its length, which every reader knows.
  case plain
  /// `DELTA_LENGTH_BYTE_ARRAY`: first all lengths, then all values; some readers do not know it.
  case delta
}

/// What a writer may choose. The files' bytes depend on these, on the columns and on the rows, and on nothing else.
public struct WriterOptions: Sendable, Hashable {
  /// How all pages are compressed.
  public var compression: Compression
  /// A data page ends with the value that brings it to this many bytes before compression.
  public var pageBytes: Int
  /// A data page has at most this many rows, so that the page index can skip within narrow columns too.
  public var pageRows: Int
  /// A dictionary that would hold more bytes than this is given up. 0 turns dictionaries off.
  public var dictionaryBytes: Int
  /// Longer minima and maxima of text are cut off at a character's boundary within this many bytes.
  public var statisticsBytes: Int
  /// How text is laid out where it has no dictionary.
  public var textEncoding: TextEncoding

  /// The defaults are those of the pipeline's files; sizes are in bytes.
  public init(
    compression: Compression = .zstd(), pageBytes: Int = 512 << 10, pageRows: Int = 20_480,
    dictionaryBytes: Int = 1 << 20, statisticsBytes: Int = 64, textEncoding: TextEncoding = .delta
  ) {
    self.compression = compression
    self.pageBytes = pageBytes
    self.pageRows = pageRows
    self.dictionaryBytes = dictionaryBytes
    self.statisticsBytes = statisticsBytes
    self.textEncoding = textEncoding
  }
}
