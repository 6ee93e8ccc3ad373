import Foundation
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
    for (name, value) in version2(of: run) { kpis.updateValue(value, forKey: name) }
    return kpis
  }

  /// The names of version 1, in no order.
  static func isOfVersion1(_ name: String) -> Bool { KPITests.names.contains(name) }

  // MARK: Version 2

  /// The rows of a dataset, each as a dictionary; nil if the run lacks it.
  private static func records(_ run: HistoryLake.Run, _ dataset: Dataset?) -> [[String: HistoryLake.Value]]? {
    guard let dataset, let rows = run.rows[dataset.name] else { return nil }
    return rows.map { Dictionary(uniqueKeysWithValues: zip(dataset.columns.map(\.name), $0)) }
  }

  /// The number of a value that is none if it is 0.
  private static func id(_ value: HistoryLake.Value?) -> Int? { value?.int.flatMap { $0 == 0 ? nil : $0 } }

  static func year(ofDate text: String?) -> Int? {
    guard let text else { return nil }
    let parts = text.components(separatedBy: "-")
    guard parts.allSatisfy({ $0.utf8.allSatisfy { 48...57 ~= $0 } }), parts[0].utf8.count == 4,
      parts.count <= 3, parts.dropFirst().allSatisfy({ 1...2 ~= $0.utf8.count }), parts[0] != "0000"
    else { return nil }
    return Int(parts[0])
  }

  private static func version2(of run: HistoryLake.Run) -> [String: Int?] {
    var kpis: [String: Int?] = [:]
    let first = [Dataset.releases, .artists, .labels, .masters, .releaseArtists, .releaseLabelXref]
    for dataset in Dataset.all where !first.contains(dataset) {
      kpis.updateValue(run.rows[dataset.name]?.count, forKey: "rows_\(dataset.table)")
    }
    let releases = records(run, .releases)
    let total = releases.map { Set($0.compactMap { $0["release_id"]?.int }).count }
    func share(_ name: String, of part: Int?, over whole: Int?) {
      guard let part, let whole else {
        kpis.updateValue(nil, forKey: name)
        return
      }
      if whole != 0 { kpis[name] = part * 10_000 / whole }
    }
    func with(_ has: ([String: HistoryLake.Value]) -> Bool) -> Int? {
      releases.map { Set($0.filter(has).compactMap { id($0["release_id"]) }).count }
    }
    kpis.updateValue(
      releases.map { Set($0.compactMap { $0["country"]?.text }).count }, forKey: "n_countries_distinct")
    share("pct_releases_with_master_bp", of: with { id($0["master_id"]) != nil }, over: total)
    share("pct_releases_with_year_bp", of: with { year(ofDate: $0["released"]?.text) != nil }, over: total)
    share("pct_releases_with_country_bp", of: with { $0["country"]?.text != nil }, over: total)
    kpis.updateValue(
      records(run, .releaseTracks)?.count { $0["kind"] == .text("track") }, forKey: "n_tracks")
    let credits = [Dataset.releaseCreditLinks, .releaseTrackCreditLinks].map { records(run, $0)?.count }
    kpis.updateValue(credits[0].flatMap { one in credits[1].map { one + $0 } }, forKey: "n_credits")
    let barcodes = records(run, .releaseBarcodeXref)
    share(
      "pct_releases_with_barcode_bp",
      of: barcodes.map { Set($0.compactMap { id($0["release_id"]) }).count }, over: total)
    let links = records(run, .releaseLabelXref)
    share(
      "pct_label_links_with_catno_bp",
      of: links.map {
        $0.filter { $0["label_catno"]?.text.map { $0.lowercased() != "none" } ?? false }.count
      },
      over: links?.count)
    let counts = records(run, .labelReleaseCounts)?.compactMap { $0["n_total_releases"]?.int }.sorted(by: >)
    let sum = counts.map { $0.reduce(0, +) }
    share("top100_labels_share_bp", of: counts.map { $0.prefix(100).reduce(0, +) }, over: sum)
    share(
      "label_concentration_hhi_bp", of: counts.map { $0.reduce(0) { $0 + $1 * $1 } },
      over: sum.map { $0 * $0 })
    return kpis
  }

  /// What a run's dimension events must say: name, value of the dimension, number, status, details; in no order.
  static func dimensions(of run: HistoryLake.Run) -> [String] {
    var events: [String] = []
    func put(_ name: String, _ values: [(String?, Int, String?)]?) {
      guard let values else { return events.append("\(name)||NULL|missing_table") }
      if values.isEmpty { events.append("\(name)|NULL|0|ok|NULL") }
      for (value, number, details) in values {
        events.append("\(name)|\(value ?? "NULL")|\(number)|ok|\(details ?? "NULL")")
      }
    }
    func count(
      _ name: String, _ dataset: Dataset?, _ key: String, by: ([String: HistoryLake.Value]) -> String?
    ) {
      put(
        name,
        records(run, dataset).map { rows in
          Dictionary(grouping: rows.filter { by($0) != nil && id($0[key]) != nil }) { by($0)! }
            .map { ($0.key, Set($0.value.compactMap { id($0[key]) }).count, nil) }
        })
    }
    func decade(_ year: Int?) -> String? { year.map { "\($0 - $0 % 10)s" } }
    count("releases_by_genre", .releaseGenreXref, "release_id") { $0["genre"]?.text }
    count("releases_by_style", .releaseStyleXref, "release_id") { $0["style"]?.text }
    count("releases_by_format", .releaseFormats, "release_id") { $0["name"]?.text }
    count("releases_by_company_role", .releaseCompanyLinks, "release_id") { $0["entity_type_name"]?.text }
    count("releases_by_country", .releases, "release_id") { $0["country"]?.text }
    count("releases_by_data_quality", .releases, "release_id") { $0["data_quality"]?.text }
    count("releases_by_decade", .releases, "release_id") { decade(year(ofDate: $0["released"]?.text)) }
    count("masters_by_decade", .masters, "master_id") { decade(id($0["year"])) }
    let labels = records(run, .labelReleaseCounts)?.compactMap { row -> (String, Int, [UInt8])? in
      guard let name = row["label_name_sample"]?.text, let number = row["n_total_releases"]?.int else {
        return nil
      }
      return (name, number, Array((row["label_norm"]?.text ?? "").utf8))
    }
    put(
      "top_labels_by_releases",
      labels.map {
        $0.sorted {
          ($1.1, Bytes($0.0), Bytes($0.2)) < ($0.1, Bytes($1.0), Bytes($1.2))
        }.prefix(100).map { ($0.0, $0.1, nil) }
      })
    put("top_artists_by_releases", topArtists(of: run))
    return events
  }

  private static func topArtists(of run: HistoryLake.Run) -> [(String?, Int, String?)]? {
    guard let links = records(run, .releaseArtists), let artists = records(run, .artists) else { return nil }
    let all = Dictionary(grouping: links.filter { id($0["artist_id"]) != nil }) { id($0["artist_id"])! }.map {
      artist, rows in
      let own = artists.filter { $0["artist_id"]?.int == artist }.compactMap { $0["name"]?.text }
      let names = own.isEmpty ? rows.compactMap { $0["artist_name"]?.text } : own
      let name = names.min { Bytes($0) < Bytes($1) }
      return (name, Set(rows.compactMap { id($0["release_id"]) }).count, artist)
    }.filter { $0.1 > 0 }
    return all.sorted {
      ($1.1, $0.0.map(Bytes.init) ?? .none, $0.2) < ($0.1, $1.0.map(Bytes.init) ?? .none, $1.2)
    }.prefix(100).map { ($0.0, $0.1, String($0.2)) }
  }

  /// Text as SQL orders it; nothing before everything.
  private struct Bytes: Comparable {
    let bytes: [UInt8]
    static let none = Bytes([UInt8]())
    init(_ text: String) { bytes = [1] + Array(text.utf8) }
    init(_ bytes: [UInt8]) { self.bytes = bytes }
    static func < (one: Bytes, other: Bytes) -> Bool { one.bytes.lexicographicallyPrecedes(other.bytes) }
  }
}
