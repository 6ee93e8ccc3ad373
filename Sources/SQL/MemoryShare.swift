import Platform

/// What DuckDB may use of a machine: one rule for every task.
///
/// Beside what `memory_limit` counts the process takes up to half as much again, for what readers and writers of Parquet
/// hold: with all of it a task stays below a gigabyte.
struct MemoryShare: Hashable {
  /// DuckDB's `memory_limit`, in megabytes; what does not fit spills to the disk.
  var megabytes: Int
  /// How far that may be raised for a statement that cannot do with it even on one thread.
  var ceiling: Int
  /// How many threads; each needs memory of its own.
  var threads: Int
}

extension MemoryShare {
  /// - Parameters:
  ///   - available: the machine's or the container's megabytes.
  ///   - given: what the user says; then no statement gets more.
  init(of available: Int, given: Int? = nil, processors: Int = SystemThread.processorCount) {
    megabytes = given ?? min(max(available / 4, 128), 512)
    ceiling = given ?? max(megabytes, available / 2)
    threads = max(min(processors, megabytes / 64), 1)
  }
}
