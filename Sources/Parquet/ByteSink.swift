import Platform

/// What a Parquet file is written to, from its start to its end.
public protocol ByteSink: AnyObject {
  /// Appends all the bytes.
  /// - Throws: the sink's own errors; `SystemError` for a file.
  func write(_ bytes: UnsafeRawBufferPointer) throws
}

extension OutputFile: ByteSink {}

/// A file in memory.
public final class MemorySink: ByteSink {
  /// What was written so far.
  public private(set) var bytes: [UInt8] = []

  /// An empty file.
  public init() {}

  /// Appends all the bytes; never fails.
  public func write(_ bytes: UnsafeRawBufferPointer) { self.bytes += bytes }
}
