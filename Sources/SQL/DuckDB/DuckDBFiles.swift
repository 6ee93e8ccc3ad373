import Platform

extension ParquetFolder {
  /// The folder's files as `read_parquet` takes them; empty when there are none, which it would not accept.
  func duckDBFiles() throws -> [String] {
    if let files { return files.map { Self.escapingGlob(Files.join(path, $0)) } }
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
    precondition(parts.count == 2, "a pattern has one *: \(pattern)")
    let names = Files.isDirectory(path) ? try Files.list(path) : []
    let isMatched = names.contains {
      $0.utf8.count >= pattern.utf8.count - 1 && $0.hasPrefix(parts[0]) && $0.hasSuffix(parts[1])
    }
    return isMatched ? [Self.escapingGlob(path) + "/\(pattern)"] : []
  }

  /// `path` with the characters of DuckDB's patterns standing for themselves.
  static func escapingGlob(_ path: String) -> String {
    var escaped = ""
    for scalar in path.unicodeScalars {
      switch scalar {
      case "*", "?", "[": escaped += "[\(scalar)]"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
