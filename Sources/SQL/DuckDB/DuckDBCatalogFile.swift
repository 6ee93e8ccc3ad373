import Platform

/// The file of the catalog, which is either whole or not there.
///
/// DuckDB makes a database's file by writing its headers one after the other; a process that ends in between leaves a
/// file that no later one can open.
enum DuckDBCatalogFile {
  /// Three headers of 4096 bytes; the first begins with a checksum of eight bytes and this.
  private static let headers = 3 * 4096
  private static let magic = Array("DUCK".utf8)

  /// Whether the file is there and its headers were once written; true also for what is no database at all, so that
  /// whoever opens it hears DuckDB's words on it.
  /// - Throws: `SystemError`.
  static func isComplete(_ path: String) throws -> Bool {
    guard try Files.found(path) != nil else { return false }
    // What is no plain file is left to the engine, too: nobody waits for a pipe here.
    guard try Files.kind(path) == .file, try Files.size(path) < headers else { return true }
    let start = try Files.read(path, limit: headers)
    return !(start.allSatisfy { $0 == 0 } || start.dropFirst(8).starts(with: magic))
  }

  /// Sees to it that the file is there: a new one gets its name when it is whole, and takes the place of one that never
  /// was.
  /// - Parameter run: runs a statement in a shell.
  /// - Throws: `SystemError`; what `run` throws.
  static func complete(_ path: String, run: (String) throws -> Void) throws {
    let folder = Files.parent(of: path)
    let lockFile = Files.join(folder, ".\(Files.name(of: path)).lock")
    if try isComplete(path) {
      // Of a process that was killed right after it had made the catalog.
      if Files.exists(lockFile) { try? FileLock.acquire(lockFile, wait: .zero).release() }
      return
    }
    let lock = try FileLock.acquire(lockFile)
    defer { lock.release() }
    // Another process may have been faster.
    if try isComplete(path) { return }
    try Files.removeTemporaries(beside: path)
    let fresh = Files.temporaryName(beside: path)
    do {
      try run("ATTACH \(SQLText.literal(fresh)) AS fresh")
      try run("DETACH fresh")
      try Files.syncFile(fresh)
      try Files.rename(fresh, to: path)
    } catch {
      try? Files.remove(fresh)
      throw error
    }
    try Files.syncDirectory(folder)
  }
}
