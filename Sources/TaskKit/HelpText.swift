/// The text of `--help`: what the task does, and each option with its variable and default.
func helpText(_ configuration: TaskConfiguration, options: [OptionDeclaration], width: Int = 80) -> String {
  var lines = wrap(configuration.summary, width: width, indent: 0)
  lines += ["", "USAGE: \(configuration.name) [options]", ""]
  if !configuration.discussion.isEmpty {
    for paragraph in configuration.discussion.split(separator: "\n", omittingEmptySubsequences: false) {
      lines += paragraph.isEmpty ? [""] : wrap(String(paragraph), width: width, indent: 0)
    }
    lines.append("")
  }
  lines.append("OPTIONS:")
  for option in options {
    lines.append("  --\(option.name)" + (option.isFlag ? "" : " \(option.valueName)"))
    var facts: [String] = []
    if let variable = option.environment { facts.append("environment: \(variable)") }
    if let value = option.defaultText, !value.isEmpty { facts.append("default: \(value)") }
    let help = facts.isEmpty ? option.help : "\(option.help) (\(facts.joined(separator: "; ")))"
    lines += wrap(help, width: width, indent: 10)
  }
  lines.append("  -h, --help")
  lines += wrap("Show this text.", width: width, indent: 10)
  lines.append("  --version")
  lines += wrap("Show the version.", width: width, indent: 10)
  lines += [
    "", "An option that is not given is looked up in its environment variable; an empty one counts as unset.",
  ]
  return lines.joined(separator: "\n")
}

private func wrap(_ text: String, width: Int, indent: Int) -> [String] {
  let margin = String(repeating: " ", count: indent)
  var lines: [String] = []
  var line = ""
  for word in text.split(separator: " ") {
    if !line.isEmpty, indent + line.count + 1 + word.count > width {
      lines.append(margin + line)
      line = ""
    }
    line += (line.isEmpty ? "" : " ") + word
  }
  return lines + [margin + line]
}
