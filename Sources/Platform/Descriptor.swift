import Glibc

/// Owns an open file descriptor and closes it when it goes away.
///
/// Stands for `open(2)`, `read(2)`, `write(2)`, `fsync(2)`, `close(2)`.
final class Descriptor: @unchecked Sendable {
  let number: Int32
  let path: String?
  private var isOpen = true

  init(owning number: Int32, path: String? = nil) {
    self.number = number
    self.path = path
  }

  convenience init(opening path: String, _ flags: Int32, mode: mode_t = 0o666) throws {
    let call = flags & O_CREAT != 0 ? "create" : "open"
    let number = try check(call, path) { open(path, flags | O_CLOEXEC, mode) }
    self.init(owning: number, path: path)
  }

  deinit { if isOpen { Glibc.close(number) } }

  /// Closes the descriptor and reports what `deinit` cannot: an error of delayed writing.
  func close() throws {
    guard isOpen else { return }
    isOpen = false
    // Not again after EINTR: on Linux the descriptor is gone by then.
    if Glibc.close(number) == -1, errno != EINTR { throw SystemError.current("close", path) }
  }

  /// Reads up to the buffer's size; 0 at the end of the file.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    guard buffer.count > 0 else { return 0 }
    return try check("read", path) { Glibc.read(number, buffer.baseAddress!, buffer.count) }
  }

  /// Writes all the bytes.
  func write(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes[...]
    while rest.count > 0 {
      let written = try check("write", path) {
        Glibc.write(number, UnsafeRawBufferPointer(rebasing: rest).baseAddress!, rest.count)
      }
      rest = rest.dropFirst(written)
    }
  }

  func sync() throws { try check("fsync", path) { fsync(number) } }

  func status() throws -> stat {
    var result = stat()
    try check("fstat", path) { fstat(number, &result) }
    return result
  }
}
