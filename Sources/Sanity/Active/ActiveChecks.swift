import Schema

extension ActiveCheck {
  /// Every check of the active dataset, declared once.
  ///
  /// NULL ratios: an id of one's own is never NULL, nor is the release that a link belongs to. Dumps do hold a few
  /// records without a name or title (one in a hundred is still believed) and links to artists and labels without an
  /// id (one in twenty). Ids that are NULL by nature, such as a release's master, are reported and never wrong.
  static let all: [ActiveCheck] =
    Dataset.all.map { dataset in
      check(dataset, .rows, dataset.isRequired ? .critical : .warn)
    } + [
      null(.artists, "artist_id", .critical), null(.artists, "name", .warn, atMost: 0.01),
      null(.artistAliases, "artist_id", .critical), null(.artistAliases, "alias_id", .info, atMost: 1),
      null(.artistAliases, "alias_name", .warn),
      null(.artistMemberships, "group_id", .critical), null(.artistMemberships, "member_id", .critical),
      null(.artistMemberships, "group_name", .warn, atMost: 0.01),
      null(.artistMemberships, "member_name", .warn, atMost: 0.01),
      null(.masters, "master_id", .critical), null(.masters, "main_release_id", .info, atMost: 1),
      null(.masters, "title", .warn, atMost: 0.01),
      null(.releases, "release_id", .critical), null(.releases, "master_id", .info, atMost: 1),
      null(.releases, "title", .warn, atMost: 0.01),
      null(.labels, "label_id", .critical), null(.labels, "parent_label_id", .info, atMost: 1),
      null(.labels, "name", .warn, atMost: 0.01),
      null(.releaseArtistLinks, "release_id", .critical),
      null(.releaseArtistLinks, "artist_id", .warn, atMost: 0.05),
      null(.releaseArtistLinks, "artist_name", .warn, atMost: 0.01),
      null(.releaseLabelLinks, "release_id", .critical),
      null(.releaseLabelLinks, "label_id", .warn, atMost: 0.05),
      null(.releaseLabelLinks, "label_name", .warn, atMost: 0.01),
      null(.releaseGenreLinks, "release_id", .critical), null(.releaseGenreLinks, "genre", .warn),
      null(.releaseStyleLinks, "release_id", .critical), null(.releaseStyleLinks, "style", .warn),
      null(.artistNameMap, "artist_id", .critical), null(.artistNameMap, "norm_name", .warn),
      null(.releaseArtists, "release_id", .critical), null(.releaseArtists, "artist_id", .warn, atMost: 0.05),
      null(.releaseArtists, "artist_name", .warn, atMost: 0.01),
      null(.releaseLabelXref, "release_id", .critical),
      null(.releaseLabelXref, "label_id", .warn, atMost: 0.05),
      null(.releaseLabelXref, "label_name", .warn, atMost: 0.01),
      null(.labelReleaseCounts, "label_norm", .warn), null(.labelReleaseCounts, "label_name_sample", .warn),
      null(.releaseGenreXref, "release_id", .critical), null(.releaseGenreXref, "genre", .warn),
      null(.releaseStyleXref, "release_id", .critical), null(.releaseStyleXref, "style", .warn),

      check(.artists, .duplicates("artist_id"), .critical),
      check(.labels, .duplicates("label_id"), .critical),
      check(.masters, .duplicates("master_id"), .critical),
      check(.releases, .duplicates("release_id"), .critical),
    ] + Reference.all.compactMap(orphans) + [
      agreement(
        .releaseArtists, "artists_equal_links", [.releaseArtistLinks],
        PackageResources.release_artists_equal_links_sql),
      agreement(
        .releaseLabelXref, "labels_equal_links", [.releaseLabelLinks],
        PackageResources.release_labels_equal_links_sql),
      agreement(
        .releaseGenreXref, "genres_equal_links", [.releaseGenreLinks],
        PackageResources.release_genres_equal_links_sql),
      agreement(
        .releaseStyleXref, "styles_equal_links", [.releaseStyleLinks],
        PackageResources.release_styles_equal_links_sql),
      agreement(
        .labelReleaseCounts, "counts_equal_recomputed", [.releaseLabelXref],
        PackageResources.label_counts_equal_recomputed_sql),
      agreement(
        .releases, "genres_in_xref", [.releaseGenreXref], PackageResources.release_genres_in_xref_sql),
    ]

  private static func check(_ dataset: Dataset, _ measure: Measure, _ severity: Severity) -> ActiveCheck {
    ActiveCheck(dataset: dataset, measure: measure, severity: severity)
  }

  private static func null(
    _ dataset: Dataset, _ column: String, _ severity: Severity, atMost: Double = 0
  ) -> ActiveCheck {
    check(dataset, .nullRatio(column, atMost: atMost), severity)
  }

  /// Nil where the answer is not worth a look at the largest tables: which of a release's artists and labels the dumps
  /// do not hold is never wrong, and only required datasets say it all the same.
  private static func orphans(_ reference: Reference) -> ActiveCheck? {
    let isRequired = reference.dataset.isRequired
    let severity: Severity
    switch reference.strength {
    // As with rows: a run is of use without the datasets that not every run has.
    case .byConstruction: severity = isRequired ? .critical : .warn
    case .expected: severity = .warn
    case .loose where isRequired: severity = .info
    case .loose: return nil
    }
    return check(reference.dataset, .orphans(reference), severity)
  }

  private static func agreement(
    _ dataset: Dataset, _ name: String, _ others: [Dataset], _ text: [UInt8]
  ) -> ActiveCheck {
    let agreement = Agreement("\(name):\(dataset.table)", [dataset] + others, text)
    return check(dataset, .agreement(agreement), .warn)
  }
}
