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
