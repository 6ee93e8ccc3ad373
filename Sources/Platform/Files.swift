import CSystem
import Glibc

/// The file system, by paths: plain strings, absolute or relative to the working directory.
public enum Files {
  /// What a directory entry or path is; links are not followed.
  public enum Kind: Sendable, Hashable {
    case file, directory, link, other

    /// - Parameter mode: `st_mode`.
    fileprivate init(_ mode: mode_t) {
      self =
        switch mode & S_IFMT {
        case S_IFREG: .file
        case S_IFDIR: .directory
        case S_IFLNK: .link
        default: .other
        }
    }
  }

  /// Whether something is there; a link that leads nowhere does not count.
  ///
  /// An error of the system counts as absence: where something depends on the difference, ask ``found(_:)``.
  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// What is at the end of the path, links followed, or nil if nothing is.
  /// - Throws: `SystemError` when the system cannot tell, which is no absence: a folder that may not be searched, an
  ///   error of the disk.
  public static func found(_ path: String) throws -> Kind? {
    do { return Kind(try status(path).st_mode) } catch let error as SystemError
      where [ENOENT, ENOTDIR, ELOOP].contains(error.code)
    { return nil }
  }

  /// Whether a directory is there, links followed; an error of the system counts as absence.
  public static func isDirectory(_ path: String) -> Bool {
    (try? found(path)) == .directory
  }

  /// What is at the path itself, or nil if nothing is (`lstat(2)`).
  /// - Throws: `SystemError`.
  public static func kind(_ path: String) throws -> Kind? {
    var status = stat()
    do { try check("lstat", path) { lstat(path, &status) } } catch let error as SystemError
      where error.code == ENOENT || error.code == ENOTDIR
    { return nil }
    return Kind(status.st_mode)
  }

  /// Whether a file is there that can be read from its start to its end, links followed: no directory, pipe or device;
  /// an error of the system counts as absence.
  public static func isFile(_ path: String) -> Bool {
    (try? found(path)) == .file
  }

  /// The number that identifies the file in its file system; a file that replaces another has its own.
  /// - Throws: `SystemError`.
  public static func fileNumber(_ path: String) throws -> UInt64 { UInt64(try status(path).st_ino) }

  /// Whether this process may write there (`access(2)`).
  public static func isWritable(_ path: String) -> Bool { access(path, W_OK) == 0 }

  /// The permission bits (`stat(2)`, `st_mode`).
  /// - Throws: `SystemError`.
  public static func permissions(of path: String) throws -> UInt32 { try status(path).st_mode & 0o7777 }

  /// Sets the permission bits (`chmod(2)`), whatever the process's mask.
  /// - Throws: `SystemError`.
  public static func setPermissions(of path: String, to mode: UInt32) throws {
    try check("chmod", path) { chmod(path, mode) }
  }

  /// Whether there is a file that this process may execute.
  public static func isExecutable(_ path: String) -> Bool {
    guard let status = try? status(path), status.st_mode & S_IFMT == S_IFREG else { return false }
    return access(path, X_OK) == 0
  }

  /// The file's size in bytes.
  /// - Throws: `SystemError`.
  public static func size(_ path: String) throws -> Int { Int(try status(path).st_size) }

  /// When the file's content last changed, in nanoseconds since 1970.
  /// - Throws: `SystemError`.
  public static func modificationTime(_ path: String) throws -> Int {
    let time = try status(path).st_mtim
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }

