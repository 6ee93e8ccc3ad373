// What build-xref computes from the datasets of the dumps; its scripts say how.

extension Dataset {
  /// `artist_name_map_v1`
  public static let artistNameMap = Dataset(
    derived: "artist_name_map_v1",
    "Which artists are known by which normalized name: their own, their real one, aliases, and groups.",
    columns: [
      Column(
        "norm_name", nulls: .atMost(0),
        comment: "The name in lower case, single blanks, without a number in brackets at its end."),
      Column(
        "artist_id", .bigint, nulls: .never, references: .artists(.byConstruction),
        comment: "An artist who is known by it."),
    ])

  /// `release_artists_v1`
  public static let releaseArtists = Dataset(
    derived: "release_artists_v1",
    "Each release's artists, once each, under the name they have where they come first.",
    columns: [
      .derivedRelease,
      Column("artist_norm", comment: "The name in lower case."),
      Column(
        "artist_id", .bigint, nulls: .atMost(0.05), comment: "The artist's id; NULL for one without a page."),
      Column("artist_name", nulls: .atMost(0.01), comment: "The artist's name."),
    ])

  /// `release_label_xref_v1`
  public static let releaseLabelXref = Dataset(
    derived: "release_label_xref_v1", "Each release's labels with their catalogue numbers, once each.",
    columns: [
      .derivedRelease,
      Column(
        "label_name", nulls: .atMost(0.01),
        comment: "The label's name; NULL for a link without one, which has a row all the same."),
      Column("label_norm", comment: "The name in lower case."),
      Column("label_catno", comment: "The catalogue number; none where the release has none."),
      Column(
        "label_id", .bigint, nulls: .atMost(0.05), comment: "The label's id; NULL for one without a page."),
    ])

  /// `label_release_counts_v1`
  public static let labelReleaseCounts = Dataset(
    derived: "label_release_counts_v1",
    "How many releases each label has; a label is its name in lower case.",
    columns: [
      Column("label_norm", nulls: .atMost(0), comment: "The name in lower case."),
      Column("label_name_sample", nulls: .atMost(0), comment: "One spelling of the name: the smallest."),
      Column("n_total_releases", .bigint, comment: "How many releases have the label."),
    ])

  /// `release_genre_xref_v1`
  public static let releaseGenreXref = Dataset(
    derived: "release_genre_xref_v1", "Each release's genres, once each.",
    columns: [
      .derivedRelease, Column("genre", nulls: .atMost(0), comment: "The genre, which may hold commas."),
      Column("genre_norm", comment: "The genre in lower case."),
    ])

  /// `release_style_xref_v1`
  public static let releaseStyleXref = Dataset(
    derived: "release_style_xref_v1", "Each release's styles, once each.",
    columns: [
      .derivedRelease, Column("style", nulls: .atMost(0), comment: "The style, which may hold commas."),
      Column("style_norm", comment: "The style in lower case."),
    ])

  /// `release_barcode_xref_v1`
  public static let releaseBarcodeXref = Dataset(
    derived: "release_barcode_xref_v1", detail: true,
    "Which releases have which barcode: the digits of identifiers of the type Barcode, once each.",
    columns: [
      Column("barcode_norm", nulls: .never, comment: "The barcode's digits."),
      .derivedRelease,
      Column(
        "is_valid", .boolean, nulls: .never,
        comment: "Whether it is a GTIN of 8, 12, 13 or 14 digits with a right check digit."),
      Column(
        "gtin14",
        comment: "A valid one with zeros before it to 14 digits, so that UPC and EAN meet; else NULL."),
    ])
}

extension Column {
  fileprivate static let derivedRelease = Column(
    "release_id", .bigint, nulls: .never, references: .releases(.byConstruction), comment: "The release.")
}
