import Platform

/// A folder for what does not fit into an engine's memory. It is gone when the engine is closed; what a killed
/// process left is removed by the next one that spills in the same place.
struct SpillFolder: Sendable {
  let path: String
  private let lock: FileLock

  private static let prefix = ".spill-"
  private static let lockSuffix = ".lock"

  /// Claims a new folder in `parent`. It is DuckDB that makes the folder, when it first needs it.
  /// - Throws: `SystemError` when nothing can be written in `parent`.
  init(in parent: String) throws {
    for name in try Files.list(parent) where name.hasPrefix(Self.prefix) && name.hasSuffix(Self.lockSuffix) {
      let lockPath = Files.join(parent, name)
      // Whoever holds the lock is alive.
      guard let lock = try? FileLock.acquire(lockPath, wait: .zero) else { continue }
      try? Files.removeTree(String(lockPath.dropLast(Self.lockSuffix.count)))
      lock.release()
    }
    path = Files.join(
      parent, "\(Self.prefix)\(String(UInt64.random(in: .min ... .max), radix: 16))")
    lock = try FileLock.acquire(path + Self.lockSuffix)
  }

  func remove() {
    try? Files.removeTree(path)
    lock.release()
  }
}
