import Parquet

// A release's links, one row each. Positions count a release's links from 1 in document order; elements without any
// content make no row and take no position.

/// The first two columns of every link dataset: the release, and which of its links a row is.
private struct Place {
  private let releaseID, position: Int64Values
  private var release: Int64 = 0
  private var last: Int64 = 0

  init(_ batch: RowBatch) {
    releaseID = batch.number(0)
    position = batch.number(1)
  }

  mutating func begin(_ release: Int64) { (self.release, last) = (release, 0) }

  /// Takes the release's next position, and appends both.
  mutating func appendNext() {
    last += 1
    releaseID.append(release)
    position.append(last)
  }
}

/// `release_artist_links_v1_typed`.
final class ArtistLinks {
  struct Link {
    var id = Text.missing
    var name = Text.missing
    var variation = Text.missing
    var join = Text.missing
  }

  private var place: Place
  private let artistID: Int64Values
  private let name, variation, join: ByteArrayValues

  init(_ batch: RowBatch) {
    place = Place(batch)
    artistID = batch.number(2)
    name = batch.text(3)
    variation = batch.text(4)
    join = batch.text(5)
  }

  func begin(_ release: Int64) { place.begin(release) }

  func append(_ link: Link, id: Int64?) {
    if id == nil, link.name.isEmpty, link.variation.isEmpty, link.join.isEmpty { return }
    place.appendNext()
    artistID.append(id)
    name.row(link.name)
    variation.row(link.variation)
    join.row(link.join)
  }
}

/// `release_label_links_v1_typed`.
final class LabelLinks {
  struct Link {
    var id = Text.missing
    var name = Text.missing
    var catalogNumber = Text.missing
  }

  private var place: Place
  private let labelID: Int64Values
  private let name, catalogNumber: ByteArrayValues

  init(_ batch: RowBatch) {
    place = Place(batch)
    labelID = batch.number(2)
    name = batch.text(3)
    catalogNumber = batch.text(4)
  }

  func begin(_ release: Int64) { place.begin(release) }

  func append(_ link: Link, id: Int64?) {
    if id == nil, link.name.isEmpty, link.catalogNumber.isEmpty { return }
    place.appendNext()
    labelID.append(id)
    name.row(link.name)
    catalogNumber.row(link.catalogNumber)
  }
}

/// `release_genre_links_v1_typed` and `release_style_links_v1_typed`.
final class NameLinks {
  private var place: Place
  private let name: ByteArrayValues

  init(_ batch: RowBatch) {
    place = Place(batch)
    name = batch.text(2)
  }

  func begin(_ release: Int64) { place.begin(release) }

  func append(_ text: Text) {
    if text.isEmpty { return }
    place.appendNext()
    name.row(text)
  }
}
