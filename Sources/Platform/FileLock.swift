import Glibc

/// A lock between processes and threads, tied to a file (`flock(2)`).
///
/// The kernel frees it when the process dies, however it dies. The file holds the owner's process id for people
/// who look, and is removed when the lock is released.
public final class FileLock: @unchecked Sendable {
  /// The lock's file.
  public let path: String
  private var descriptor: Descriptor?

  private init(path: String, descriptor: Descriptor) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit { release() }

  /// Takes the lock, and waits for it if another holds it.
  /// - Parameters:
  ///   - path: the lock's file, made if missing; its directory must exist.
  ///   - wait: how long to wait; nil is for ever, `.zero` not at all.
  ///   - onWait: called once, before the first wait.
  /// - Throws: `SystemError`, with code `EWOULDBLOCK` when the lock was not free in time; also when a link or anything
  ///   else that is no file of the lock's own stands in its place.
  public static func acquire(
    _ path: String, wait: Duration? = nil, onWait: () -> Void = {}
  ) throws -> FileLock {
    let start = ContinuousClock.now
    var pause: UInt32 = 5_000
    var hasTold = false
    while true {
      let descriptor = try Descriptor(ownFile: path, O_RDWR | O_CREAT)
      while true {
        if flock(descriptor.number, LOCK_EX | LOCK_NB) == 0 { break }
        guard errno == EWOULDBLOCK || errno == EINTR else { throw SystemError.current("flock", path) }
        if let wait, ContinuousClock.now - start >= wait {
          throw SystemError(code: EWOULDBLOCK, call: "flock", path: path)
        }
        if !hasTold {
          hasTold = true
          onWait()
        }
        // Asked again and again rather than blocked in flock: a signal handler of the caller must be able to act.
        usleep(pause)
        pause = min(pause * 2, 100_000)
      }
      // The owner before us removed the file: what we locked may have no name any more.
      if try isNamed(descriptor, path) {
        ftruncate(descriptor.number, 0)
        try Array("\(getpid())\n".utf8).withUnsafeBytes { try descriptor.write($0) }
        return FileLock(path: path, descriptor: descriptor)
      }
    }
  }

  /// Whether somebody holds the lock of this file; nothing is made, and nobody is kept from it for longer than this look.
  public static func isHeld(_ path: String) -> Bool {
    guard let descriptor = try? Descriptor(opening: path, O_RDONLY) else { return false }
    // Shared, so that two who look do not see one another.
    return flock(descriptor.number, LOCK_SH | LOCK_NB) == -1 && errno == EWOULDBLOCK
  }

  /// Removes the lock files of a folder that nobody holds: their owners were killed, and nobody may take them again.
  /// - Parameter folder: where they lie, as files named `….lock`; without it there is nothing to do.
  /// - Throws: `SystemError` when the folder cannot be listed.
  public static func removeAbandoned(in folder: String) throws {
    guard try Files.found(folder) != nil else { return }
    for name in try Files.list(folder) where name.hasSuffix(".lock") {
      let path = Files.join(folder, name)
      guard let descriptor = try? Descriptor(ownFile: path, O_RDWR),
        flock(descriptor.number, LOCK_EX | LOCK_NB) == 0
      else { continue }
      if try isNamed(descriptor, path) { unlink(path) }
    }
  }

  /// Whether the open file is the one that has this name now.
  private static func isNamed(_ descriptor: Descriptor, _ path: String) throws -> Bool {
    var named = stat()
    let held = try descriptor.status()
    return stat(path, &named) == 0 && named.st_ino == held.st_ino && named.st_dev == held.st_dev
  }

  /// Frees the lock; later calls do nothing.
  public func release() {
    guard let descriptor else { return }
    // Removed while still held, so that nobody can hold the file of this name at the same time.
    unlink(path)
    try? descriptor.close()
    self.descriptor = nil
  }

  /// Frees the lock and leaves its file, as the owner's death would: a note for those who look for unfinished work.
  public func leave() {
    try? descriptor?.close()
    descriptor = nil
  }
}
