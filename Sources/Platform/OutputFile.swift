import CSystem
import Glibc

/// A file that is written in order, from its start or from where earlier writing got to; one thread at a time.
public final class OutputFile: @unchecked Sendable {
  /// As it was given; errors name it.
  public let path: String
  /// The bytes that the file has so far, those from before it was resumed included.
  public private(set) var offset = 0
  private let descriptor: Descriptor
  /// Its maker's: another thread may do the writing.
  private let hook = FaultInjection.hook
  /// The offset up to which the system was told to write to the disk.
  private var writtenBack = 0
  private var bypassesCache = false
  /// Whether the descriptor has `O_DIRECT` now.
  private var isDirect = false

  /// Makes the file; one that is there is replaced, and a link in its place is replaced too, not followed.
  /// - Throws: `SystemError`.
  public init(creating path: String) throws {
    try FaultInjection.step("create", path)
    self.path = path
    descriptor = try Descriptor(replacing: path)
  }

  /// Opens a file to write after its first `offset` bytes; what it holds beyond them is cut off.
  /// - Throws: `SystemError`; also when the file is shorter than that (`EINVAL`), or no regular file of one name.
  public init(resuming path: String, at offset: Int) throws {
    self.path = path
    self.offset = offset
    descriptor = try Descriptor(ownFile: path, O_WRONLY)
    guard Int(try descriptor.status().st_size) >= offset else {
      throw SystemError(code: EINVAL, call: "ftruncate", path: path)
    }
    try check("ftruncate", path) { ftruncate(descriptor.number, off_t(offset)) }
    try check("lseek", path) { lseek(descriptor.number, off_t(offset), SEEK_SET) }
  }

  /// Has writes of whole, aligned blocks go from memory straight to the disk (`O_DIRECT`, open(2)) where the file
  /// system can do that; what is not aligned goes through the cache as ever. For large files that nobody reads soon:
  /// the processor copies nothing, other programs keep their cache, and little is left for `sync`.
  public func bypassCache() { bypassesCache = true }

  /// What a block's address, its size and its place in the file must be multiples of to be written past the cache, in
  /// bytes: a page, which no disk asks more than.
  public static let directAlignment = 4096

  /// Appends all the bytes.
  /// - Throws: `SystemError`.
  public func write(_ bytes: UnsafeRawBufferPointer) throws {
    try hook?("write", path)
    try takeWay(for: bytes)
    do { try descriptor.write(bytes) } catch let error as SystemError where error.code == EINVAL && isDirect {
      // A file system that takes the flag, and then does not like what it is given. Some of it may be there.
      bypassesCache = false
      try takeWay(for: bytes)
      try check("lseek", path) { lseek(descriptor.number, off_t(offset), SEEK_SET) }
      try descriptor.write(bytes)
    }
    offset += bytes.count
  }

  /// Appends all the bytes.
  /// - Throws: `SystemError`.
  public func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

  /// Turns the file to the cache or past it, whatever these bytes may use.
  private func takeWay(for bytes: UnsafeRawBufferPointer) throws {
    let alignment = OutputFile.directAlignment
    let wanted =
      bypassesCache && offset % alignment == 0 && bytes.count % alignment == 0
      && UInt(bitPattern: bytes.baseAddress) % UInt(alignment) == 0
    guard wanted != isDirect else { return }
    if csystem_set_direct(descriptor.number, wanted) == 0 {
      isDirect = wanted
    } else if wanted {
      bypassesCache = false
    } else {
      throw SystemError.current("fcntl", path)
    }
  }

  /// Has the system start to write to the disk what was written since the last time, without waiting for it, so that
  /// a later `sync` has less to do (`sync_file_range(2)`). Where that is not possible nothing happens.
  public func startWritingBack() {
    _ = csystem_start_writing_back(descriptor.number, off_t(writtenBack), off_t(offset - writtenBack))
    writtenBack = offset
  }

  /// Makes what was written durable.
  /// - Throws: `SystemError`.
  public func sync() throws {
    try hook?("fsync", path)
    try descriptor.sync()
  }

  /// Closes the file and reports errors of delayed writing; later calls do nothing.
  /// - Throws: `SystemError`.
  public func close() throws { try descriptor.close() }
}
