import FoundationEssentials
import Platform

/// The SHA-256 of large files, computed once: kept beside each file, and trusted while size and time stay the same.
public enum RememberedHash {
  /// What tells a file's content from a later one without reading it.
  public struct Identity: Sendable, Hashable {
    /// The size in bytes.
    public let bytes: Int
    /// Nanoseconds since 1970.
    public let modified: Int
    /// A file that replaces another within a tick of the file system's clock has the same time, but another number.
    public let number: UInt64

    /// The identity of the file that is there now.
    /// - Throws: `SystemError`.
    public init(of path: String) throws {
      bytes = try Files.size(path)
      modified = try Files.modificationTime(path)
      number = try Files.fileNumber(path)
    }

    fileprivate init(_ note: Note) { (bytes, modified, number) = (note.bytes, note.modified, note.number) }
  }

  fileprivate struct Note: Codable {
    var bytes: Int
    var modified: Int
    var number: UInt64
    var sha256: String
  }

  /// The file's size and hash, from the note beside it if that still fits, else by reading it all.
  /// - Throws: `SystemError`.
  public static func of(_ path: String) throws -> (bytes: Int, hex: String) {
    if let known = known(path) { return known }
    let identity = try Identity(of: path)
    let (bytes, hex) = try SHA256.ofFile(path)
    remember(path, hex, bytes: bytes, since: identity)
    return (bytes, hex)
  }

  /// The file's size and hash if the note beside it still fits; nothing is read but that.
  public static func known(_ path: String) -> (bytes: Int, hex: String)? {
    guard let bytes = try? Files.read(noteFile(path), limit: jsonFileLimit),
      let note = try? JSONDecoder().decode(Note.self, from: Data(bytes)), note.sha256.utf8.count == 64,
      Identity(note) == (try? Identity(of: path))
    else { return nil }
    return (note.bytes, note.sha256)
  }

  /// Notes a hash that was computed while the file was read or written, unless the file is another one by now.
  ///
  /// Where no note can be written, as in a folder that is only readable, the hash is computed again next time.
  /// - Parameters:
  ///   - bytes: how many were read or written.
  ///   - identity: the file's before it was read, or after it was written. The note bears it: content that comes later,
  ///     even now, does not fit the note.
  public static func remember(_ path: String, _ hex: String, bytes: Int, since identity: Identity) {
    guard identity.bytes == bytes, (try? Identity(of: path)) == identity,
      let note = try? jsonBytes(
        Note(bytes: bytes, modified: identity.modified, number: identity.number, sha256: hex))
    else { return }
    // There is no lock: who is noting the same at this moment loses a note, and finds this one instead.
    try? Files.removeTemporaries(beside: noteFile(path))
    // A note that a crash has damaged is none, which only means to read the file again.
    try? Files.writeAtomically(note, to: noteFile(path), durably: false)
  }

  /// `.<name>.sha256.json` beside the file.
  public static func noteFile(_ path: String) -> String {
    Files.join(Files.parent(of: path), ".\(Files.name(of: path)).sha256.json")
  }
}
