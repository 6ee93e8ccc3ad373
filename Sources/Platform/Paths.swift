import Glibc

extension Files {
  /// The two parts with one slash between them; an absolute second part stands for itself.
  public static func join(_ directory: String, _ name: String) -> String {
    if name.hasPrefix("/") || directory.isEmpty { return name }
    return directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
  }

  /// The path of the directory that holds this one: `/` for `/a`, `.` for `a`.
  public static func parent(of path: String) -> String {
    let trimmed = trimmingSlashes(path)
    guard let slash = trimmed.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    let above = trimmingSlashes(String(trimmed[..<slash]))
    return above.isEmpty ? "/" : above
  }

  /// The path's last part: `b` for `/a/b` and `/a/b/`.
  public static func name(of path: String) -> String {
    let trimmed = trimmingSlashes(path)
    guard let slash = trimmed.utf8.lastIndex(of: UInt8(ascii: "/")), trimmed != "/" else { return trimmed }
    return String(trimmed[trimmed.utf8.index(after: slash)...])
  }

  /// The path from the root that names what the system finds at this one, without `.`, `..` and double slashes.
  ///
  /// Only a link that `..` steps out of is followed, as the system does: another stays in the path, so that it can be
  /// pointed elsewhere. Where nothing exists yet, `..` is taken out by text.
  public static func absolute(_ path: String) -> String {
    var place = "/"
    for part in join(workingDirectory, path).split(separator: "/") where part != "." {
      place = part == ".." ? parent(of: (try? resolve(place)) ?? place) : join(place, String(part))
    }
    return place
  }

  /// The directory that relative paths start from (`getcwd(3)`).
  public static var workingDirectory: String {
    guard let path = getcwd(nil, 0) else { return "." }
    defer { free(path) }
    return String(cString: path)
  }

  private static func trimmingSlashes(_ path: String) -> String {
    var result = Substring(path)
    while result.count > 1, result.hasSuffix("/") { result.removeLast() }
    return String(result)
  }
}
