import FoundationEssentials
import Platform

/// The SHA-256 of large files, computed once: kept beside each file, and trusted while size and time stay the same.
public enum RememberedHash {
  private struct Note: Codable {
    var bytes: Int
    /// Nanoseconds since 1970.
    var modified: Int
    /// A file that replaces another within a tick of the file system's clock has the same time, but another number.
    var number: UInt64
    var sha256: String
  }

  /// The file's size and hash, from the note beside it if that still fits, else by reading it all.
  /// - Throws: `SystemError`.
  public static func of(_ path: String) throws -> (bytes: Int, hex: String) {
    if let known = known(path) { return known }
    let modified = try Files.modificationTime(path)
    let (bytes, hex) = try SHA256.ofFile(path)
    if try Files.modificationTime(path) == modified { remember(path, hex, bytes: bytes) }
    return (bytes, hex)
  }

  /// The file's size and hash if the note beside it still fits; nothing is read but that.
  public static func known(_ path: String) -> (bytes: Int, hex: String)? {
    guard let bytes = try? Files.read(noteFile(path), limit: jsonFileLimit),
      let note = try? JSONDecoder().decode(Note.self, from: Data(bytes)), note.sha256.utf8.count == 64,
      note.bytes == (try? Files.size(path)), note.modified == (try? Files.modificationTime(path)),
      note.number == (try? Files.fileNumber(path))
    else { return nil }
    return (note.bytes, note.sha256)
  }

  /// Notes a hash that was computed elsewhere, while the file was read or written; it must be the present content's.
  ///
  /// Where no note can be written, as in a folder that is only readable, the hash is computed again next time.
  public static func remember(_ path: String, _ hex: String, bytes: Int) {
    guard let modified = try? Files.modificationTime(path), let number = try? Files.fileNumber(path),
      (try? Files.size(path)) == bytes,
      let note = try? jsonBytes(Note(bytes: bytes, modified: modified, number: number, sha256: hex))
    else { return }
    try? Files.writeAtomically(note, to: noteFile(path))
  }

  /// `.<name>.sha256.json` beside the file.
  public static func noteFile(_ path: String) -> String {
    Files.join(Files.parent(of: path), ".\(Files.name(of: path)).sha256.json")
  }
}
