// What several kinds of dump say in the same words.

extension Column {
  /// The id of the record that a row belongs to.
  static func of(_ entity: Entity) -> Column {
    let target: ReferenceTarget =
      switch entity {
      case .artists: .artists(.byConstruction)
      case .labels: .labels(.byConstruction)
      case .masters: .masters(.byConstruction)
      case .releases: .releases(.byConstruction)
      }
    return Column(
      "\(entity.recordName)_id", .bigint, .recordID, nulls: .never, references: target,
      "The \(entity.recordName) that the row belongs to.")
  }

  /// Which of its record's rows a row is.
  static func position(_ comment: String) -> Column {
    Column("position", .bigint, .ordinal, nulls: .never, comment)
  }

  /// An artist where a record or a track mentions one: `artist_id`, `artist_name`, `anv`.
  static func mentionedArtist(_ strength: Reference.Strength = .loose) -> [Column] {
    [
      Column(
        "artist_id", .bigint, .numberNotZero("id"), nulls: .atMost(0.05), references: .artists(strength),
        lookedUp: true, "The artist's id; NULL for one without a page."),
      Column(
        "artist_name", .first("name"), nulls: .atMost(0.01), lookedUp: true,
        "The artist's name in the database."),
      Column("anv", .first("anv"), "The name as it is printed there (artist name variation), if it differs."),
    ]
  }

  static let joinPhrase = Column(
    "join_phrase", .first("join"), "What stands between this artist and the next, such as & or Feat.")
}

extension Dataset {
  /// The images of an entity's records.
  static func images(of entity: Entity) -> Dataset {
    Dataset(
      "\(entity.recordName)_images_v1_typed", from: entity, rows: ["images/image"], detail: true,
      "One row for each image of a \(entity.recordName), in the order of the record; recent dumps have none.",
      columns: [
        .of(entity), .position("Which image of the \(entity.recordName), from 1."),
        Column("type", .first("@type"), "primary or secondary."),
        Column("width", .bigint, .number("@width"), "Width in pixels."),
        Column("height", .bigint, .number("@height"), "Height in pixels."),
        Column("uri", .first("@uri"), "Where the image lies; empty in dumps since 2015, and then NULL."),
        Column("uri150", .first("@uri150"), "Where its thumbnail lies; as uri."),
      ])
  }

  /// The videos of an entity's records.
  static func videos(of entity: Entity) -> Dataset {
    Dataset(
      "\(entity.recordName)_videos_v1_typed", from: entity, rows: ["videos/video"], detail: true,
      "One row for each video that a \(entity.recordName) links to, in the order of the record.",
      columns: [
        .of(entity), .position("Which video of the \(entity.recordName), from 1."),
        Column("src", .first("@src"), nulls: .atMost(0.01), "The video's address."),
        Column("duration_seconds", .bigint, .number("@duration"), "How long it is, in seconds."),
        Column("is_embeddable", .boolean, .flag("@embed"), "Whether other sites may show it."),
        Column("title", .first("title"), "The video's title."),
        Column("description", .first("description"), "The video's description."),
      ])
  }

  /// The rows of one text for each element: `position` and the text.
  static func texts(
    _ name: String, of entity: Entity, at path: String, _ column: String, detail: Bool = true,
    _ comment: String,
    _ position: String, lookedUp isLookedUp: Bool = false, _ columnComment: String
  ) -> Dataset {
    Dataset(
      name, from: entity, rows: [RowElement(path)], detail: detail, comment,
      columns: [
        .of(entity), .position(position),
        Column(column, .first("."), nulls: .atMost(0), lookedUp: isLookedUp, columnComment),
      ])
  }

  static func genreLinks(of entity: Entity, detail: Bool) -> Dataset {
    texts(
      "\(entity.recordName)_genre_links_v1_typed", of: entity, at: "genres/genre", "genre", detail: detail,
      "One row for each genre of a \(entity.recordName), in the order of the record.",
      "Which genre of the \(entity.recordName), from 1.", "The genre, which may hold commas.")
  }

  static func styleLinks(of entity: Entity, detail: Bool) -> Dataset {
    texts(
      "\(entity.recordName)_style_links_v1_typed", of: entity, at: "styles/style", "style", detail: detail,
      "One row for each style of a \(entity.recordName), in the order of the record.",
      "Which style of the \(entity.recordName), from 1.", "The style, which may hold commas.")
  }

  /// The artists that a record gives as its own.
  static func artistLinks(of entity: Entity, detail: Bool) -> Dataset {
    Dataset(
      "\(entity.recordName)_artist_links_v1_typed", from: entity, rows: ["artists/artist"], detail: detail,
      "One row for each artist of a \(entity.recordName) (not of its tracks), in the order of the record.",
      columns: [.of(entity), .position("Which artist of the \(entity.recordName), from 1.")]
        + Column.mentionedArtist() + [.joinPhrase])
  }
}
