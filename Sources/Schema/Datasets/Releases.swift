// What the dump of releases becomes.

extension Dataset {
  /// `releases_v6`
  public static let releases = Dataset(
    "releases_v6", table: "releases_ref_v6", from: .dump(.releases), rows: .record, required: true,
    "One row for each release. What it has several of is joined here, and stands apart in the other datasets.",
    columns: [
      Column("release_id", .bigint, .recordID, nulls: .never, "The release's id."),
      Column(
        "master_id", .bigint, .numberNotZero("master_id"), nulls: .reported, references: .masters(.loose),
        lookedUp: true, "The master that it is a version of; NULL if there is none."),
      Column("title", .first("title"), nulls: .atMost(0.01), "The title."),
      Column(
        "artists", .joined("artists/artist/name"), "Names of the artists, joined with a comma and a blank."),
      Column(
        "labels", .joined("labels/label/@name"), "Names of the labels, joined with a comma and a blank."),
      Column(
        "label_catnos", .joined("labels/label/@catno"), "Catalogue numbers, joined with a comma and a blank."),
      Column("country", .first("country"), "The country or region that it was made for."),
      Column(
        "formats", .joined("formats/format/@name"),
        "What it comes on, such as Vinyl, joined with a comma and a blank."),
      Column("genres", .joined("genres/genre"), "The genres, joined with a comma and a blank."),
      Column("styles", .joined("styles/style"), "The styles, joined with a comma and a blank."),
      Column(
        "credits_flat", .flatCredits("extraartists/artist"),
        "The credits of the release as ROLE: NAME, joined with a semicolon and a blank."),
      Column("status", .first("@status"), "The entry's status, such as Accepted; gone from recent dumps."),
      Column(
        "released", .first("released"), "When it came out, as it was entered: 1999, 1999-03-00 and the like."),
      Column("data_quality", .first("data_quality"), "How far the entry was checked, such as Correct."),
      Column(
        "format_qtys", .joined("formats/format/@qty"),
        "How many pieces of each format, joined with a comma and a blank."),
      Column(
        "format_texts", .joined("formats/format/@text"),
        "Free text on each format, joined with a comma and a blank."),
      Column(
        "format_descriptions", .joined("formats/format/descriptions/description"),
        "Descriptions of the formats, such as LP, joined with a comma and a blank."),
      Column(
        "identifiers_flat", .flatIdentifiers("identifiers/identifier"),
        "Barcodes and the like as TYPE [DESCRIPTION] : VALUE, joined with a semicolon and a blank."),
    ])

  /// `release_artist_links_v1_typed`
  public static let releaseArtistLinks = artistLinks(of: .releases, detail: false)

  /// `release_label_links_v1_typed`
  public static let releaseLabelLinks = Dataset(
    "release_label_links_v1_typed", from: .releases, rows: ["labels/label"],
    "One row for each label of a release with its catalogue number, in the order of the record.",
    columns: [
      .of(.releases), .position("Which label of the release, from 1."),
      Column(
        "label_id", .bigint, .numberNotZero("@id"), nulls: .atMost(0.05), references: .labels(.loose),
        lookedUp: true, "The label's id; NULL for one without a page."),
      Column("label_name", .first("@name"), nulls: .atMost(0.01), lookedUp: true, "The label's name."),
      Column(
        "catno", .first("@catno"), lookedUp: true, "The catalogue number; none where the release has none."),
    ])

  /// `release_genre_links_v1_typed`
  public static let releaseGenreLinks = genreLinks(of: .releases, detail: false)
  /// `release_style_links_v1_typed`
  public static let releaseStyleLinks = styleLinks(of: .releases, detail: false)

