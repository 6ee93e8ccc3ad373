import CSystem
import Glibc

/// A new file that is written from its start to its end; one thread at a time.
public final class OutputFile: @unchecked Sendable {
  public let path: String
  /// The bytes written so far.
  public private(set) var offset = 0
  private let descriptor: Descriptor

  /// Makes the file, or empties the one that is there.
  /// - Throws: `SystemError`.
  public init(creating path: String) throws {
    try FaultInjection.step("create", path)
    self.path = path
    descriptor = try Descriptor(opening: path, O_WRONLY | O_CREAT | O_TRUNC)
  }

  /// Opens a file to write after its first `offset` bytes; what it holds beyond them is cut off.
  /// - Throws: `SystemError`; also when the file is shorter than that (`EINVAL`).
  public init(resuming path: String, at offset: Int) throws {
    self.path = path
    self.offset = offset
    descriptor = try Descriptor(opening: path, O_WRONLY)
    guard Int(try descriptor.status().st_size) >= offset else {
      throw SystemError(code: EINVAL, call: "ftruncate", path: path)
    }
    try check("ftruncate", path) { ftruncate(descriptor.number, off_t(offset)) }
    try check("lseek", path) { lseek(descriptor.number, off_t(offset), SEEK_SET) }
  }

  /// Appends all the bytes.
  public func write(_ bytes: UnsafeRawBufferPointer) throws {
    try FaultInjection.step("write", path)
    try descriptor.write(bytes)
    offset += bytes.count
  }

  /// Appends all the bytes.
  public func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

  /// Has the system start to write the last `count` bytes to the disk, without waiting for it, so that `sync` has less
  /// to do in the end (`sync_file_range(2)`). Where that is not possible nothing happens.
  public func startWritingBack(last count: Int) {
    _ = csystem_start_writing_back(descriptor.number, off_t(offset - count), off_t(count))
  }

  /// Makes what was written durable.
  public func sync() throws {
    try FaultInjection.step("fsync", path)
    try descriptor.sync()
  }

  /// Closes the file and reports errors of delayed writing; later calls do nothing.
  public func close() throws { try descriptor.close() }
}
