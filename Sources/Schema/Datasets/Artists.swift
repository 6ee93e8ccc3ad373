// What the dump of artists becomes.

extension Dataset {
  /// `artists_v1_typed`
  public static let artists = Dataset(
    "artists_v1_typed", from: .dump(.artists), rows: .record, required: true,
    "One row for each artist: a person, a group or an alias. Several values are joined with a comma and a blank.",
    columns: [
      Column("artist_id", .bigint, .recordID, nulls: .never, "The artist's id."),
      Column(
        "name", .first("name"), nulls: .atMost(0.01), lookedUp: true,
        "The artist's name; a number in brackets tells namesakes apart."),
      Column("realname", .first("realname"), "The real name behind it."),
      Column("profile", .first("profile"), "A description, in the site's markup."),
      Column("data_quality", .first("data_quality"), "How far the entry was checked, such as Correct."),
      Column("urls", .joined("urls/url"), "Web pages, joined."),
      Column(
        "namevariations", .joined("namevariations/name"), "Other spellings of the name, joined."),
      Column("aliases", .joined("aliases/name/."), "Names of the artist's other entries, joined."),
    ])

  /// `artist_aliases_v1_typed`
  public static let artistAliases = Dataset(
    "artist_aliases_v1_typed", from: .artists, rows: ["aliases/name"], onlyWith: ["alias_name"],
    required: true,
    "One row for each alias with a name that an artist's record lists.",
    columns: [
      .of(.artists),
      Column(
        "alias_id", .bigint, .numberNotZero("@id"), nulls: .reported, references: .artists(.loose),
        lookedUp: true, "The alias's own entry; NULL if it has none."),
      Column("alias_name", .first("."), nulls: .atMost(0), "The alias's name."),
    ])

  /// `artist_memberships_v1_typed`
  public static let artistMemberships = Dataset(
    "artist_memberships_v1_typed", from: .artists,
    rows: [RowElement("members/name", ledBy: "id"), RowElement("groups/name", ledBy: "id")],
    onlyWith: ["group_id", "member_id"], required: true,
    "One row for each membership that an artist's record lists, be it the group's record or the member's.",
    columns: [
      Column(
        "group_id", .bigint, .each([.recordID, .numberNotZero(["@id", "../id"])]), nulls: .never,
        references: .artists(.expected), lookedUp: true, "The group."),
      Column(
        "group_name", .each([.ofRecord("name"), .first(".")]), nulls: .atMost(0.01), "The group's name."),
      Column(
        "member_id", .bigint, .each([.numberNotZero(["@id", "../id"]), .recordID]), nulls: .never,
        references: .artists(.expected), lookedUp: true, "The member."),
      Column(
        "member_name", .each([.first("."), .ofRecord("name")]), nulls: .atMost(0.01), "The member's name."),
    ])

  /// `artist_urls_v1_typed`
  public static let artistURLs = texts(
    "artist_urls_v1_typed", of: .artists, at: "urls/url", "url",
    "One row for each web page of an artist, in the order of the record.",
    "Which page of the artist, from 1.",
    "The page's address, as it was entered.")

  /// `artist_name_variations_v1_typed`
  public static let artistNameVariations = texts(
    "artist_name_variations_v1_typed", of: .artists, at: "namevariations/name", "name",
    "One row for each other spelling of an artist's name, in the order of the record.",
    "Which spelling of the artist, from 1.", lookedUp: true, "The spelling.")

  /// `artist_images_v1_typed`
  public static let artistImages = images(of: .artists)
}