  /// `release_details_v1_typed`
  public static let releaseDetails = Dataset(
    "release_details_v1_typed", from: .dump(.releases), rows: .record, detail: true,
    "One row for each release, with what releases_v6 leaves out.",
    columns: [
      .of(.releases),
      Column(
        "artist_credit", .displayCredit("artists/artist"), nulls: .atMost(0.01),
        "The artists as they are printed, with what stands between them."),
      Column(
        "is_main_release", .boolean, .flag("master_id/@is_main_release"),
        "Whether it stands for its master; NULL without one, and in older dumps."),
      Column(
        "released_year", .bigint, .datePart(.year, "released"),
        "The year of released; NULL if it is not known."),
      Column(
        "released_month", .bigint, .datePart(.month, "released"),
        "The month of released, 1 to 12; NULL if it is not known."),
      Column(
        "released_day", .bigint, .datePart(.day, "released"), "The day of released; NULL if it is not known."),
      Column("notes", .first("notes"), "Notes, in the site's markup."),
    ])

  /// `release_credit_links_v1_typed`
  public static let releaseCreditLinks = Dataset(
    "release_credit_links_v1_typed", from: .releases, rows: ["extraartists/artist"], detail: true,
    "One row for each credit of a release (not of its tracks), in the order of the record.",
    columns: [.of(.releases), .position("Which credit of the release, from 1.")]
      + Column.mentionedArtist(.reported) + [
        Column(
          "role", .first("role"), nulls: .atMost(0.01),
          "What the artist did; several roles stand between commas, details in brackets."),
        Column(
          "tracks", .first("tracks"),
          "The tracks that it is for, as free text such as A1 to A3; NULL for all."),
      ])

  /// `release_tracks_v1_typed`
  public static let releaseTracks = Dataset(
    "release_tracks_v1_typed", from: .releases,
    rows: ["tracklist/track", "tracklist/track/sub_tracks/track"], detail: true,
    "One row for each track and sub-track of a release, in the order of the record: a track before its sub-tracks.",
    columns: [
      .of(.releases), .position("Which track or sub-track of the release, from 1."),
      Column(
        "parent_position", .bigint, .parentOrdinal,
        "The position of the track around a sub-track; NULL for a track."),
      Column(
        "kind", .trackKind(number: "position", duration: "duration"), nulls: .never,
        "index (has sub-tracks), heading or track."),
      Column("number", .first("position"), "The position as printed, such as A1."),
      Column("title", .first("title"), nulls: .atMost(0.01), "The title."),
      Column("duration", .first("duration"), "The duration as it was entered."),
      Column(
        "duration_seconds", .bigint, .seconds("duration"),
        "The duration in seconds, of M:SS or H:MM:SS; NULL for anything else."),
      Column(
        "artist_credit", .displayCredit("artists/artist"),
        "The track's own artists as they are printed; NULL where they are the release's."),
    ])

  /// `release_track_artist_links_v1_typed`
  public static let releaseTrackArtistLinks = Dataset(
    "release_track_artist_links_v1_typed", from: .releases,
    rows: ["tracklist/track/artists/artist", "tracklist/track/sub_tracks/track/artists/artist"], detail: true,
    "One row for each artist of a track or sub-track, in the order of the record.",
    columns: [.of(.releases), .trackPosition, .position("Which artist of the track, from 1.")]
      + Column.mentionedArtist() + [.joinPhrase])

  /// `release_track_credit_links_v1_typed`
  public static let releaseTrackCreditLinks = Dataset(
    "release_track_credit_links_v1_typed", from: .releases,
    rows: ["tracklist/track/extraartists/artist", "tracklist/track/sub_tracks/track/extraartists/artist"],
    detail: true, "One row for each credit of a track or sub-track, in the order of the record.",
    columns: [.of(.releases), .trackPosition, .position("Which credit of the track, from 1.")]
      + Column.mentionedArtist(.reported) + [
        Column(
          "role", .first("role"), nulls: .atMost(0.01),
          "What the artist did; several roles stand between commas, details in brackets.")
      ])

