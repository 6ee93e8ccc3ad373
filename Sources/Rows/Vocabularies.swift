import Dump
import Schema

// What is known to stand in each kind of dump, of all years, and which parts of it become columns.
//
// A field that nobody wants is listed all the same, without a token: what is not listed counts as drift.

/// The parts of an artist that become columns.
enum ArtistField: UInt8 {
  case id = 1
  case name, realname, profile, dataQuality, url, nameVariation
  case aliasID, aliasName, alias
  case memberPlainID, memberID, memberName, member, members
  case groupPlainID, groupID, groupName, group, groups
}

/// The parts of a label that become columns.
enum LabelField: UInt8 {
  case id = 1
  case name, profile, contactInfo, dataQuality, parentID, parentName, url, sublabelID, sublabelName
}

/// The parts of a master that become columns.
enum MasterField: UInt8 {
  case id = 1
  case mainRelease, title, year, artistID, artistName, genre, style, dataQuality
}

/// The parts of a release that become columns.
enum ReleaseField: UInt8 {
  case id = 1
  case status, master, title, country, released, dataQuality
  case artistID, artistName, artistVariation, artistJoin, artist
  case labelID, labelName, labelCatalogNumber, label
  case creditName, creditRole, credit
  case formatName, formatQuantity, formatText, formatDescription
  case genre, style
  case identifierType, identifierDescription, identifierValue, identifierText, identifier
}

extension Entity {
  /// The elements and attributes that this entity's dump is known to have.
  public var vocabulary: Vocabulary {
    let record =
      switch self {
      case .artists: artistElement
      case .labels: labelElement
      case .masters: masterElement
      case .releases: releaseElement
      }
    return Vocabulary(root: rawValue, record: record)
  }
}

private let images = Element(
  "images",
  [Element("image", attributes: ["type": 0, "uri": 0, "uri150": 0, "width": 0, "height": 0])])

private let videos = Element(
  "videos",
  [
    Element(
      "video", attributes: ["src": 0, "duration": 0, "embed": 0],
      [Element("title"), Element("description")])
  ])

/// An artist where the release or track mentions one.
private func mention(
  id: UInt8 = 0, name: UInt8 = 0, anv: UInt8 = 0, join: UInt8 = 0, role: UInt8 = 0, end: UInt8 = 0
) -> Element {
  Element(
    "artist", end: end,
    [
      Element("id", text: id), Element("name", text: name), Element("anv", text: anv),
      Element("join", text: join), Element("role", text: role), Element("tracks"),
      Element("resource_url"), Element("thumbnail_url"),
    ])
}

private var artistElement: Element {
  typealias F = ArtistField
  return Element(
    "artist",
    [
      images,
      Element("id", text: F.id.rawValue), Element("name", text: F.name.rawValue),
      Element("realname", text: F.realname.rawValue), Element("profile", text: F.profile.rawValue),
      Element("data_quality", text: F.dataQuality.rawValue),
      Element("urls", [Element("url", text: F.url.rawValue)]),
      Element("namevariations", [Element("name", text: F.nameVariation.rawValue)]),
      Element(
        "aliases",
        [
          Element(
            "name", text: F.aliasName.rawValue, end: F.alias.rawValue,
            attributes: ["id": F.aliasID.rawValue])
        ]),
      Element(
        "members", end: F.members.rawValue,
        [
          Element("id", text: F.memberPlainID.rawValue),
          Element(
            "name", text: F.memberName.rawValue, end: F.member.rawValue,
            attributes: ["id": F.memberID.rawValue]),
        ]),
      Element(
        "groups", end: F.groups.rawValue,
        [
          Element("id", text: F.groupPlainID.rawValue),
          Element(
            "name", text: F.groupName.rawValue, end: F.group.rawValue,
            attributes: ["id": F.groupID.rawValue]),
        ]),
    ])
}

