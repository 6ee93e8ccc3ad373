import Schema

extension KPI {
  /// Every KPI, those of version 1 first, in the order in which they are documented.
  public static let all: [KPI] = version1 + version2

  private static let version1 =
    countedFromTheStart.map { rows($0, version: 1) } + distinctIDs + links + labelCounts + ratios
  private static let version2 = moreRows + counts + shares + dimensions

  private static let countedFromTheStart = [
    Dataset.releases, .artists, .labels, .masters, .releaseArtists, .releaseLabelXref,
  ]

  private static func rows(_ dataset: Dataset, version: Int64) -> KPI {
    KPI("rows_\(dataset.table)", version: version, .value(.measure(.rows, of: dataset)))
  }

  private static let distinctIDs = [
    KPI("n_releases_distinct", .value(.measure(.distinct(.column("release_id")), of: .releases))),
    KPI("n_artists_distinct", .value(.measure(.distinct(.column("artist_id")), of: .artists))),
    KPI("n_labels_distinct", .value(.measure(.distinct(.column("label_id")), of: .labels))),
    KPI("n_masters_distinct", .value(.measure(.distinct(.column("master_id")), of: .masters))),
  ]

  private static let links = [
    KPI("n_release_artist_links", .value(.measure(.rows, of: .releaseArtists))),
    KPI(
      "n_releases_with_artist_link", .value(.measure(.distinct(.column("release_id")), of: .releaseArtists))),
    KPI("n_release_label_links", .value(.measure(.rows, of: .releaseLabelXref))),
    KPI(
      "n_releases_with_label_link", .value(.measure(.distinct(.column("release_id")), of: .releaseLabelXref))),
    KPI("n_label_norm_distinct", .value(.measure(.distinct(.column("label_norm")), of: .releaseLabelXref))),
    KPI("n_release_style_links", .value(.measure(.rows, of: .releaseStyleXref))),
    KPI("n_releases_with_style", .value(.measure(.distinct(.column("release_id")), of: .releaseStyleXref))),
    KPI("n_style_norm_distinct", .value(.measure(.distinct(.column("style_norm")), of: .releaseStyleXref))),
    KPI("n_release_genre_links", .value(.measure(.rows, of: .releaseGenreXref))),
    KPI("n_releases_with_genre", .value(.measure(.distinct(.column("release_id")), of: .releaseGenreXref))),
    KPI("n_genre_norm_distinct", .value(.measure(.distinct(.column("genre_norm")), of: .releaseGenreXref))),
  ]

  private static let labelCounts = [
    KPI("n_labels_in_counts_table", .value(.measure(.rows, of: .labelReleaseCounts))),
    KPI("label_counts_total_releases", .value(.measure(.sum("n_total_releases"), of: .labelReleaseCounts))),
    KPI(
      "top_label_releases", .value(.measure(.sumOfLargest(1, "n_total_releases"), of: .labelReleaseCounts))),
    KPI(
      "top10_labels_releases",
      .value(.measure(.sumOfLargest(10, "n_total_releases"), of: .labelReleaseCounts))),
  ]

  private static let ratios = [
    KPI(
      "avg_artists_per_release_bp",
      .basisPoints(.kpi("n_release_artist_links"), over: .kpi("n_releases_distinct"))),
    KPI(
      "avg_labels_per_release_bp",
      .basisPoints(.kpi("n_release_label_links"), over: .kpi("n_releases_distinct"))),
    KPI(
      "avg_styles_per_release_bp",
      .basisPoints(.kpi("n_release_style_links"), over: .kpi("n_releases_distinct"))),
    KPI(
      "avg_genres_per_release_bp",
      .basisPoints(.kpi("n_release_genre_links"), over: .kpi("n_releases_distinct"))),
    KPI(
      "pct_releases_with_artist_link_bp",
      .basisPoints(.kpi("n_releases_with_artist_link"), over: .kpi("n_releases_distinct"))),
    KPI(
      "pct_releases_with_label_link_bp",
      .basisPoints(.kpi("n_releases_with_label_link"), over: .kpi("n_releases_distinct"))),
    KPI(
      "pct_releases_with_style_bp",
      .basisPoints(.kpi("n_releases_with_style"), over: .kpi("n_releases_distinct"))),
    KPI(
      "pct_releases_with_genre_bp",
      .basisPoints(.kpi("n_releases_with_genre"), over: .kpi("n_releases_distinct"))),
    KPI(
      "top_label_share_bp",
      .basisPoints(.kpi("top_label_releases"), over: .kpi("label_counts_total_releases"))),
    KPI(
      "top10_labels_share_bp",
      .basisPoints(.kpi("top10_labels_releases"), over: .kpi("label_counts_total_releases"))),
  ]

