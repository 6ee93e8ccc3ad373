import Platform

/// The folder that the history's reports are written to: one writer at a time.
public enum ReportsFolder {
  /// What the names of all files begin with.
  private static let prefix = "history_"

  /// Writes files into the folder, each beside its place and renamed, and removes what an execution that was killed has
  /// left of such files, whatever time was in their names.
  ///
  /// The lock lies in the folder: that may be another's than the lake's, or the lake one that can only be read.
  /// - Parameters:
  ///   - files: their names and contents.
  ///   - folder: made if it is missing.
  /// - Returns: their paths, in order.
  /// - Throws: `SystemError`.
  public static func write(_ files: [(name: String, bytes: [UInt8])], to folder: String) throws -> [String] {
    try Files.createDirectory(folder)
    let lock = try FileLock.acquire(Files.join(folder, ".reports.lock"))
    defer { lock.release() }
    try Files.removeTemporaries(in: folder, named: prefix)
    return try files.map { name, bytes in
      precondition(name.hasPrefix(prefix))
      let path = Files.join(folder, name)
      try Files.writeAtomically(bytes, to: path)
      return path
    }
  }
}
