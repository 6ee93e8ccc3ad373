import SQL
import Schema

extension ActiveCheck {
  /// Every check of the active dataset, declared once. How many NULLs are believed, and what a column names, stand with
  /// the columns.
  static let all: [ActiveCheck] =
    Dataset.all.map { dataset in
      check(dataset, .rows, dataset.isRequired ? .critical : .warn)
    } + Dataset.all.flatMap { dataset in dataset.columns.compactMap { nulls(dataset, $0) } }
    + Entity.allCases.map { check($0.main, .duplicates($0.main.columns[0].name), .critical) }
    + Reference.all.compactMap(orphans) + [
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
      details("genres_equal_details", "genres", .releaseGenreLinks, "length(genre)"),
      details("formats_equal_details", "formats", .releaseFormats, "length(name)"),
      details(
        "credits_equal_details", "credits_flat", .releaseCreditLinks,
        """
        CASE
          WHEN role IS NULL THEN length(artist_name)
          WHEN artist_name IS NULL THEN length(role)
          ELSE length(role) + length(artist_name) + 2
        END
        """),
      details(
        "identifiers_equal_details", "identifiers_flat", .releaseIdentifiers,
        """
        coalesce(length(type), 0)
        + coalesce(length(description) + CASE WHEN type IS NULL THEN 2 ELSE 3 END, 0)
        + coalesce(length(value) + CASE WHEN type IS NULL AND description IS NULL THEN 2 ELSE 3 END, 0)
        """),
    ]

  private static func check(_ dataset: Dataset, _ measure: Measure, _ severity: Severity) -> ActiveCheck {
    ActiveCheck(dataset: dataset, measure: measure, severity: severity)
  }

  private static func nulls(_ dataset: Dataset, _ column: Column) -> ActiveCheck? {
    switch column.nulls {
    case .any: nil
    case .reported: check(dataset, .nullRatio(column.name, atMost: 1), .info)
    case .atMost(let most): check(dataset, .nullRatio(column.name, atMost: most), .warn)
    case .never: check(dataset, .nullRatio(column.name, atMost: 0), .critical)
    }
  }

  /// Nil where the answer is not worth a look at the largest tables: which of a release's artists and labels the dumps
  /// do not hold is never wrong, and only required datasets and those that are declared so say it all the same.
  private static func orphans(_ reference: Reference) -> ActiveCheck? {
    let isRequired = reference.dataset.isRequired
    let severity: Severity
    switch reference.strength {
    // As with rows: a run is of use without the datasets that not every run has.
    case .byConstruction: severity = isRequired ? .critical : .warn
    case .expected: severity = .warn
    case .reported: severity = .info
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

  /// Whether a text of the releases says the same as a dataset with a row for each thing in it.
  /// - Parameter length: of what a row has in the text, as an expression over the row.
  private static func details(
    _ name: String, _ flat: String, _ dataset: Dataset, _ length: String
  ) -> ActiveCheck {
    let script = String(decoding: PackageResources.releases_equal_details_sql, as: UTF8.self)
      .replacing("${flat}", with: SQLText.identifier(flat))
      .replacing("${details}", with: SQLText.identifier(dataset.table))
      .replacing("${length}", with: length)
    return agreement(.releases, name, [dataset], Array(script.utf8))
  }
}
