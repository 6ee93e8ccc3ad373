import Glibc

/// An existing file that is read, in order or at any place; in-order reading by one thread at a time.
public final class InputFile: @unchecked Sendable {
  /// As it was given; errors name it.
  public let path: String
  /// The size when it was opened.
  public let size: Int
  private let descriptor: Descriptor

  /// - Throws: `SystemError`; a folder, pipe or device is an error (`EISDIR`).
  public init(opening path: String) throws {
    self.path = path
    descriptor = try Descriptor(openingFile: path)
    size = Int(try descriptor.status().st_size)
  }

  /// Tells the kernel that the file will be read from start to end (`posix_fadvise(2)`).
  public func adviseSequential() { _ = posix_fadvise(descriptor.number, 0, 0, POSIX_FADV_SEQUENTIAL) }

  /// Has the system read these bytes from the disk meanwhile (`POSIX_FADV_WILLNEED`); nobody waits for it.
  public func readAhead(_ range: Range<Int>) {
    _ = posix_fadvise(descriptor.number, off_t(range.lowerBound), off_t(range.count), POSIX_FADV_WILLNEED)
  }

  /// Tells the system that nobody will want these bytes again soon, so that they do not push others' files out of its
  /// cache (`POSIX_FADV_DONTNEED`).
  public func giveBack(_ range: Range<Int>) {
    _ = posix_fadvise(descriptor.number, off_t(range.lowerBound), off_t(range.count), POSIX_FADV_DONTNEED)
  }

  /// The next bytes, at most the buffer's size; 0 at the end of the file.
  /// - Throws: `SystemError`.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    try descriptor.read(into: buffer)
  }

  /// Bytes from this offset on, at most the buffer's size; fewer only at the end of the file (`pread(2)`).
  /// - Throws: `SystemError`.
  public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws -> Int {
    var count = 0
    while count < buffer.count {
      let read = try check("pread", path) {
        pread(descriptor.number, buffer.baseAddress! + count, buffer.count - count, off_t(offset + count))
      }
      if read == 0 { break }
      count += read
    }
    return count
  }
}
