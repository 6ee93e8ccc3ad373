import CSystem

/// The process's memory.
public enum Memory {
  /// Has large blocks go back to the system as soon as they are freed (`mallopt(3)`): a task that works through
  /// millions of rows stays as small as what it needs at a time. For the whole process; call it first.
  public static func returnLargeBlocks() { csystem_return_large_blocks() }
}
