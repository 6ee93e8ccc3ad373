import Lake
import Schema

/// One month's dumps as they are published: the names hold the day they were made.
public struct DumpRelease: Hashable, Sendable {
  /// `2026-08`
  public let month: String
  /// `20260801`
  public let date: String

  /// - Parameter month: `YYYY-MM`, checked by the caller.
  public init(month: String, day: Int) {
    self.month = month
    self.date = month.replacing("-", with: "") + (day < 10 ? "0\(day)" : "\(day)")
  }

  /// `2026`
  public var year: String { String(month.prefix(4)) }

  /// The list of digests, published last.
  public var checksumFile: String { DumpFile.checksumName(date) }

  /// The dump of one kind.
  public func file(of entity: Entity) -> String { DumpFile.name(entity, date) }
}
