/// A batch of optional truth values. Used by one thread at a time.
public final class BooleanValues {
  private(set) var rows: [Bool?] = []

  /// An empty batch.
  public init() {}

  /// The number of rows, NULLs included.
  public var count: Int { rows.count }

  /// Appends a value or NULL.
  public func append(_ value: Bool?) { rows.append(value) }

  /// Appends a NULL.
  public func appendNull() { rows.append(nil) }

  /// Removes the rows after the first `count`.
  public func truncate(to count: Int) { rows.removeLast(rows.count - count) }

  /// Removes everything and keeps the memory for the next batch.
  public func removeAll() { rows.removeAll(keepingCapacity: true) }
}
