import Schema

/// The KPIs of docs/history.md, computed from a run's rows in the plainest possible way.
enum PlainKPIs {
  /// What a run's events must say: a value, or nil for a missing table. KPIs without a denominator are left out.
  static func of(_ run: HistoryLake.Run) -> [String: Int?] {
    var kpis: [String: Int?] = [:]

    func rows(_ dataset: Dataset) -> Int? { run.rows[dataset.name]?.count }
    func distinct(_ dataset: Dataset, _ column: String) -> Int? {
      run.values(dataset, column).map { Set($0.filter { $0 != .null }).count }
    }
    func put(_ name: String, _ value: Int?) { kpis.updateValue(value, forKey: name) }

    for dataset in [Dataset.releases, .artists, .labels, .masters, .releaseArtists, .releaseLabelXref] {
      put("rows_\(dataset.table)", rows(dataset))
    }
    put("n_releases_distinct", distinct(.releases, "release_id"))
    put("n_artists_distinct", distinct(.artists, "artist_id"))
    put("n_labels_distinct", distinct(.labels, "label_id"))
    put("n_masters_distinct", distinct(.masters, "master_id"))

    let releases = distinct(.releases, "release_id")
    func share(_ name: String, _ part: Int?, _ whole: Int?) {
      guard let part, let whole else { return put(name, nil) }
      if whole != 0 { put(name, part * 10_000 / whole) }
    }
    for (thing, things, plural, dataset, norm) in [
      ("artist", "artists", "with_artist_link", Dataset.releaseArtists, nil),
      ("label", "labels", "with_label_link", .releaseLabelXref, "label_norm"),
      ("style", "styles", "with_style", .releaseStyleXref, "style_norm"),
      ("genre", "genres", "with_genre", .releaseGenreXref, "genre_norm"),
    ] as [(String, String, String, Dataset, String?)] {
      put("n_release_\(thing)_links", rows(dataset))
      put("n_releases_\(plural)", distinct(dataset, "release_id"))
      if let norm { put("n_\(norm)_distinct", distinct(dataset, norm)) }
      share("avg_\(things)_per_release_bp", rows(dataset), releases)
      share("pct_releases_\(plural)_bp", distinct(dataset, "release_id"), releases)
    }

    let counts = run.values(.labelReleaseCounts, "n_total_releases").map {
      $0.compactMap(\.int).sorted(by: >)
    }
    let total = counts.map { $0.reduce(0, +) }
    let top = counts.map { $0.first ?? 0 }
    let top10 = counts.map { $0.prefix(10).reduce(0, +) }
    put("n_labels_in_counts_table", rows(.labelReleaseCounts))
    put("label_counts_total_releases", total)
    put("top_label_releases", top)
    put("top10_labels_releases", top10)
    share("top_label_share_bp", top, total)
    share("top10_labels_share_bp", top10, total)
    return kpis
  }
}
