import Schema

extension KPI {
  /// Every KPI of version 1, in the order in which they are documented.
  public static let all: [KPI] = rows + distinctIDs + links + labelCounts + ratios

  private static let rows = [
    Dataset.releases, .artists, .labels, .masters, .releaseArtists, .releaseLabelXref,
  ].map { KPI("rows_\($0.table)", .rows, of: $0) }

  private static let distinctIDs = [
    KPI("n_releases_distinct", .distinct("release_id"), of: .releases),
    KPI("n_artists_distinct", .distinct("artist_id"), of: .artists),
    KPI("n_labels_distinct", .distinct("label_id"), of: .labels),
    KPI("n_masters_distinct", .distinct("master_id"), of: .masters),
  ]

  private static let links = [
    KPI("n_release_artist_links", .rows, of: .releaseArtists),
    KPI("n_releases_with_artist_link", .distinct("release_id"), of: .releaseArtists),
    KPI("n_release_label_links", .rows, of: .releaseLabelXref),
    KPI("n_releases_with_label_link", .distinct("release_id"), of: .releaseLabelXref),
    KPI("n_label_norm_distinct", .distinct("label_norm"), of: .releaseLabelXref),
    KPI("n_release_style_links", .rows, of: .releaseStyleXref),
    KPI("n_releases_with_style", .distinct("release_id"), of: .releaseStyleXref),
    KPI("n_style_norm_distinct", .distinct("style_norm"), of: .releaseStyleXref),
    KPI("n_release_genre_links", .rows, of: .releaseGenreXref),
    KPI("n_releases_with_genre", .distinct("release_id"), of: .releaseGenreXref),
    KPI("n_genre_norm_distinct", .distinct("genre_norm"), of: .releaseGenreXref),
  ]

  private static let labelCounts = [
    KPI("n_labels_in_counts_table", .rows, of: .labelReleaseCounts),
    KPI("label_counts_total_releases", .sum("n_total_releases"), of: .labelReleaseCounts),
    KPI("top_label_releases", .sumOfLargest(1, "n_total_releases"), of: .labelReleaseCounts),
    KPI("top10_labels_releases", .sumOfLargest(10, "n_total_releases"), of: .labelReleaseCounts),
  ]

  private static let ratios = [
    KPI("avg_artists_per_release_bp", basisPointsOf: "n_release_artist_links", over: "n_releases_distinct"),
    KPI("avg_labels_per_release_bp", basisPointsOf: "n_release_label_links", over: "n_releases_distinct"),
    KPI("avg_styles_per_release_bp", basisPointsOf: "n_release_style_links", over: "n_releases_distinct"),
    KPI("avg_genres_per_release_bp", basisPointsOf: "n_release_genre_links", over: "n_releases_distinct"),
    KPI(
      "pct_releases_with_artist_link_bp", basisPointsOf: "n_releases_with_artist_link",
      over: "n_releases_distinct"),
    KPI(
      "pct_releases_with_label_link_bp", basisPointsOf: "n_releases_with_label_link",
      over: "n_releases_distinct"),
    KPI("pct_releases_with_style_bp", basisPointsOf: "n_releases_with_style", over: "n_releases_distinct"),
    KPI("pct_releases_with_genre_bp", basisPointsOf: "n_releases_with_genre", over: "n_releases_distinct"),
    KPI("top_label_share_bp", basisPointsOf: "top_label_releases", over: "label_counts_total_releases"),
    KPI("top10_labels_share_bp", basisPointsOf: "top10_labels_releases", over: "label_counts_total_releases"),
  ]
}
