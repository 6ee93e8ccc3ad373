import Glibc

/// The environment variables of this process.
public enum Environment {
  /// A variable's value, or nil if it is not set.
  public static subscript(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    return String(cString: value)
  }

  /// All variables; of two with one name, the first.
  public static var all: [String: String] {
    var variables: [String: String] = [:]
    for entry in entries {
      guard let equals = entry.firstIndex(of: "=") else { continue }
      let name = String(entry[..<equals])
      if variables[name] == nil { variables[name] = String(entry[entry.index(after: equals)...]) }
    }
    return variables
  }

  /// What a program that this process starts needs of them: where programs and libraries are, who the user is, language,
  /// time zone and temporary folder. Passwords and tokens among the others are not handed on.
  public static var forChildren: [String: String] {
    all.filter { name, _ in
      neededByChildren.contains(name) || neededPrefixes.contains(where: name.hasPrefix)
    }
  }

  private static let neededByChildren: Set<String> = [
    "PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR",
  ]
  /// `LD_` is the dynamic linker's, `ASAN_` and its like those of the sanitizers.
  private static let neededPrefixes = ["LC_", "LD_", "ASAN_", "UBSAN_", "TSAN_", "LSAN_"]

  /// The `NAME=value` strings as the process has them.
  private static var entries: [String] {
    var entries: [String] = []
    var next = environ
    while let entry = next.pointee {
      entries.append(String(cString: entry))
      next += 1
    }
    return entries
  }

  /// The login name of the process's user (`getpwuid_r(3)`), or its number if it has none.
  public static var userName: String {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 4096)
    let code = getpwuid_r(getuid(), &entry, &buffer, buffer.count, &found)
    guard code == 0, let found, let name = found.pointee.pw_name else { return String(getuid()) }
    return String(cString: name)
  }
}
