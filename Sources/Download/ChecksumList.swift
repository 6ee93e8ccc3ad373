/// A month's CHECKSUM.txt: a line `<sha256> <file name>` for each dump, in no particular order, with one
/// blank where `sha256sum` writes two characters.
struct ChecksumList: Hashable {
  /// The digest of each file named, in lower case.
  let digests: [String: String]
  /// The lines that are none of a list of digests, shortened; blank ones are not meant.
  let unreadableLines: [String]

  /// Reads a list.
  ///
  /// - Returns: nil if no line of the text is one of a list of digests: a page that says that there is no
  ///   such file comes with status 200 from some servers.
  init?(_ text: String) {
    var digests: [String: String] = [:]
    var unreadableLines: [String] = []
    // Programs of Windows put a byte order mark before the first line, and a carriage return behind each. (By scalars: a
    // mark and the digit that follows it may count as one character.)
    let content = String(String.UnicodeScalarView(text.unicodeScalars.drop { $0 == "\u{FEFF}" }))
    for line in content.split(whereSeparator: \.isNewline) {
      let parts = line.split(whereSeparator: \.isWhitespace)
      if parts.isEmpty { continue }
      guard parts.count == 2, parts[0].utf8.count == 64, parts[0].allSatisfy(\.isHexDigit) else {
        unreadableLines.append(String(line.prefix(100)))
        continue
      }
      // `*name` is how sha256sum marks a file that was read as binary; `./name` how find prints one.
      var name = parts[1].drop { $0 == "*" }
      if let slash = name.lastIndex(of: "/") { name = name[name.index(after: slash)...] }
      digests[String(name)] = parts[0].lowercased()
    }
    guard !digests.isEmpty else { return nil }
    self.digests = digests
    self.unreadableLines = unreadableLines
  }
}

/// The dates of the dumps of a month in a list of file names, which may be a folder's or a page of HTML.
enum PublishedDates {
  /// - Returns: for each date, ascending, whether its CHECKSUM.txt is there: without it the month is not
  ///   complete.
  static func find(in text: String, month: String) -> [(date: String, isComplete: Bool)] {
    let prefix = "discogs_" + month.replacing("-", with: "")
    var found: [String: Bool] = [:]
    var rest = text[...]
    while let range = rest.firstRange(of: prefix) {
      rest = rest[range.upperBound...]
      let day = rest.prefix(2)
      guard let number = Int(day), day.utf8.count == 2, (1...31).contains(number),
        rest.dropFirst(2).first == "_"
      else { continue }
      let isComplete = rest.dropFirst(3).hasPrefix("CHECKSUM.txt")
      let date = prefix.suffix(6) + day
      found[String(date), default: false] = found[String(date), default: false] || isComplete
    }
    return found.sorted { $0.key < $1.key }.map { (date: $0.key, isComplete: $0.value) }
  }
}
