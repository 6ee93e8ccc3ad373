/// A number and what it counts, which agree: `0 runs`, `1 run`, `2 runs`.
/// - Parameter plural: of more than one; by default the noun and an `s`.
public func counted(_ number: some BinaryInteger, _ noun: String, _ plural: String? = nil) -> String {
  "\(number) \(number == 1 ? noun : plural ?? noun + "s")"
}

/// A number of bytes for people: `3.2 GB`.
public func amount(_ bytes: Int) -> String {
  let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1000, "kB")]
  guard let (size, name) = units.first(where: { bytes >= $0.0 }) else { return counted(bytes, "byte") }
  return "\(bytes / size).\(bytes / (size / 10) % 10) \(name)"
}
