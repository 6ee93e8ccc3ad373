// What the dump of masters becomes.

extension Dataset {
  /// `masters_v1_typed`
  public static let masters = Dataset(
    "masters_v1_typed", from: .dump(.masters), rows: .record, required: true,
    "One row for each master: what the versions of a release have in common. Several values are joined.",
    columns: [
      Column("master_id", .bigint, .recordID, nulls: .never, "The master's id."),
      Column(
        "main_release_id", .bigint, .numberNotZero("main_release"), nulls: .reported,
        references: .releases(.expected), "The release that stands for the master."),
      Column("title", .first("title"), nulls: .atMost(0.01), "The title."),
      Column(
        "year", .bigint, .numberNotZero("year"), "The year of the first release; NULL if it is not known."),
      Column(
        "master_artists", .joined("artists/artist/name"),
        "Names of the artists, joined with a comma and a blank."),
      Column(
        "master_artist_ids", .joinedIDs("artists/artist/id", by: ","),
        "Ids of the artists, joined with a comma."),
      Column("genres", .joined("genres/genre"), "The genres, joined with a comma and a blank."),
      Column("styles", .joined("styles/style"), "The styles, joined with a comma and a blank."),
      Column("data_quality", .first("data_quality"), "How far the entry was checked, such as Correct."),
    ])

  /// `master_details_v1_typed`
  public static let masterDetails = Dataset(
    "master_details_v1_typed", from: .dump(.masters), rows: .record, detail: true,
    "One row for each master, with what masters_v1_typed leaves out.",
    columns: [
      .of(.masters),
      Column(
        "artist_credit", .displayCredit("artists/artist"), nulls: .atMost(0.01),
        "The artists as they are printed, with what stands between them."),
      Column("notes", .first("notes"), "Notes, in the site's markup."),
    ])

  /// `master_artist_links_v1_typed`
  public static let masterArtistLinks = artistLinks(of: .masters, detail: true)
  /// `master_genre_links_v1_typed`
  public static let masterGenreLinks = genreLinks(of: .masters, detail: true)
  /// `master_style_links_v1_typed`
  public static let masterStyleLinks = styleLinks(of: .masters, detail: true)
  /// `master_videos_v1_typed`
  public static let masterVideos = videos(of: .masters)
  /// `master_images_v1_typed`
  public static let masterImages = images(of: .masters)
}
