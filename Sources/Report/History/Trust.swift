/// A question whose answer says whether a month's numbers can be trusted.
struct TrustQuestion {
  /// What is asked, in a few words.
  let about: String
  /// The answer; nil where the history does not tell.
  let answer: @Sendable (HistoryAccount, HistoryAccount.Run) -> Answer?

  /// What was found.
  struct Answer {
    let isGood: Bool
    let words: String
  }

  /// The questions in their order: each is declared here and nowhere else.
  static let all: [TrustQuestion] = [
    TrustQuestion(about: "Can the run be used?") { _, run in
      Answer(isGood: run.isUsable, words: run.status.isEmpty ? "the registry does not know it" : run.status)
    },
    TrustQuestion(about: "Has any kind of record become fewer?") { account, _ in
      let counted = ReportedEntity.all.compactMap { entity in
        account.growth[entity.countKPI]?.delta.map { (entity.several, $0) }
      }
      guard !counted.isEmpty else { return nil }
      let fewer = counted.filter { $0.1 < 0 }.map { "\($0.0) \(Figures.signed($0.1))" }
      return Answer(isGood: fewer.isEmpty, words: fewer.isEmpty ? "no" : Phrases.list(fewer))
    },
    TrustQuestion(about: "Has more than 1 % of any kind vanished?") { account, _ in
      guard !account.changes.isEmpty else { return nil }
      let many = ReportedEntity.all.compactMap { entity -> String? in
        guard let changes = account.changes[entity.name] else { return nil }
        let before = changes.removed + changes.changed + changes.same
        guard changes.removed * 100 > before else { return nil }
        return "\(Figures.grouped(changes.removed)) of \(Figures.grouped(before)) \(entity.several)"
      }
      return Answer(isGood: many.isEmpty, words: many.isEmpty ? "no" : Phrases.list(many))
    },
    TrustQuestion(about: "Do fewer releases say their artists, labels, genres …?") { account, _ in
      let shares = Quality.shares.compactMap { share in
        account.growth[share.kpi]?.delta.map { (share.name, $0) }
      }
      guard !shares.isEmpty else { return nil }
      // One in a hundred is more than editing brings about in a month.
      let worse = shares.filter { $0.1 <= -100 }.map {
        "\($0.0.prefix(1).lowercased() + $0.0.dropFirst()) \(Figures.signedPercent(basisPoints: $0.1).replacing(" %", with: " points"))"
      }
      return Answer(
        isGood: worse.isEmpty,
        words: worse.isEmpty ? "no share fell by a percentage point" : Phrases.list(worse))
    },
    TrustQuestion(about: "Are all numbers of the run before there again?") { account, run in
      guard let previous = account.previous, let before = account.values[previous.id] else { return nil }
      let lost = before.keys.filter { account.values[run.id]?[$0] == nil }.sorted()
      return Answer(
        isGood: lost.isEmpty,
        words: lost.isEmpty
          ? "yes" : "no: \(Phrases.list(lost.prefix(5).map { $0 }))\(lost.count > 5 ? " and others" : "")")
    },
  ]
}

/// What the report tells of how complete the data are.
enum Quality {
  /// A share in basis points, as a KPI has it.
  struct Share {
    let kpi: String
    /// What has it, of what: `Releases with a style`.
    let name: String
    /// For the head of a column: `Style`.
    let short: String
  }

  /// In the order in which they are told.
  static let shares = [
    Share(kpi: "pct_releases_with_artist_link_bp", name: "Releases with an artist", short: "Artist"),
    Share(kpi: "pct_releases_with_label_link_bp", name: "Releases with a label", short: "Label"),
    Share(kpi: "pct_releases_with_genre_bp", name: "Releases with a genre", short: "Genre"),
    Share(kpi: "pct_releases_with_style_bp", name: "Releases with a style", short: "Style"),
    Share(kpi: "pct_releases_with_master_bp", name: "Releases with a master", short: "Master"),
    Share(kpi: "pct_releases_with_year_bp", name: "Releases with a year", short: "Year"),
    Share(kpi: "pct_releases_with_country_bp", name: "Releases with a country", short: "Country"),
    Share(kpi: "pct_releases_with_barcode_bp", name: "Releases with a barcode", short: "Barcode"),
    Share(
      kpi: "pct_label_links_with_catno_bp", name: "Labels of releases with a catalogue number",
      short: "Catalogue number"),
  ]
}

/// What releases are counted by.
struct Composition {
  let kpi: String
  /// Plural, for headings.
  let name: String
  /// What a release with the largest value is said to be, with the value's name in place of `…`.
  let finding: String
  /// Whether the values are told in their own order and not by size.
  var isOrdered = false

  /// In the order in which they are told.
  static let all = [
    Composition(kpi: "releases_by_genre", name: "Genres", finding: "… is the most frequent genre"),
    Composition(kpi: "releases_by_style", name: "Styles", finding: "… is the most frequent style"),
    Composition(
      kpi: "releases_by_decade", name: "Decades", finding: "Most releases are of the …", isOrdered: true),
    Composition(kpi: "releases_by_country", name: "Countries", finding: "Most releases come from …"),
    Composition(kpi: "releases_by_format", name: "Formats", finding: "… is the most frequent format"),
    Composition(
      kpi: "releases_by_company_role", name: "Companies' roles",
      finding: "“…” is the most frequent company role"),
  ]
}
