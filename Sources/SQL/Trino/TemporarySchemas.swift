import Lake
import Platform

/// Schemas that tasks make on a server for the time of their work.
///
/// Before a schema is made a lock of its name is taken in the lake, whose file stays when the task is killed: so a later
/// task knows what was left behind, takes it out of the metastore, and nobody takes away what is still in use.
final class TemporarySchemas: Sendable {
  private let lake: Lake
  /// The server and the catalog, in a word: what was left on one is not looked for on another.
  private let place: String
  private let made: Monitor<[String: Made]> = Monitor([:])

  private struct Made {
    var tables: [String]
    var lock: FileLock
  }

  /// What the names of schemas begin with that this may remove.
  private static let prefixes = ["discogs_lake_check_", "discogs_build_"]

  init(_ settings: TrinoSettings) {
    lake = Lake(path: settings.lakePath)
    place = Self.word(for: "\(settings.url) \(settings.catalog)")
  }

  /// A short word that stands for a text.
  static func word(for text: String) -> String { String(SHA256.of(Array(text.utf8)).prefix(12)) }

  /// Notes that a schema with these tables is about to be made; waits for another task that has it.
  /// - Throws: `SystemError`.
  func begin(_ schema: String, tables: [String]) throws {
    if let made = made.update({ $0[schema] }) {
      return self.made.update { $0[schema] = Made(tables: tables, lock: made.lock) }
    }
    try Files.createDirectory(lake.metaFolder)
    let lock = try FileLock.acquire(lockFile(schema))
    made.update { $0[schema] = Made(tables: tables, lock: lock) }
  }

  /// Notes that it is gone.
  func end(_ schema: String) {
    made.update { made in
      made[schema]?.lock.release()
      made[schema] = nil
    }
  }

  /// Leaves what was begun and not ended to a later task.
  func leave() {
    made.update { made in
      for entry in made.values { entry.lock.leave() }
      made = [:]
    }
  }

  /// The schemas that were begun and not ended, with their tables.
  var unfinished: [String: [String]] { made.update { $0.mapValues(\.tables) } }

  /// Has what tasks left that were killed removed, by `remove`, and forgets what that could remove.
  ///
  /// - Parameter remove: gets a schema, which may not exist.
  /// - Throws: what `remove` throws.
  func removeLeftovers(_ remove: (_ schema: String) throws -> Void) throws {
    let prefix = ".trino-\(place)."
    for name in (try? Files.list(lake.metaFolder)) ?? []
    where name.hasPrefix(prefix) && name.hasSuffix(".lock") {
      let schema = String(name.dropFirst(prefix.count).dropLast(".lock".count))
      guard Self.prefixes.contains(where: schema.hasPrefix), made.update({ $0[schema] == nil }),
        // Whose lock is held is still at work.
        let lock = try? FileLock.acquire(lockFile(schema), wait: .zero)
      else { continue }
      do { try remove(schema) } catch {
        // For the next one to try.
        lock.leave()
        throw error
      }
      lock.release()
    }
  }

  private func lockFile(_ schema: String) -> String {
    Files.join(lake.metaFolder, ".trino-\(place).\(schema).lock")
  }
}
