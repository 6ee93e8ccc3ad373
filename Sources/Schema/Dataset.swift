/// A set of rows with fixed columns: a folder of Parquet files in a run, a table in SQL.
///
/// This file is the one place that says which datasets there are and what their columns are; Parquet schemas,
/// DDL, checks and documentation come from it.
public struct Dataset: Sendable, Hashable {
  /// Where a dataset's rows come from.
  public enum Origin: Sendable, Hashable {
    /// Read from this entity's dump by `ingest-entity`.
    case dump(Entity)
    /// Computed from other datasets by `build-xref`.
    case derived
  }

  /// The folder's name in a run.
  public let name: String
  /// The table's name in a schema; the folder's name for all but two.
  public let table: String
  /// The columns in their order, all nullable.
  public let columns: [Column]
  /// Where its rows come from.
  public let origin: Origin
  /// Whether every run has it; older runs lack the link datasets and may lack derived ones.
  public let isRequired: Bool

  init(
    _ name: String, table: String? = nil, _ columns: [Column], from origin: Origin, required: Bool = false
  ) {
    self.name = name
    self.table = table ?? name
    self.columns = columns
    self.origin = origin
    self.isRequired = required
  }

  /// The dataset with this folder name, or nil.
  public static func named(_ name: String) -> Dataset? { all.first { $0.name == name } }

  /// The datasets without which a run is incomplete.
  public static var required: [Dataset] { all.filter(\.isRequired) }

  /// The datasets that `build-xref` makes.
  public static var derived: [Dataset] { all.filter { $0.origin == .derived } }
}

extension Dataset {
  /// Every dataset of a run, in the order in which they are documented.
  public static let all: [Dataset] = [
    artists, artistAliases, artistMemberships, masters, releases, labels,
    releaseArtistLinks, releaseLabelLinks, releaseGenreLinks, releaseStyleLinks,
    artistNameMap, releaseArtists, releaseLabelXref, labelReleaseCounts, releaseGenreXref, releaseStyleXref,
  ]

  /// A row for each artist; several URLs, name variations or aliases are joined with `, `.
  public static let artists = Dataset(
    "artists_v1_typed",
    [
      Column("artist_id", .bigint), Column("name"), Column("realname"), Column("profile"),
      Column("data_quality"), Column("urls"), Column("namevariations"), Column("aliases"),
    ], from: .dump(.artists), required: true)

  /// A row for each alias that an artist's record names.
  public static let artistAliases = Dataset(
    "artist_aliases_v1_typed",
    [Column("artist_id", .bigint), Column("alias_id", .bigint), Column("alias_name")],
    from: .dump(.artists), required: true)

  /// A row for each membership that an artist's record names, be it the group's record or the member's.
  public static let artistMemberships = Dataset(
    "artist_memberships_v1_typed",
    [
      Column("group_id", .bigint), Column("group_name"), Column("member_id", .bigint),
      Column("member_name"),
    ], from: .dump(.artists), required: true)

  /// A row for each master; several artists, genres or styles are joined with `, `.
  public static let masters = Dataset(
    "masters_v1_typed",
    [
      Column("master_id", .bigint), Column("main_release_id", .bigint), Column("title"),
      Column("year", .bigint), Column("master_artists"), Column("master_artist_ids"), Column("genres"),
      Column("styles"), Column("data_quality"),
    ], from: .dump(.masters), required: true)

  /// A row for each release; what a release has several of is joined with `, `, and the link datasets have it
  /// apart.
  public static let releases = Dataset(
    "releases_v6", table: "releases_ref_v6",
    [
      Column("release_id", .bigint), Column("master_id", .bigint), Column("title"), Column("artists"),
      Column("labels"), Column("label_catnos"), Column("country"), Column("formats"), Column("genres"),
      Column("styles"), Column("credits_flat"), Column("status"), Column("released"),
      Column("data_quality"), Column("format_qtys"), Column("format_texts"),
      Column("format_descriptions"), Column("identifiers_flat"),
    ], from: .dump(.releases), required: true)

  /// A row for each label; its URLs and sublabels are joined.
  public static let labels = Dataset(
    "labels_v10", table: "labels_ref_v10",
    [
      Column("label_id", .bigint), Column("name"), Column("profile"), Column("contact_info"),
      Column("data_quality"), Column("parent_label_id", .bigint), Column("parent_label_name"),
      Column("urls_csv"), Column("sublabel_ids_csv"), Column("sublabel_names_csv"),
    ], from: .dump(.labels), required: true)

  /// A row for each artist of a release; `position` counts them from 1 in the dump's order.
  public static let releaseArtistLinks = Dataset(
    "release_artist_links_v1_typed",
    [
      Column("release_id", .bigint), Column("position", .bigint), Column("artist_id", .bigint),
      Column("artist_name"), Column("anv"), Column("join_phrase"),
    ], from: .dump(.releases))

  /// A row for each label of a release with its catalogue number, counted as in ``releaseArtistLinks``.
  public static let releaseLabelLinks = Dataset(
    "release_label_links_v1_typed",
    [
      Column("release_id", .bigint), Column("position", .bigint), Column("label_id", .bigint),
      Column("label_name"), Column("catno"),
    ], from: .dump(.releases))

  /// A row for each genre of a release, counted as in ``releaseArtistLinks``.
  public static let releaseGenreLinks = Dataset(
    "release_genre_links_v1_typed",
    [Column("release_id", .bigint), Column("position", .bigint), Column("genre")],
    from: .dump(.releases))

  /// A row for each style of a release, counted as in ``releaseArtistLinks``.
  public static let releaseStyleLinks = Dataset(
    "release_style_links_v1_typed",
    [Column("release_id", .bigint), Column("position", .bigint), Column("style")],
    from: .dump(.releases))

  /// Which artists are known by which normalized name: their own, their real one, aliases, and groups.
  public static let artistNameMap = Dataset(
    "artist_name_map_v1", [Column("norm_name"), Column("artist_id", .bigint)], from: .derived)

  /// Each release's artists, once each, under the name they have where they come first.
  public static let releaseArtists = Dataset(
    "release_artists_v1",
    [
      Column("release_id", .bigint), Column("artist_norm"), Column("artist_id", .bigint),
      Column("artist_name"),
    ], from: .derived)

  /// Each release's labels with their catalogue numbers, once each.
  public static let releaseLabelXref = Dataset(
    "release_label_xref_v1",
    [
      Column("release_id", .bigint), Column("label_name"), Column("label_norm"), Column("label_catno"),
      Column("label_id", .bigint),
    ], from: .derived)

  /// How many releases each label has; a label is its name in lower case.
  public static let labelReleaseCounts = Dataset(
    "label_release_counts_v1",
    [Column("label_norm"), Column("label_name_sample"), Column("n_total_releases", .bigint)],
    from: .derived)

  /// Each release's genres, once each.
  public static let releaseGenreXref = Dataset(
    "release_genre_xref_v1", [Column("release_id", .bigint), Column("genre"), Column("genre_norm")],
    from: .derived)

  /// Each release's styles, once each.
  public static let releaseStyleXref = Dataset(
    "release_style_xref_v1", [Column("release_id", .bigint), Column("style"), Column("style_norm")],
    from: .derived)
}
