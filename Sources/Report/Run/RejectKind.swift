/// What is wrong with a rejected record, without what is said of this one record: of a dump that holds thousands of records
/// twice, nobody wants to read each id.
enum RejectKind {
  /// The kind that a reason is of, in words for a person.
  static func of(_ reason: String) -> String {
    if let fault = suffix(of: reason, after: "not well-formed: ") {
      return "not well-formed: \(ofMarkup(fault))"
    }
    for known in [
      "the record's id came before", "the record's id is not a number", "the record's id is beyond 64 bits",
    ]
    where reason.hasPrefix(known) { return known }
    return general(reason)
  }

  /// What libxml2 says, by a part of its message that tells the kind, and what that means.
  private static let markup: [(part: String, meaning: String)] = [
    ("CharRef: invalid xmlChar value", "a reference to a character that XML does not allow"),
    ("invalid Char value", "a character that XML does not allow"),
    ("invalid xmlChar value", "a character that XML does not allow"),
    ("is not proper UTF-8", "bytes that are not UTF-8"),
    ("Invalid bytes in character encoding", "bytes that are not UTF-8"),
    (" redefined", "an attribute occurs twice in an element"),
    ("mismatch", "an end tag that is not the one of its start tag"),
    ("Couldn't find end of Start Tag", "a start tag that does not end"),
    ("StartTag: invalid element name", "a < with no element's name behind it"),
    ("EntityRef: no name", "an & with no entity's name behind it"),
    ("EntityRef: expecting ';'", "a reference to an entity without its semicolon"),
    (" not defined", "a reference to an entity that is not declared"),
    ("]]>", "]]> in a text"),
    ("attributes construct error", "an attribute that XML does not allow"),
    ("Unescaped '<'", "a < in an attribute's value"),
    ("AttValue: ", "an attribute whose value is not in quotes"),
    ("mandates value for attribute", "an attribute without a value"),
    ("CharRef: invalid", "a reference to a character that is no number"),
    ("Premature end", "the record does not end"),
    ("Comment", "a comment that XML does not allow"),
    ("Excessive depth", "elements too deep in one another"),
  ]

  private static func ofMarkup(_ fault: String) -> String {
    if let known = markup.first(where: { fault.contains($0.part) }) { return known.meaning }
    // The name of libxml2's function says nothing to who reads the page.
    let words = fault.split(separator: ": ", maxSplits: 1)
    return general(words.count == 2 && words[0].hasPrefix("xml") ? String(words[1]) : fault)
  }

  /// The reason without what stands in it of the dump: what is in quotes, and numbers behind a colon.
  private static func general(_ reason: String) -> String {
    var kind = reason.replacing(/"[^"]*"|'[^']*'/, with: "…")
    kind = kind.replacing(/: [0-9]+$/, with: "")
    return kind
  }

  private static func suffix(of text: String, after start: String) -> String? {
    text.hasPrefix(start) ? String(text.dropFirst(start.count)) : nil
  }
}