  /// `release_company_links_v1_typed`
  public static let releaseCompanyLinks = Dataset(
    "release_company_links_v1_typed", from: .releases, rows: ["companies/company"], detail: true,
    "One row for each company that had to do with a release, in the order of the record.",
    columns: [
      .of(.releases), .position("Which company of the release, from 1."),
      Column(
        "company_id", .bigint, .numberNotZero("id"), nulls: .atMost(0.05), references: .labels(.reported),
        lookedUp: true, "The company, which is an entry among the labels."),
      Column("company_name", .first("name"), nulls: .atMost(0.01), lookedUp: true, "The company's name."),
      Column("catno", .first("catno"), "The company's own number for the release."),
      Column("entity_type", .bigint, .number("entity_type"), "What the company did, as a number."),
      Column("entity_type_name", .first("entity_type_name"), "What the company did, such as Pressed By."),
    ])

  /// `release_formats_v1_typed`
  public static let releaseFormats = Dataset(
    "release_formats_v1_typed", from: .releases, rows: ["formats/format"], detail: true,
    "One row for each format of a release, in the order of the record.",
    columns: [
      .of(.releases), .position("Which format of the release, from 1."),
      Column("name", .first("@name"), nulls: .atMost(0.01), "What it comes on, such as Vinyl."),
      Column("qty", .first("@qty"), "How many pieces, as it was entered."),
      Column("text", .first("@text"), "Free text, such as the colour."),
      Column(
        "descriptions", .joined("descriptions/description"),
        "Descriptions, such as LP, joined with a comma and a blank."),
    ])

  /// `release_format_descriptions_v1_typed`
  public static let releaseFormatDescriptions = Dataset(
    "release_format_descriptions_v1_typed", from: .releases,
    rows: ["formats/format/descriptions/description"],
    detail: true, "One row for each description of a format of a release, in the order of the record.",
    columns: [
      .of(.releases),
      Column(
        "format_position", .bigint, .parentOrdinal, nulls: .never,
        "The position of the format in release_formats_v1_typed."),
      .position("Which description of the format, from 1."),
      Column("description", .first("."), nulls: .atMost(0), "The description, such as LP."),
    ])

  /// `release_identifiers_v1_typed`
  public static let releaseIdentifiers = Dataset(
    "release_identifiers_v1_typed", from: .releases, rows: ["identifiers/identifier"], detail: true,
    "One row for each barcode, matrix number or the like of a release, in the order of the record.",
    columns: [
      .of(.releases), .position("Which identifier of the release, from 1."),
      Column("type", .first("@type"), nulls: .atMost(0.01), "What it is, such as Barcode."),
      Column("description", .first("@description"), "Where it stands or what it is for."),
      Column(
        "value", .first(["@value", "."]), nulls: .atMost(0.05), lookedUp: true,
        "The identifier as it was entered."),
    ])

  /// `release_series_links_v1_typed`
  public static let releaseSeriesLinks = Dataset(
    "release_series_links_v1_typed", from: .releases, rows: ["series/series"], detail: true,
    "One row for each series that a release belongs to, in the order of the record.",
    columns: [
      .of(.releases), .position("Which series of the release, from 1."),
      Column(
        "series_id", .bigint, .numberNotZero("@id"), nulls: .atMost(0.05), references: .labels(.reported),
        lookedUp: true, "The series, which is an entry among the labels."),
      Column("series_name", .first("@name"), nulls: .atMost(0.01), lookedUp: true, "The series' name."),
      Column("catno", .first("@catno"), "The release's number in the series."),
    ])

  /// `release_videos_v1_typed`
  public static let releaseVideos = videos(of: .releases)
  /// `release_images_v1_typed`
  public static let releaseImages = images(of: .releases)
}

extension Column {
  /// The track or sub-track that a row belongs to.
  fileprivate static let trackPosition = Column(
    "track_position", .bigint, .parentOrdinal, nulls: .never,
    "The position of the track or sub-track in release_tracks_v1_typed.")
}
