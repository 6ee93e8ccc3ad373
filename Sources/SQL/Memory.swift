import Glibc

/// The machine's memory.
enum Memory {
  /// All of it, in bytes (`sysconf(3)`).
  static var physicalBytes: Int { sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) }
}