  // MARK: Version 2

  private static let moreRows = Dataset.all.filter { !countedFromTheStart.contains($0) }.map {
    rows($0, version: 2)
  }

  private static let counts = [
    KPI(
      "n_countries_distinct", version: 2,
      .value(.measure(.distinct(.column("country")), of: .releases))),
    KPI(
      "n_tracks", version: 2,
      .value(.measure(.rows(where: .equal("kind", "track")), of: .releaseTracks))),
    KPI(
      "n_credits", version: 2,
      .value(
        .sum([.measure(.rows, of: .releaseCreditLinks), .measure(.rows, of: .releaseTrackCreditLinks)]))),
  ]

  private static let releases = Quantity.kpi("n_releases_distinct")

  private static func releases(with value: RowValue) -> Quantity {
    .measure(.distinct(.nonzero("release_id"), where: .has(value)), of: .releases)
  }

  private static let shares = [
    KPI(
      "pct_releases_with_master_bp", version: 2,
      .basisPoints(releases(with: .nonzero("master_id")), over: releases)),
    KPI(
      "pct_releases_with_year_bp", version: 2,
      .basisPoints(releases(with: .yearOfDate("released")), over: releases)),
    KPI(
      "pct_releases_with_country_bp", version: 2,
      .basisPoints(releases(with: .column("country")), over: releases)),
    KPI(
      "pct_releases_with_barcode_bp", version: 2,
      .basisPoints(
        .measure(.distinct(.nonzero("release_id")), of: .releaseBarcodeXref), over: releases)),
    KPI(
      "pct_label_links_with_catno_bp", version: 2,
      .basisPoints(
        .measure(.rows(where: .isTextOtherThan("label_catno", "none")), of: .releaseLabelXref),
        over: .kpi("n_release_label_links"))),
    KPI(
      "top100_labels_share_bp", version: 2,
      .basisPoints(
        .measure(.sumOfLargest(100, "n_total_releases"), of: .labelReleaseCounts),
        over: .kpi("label_counts_total_releases"))),
    KPI(
      "label_concentration_hhi_bp", version: 2,
      .basisPoints(
        .measure(.sumOfSquares("n_total_releases"), of: .labelReleaseCounts),
        over: .square(.kpi("label_counts_total_releases")))),
  ]

  private static func releases(by value: RowValue, of dataset: Dataset) -> Formula {
    .values(.distinct(.nonzero("release_id"), by: value), of: dataset)
  }

  private static let dimensions = [
    KPI("releases_by_genre", version: 2, releases(by: .column("genre"), of: .releaseGenreXref)),
    KPI("releases_by_style", version: 2, releases(by: .column("style"), of: .releaseStyleXref)),
    KPI("releases_by_format", version: 2, releases(by: .column("name"), of: .releaseFormats)),
    KPI(
      "releases_by_company_role", version: 2,
      releases(by: .column("entity_type_name"), of: .releaseCompanyLinks)),
    KPI("releases_by_country", version: 2, releases(by: .column("country"), of: .releases)),
    KPI("releases_by_data_quality", version: 2, releases(by: .column("data_quality"), of: .releases)),
    KPI("releases_by_decade", version: 2, releases(by: .decade(.yearOfDate("released")), of: .releases)),
    KPI(
      "masters_by_decade", version: 2,
      .values(.distinct(.nonzero("master_id"), by: .decade(.nonzero("year"))), of: .masters)),
    KPI(
      "top_labels_by_releases", version: 2,
      .values(
        .largest(100, "n_total_releases", named: "label_name_sample", then: "label_norm"),
        of: .labelReleaseCounts)),
    KPI(
      "top_artists_by_releases", version: 2,
      .values(
        .mostRows(
          100, of: "artist_id", distinct: "release_id", named: "artist_name", nameIn: .artists,
          column: "name"), of: .releaseArtists)),
  ]
}
