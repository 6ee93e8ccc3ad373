import Dump
import Parquet
import Schema

/// `artists_v1_typed`, `artist_aliases_v1_typed`, `artist_memberships_v1_typed`.
final class ArtistRows: EntityRows {
  private let artist: RowBatch
  private let artistID, aliasArtistID, aliasID, groupID, memberID: Int64Values
  private let name, realname, profile, dataQuality, urls, nameVariations, aliases: ByteArrayValues
  private let aliasName, groupName, memberName: ByteArrayValues

  /// An artist that the record names as a member or as a group.
  private struct Named {
    var id: Text
    var name: Text
  }
  init() {
    let batches = Entity.artists.datasets.map(RowBatch.init)
    artist = batches[0]
    let alias = batches[1]
    let membership = batches[2]
    artistID = artist.number(0)
    name = artist.text(1)
    realname = artist.text(2)
    profile = artist.text(3)
    dataQuality = artist.text(4)
    urls = artist.text(5)
    nameVariations = artist.text(6)
    aliases = artist.text(7)
    aliasArtistID = alias.number(0)
    aliasID = alias.number(1)
    aliasName = alias.text(2)
    groupID = membership.number(0)
    groupName = membership.text(1)
    memberID = membership.number(2)
    memberName = membership.text(3)
    super.init(batches)
  }

  override func append(_ id: Int64, _ fields: UnsafeBufferPointer<Field>) {
    var ownName = Text.missing
    // Of dumps that give a member's id only as an element before the name.
    var plainID = Text.missing
    var attributeID = Text.missing
    var linkName = Text.missing
    var members: [Named] = []
    var groups: [Named] = []

    for field in fields {
      let text = Text(trimming: field)
      switch ArtistField(rawValue: field.token)! {
      case .id: break
      case .name: if ownName.isEmpty { ownName = text }
      case .realname: realname.set(text)
      case .profile: profile.set(text)
      case .dataQuality: dataQuality.set(text)
      case .url: urls.join(text)
      case .nameVariation: nameVariations.join(text)
      case .aliasID, .memberID, .groupID: attributeID = text
      // An id may be followed by no name.
      case .memberPlainID, .members:
        if !plainID.isEmpty { members.append(Named(id: plainID, name: .missing)) }
        plainID = text
      case .groupPlainID, .groups:
        if !plainID.isEmpty { groups.append(Named(id: plainID, name: .missing)) }
        plainID = text
      case .aliasName, .memberName, .groupName: linkName = text
      case .alias:
        if !linkName.isEmpty {
          aliases.join(linkName)
          aliasArtistID.append(id)
          aliasID.append(number(attributeID))
          aliasName.row(linkName)
        }
        (attributeID, linkName) = (.missing, .missing)
      case .member, .group:
        let named = Named(id: attributeID.isEmpty ? plainID : attributeID, name: linkName)
        if field.token == ArtistField.member.rawValue { members.append(named) } else { groups.append(named) }
        (plainID, attributeID, linkName) = (.missing, .missing, .missing)
      }
    }
    artistID.append(id)
    name.append(ownName)
    artist.finishTexts()
    for member in members {
      guard let other = number(member.id) else { continue }
      groupID.append(id)
      groupName.row(ownName)
      memberID.append(other)
      memberName.row(member.name)
    }
    for group in groups {
      guard let other = number(group.id) else { continue }
      groupID.append(other)
      groupName.row(group.name)
      memberID.append(id)
      memberName.row(ownName)
    }
  }
}