private var labelElement: Element {
  typealias F = LabelField
  let sublabel = Element(
    "label", text: F.sublabelName.rawValue, attributes: ["id": F.sublabelID.rawValue])
  return Element(
    "label",
    [
      images,
      Element("id", text: F.id.rawValue), Element("name", text: F.name.rawValue),
      Element("contactinfo", text: F.contactInfo.rawValue), Element("profile", text: F.profile.rawValue),
      Element("data_quality", text: F.dataQuality.rawValue),
      Element("parentLabel", text: F.parentName.rawValue, attributes: ["id": F.parentID.rawValue]),
      Element("urls", [Element("url", text: F.url.rawValue)]),
      Element("sublabels", [sublabel]),
      sublabel,
    ])
}

private var masterElement: Element {
  typealias F = MasterField
  return Element(
    "master", attributes: ["id": F.id.rawValue],
    [
      Element("main_release", text: F.mainRelease.rawValue), images,
      Element("artists", [mention(id: F.artistID.rawValue, name: F.artistName.rawValue)]),
      Element("genres", [Element("genre", text: F.genre.rawValue)]),
      Element("styles", [Element("style", text: F.style.rawValue)]),
      Element("year", text: F.year.rawValue), Element("title", text: F.title.rawValue),
      Element("data_quality", text: F.dataQuality.rawValue), Element("notes"), videos,
    ])
}

private var releaseElement: Element {
  typealias F = ReleaseField
  func track(_ more: [Element] = []) -> Element {
    Element(
      "track",
      [
        Element("position"), Element("title"), Element("duration"),
        Element("artists", [mention()]), Element("extraartists", [mention()]),
      ] + more)
  }
  return Element(
    "release", attributes: ["id": F.id.rawValue, "status": F.status.rawValue],
    [
      images,
      Element(
        "artists",
        [
          mention(
            id: F.artistID.rawValue, name: F.artistName.rawValue, anv: F.artistVariation.rawValue,
            join: F.artistJoin.rawValue, end: F.artist.rawValue)
        ]),
      Element("title", text: F.title.rawValue),
      Element(
        "labels",
        [
          Element(
            "label", end: F.label.rawValue,
            attributes: [
              "name": F.labelName.rawValue, "catno": F.labelCatalogNumber.rawValue, "id": F.labelID.rawValue,
            ])
        ]),
      Element("series", [Element("series", attributes: ["name": 0, "catno": 0, "id": 0])]),
      Element(
        "extraartists",
        [mention(name: F.creditName.rawValue, role: F.creditRole.rawValue, end: F.credit.rawValue)]),
      Element(
        "formats",
        [
          Element(
            "format",
            attributes: [
              "name": F.formatName.rawValue, "qty": F.formatQuantity.rawValue,
              "text": F.formatText.rawValue,
            ], [Element("descriptions", [Element("description", text: F.formatDescription.rawValue)])])
        ]),
      Element("genres", [Element("genre", text: F.genre.rawValue)]),
      Element("styles", [Element("style", text: F.style.rawValue)]),
      Element("country", text: F.country.rawValue), Element("released", text: F.released.rawValue),
      Element("notes"), Element("data_quality", text: F.dataQuality.rawValue),
      Element("master_id", text: F.master.rawValue, attributes: ["is_main_release": 0]),
      Element("tracklist", [track([Element("sub_tracks", [track()])])]),
      Element(
        "identifiers",
        [
          Element(
            "identifier", text: F.identifierText.rawValue, end: F.identifier.rawValue,
            attributes: [
              "type": F.identifierType.rawValue, "description": F.identifierDescription.rawValue,
              "value": F.identifierValue.rawValue,
            ])
        ]),
      videos,
      Element(
        "companies",
        [
          Element(
            "company",
            [
              Element("id"), Element("name"), Element("catno"), Element("entity_type"),
              Element("entity_type_name"), Element("resource_url"),
            ])
        ]),
    ])
}
