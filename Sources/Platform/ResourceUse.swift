import Glibc

/// What this process has taken of the machine so far, with the programs that it started and waited for.
public enum ResourceUse {
  /// The most memory at once, in bytes: the process's own peak (`VmHWM`, proc(5)) and that of the largest program it
  /// started (`getrusage(2)`), together, as one works while the other waits for it.
  ///
  /// What the kernel counts for a process by itself begins with the memory of the one that started it, so `getrusage`
  /// would say too much here.
  public static var peakMemoryBytes: Int {
    let status = (try? Files.readText("/proc/self/status")) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    let own = line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0
    return (own + children.ru_maxrss) * 1024
  }

  /// Time on a processor, of the process and of the programs, in microseconds (`getrusage(2)`).
  public static var processorMicroseconds: Int {
    [usage(RUSAGE_SELF), children].reduce(0) { sum, usage in
      [usage.ru_utime, usage.ru_stime].reduce(sum) { $0 + Int($1.tv_sec) * 1_000_000 + Int($1.tv_usec) }
    }
  }

  private static var children: rusage { usage(RUSAGE_CHILDREN) }

  private static func usage(_ who: __rusage_who) -> rusage {
    var usage = rusage()
    getrusage(__rusage_who_t(who.rawValue), &usage)
    return usage
  }
}
