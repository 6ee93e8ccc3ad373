import Platform

/// A running DuckDB command line shell: statements go in, their results come out.
///
/// The shell ends itself at the first error (`-bail`), so what it says on standard error always belongs to the
/// statement just sent; whoever wants to go on starts another.
final class DuckDBShell: @unchecked Sendable {
  private let child: ChildProcess
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)
  /// The part of `buffer` that has been read from the shell and not been used.
  private var unread = 0..<0
  private var hasEnded = false

  /// What the shell prints after each statement. No line of results can be it: rows begin with a quote, a comma, a
  /// brace or nothing.
  private static let mark = "!done"

  /// - Throws: `SystemError` when `executable` cannot be started.
  init(executable: String) throws {
    child = try ChildProcess(
      executable: executable,
      // Neither the user's start-up file nor a terminal may change what is read and written here.
      arguments: ["-batch", "-bail", "-no-init", "-jsonlines"],
      input: .pipe, output: .pipe, errors: .pipe)
  }

  /// Kills the shell and so what it runs; from any thread.
  func kill() { child.kill() }

  /// Ends the shell in order: it writes what is left to the catalog's file and frees its lock.
  func close() {
    guard !hasEnded else { return }
    hasEnded = true
    try? child.closeInput()
    try? child.communicate()
    child.wait()
  }

  /// Runs a statement and drops what it prints.
  func run(_ statement: String) throws {
    try send(statement)
    while let line = try readLine() { if line == Self.mark { return } }
    throw failure()
  }

  /// Runs a statement and hands over its result's lines, one JSON object each.
  func lines(_ statement: String) throws -> [JSON] {
    try send(statement)
    var objects: [JSON] = []
    while let line = try readLine() {
      if line == Self.mark { return objects }
      // An empty result is printed as an empty line.
      if !line.isEmpty { objects.append(try JSON(parsing: line.utf8)) }
    }
    throw failure()
  }

  /// Runs a query and hands over its rows' fields as text.
  ///
  /// The shell gathers a whole result before it prints it; `COPY` to its standard output streams, and tells NULL from
  /// empty text.
  func copy(_ query: String, row: ([String?]) throws -> Void) throws {
    try send(
      "COPY (\(query)\n) TO '/dev/stdout' (FORMAT csv, HEADER false, FORCE_QUOTE *, USE_TMP_FILE false)")
    var rows = CopyRows()
    while try !unread.isEmpty || fill() {
      let end = try buffer.withUnsafeBufferPointer { bytes in
        try rows.read(
          UnsafeBufferPointer(rebasing: bytes[..<unread.upperBound]), from: unread.lowerBound, row: row)
      }
      unread = end..<unread.upperBound
      guard !unread.isEmpty else { continue }
      while let line = try readLine() { if line == Self.mark { return } }
    }
    throw failure()
  }

  private func send(_ statement: String) throws {
    // The shell reads a line that starts with a dot as a command of its own; no SQL does.
    guard statement.unicodeScalars.first != "." else {
      throw SQLError(engine: .duckdb, name: "Parser Error", message: "syntax error at or near \".\"")
    }
    do {
      try child.write(Array("\(statement)\n;\n.print \(Self.mark)\n".utf8))
    } catch is SystemError {
      throw failure()
    }
  }

  /// The next line without its line feed, or nil when the shell has ended.
  private func readLine() throws -> String? {
    var line: [UInt8] = []
    while true {
      if let end = buffer[unread].firstIndex(of: UInt8(ascii: "\n")) {
        line.append(contentsOf: buffer[unread.lowerBound..<end])
        unread = (end + 1)..<unread.upperBound
        return String(decoding: line, as: UTF8.self)
      }
      line.append(contentsOf: buffer[unread])
      guard try fill() else { return nil }
    }
  }

  /// Reads more from the shell in place of what was there; false when it has ended.
  private func fill() throws -> Bool {
    let count = try buffer.withUnsafeMutableBytes { try child.readOutput(into: $0) }
    unread = 0..<count
    return count > 0
  }

  /// Why the shell has ended before its time, in its own words.
  private func failure() -> SQLError {
    hasEnded = true
    var said: [UInt8] = []
    try? child.communicate(onErrors: { said.append(contentsOf: $0) })
    let termination = child.wait()
    let text = String(decoding: said, as: UTF8.self).trimmingLineFeeds()
    if case .killed(let signal) = termination {
      let message = text.isEmpty ? "the DuckDB shell was killed by signal \(signal)" : text
      return SQLError(engine: .duckdb, name: "KILLED", message: message)
    }
    guard !text.isEmpty else {
      return SQLError(
        engine: .duckdb, name: "ENDED", message: "the DuckDB shell ended with status \(termination.status)")
    }
    // `Catalog Error: Table with name x does not exist!`
    guard let colon = text.firstRange(of: " Error: ") else {
      return SQLError(engine: .duckdb, name: "Error", message: text)
    }
    return SQLError(
      engine: .duckdb, name: "\(text[..<colon.lowerBound]) Error", message: String(text[colon.upperBound...]))
  }
}

extension String {
  fileprivate func trimmingLineFeeds() -> String {
    var rest = self[...]
    while rest.last?.isNewline == true { rest.removeLast() }
    while rest.first?.isNewline == true { rest.removeFirst() }
    return String(rest)
  }
}
