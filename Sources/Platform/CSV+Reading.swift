extension CSV {
  /// The records of a text in the form that `record` writes, without the `'` that it puts before what looks like a formula;
  /// line ends of LF alone are understood, too.
  public static func records(_ text: String) -> [[String]] {
    var records: [[String]] = []
    var fields: [String] = []
    var field = String.UnicodeScalarView()
    var isQuoted = false
    let scalars = Array(text.unicodeScalars)
    func endField() {
      let isGuarded =
        field.first == "'" && field.dropFirst().first.map { "=+-@\t\r".unicodeScalars.contains($0) } == true
      fields.append(String(isGuarded ? String.UnicodeScalarView(field.dropFirst()) : field))
      field = String.UnicodeScalarView()
    }
    var index = 0
    while index < scalars.count {
      let scalar = scalars[index]
      let next = index + 1 < scalars.count ? scalars[index + 1] : nil
      switch scalar {
      case "\"" where isQuoted && next == "\"":
        field.append(scalar)
        index += 1
      case "\"": isQuoted.toggle()
      case _ where isQuoted: field.append(scalar)
      case ",": endField()
      case "\r" where next == "\n": break
      case "\n":
        endField()
        records.append(fields)
        fields = []
      default: field.append(scalar)
      }
      index += 1
    }
    // A last line without a line end.
    if !fields.isEmpty || !field.isEmpty {
      endField()
      records.append(fields)
    }
    return records
  }
}
