import CSystem
import Glibc

/// The memory that this process uses and may count on.
public enum Memory {
  /// Has large blocks go back to the system as soon as they are freed (`mallopt(3)`): a task that works through
  /// millions of rows stays as small as what it needs at a time. For the whole process; call it first.
  public static func returnLargeBlocks() { csystem_return_large_blocks() }

  /// The machine's, or less where a container is limited to it, in megabytes (`sysconf(3)`, cgroup v2's `memory.max`).
  public static var availableMegabytes: Int {
    let machine = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    let limit = (try? Files.readText("/sys/fs/cgroup/memory.max")).flatMap { text in
      Int(text.prefix { $0.isNumber })
    }
    return min(machine, limit ?? machine) / 1_048_576
  }
}
