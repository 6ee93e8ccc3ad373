import Glibc
import Platform

extension ParquetFolder {
  /// The folder's files as `read_parquet` takes them; empty when there are none, which it would not accept.
  func duckDBFiles() throws -> [String] {
    if let files { return files.map { Self.escapingGlob(Files.join(path, $0)) } }
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
    precondition(parts.count == 2, "a pattern has one *: \(pattern)")
    let names = try Files.found(path) == .directory ? try Files.list(path) : []
    let isMatched = names.contains {
      $0.utf8.count >= pattern.utf8.count - 1 && $0.hasPrefix(parts[0]) && $0.hasSuffix(parts[1])
    }
    return isMatched ? [Self.escapingGlob(path) + "/\(pattern)"] : []
  }

  /// Whether there is a file that DuckDB's pattern means.
  /// - Throws: `SystemError` when the folder cannot be listed.
  static func hasFiles(like pattern: String) throws -> Bool {
    let folder = unescapingGlob(Files.parent(of: pattern))
    guard try Files.found(folder) == .directory else { return false }
    let name = Files.name(of: pattern)
    return try Files.list(folder).contains { fnmatch(name, $0, 0) == 0 }
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

  /// The folder whose files a view reads, from the text by which DuckDB remembers it; nil if it is none of one
  /// folder's Parquet files.
  static func path(ofDuckDBView sql: String) -> String? {
    var folders: Set<[UInt8]> = []
    for file in files(ofDuckDBView: Array(sql.utf8)) {
      guard let slash = file.lastIndex(of: UInt8(ascii: "/")) else { return nil }
      folders.insert(Array(file[..<slash]))
    }
    guard folders.count == 1, let folder = folders.first else { return nil }
    return unescapingGlob(String(decoding: folder, as: UTF8.self))
  }

  /// The files that a view reads, each by its own path, from the text by which DuckDB remembers it; nil if it reads none, or
  /// what matches a pattern.
  static func files(ofDuckDBView sql: String) -> Set<String>? {
    let patterns = files(ofDuckDBView: Array(sql.utf8)).map { String(decoding: $0, as: UTF8.self) }
    let paths = patterns.map(unescapingGlob)
    // A character that still stands for others is one that was not escaped.
    guard !patterns.isEmpty, zip(patterns, paths).allSatisfy({ $0.0 == escapingGlob($0.1) }) else {
      return nil
    }
    return Set(paths)
  }

  /// The files and patterns that are the first argument of `read_parquet`: one text, `[…]` or `main.list_value(…)`.
  private static func files(ofDuckDBView sql: [UInt8]) -> [[UInt8]] {
    let (quote, comma, blank) = (UInt8(ascii: "'"), UInt8(ascii: ","), UInt8(ascii: " "))
    let call = Array("read_parquet(".utf8)
    var rest = sql[...]
    // Names of columns and other texts may hold anything, also what looks like the call.
    while !rest.starts(with: call) {
      guard let first = rest.first else { return [] }
      if first == quote || first == UInt8(ascii: "\"") {
        _ = quoted(&rest, by: first)
      } else {
        rest.removeFirst()
      }
    }
    rest.removeFirst(call.count)
    for list in ["main.list_value(", "list_value(", "["] where rest.starts(with: list.utf8) {
      rest.removeFirst(list.utf8.count)
      break
    }
    var files: [[UInt8]] = []
    while rest.first == quote {
      files.append(quoted(&rest, by: quote))
      while rest.first == comma || rest.first == blank { rest.removeFirst() }
    }
    return files
  }

  /// Takes a quoted text off the front; a quote in it is doubled.
  private static func quoted(_ rest: inout ArraySlice<UInt8>, by quote: UInt8) -> [UInt8] {
    var text: [UInt8] = []
    rest.removeFirst()
    while let byte = rest.popFirst() {
      if byte == quote {
        guard rest.first == quote else { break }
        rest.removeFirst()
      }
      text.append(byte)
    }
    return text
  }

  /// What ``escapingGlob(_:)`` made of a path.
  private static func unescapingGlob(_ pattern: String) -> String {
    var path = String.UnicodeScalarView()
    var rest = pattern.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      let next = rest.prefix(2)
      if scalar == "[", let escaped = next.first, next.last == "]", next.count == 2,
        "*?[".contains(Character(escaped))
      {
        path.append(escaped)
        rest.removeFirst(2)
      } else {
        path.append(scalar)
      }
    }
    return String(path)
  }
}
