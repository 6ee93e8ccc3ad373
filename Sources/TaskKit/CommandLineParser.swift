/// Reads a command line into the options that a task declares.
struct CommandLineParser {
  enum Request: Hashable {
    /// The last text of each option that is set, by its name.
    case run([String: String])
    case help, version
  }

  let options: [OptionDeclaration]

  /// Sets every option from its flag or else its environment variable.
  /// - Throws: `TaskError` with code `usage`.
  func parse(_ arguments: [String], environment: [String: String]) throws -> Request {
    var given: [String: [String]] = [:]
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--help" || argument == "-h" { return .help }
      if argument == "--version" { return .version }
      guard argument.hasPrefix("--"), argument.count > 2 else { throw unexpected(argument) }
      let equals = argument.firstIndex(of: "=")
      let name = String(
        argument[argument.index(argument.startIndex, offsetBy: 2)..<(equals ?? argument.endIndex)])
      guard let option = options.first(where: { $0.name == name }) else { throw unknown(name) }
      var value = equals.map { String(argument[argument.index(after: $0)...]) }
      if option.isFlag {
        value = value ?? "true"
      } else if value == nil {
        guard let next = rest.first, !next.hasPrefix("--") else { throw missingValue(option) }
        value = rest.removeFirst()
      }
      given[name, default: []].append(value!)
    }
    var texts: [String: String] = [:]
    for option in options {
      if let own = given[option.name] {
        try set(option, own, from: .commandLine)
        texts[option.name] = own.last
      } else if let variable = option.environment, let text = environment[variable], !text.isEmpty {
        try set(option, [text], from: .environment)
        texts[option.name] = text
      }
    }
    return .run(texts)
  }

  private func set(_ option: OptionDeclaration, _ texts: [String], from source: OptionSource) throws {
    do { try option.set(texts, source) } catch {
      let variable = source == .environment ? option.environment : nil
      let name = variable.map { "environment variable \($0)" } ?? "--\(option.name)"
      let guess = closest(to: error.text, among: error.choices).map { ", perhaps \($0)" } ?? ""
      throw TaskError(
        .usage, "\(name): “\(error.text)” is not understood",
        advice: "write \(error.expectation)\(guess)")
    }
  }

  private func missingValue(_ option: OptionDeclaration) -> TaskError {
    TaskError(
      .usage, "--\(option.name) needs a value", advice: "write --\(option.name) \(option.valueName)")
  }

  private func unknown(_ name: String) -> TaskError {
    let guess = closest(to: name, among: options.map(\.name) + ["help", "version"])
    return TaskError(
      .usage, "there is no option --\(name)",
      advice: guess.map { "did you mean --\($0)?" } ?? "--help lists the options")
  }

  private func unexpected(_ argument: String) -> TaskError {
    let names = options.map(\.name)
    let bare = String(argument.drop { $0 == "-" })
    let guess = closest(to: String(bare.prefix { $0 != "=" }), among: names)
    return TaskError(
      .usage, "unexpected argument “\(argument)”",
      advice: guess.map { "did you mean --\($0)?" } ?? "options start with two dashes; --help lists them")
  }
}

/// The candidate that was probably meant: the one that fewest edits lead to, if they are few for its length.
func closest(to text: String, among candidates: [String]) -> String? {
  let normalized = text.lowercased().map { $0 == "_" ? "-" : $0 }
  let ranked = candidates.map { (name: $0, edits: editDistance(normalized, Array($0.lowercased()))) }
  guard let best = ranked.min(by: { $0.edits < $1.edits }) else { return nil }
  if best.edits <= max(1, best.name.count / 3) { return best.name }
  // A beginning that fits one name only.
  let beginning = candidates.filter { normalized.count >= 3 && $0.hasPrefix(String(normalized)) }
  return beginning.count == 1 ? beginning[0] : nil
}

/// Levenshtein distance, with a swap of neighbours as one edit.
private func editDistance(_ one: [Character], _ other: [Character]) -> Int {
  var beforeLast: [Int] = []
  var last = Array(0...other.count)
  for i in one.indices {
    var row = [i + 1]
    for j in other.indices {
      let replaced = last[j] + (one[i] == other[j] ? 0 : 1)
      var best = min(replaced, last[j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, one[i] == other[j - 1], one[i - 1] == other[j] {
        best = min(best, beforeLast[j - 1] + 1)
      }
      row.append(best)
    }
    (beforeLast, last) = (last, row)
  }
  return last[other.count]
}
