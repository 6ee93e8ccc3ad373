import Schema
import Testing

@testable import History

@Suite struct KPITests {
  /// The list of docs/history.md, written out.
  static let names = """
    rows_releases_ref_v6 rows_artists_v1_typed rows_labels_ref_v10 rows_masters_v1_typed rows_release_artists_v1 \
    rows_release_label_xref_v1 n_releases_distinct n_artists_distinct n_labels_distinct n_masters_distinct \
    n_release_artist_links n_releases_with_artist_link n_release_label_links n_releases_with_label_link \
    n_label_norm_distinct n_release_style_links n_releases_with_style n_style_norm_distinct n_release_genre_links \
    n_releases_with_genre n_genre_norm_distinct n_labels_in_counts_table label_counts_total_releases \
    top_label_releases top10_labels_releases avg_artists_per_release_bp avg_labels_per_release_bp \
    avg_styles_per_release_bp avg_genres_per_release_bp pct_releases_with_artist_link_bp \
    pct_releases_with_label_link_bp pct_releases_with_style_bp pct_releases_with_genre_bp top_label_share_bp \
    top10_labels_share_bp
    """.split(separator: " ").map(String.init)

  @Test func everyKPIOfVersion1IsDeclaredOnce() {
    #expect(KPI.all.map(\.name) == Self.names)
  }

  @Test func formulasNameColumnsAndKPIsThatExist() {
    for kpi in KPI.all {
      switch kpi.formula {
      case .measure(let measure, let dataset):
        let columns = Set(dataset.columns.map(\.name))
        switch measure {
        case .rows: break
        case .distinct(let column), .sum(let column), .sumOfLargest(_, let column):
          #expect(columns.contains(column), "\(kpi.name)")
        }
      case .basisPoints(let numerator, let denominator):
        for name in [numerator, denominator] {
          guard case .measure? = KPI.named(name)?.formula else {
            Issue.record("\(kpi.name) divides \(name), which is not read from a table")
            continue
          }
        }
      }
    }
  }

  @Test(
    arguments: [
      (1, 3, 3333), (2, 3, 6666), (3, 3, 10_000), (7, 2, 35_000), (0, 5, 0), (-1, 3, -3334),
      (Int64.max / 2, Int64.max, 4999), (922_337_203_685_477, 1, 9_223_372_036_854_770_000),
    ] as [(Int64, Int64, Int64)])
  func basisPointsAreRoundedDown(_ numerator: Int64, _ denominator: Int64, _ value: Int64) throws {
    #expect(try KPI.basisPoints(numerator, over: denominator) == value)
  }

  @Test func nothingToDivideByHasNoValueAndTooMuchIsAnError() throws {
    #expect(try KPI.basisPoints(5, over: 0) == nil)
    #expect(throws: KPIError.self) { try KPI.basisPoints(.max, over: 1) }
  }

  @Test func eachTableIsReadInOneScan() {
    let scans = TableScan.covering(KPI.all)
    #expect(Set(scans.map(\.dataset)).count == scans.count)
    #expect(
      Set(scans.map(\.dataset)) == [
        .releases, .artists, .labels, .masters, .releaseArtists, .releaseLabelXref, .releaseStyleXref,
        .releaseGenreXref, .labelReleaseCounts,
      ])
    for scan in scans { #expect(Set(scan.measures).count == scan.measures.count) }
  }

  @Test func aRatioNeedsNothingReadThatIsKnown() throws {
    let ratio = try #require(KPI.named("avg_artists_per_release_bp"))
    let state = RunKPIs(known: ["n_releases_distinct": 4])
    #expect(state.unread(for: [ratio]).map(\.name) == ["n_release_artist_links"])
    #expect(
      RunKPIs(known: ["n_releases_distinct": 0, "n_release_artist_links": 0]).outcome(of: ratio) == .undefined
    )
    #expect(
      RunKPIs(known: ["n_releases_distinct": 4, "n_release_artist_links": 7]).outcome(of: ratio)
        == .value(17_500))
  }

  @Test func aRatioInheritsWhatItsPartsLack() throws {
    let ratio = try #require(KPI.named("pct_releases_with_style_bp"))
    var state = RunKPIs(known: [:])
    state.set(.distinct("release_id"), of: .releases, to: .failedQuery("broken"))
    state.set(.distinct("release_id"), of: .releaseStyleXref, to: .missingTable("not there"))
    #expect(state.outcome(of: ratio) == .missingTable("not there"))
  }
}
