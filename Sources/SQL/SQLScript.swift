/// Cuts a script into its statements.
///
/// Both engines take statements one by one, so this is where a script's comments and semicolons are understood. It
/// knows `'text'`, `"identifier"`, `-- comment` and `/* comment */`; nothing else of SQL can hold a semicolon.
public enum SQLScript {
  /// The statements in `script` without their comments and semicolons; empty ones are left out.
  ///
  /// - Throws: ``SQLError`` when a quote or comment is not closed, because an engine that reads statements from a
  ///   stream would then wait for its end.
  public static func statements(_ script: String) throws -> [String] {
    var statements: [String] = []
    var current = String.UnicodeScalarView()
    let text = script.unicodeScalars
    var at = text.startIndex

    func ahead(_ scalar: Unicode.Scalar) -> Bool {
      let next = text.index(after: at)
      return next < text.endIndex && text[next] == scalar
    }
    func unterminated(_ what: String) -> SQLError {
      SQLError(name: "SYNTAX_ERROR", message: "a \(what) is not closed in: \(script.prefix(200))")
    }
    func finish() {
      let trimmed = current.trimmingBlanks()
      if !trimmed.isEmpty { statements.append(String(trimmed)) }
      current = String.UnicodeScalarView()
    }

    while at < text.endIndex {
      let scalar = text[at]
      switch scalar {
      case "'", "\"":
        let start = at
        repeat {
          at = text.index(after: at)
          guard at < text.endIndex else { throw unterminated("quote") }
        } while text[at] != scalar
        // A doubled quote is read as two quoted texts side by side, which comes to the same.
        current.append(contentsOf: text[start...at])
      case "-" where ahead("-"):
        while at < text.endIndex, text[at] != "\n" { at = text.index(after: at) }
        current.append("\n")
        if at == text.endIndex { continue }
      case "/" where ahead("*"):
        at = text.index(at, offsetBy: 2)
        while true {
          guard at < text.endIndex else { throw unterminated("comment") }
          if text[at] == "*", ahead("/") { break }
          at = text.index(after: at)
        }
        at = text.index(after: at)
        current.append(" ")
      case ";": finish()
      default: current.append(scalar)
      }
      at = text.index(after: at)
    }
    finish()
    return statements
  }
}

extension String.UnicodeScalarView {
  fileprivate func trimmingBlanks() -> String.UnicodeScalarView.SubSequence {
    let isBlank: (Unicode.Scalar) -> Bool = { $0 == " " || $0 == "\n" || $0 == "\t" || $0 == "\r" }
    var rest = self[...]
    while let first = rest.first, isBlank(first) { rest.removeFirst() }
    while let last = rest.last, isBlank(last) { rest.removeLast() }
    return rest
  }
}
