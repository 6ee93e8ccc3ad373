import SQL
import Schema

/// The derived datasets computed in the plainest way, straight from the words of docs/datasets.md and docs/text.md, without any SQL.
struct PlainDerivation {
  var sources: [Dataset: [[SQLValue]]]

  /// U+0009–000D, 001C–0020, 0085, 00A0, 1680, 2000–200A, 2028, 2029, 202F, 205F, 3000.
  static let whiteSpace: Set<UInt32> = Set(
    Array(0x09...0x0D) + Array(0x1C...0x20) + [0x85, 0xA0, 0x1680] + Array(0x2000...0x200A)
      + [0x2028, 0x2029, 0x202F, 0x205F, 0x3000])

  /// Lower case, code point by code point. Of the two that the full mapping of İ has, the simple one is the first.
  static func lower(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      result.append(scalar.properties.lowercaseMapping.unicodeScalars.first!)
    }
    return String(result)
  }

  static func normName(_ name: String) -> String? {
    var scalars = Array(lower(name).unicodeScalars)
    if scalars.last == ")", let open = scalars.lastIndex(of: "(") {
      let digits = scalars[(open + 1)..<(scalars.count - 1)]
      if !digits.isEmpty, digits.allSatisfy({ ("0"..."9").contains($0) }) { scalars.removeSubrange(open...) }
    }
    let words = scalars.split { whiteSpace.contains($0.value) }
    let text = words.map { String(String.UnicodeScalarView($0)) }.joined(separator: " ")
    return text.isEmpty ? nil : text
  }

  private func lower(_ value: SQLValue) -> SQLValue { value.string.map { .varchar(Self.lower($0)) } ?? .null }

  func rows(of dataset: Dataset) -> Set<[SQLValue]> {
    switch dataset {
    case .artistNameMap: nameMap
    case .releaseArtists: releaseArtists
    case .releaseLabelXref:
      Set(sources[.releaseLabelLinks]!.map { [$0[0], $0[3], lower($0[3]), $0[4], $0[2]] })
    case .labelReleaseCounts: labelCounts
    case .releaseGenreXref: Set(sources[.releaseGenreLinks]!.map { [$0[0], $0[2], lower($0[2])] })
    case .releaseStyleXref: Set(sources[.releaseStyleLinks]!.map { [$0[0], $0[2], lower($0[2])] })
    default: []
    }
  }

  private var nameMap: Set<[SQLValue]> {
    var pairs: [(SQLValue, SQLValue)] = []
    for artist in sources[.artists]! { pairs += [(artist[1], artist[0]), (artist[2], artist[0])] }
    for alias in sources[.artistAliases]! { pairs.append((alias[2], alias[0])) }
    for membership in sources[.artistMemberships]! { pairs.append((membership[1], membership[2])) }
    let ids = Set(sources[.artists]!.map { $0[0] })
    return Set(
      pairs.compactMap { name, id in
        guard ids.contains(id), !id.isNull, let norm = name.string.flatMap(Self.normName) else { return nil }
        return [.varchar(norm), id]
      })
  }

  private var releaseArtists: Set<[SQLValue]> {
    // Who an artist is: an id, or without id a name.
    var first: [[SQLValue]: (position: Int64, name: SQLValue)] = [:]
    for link in sources[.releaseArtistLinks]! where !(link[2].isNull && link[3].isNull) {
      let key = [link[0], link[2], link[2].isNull ? link[3] : .null]
      let position = link[3].isNull ? Int64.max : link[1].int64!
      if position < first[key]?.position ?? .max || first[key] == nil { first[key] = (position, link[3]) }
    }
    return Set(first.map { key, value in [key[0], lower(value.name), key[1], value.name] })
  }

  private var labelCounts: Set<[SQLValue]> {
    var labels: [SQLValue: (sample: String, releases: Set<SQLValue>)] = [:]
    for xref in rows(of: .releaseLabelXref) {
      guard let name = xref[1].string else { continue }
      var label = labels[xref[2]] ?? (name, [])
      if name.utf8.lexicographicallyPrecedes(label.sample.utf8) { label.sample = name }
      label.releases.insert(xref[0])
      labels[xref[2]] = label
    }
    return Set(labels.map { [$0, .varchar($1.sample), .bigint(Int64($1.releases.count))] })
  }
}
