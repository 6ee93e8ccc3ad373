import Lake
import TaskKit

/// The run that `active` points at.
enum ActiveRun {
  /// Its id; nil when there is none or when `active` is something that the history cannot make sense of, which is told.
  static func id(in lake: Lake, log: Log) -> RunID? {
    do { return try lake.activeRun() } catch {
      log.warning("no run counts as the active one: \(error)")
      return nil
    }
  }
}
