import Platform
import TaskKit

/// A month's CHECKSUM.txt: a line `<sha256> <file name>` for each dump, in no particular order, with one
/// blank where `sha256sum` writes two characters.
public struct ChecksumList: Sendable, Hashable {
  /// The digest of each file named, in lower case; of those with several the first.
  public let digests: [String: String]
  /// The files that are named with more than one digest, sorted.
  public let contradictions: [String]
  /// The lines that are none of a list of digests, shortened; blank ones are not meant.
  public let unreadableLines: [String]

  /// Reads a list from a file's bytes: UTF-8, or UTF-16 with a byte order mark, as some programs of Windows write it.
  ///
  /// - Returns: as from a text.
  public init?(_ bytes: [UInt8]) { self.init(Self.text(bytes)) }

  /// The text of a file's bytes.
  static func text(_ bytes: [UInt8]) -> String {
    func units(_ first: Int) -> [UInt16] {
      stride(from: 2, to: bytes.count - 1, by: 2).map {
        UInt16(bytes[$0 + first]) | UInt16(bytes[$0 + 1 - first]) << 8
      }
    }
    switch (bytes.first, bytes.dropFirst().first) {
    case (0xFF, 0xFE): return String(decoding: units(0), as: UTF16.self)
    case (0xFE, 0xFF): return String(decoding: units(1), as: UTF16.self)
    default: return String(decoding: bytes, as: UTF8.self)
    }
  }

  /// Reads a list.
  ///
  /// - Returns: nil if no line of the text is one of a list of digests: a page that says that there is no
  ///   such file comes with status 200 from some servers.
  public init?(_ text: String) {
    self.init(reading: text)
    if digests.isEmpty { return nil }
  }

  /// Warns of the lines of a text that is no list.
  /// - Parameter name: what the text is called in the messages.
  public static func warnOfLines(_ text: String, in name: String, _ log: Log) {
    ChecksumList(reading: text).warnOfUnreadableLines(in: name, log)
  }

  private init(reading text: String) {
    var digests: [String: String] = [:]
    var contradictions: Set<String> = []
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
      let digest = parts[0].lowercased()
      if let other = digests[String(name)], other != digest { contradictions.insert(String(name)) }
      digests[String(name)] = digests[String(name)] ?? digest
    }
    self.digests = digests
    self.contradictions = contradictions.sorted()
    self.unreadableLines = unreadableLines
  }

  /// The digest of a file; nil if the list does not name it.
  /// - Parameter list: what the list is called in messages.
  /// - Throws: `TaskError` (`data`) when there is more than one: which of them was published is not for us to choose.
  public func digest(of name: String, in list: String) throws -> String? {
    if contradictions.contains(name) {
      throw TaskError(
        .data, "\(list) has more than one SHA-256 digest of \(name)",
        advice: "look which of them was published, and remove the lines with others")
    }
    return digests[name]
  }

  /// Warns of the lines that are none of a list of digests.
  /// - Parameter name: what the list is called in the messages.
  public func warnOfUnreadableLines(in name: String, _ log: Log) {
    for line in unreadableLines.prefix(5) {
      log.warning("\(name) has a line that is no digest with a file's name: \"\(line)\"")
    }
    if unreadableLines.count > 5 {
      log.warning("\(name) has \(counted(unreadableLines.count - 5, "more such line"))")
    }
  }
}
