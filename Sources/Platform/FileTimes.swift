import Glibc

extension Files {
  /// Sets when the file's content last changed, in nanoseconds since 1970, and with it when it was last read
  /// (`utimensat(2)`).
  public static func setModificationTime(_ path: String, to nanoseconds: Int) throws {
    let second = 1_000_000_000
    let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: second)
    let time =
      rest < 0
      ? timespec(tv_sec: seconds - 1, tv_nsec: rest + second) : timespec(tv_sec: seconds, tv_nsec: rest)
    try check("utimensat", path) { utimensat(AT_FDCWD, path, [time, time], 0) }
  }
}