  /// The names in a directory, without `.` and `..`, in the order of their bytes.
  /// - Throws: `SystemError`.
  public static func list(_ directory: String) throws -> [String] {
    var names: [String] = []
    try forEachName(in: directory) { names.append(String(decoding: $0, as: UTF8.self)) }
    // Swift orders strings by Unicode's canonical equivalence; files are ordered by their bytes.
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// The names in a directory that start with a prefix, in no order; the others cost next to nothing.
  /// - Throws: `SystemError`.
  public static func list(_ directory: String, prefix: String) throws -> [String] {
    var names: [String] = []
    let prefix = Array(prefix.utf8)
    try forEachName(in: directory) {
      if $0.starts(with: prefix) { names.append(String(decoding: $0, as: UTF8.self)) }
    }
    return names
  }

  /// Calls `body` with the bytes of each name in a directory, without `.` and `..`, in no order.
  private static func forEachName(in directory: String, _ body: (UnsafeBufferPointer<UInt8>) -> Void) throws {
    guard let stream = opendir(directory) else { throw SystemError.current("opendir", directory) }
    defer { closedir(stream) }
    // The name is an imported array of fixed size: read it through the entry's address.
    let offset = MemoryLayout<dirent>.offset(of: \.d_name)!
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        if errno != 0 { throw SystemError.current("readdir", directory) }
        break
      }
      let start = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: UInt8.self)
      let length = strlen(UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self))
      let isDot =
        start[0] == UInt8(ascii: ".") && (length == 1 || length == 2 && start[1] == UInt8(ascii: "."))
      if !isDot { body(UnsafeBufferPointer(start: start, count: length)) }
    }
  }

  /// The paths of all files below a directory, relative to it, in a stable order; links are not followed.
  /// - Throws: `SystemError`.
  public static func walk(_ directory: String) throws -> [String] {
    var found: [String] = []
    func visit(_ folder: String, _ prefix: String) throws {
      for name in try list(folder) {
        let path = join(folder, name)
        if try kind(path) == .directory {
          try visit(path, prefix + name + "/")
        } else {
          found.append(prefix + name)
        }
      }
    }
    try visit(directory, "")
    return found
  }

  /// The size of all files below a directory, in bytes; links are not followed, and what goes away meanwhile counts 0.
  public static func sizeOfTree(_ directory: String) -> Int {
    var sum = 0
    try? forEachName(in: directory) { name in
      let path = join(directory, String(decoding: name, as: UTF8.self))
      var status = stat()
      guard lstat(path, &status) == 0 else { return }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: sum += sizeOfTree(path)
      case S_IFREG: sum += Int(status.st_size)
      default: break
      }
    }
    return sum
  }

  /// Makes a directory and the ones above it that are missing, and their names durable: what is written into them is
  /// of no use without.
  /// - Parameter isDurable: whether it must be there after a crash.
  /// - Throws: `SystemError`.
  public static func createDirectory(_ path: String, durably isDurable: Bool = true) throws {
    func isMade() throws -> Bool {
      guard mkdir(path, 0o777) == 0 else { return false }
      if isDurable { try syncParent(of: path) }
      return true
    }
    if try isMade() { return }
    let code = errno
    if code == ENOENT, case let above = parent(of: path), above != path {
      try createDirectory(above, durably: isDurable)
      if try isMade() { return }
    }
    let failure = SystemError(code: code == ENOENT ? errno : code, call: "mkdir", path: path)
    if try found(path) == .directory { return }
    throw failure
  }

  /// The file's bytes.
  /// - Parameter limit: the most bytes that the file may have; nil for as many as it has.
  /// - Throws: `SystemError`; `EISDIR` for a folder, pipe or device, `EFBIG` for a file beyond the limit.
  public static func read(_ path: String, limit: Int? = nil) throws -> [UInt8] {
    let file = try Descriptor(openingFile: path)
    let expected = Int(try file.status().st_size)
    if let limit, expected > limit {
      throw SystemError(
        code: EFBIG, call: "read", path: path,
        reason: "is larger than any such file: \(counted(expected, "byte"))")
    }
    var bytes = [UInt8](repeating: 0, count: max(expected, 4096) + 1)
    var count = 0
    while true {
      let read = try bytes.withUnsafeMutableBytes { buffer in
        try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
      }
      if read == 0 { break }
      count += read
      if count == bytes.count { bytes.append(contentsOf: repeatElement(0, count: bytes.count)) }
    }
    bytes.removeLast(bytes.count - count)
    return bytes
  }

  /// The file's text; bytes that are not UTF-8 become U+FFFD.
  /// - Throws: `SystemError`.
  public static func readText(_ path: String) throws -> String {
    String(decoding: try read(path), as: UTF8.self)
  }

  /// Removes a file, or a link itself; no error if nothing is there.
  /// - Throws: `SystemError`.
  public static func remove(_ path: String) throws {
    do { try check("unlink", path) { unlink(path) } } catch let error as SystemError
      where error.code == ENOENT
    {}
  }

  /// Removes a file, a link, or a directory with everything in it; no error if nothing is there.
  /// - Throws: `SystemError`.
  public static func removeTree(_ path: String) throws {
    guard let kind = try kind(path) else { return }
    guard kind == .directory else { return try remove(path) }
    for name in try list(path) { try removeTree(join(path, name)) }
    do { try check("rmdir", path) { rmdir(path) } } catch let error as SystemError where error.code == ENOENT
    {}
  }

  /// Gives a file or directory another name, replacing a file (or an empty directory) that has it (`rename(2)`).
  /// - Throws: `SystemError`.
  public static func rename(_ path: String, to destination: String) throws {
    try FaultInjection.step("rename", destination)
    try check("rename", destination) { Glibc.rename(path, destination) }
  }

  /// Swaps two names in one step; both must exist (`renameat2(2)` with `RENAME_EXCHANGE`).
  /// - Throws: `SystemError`.
  public static func exchange(_ first: String, _ second: String) throws {
    try FaultInjection.step("renameat2", second)
    try check("renameat2", second) { csystem_exchange(first, second) }
  }

  /// Makes a symbolic link; `destination` may be relative to the link's own directory.
  /// - Throws: `SystemError`.
  public static func link(_ path: String, to destination: String) throws {
    try FaultInjection.step("symlink", path)
    try check("symlink", path) { symlink(destination, path) }
  }

  /// What a symbolic link holds; nil if there is nothing or something that is no link.
  /// - Throws: `SystemError`.
  public static func readLink(_ path: String) throws -> String? {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    do {
      let count = try check("readlink", path) {
        buffer.withUnsafeMutableBytes { readlink(path, $0.baseAddress!, $0.count) }
      }
      return String(decoding: buffer[..<count], as: UTF8.self)
    } catch let error as SystemError where [EINVAL, ENOENT, ENOTDIR].contains(error.code) { return nil }
  }

  /// The path with links, `.` and `..` resolved (`realpath(3)`).
  /// - Throws: `SystemError`.
  public static func resolve(_ path: String) throws -> String {
    guard let resolved = realpath(path, nil) else { throw SystemError.current("realpath", path) }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// Removes a folder if there is nothing in it (`rmdir(2)`), and does nothing otherwise.
  public static func removeDirectoryIfEmpty(_ path: String) { rmdir(path) }

  /// Whether two paths lead to the same place; a path that leads nowhere is the same only as itself.
  public static func isSame(_ path: String, _ other: String) -> Bool {
    if path == other { return true }
    guard let resolved = try? resolve(path) else { return false }
    return resolved == (try? resolve(other))
  }

  /// Makes the names in a directory durable (`fsync(2)` of the directory).
  /// - Throws: `SystemError`.
  public static func syncDirectory(_ path: String) throws {
    try FaultInjection.step("fsync", path)
    try Descriptor(opening: path, O_RDONLY | O_DIRECTORY).sync()
  }

  private static func syncParent(of path: String) throws {
    do { try syncDirectory(parent(of: path)) } catch let error as SystemError where error.code == EACCES {
      // A folder that one may write to but not read cannot be opened for that.
    }
  }

  /// Makes a file's content durable (`fsync(2)`).
  /// - Throws: `SystemError`.
  public static func syncFile(_ path: String) throws {
    try FaultInjection.step("fsync", path)
    try Descriptor(opening: path, O_RDONLY).sync()
  }

  /// Makes the content of files and folders durable, several at a time: what comes together the file system brings to
  /// the disk in one go, where one after the other waits for the disk each time.
  /// - Throws: `SystemError`, the first one.
  public static func syncTogether(_ paths: [String]) throws {
    let hook = FaultInjection.hook
    _ = try SystemThread.map(paths.count, threads: 8) { number in
      // A thread has no task that would have the hook.
      try hook?("fsync", paths[number])
      try Descriptor(opening: paths[number], O_RDONLY).sync()
    }
  }

  /// The bytes that an unprivileged process can still write to the file system at this path (`fstatvfs(3)`).
  /// - Throws: `SystemError`.
  public static func freeBytes(at path: String) throws -> Int {
    var status = statvfs()
    let place = try Descriptor(opening: path, O_RDONLY)
    try check("fstatvfs", path) { fstatvfs(place.number, &status) }
    return Int(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
  }

  /// Replaces a file's content in one step: readers see the old bytes or the new ones, also after a crash.
  ///
  /// The bytes are written beside the file, under a hidden name of this process, made durable, and renamed.
  /// - Parameter isDurable: false where there may be anything after a crash, and nobody waits for the disk.
  /// - Throws: `SystemError`.
  public static func writeAtomically(
    _ bytes: some Collection<UInt8>, to path: String, durably isDurable: Bool = true
  ) throws {
    let temporary = temporaryName(beside: path)
    do {
      let file = try OutputFile(creating: temporary)
      let contiguous: Void? = try bytes.withContiguousStorageIfAvailable {
        try file.write(UnsafeRawBufferPointer($0))
      }
      if contiguous == nil { try Array(bytes).withUnsafeBytes { try file.write($0) } }
      if isDurable { try file.sync() }
      try file.close()
      try rename(temporary, to: path)
    } catch {
      unlink(temporary)
      throw error
    }
    if isDurable { try syncDirectory(parent(of: path)) }
  }

  /// Removes what processes that were killed while they replaced this file have left beside it.
  ///
  /// The caller makes sure, by a lock, that nobody is replacing it now.
  /// - Throws: `SystemError`.
  public static func removeTemporaries(beside path: String) throws {
    try removeTemporaries(in: parent(of: path), named: name(of: path) + ".")
  }

  /// Removes what processes that were killed while they wrote files with names of this beginning have left.
  ///
  /// The caller makes sure, by a lock, that nobody is writing one now.
  /// - Throws: `SystemError`.
  public static func removeTemporaries(in folder: String, named prefix: String) throws {
    for name in try list(folder, prefix: ".\(prefix)") where name.hasSuffix(".tmp") {
      try remove(join(folder, name))
    }
  }

  /// A hidden name in the same directory that nobody else uses or can foresee: `.<name>.<16 digits>.tmp`.
  public static func temporaryName(beside path: String) -> String {
    var generator = SystemRandomNumberGenerator()
    let digits = String(generator.next() | 1 << 63, radix: 16)
    return join(parent(of: path), ".\(name(of: path)).\(digits).tmp")
  }

  private static func status(_ path: String) throws -> stat {
    var result = stat()
    try check("stat", path) { stat(path, &result) }
    return result
  }
}
