import Platform

/// The folder that the history's reports are written to: one writer at a time.
public enum ReportsFolder {
  /// Writes files into the folder, each beside its place and renamed, and removes what an execution that was killed has
  /// left of them.
  /// - Parameters:
  ///   - files: their names and contents.
  ///   - folder: made if it is missing.
  /// - Returns: their paths, in order.
  /// - Throws: `SystemError`.
  public static func write(_ files: [(name: String, bytes: [UInt8])], to folder: String) throws -> [String] {
    try Files.createDirectory(folder)
    let lock = try FileLock.acquire(Files.join(folder, ".reports.lock"))
    defer { lock.release() }
    return try files.map { name, bytes in
      let path = Files.join(folder, name)
      try Files.removeTemporaries(beside: path)
      try Files.writeAtomically(bytes, to: path)
      return path
    }
  }
}
