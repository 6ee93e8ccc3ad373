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

  /// Opens a regular file to read from.
  ///
  /// A folder is refused, and so are a pipe, a socket and a device, at once: opening a pipe to read would otherwise wait
  /// for a writer, for ever if none comes.
  convenience init(openingFile path: String) throws {
    try self.init(opening: path, O_RDONLY | O_NONBLOCK)
    try requireRegularFile("open")
  }

  /// Makes a new file. A file or link that has the name already is replaced and never written through: a link's target
  /// stays as it is. What is neither, such as a device, stays and is an error.
  convenience init(replacing path: String) throws {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
    do { try self.init(opening: path, flags) } catch let error as SystemError where error.code == EEXIST {
      let kind = try Files.kind(path)
      guard kind != .other, kind != .directory else {
        throw SystemError(code: error.code, call: error.call, path: path, reason: "is there, and is no file")
      }
      try Files.remove(path)
      try self.init(opening: path, flags)
    }
  }

  /// Opens a file of our own making, to go on writing: neither a link, nor a file that has other names as well, which
  /// somebody who may write to the folder could have put there to have its target changed.
  convenience init(ownFile path: String, _ flags: Int32) throws {
    do { try self.init(opening: path, flags | O_NOFOLLOW | O_NONBLOCK) } catch let error as SystemError
      where error.code == ELOOP || error.code == ENXIO
    { throw SystemError(code: error.code, call: error.call, path: path, reason: "is no regular file") }
    try requireRegularFile("open")
    guard try status().st_nlink <= 1 else {
      throw SystemError(code: EMLINK, call: "open", path: path, reason: "is also known under another name")
    }
  }

  private func requireRegularFile(_ call: String) throws {
    let mode = try status().st_mode & S_IFMT
    if mode == S_IFREG { return }
    if mode == S_IFDIR { throw SystemError(code: EISDIR, call: call, path: path) }
    let kind =
      switch mode {
      case S_IFIFO: "is a pipe"
      case S_IFSOCK: "is a socket"
      default: "is a device"
      }
    throw SystemError(code: EISDIR, call: call, path: path, reason: "\(kind), not a file")
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
