import Foundation

/// An empty folder of a test's own, removed after it.
public struct TemporaryFolder: Sendable {
  public let path: String

  /// A path below the folder.
  public func path(_ relative: String) -> String { "\(path)/\(relative)" }

  /// Writes a small file below the folder, with the folders above it, and returns its path.
  @discardableResult
  public func write(_ text: String, to relative: String) throws -> String {
    try write(Array(text.utf8), to: relative)
  }

  /// Writes a small file below the folder, with the folders above it, and returns its path.
  @discardableResult
  public func write(_ bytes: [UInt8], to relative: String) throws -> String {
    let file = path(relative)
    try FileManager.default.createDirectory(
      at: URL(fileURLWithPath: file).deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }

  fileprivate init() throws {
    let base = ProcessInfo.processInfo.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    path = "\(base)/discogs-lakehouse-tests-\(UUID().uuidString.lowercased())"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  fileprivate func remove() { try? FileManager.default.removeItem(atPath: path) }
}

/// Runs `body` with an empty folder that is removed afterwards, whatever happens.
public func withTemporaryFolder<Result>(_ body: (TemporaryFolder) throws -> Result) throws -> Result {
  let folder = try TemporaryFolder()
  defer { folder.remove() }
  return try body(folder)
}

/// Runs `body` with an empty folder that is removed afterwards, whatever happens.
public func withTemporaryFolder<Result>(
  isolation: isolated (any Actor)? = #isolation, _ body: (TemporaryFolder) async throws -> Result
) async throws -> Result {
  let folder = try TemporaryFolder()
  defer { folder.remove() }
  return try await body(folder)
}
