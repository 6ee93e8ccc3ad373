import Glibc
import Platform

/// The memory that this process may count on.
enum Memory {
  /// The machine's, or less where a container is limited to it, in megabytes (`sysconf(3)`, cgroup v2's `memory.max`).
  static var availableMegabytes: Int {
    let machine = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    let limit = (try? Files.readText("/sys/fs/cgroup/memory.max")).flatMap { text in
      Int(text.prefix { $0.isNumber })
    }
    return min(machine, limit ?? machine) / 1_048_576
  }
}
