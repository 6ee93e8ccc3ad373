import Dump
import Parquet
import Schema

/// `releases_v6` and the four link datasets.
final class ReleaseRows: EntityRows {
  private let release: RowBatch
  private let releaseID, masterID: Int64Values
  private let title, artists, labels, catalogNumbers, country, formats, genres, styles: ByteArrayValues
  private let credits, status, released, dataQuality: ByteArrayValues
  private let quantities, formatTexts, formatDescriptions, identifiers: ByteArrayValues
  private let artistLinks: ArtistLinks
  private let labelLinks: LabelLinks
  private let genreLinks: NameLinks
  private let styleLinks: NameLinks

  init() {
    let batches = Entity.releases.datasets.map(RowBatch.init)
    release = batches[0]
    releaseID = release.number(0)
    masterID = release.number(1)
    title = release.text(2)
    artists = release.text(3)
    labels = release.text(4)
    catalogNumbers = release.text(5)
    country = release.text(6)
    formats = release.text(7)
    genres = release.text(8)
    styles = release.text(9)
    credits = release.text(10)
    status = release.text(11)
    released = release.text(12)
    dataQuality = release.text(13)
    quantities = release.text(14)
    formatTexts = release.text(15)
    formatDescriptions = release.text(16)
    identifiers = release.text(17)
    artistLinks = ArtistLinks(batches[1])
    labelLinks = LabelLinks(batches[2])
    genreLinks = NameLinks(batches[3])
    styleLinks = NameLinks(batches[4])
    super.init(batches)
  }

  override func append(_ id: Int64, _ fields: UnsafeBufferPointer<Field>) {
    var master = Text.missing
    var artist = ArtistLinks.Link()
    var label = LabelLinks.Link()
    var credit = Credit()
    var identifier = Identifier()
    artistLinks.begin(id)
    labelLinks.begin(id)
    genreLinks.begin(id)
    styleLinks.begin(id)

    for field in fields {
      let text = Text(trimming: field)
      switch ReleaseField(rawValue: field.token)! {
      case .id: break
      case .status: status.set(text)
      case .master: if master.isEmpty { master = text }
      case .title: title.set(text)
      case .country: country.set(text)
      case .released: released.set(text)
      case .dataQuality: dataQuality.set(text)

      case .artistID: if artist.id.isEmpty { artist.id = text }
      case .artistName: if artist.name.isEmpty { artist.name = text }
      case .artistVariation: if artist.variation.isEmpty { artist.variation = text }
      case .artistJoin: if artist.join.isEmpty { artist.join = text }
      case .artist:
        artists.join(artist.name)
        artistLinks.append(artist, id: number(artist.id))
        artist = ArtistLinks.Link()

      case .labelID: label.id = text
      case .labelName: label.name = text
      case .labelCatalogNumber: label.catalogNumber = text
      case .label:
        labels.join(label.name)
        catalogNumbers.join(label.catalogNumber)
        labelLinks.append(label, id: number(label.id))
        label = LabelLinks.Link()

      case .creditName: if credit.name.isEmpty { credit.name = text }
      case .creditRole: if credit.role.isEmpty { credit.role = text }
      case .credit:
        credit.append(to: credits)
        credit = Credit()

      case .formatName: formats.join(text)
      case .formatQuantity: quantities.join(text)
      case .formatText: formatTexts.join(text)
      case .formatDescription: formatDescriptions.join(text)

      case .genre:
        genres.join(text)
        genreLinks.append(text)
      case .style:
        styles.join(text)
        styleLinks.append(text)

      case .identifierType: identifier.type = text
      case .identifierDescription: identifier.description = text
      case .identifierValue: identifier.value = text
      case .identifierText: if identifier.value.isEmpty { identifier.value = text }
      case .identifier:
        identifier.append(to: identifiers)
        identifier = Identifier()
      }
    }
    releaseID.append(id)
    masterID.append(reference(master))
    release.finishTexts()
  }
}

/// An extra artist with its role: `ROLE: NAME`.
private struct Credit {
  var role = Text.missing
  var name = Text.missing

  func append(to column: ByteArrayValues) {
    if role.isEmpty || name.isEmpty {
      column.join(role.isEmpty ? name : role, "; ")
    } else {
      column.join(role, "; ")
      column.append(bytes: ": ")
      column.append(name)
    }
  }
}

/// A barcode, matrix number and the like: `TYPE [DESCRIPTION] : VALUE`.
private struct Identifier {
  var type = Text.missing
  var description = Text.missing
  var value = Text.missing

  func append(to column: ByteArrayValues) {
    if type.isEmpty, description.isEmpty, value.isEmpty { return }
    if column.pendingCount > 0 { column.append(bytes: "; ") }
    column.append(type)
    if !description.isEmpty {
      column.append(bytes: type.isEmpty ? "[" : " [")
      column.append(description)
      column.append(byte: UInt8(ascii: "]"))
    }
    if !value.isEmpty {
      column.append(bytes: type.isEmpty && description.isEmpty ? ": " : " : ")
      column.append(value)
    }
  }
}
