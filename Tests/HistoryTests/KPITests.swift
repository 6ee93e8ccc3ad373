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

  @Test func everyKPIIsDeclaredOnceAndThoseOfVersion1AreWhatTheyWere() {
    #expect(KPI.all.filter { $0.version == 1 }.map(\.name) == Self.names)
    #expect(Set(KPI.all.map(\.name)).count == KPI.all.count)
    #expect(KPI.all.allSatisfy { [1, 2].contains($0.version) })
    for dataset in Dataset.all { #expect(KPI.named("rows_\(dataset.table)") != nil, "\(dataset.table)") }
  }

  @Test func formulasNameColumnsAndKPIsThatExist() {
    func check(_ kpi: KPI, _ quantity: KPI.Quantity) {
      switch quantity {
      case .measure(let measure, let dataset):
        #expect(Set(dataset.columns.map(\.name)).isSuperset(of: measure.columns), "\(kpi.name)")
      case .kpi(let name): #expect(KPI.named(name)?.hasDimension == false, "\(kpi.name)")
      case .sum(let parts): for part in parts { check(kpi, part) }
      case .square(let root): check(kpi, root)
      }
    }
    for kpi in KPI.all {
      switch kpi.formula {
      case .value(let quantity): check(kpi, quantity)
      case .basisPoints(let numerator, let denominator):
        check(kpi, numerator)
        check(kpi, denominator)
      case .values(let dimension, let dataset):
        let columns = Set(dataset.columns.map(\.name))
        switch dimension {
        case .distinct(let id, let value): #expect(columns.isSuperset(of: id.columns + value.columns))
        case .largest(_, let number, let name, let then):
          #expect(columns.isSuperset(of: [number, name, then]))
        case .mostRows(_, let id, let distinct, let name, let other, let column):
          #expect(columns.isSuperset(of: [id, distinct, name]))
          #expect(Set(other.columns.map(\.name)).isSuperset(of: [id, column]))
        }
      }
    }
  }

  @Test(
    arguments: [
      (1, 3, 3333), (2, 3, 6666), (3, 3, 10_000), (7, 2, 35_000), (0, 5, 0), (-1, 3, -3334),
      (Int128(Int64.max / 2), Int128(Int64.max), 4999), (922_337_203_685_477, 1, 9_223_372_036_854_770_000),
    ] as [(Int128, Int128, Int128)])
  func basisPointsAreRoundedDown(_ numerator: Int128, _ denominator: Int128, _ value: Int128) throws {
    #expect(try KPI.basisPoints(numerator, over: denominator) == value)
  }

  @Test func nothingToDivideByHasNoValueAndTooMuchIsAnError() throws {
    #expect(try KPI.basisPoints(5, over: 0) == nil)
    #expect(throws: KPIError.self) { try KPI.basisPoints(Int128(Int64.max), over: 1) }
  }

  @Test func eachTableIsReadInOneScanButForTheListsOfTheLargest() {
    let scans = TableScan.covering(RunKPIs(known: [:]).unread(for: KPI.all))
    func isList(_ scan: TableScan) -> Bool {
      if case .dimension(let dimension)? = scan.items.first { return !dimension.isScanned }
      return false
    }
    let whole = scans.filter { !isList($0) }
    #expect(Set(whole.map(\.dataset)).count == whole.count)
    #expect(Set(whole.map(\.dataset)).isSuperset(of: Dataset.all))
    for scan in scans { #expect(Set(scan.items).count == scan.items.count) }
    #expect(scans.filter(isList).map(\.dataset) == [.labelReleaseCounts, .releaseArtists])
  }

  @Test func aRatioNeedsNothingReadThatIsKnown() throws {
    let ratio = try #require(KPI.named("avg_artists_per_release_bp"))
    let state = RunKPIs(known: ["n_releases_distinct": 4])
    #expect(
      state.unread(for: [ratio]) == [Reading(item: .measure(.rows), dataset: .releaseArtists)])
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
    state.set(
      .measure(.distinct(.column("release_id"))), of: .releases, to: .failedQuery("broken"))
    state.set(
      .measure(.distinct(.column("release_id"))), of: .releaseStyleXref, to: .missingTable("not there"))
    #expect(state.outcome(of: ratio) == .missingTable("not there"))
  }

  /// A real month's labels, squared and times 10000, are beyond 64 bits.
  @Test func theConcentrationOfLabelsIsRoundedDownOnce() throws {
    let kpi = try #require(KPI.named("label_concentration_hhi_bp"))
    var state = RunKPIs(known: ["label_counts_total_releases": 3_000_000_000])
    state.set(
      .measure(.sumOfSquares("n_total_releases")), of: .labelReleaseCounts, to: .value(4_499_999_999_999_999))
    #expect(state.outcome(of: kpi) == .value(4))
    state.set(
      .measure(.sumOfSquares("n_total_releases")), of: .labelReleaseCounts, to: .value(4_500_000_000_000_000))
    #expect(state.outcome(of: kpi) == .value(5))
  }
}
