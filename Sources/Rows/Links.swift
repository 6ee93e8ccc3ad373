import Parquet

// A release's links, one row each. Positions count a release's links from 1 in document order; elements without any
// content make no row and take no position.

/// `release_artist_links_v1_typed`.
final class ArtistLinks {
  struct Link {
    var id = Text.missing
    var name = Text.missing
    var variation = Text.missing
    var join = Text.missing
  }

  private let releaseID, position, artistID: Int64Values
  private let name, variation, join: ByteArrayValues
  private var release: Int64 = 0
  private var last: Int64 = 0

  init(_ batch: RowBatch) {
    releaseID = batch.number(0)
    position = batch.number(1)
    artistID = batch.number(2)
    name = batch.text(3)
    variation = batch.text(4)
    join = batch.text(5)
  }

  func begin(_ release: Int64) { (self.release, last) = (release, 0) }

  func append(_ link: Link, id: Int64?) {
    if id == nil, link.name.isEmpty, link.variation.isEmpty, link.join.isEmpty { return }
    last += 1
    releaseID.append(release)
    position.append(last)
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

  private let releaseID, position, labelID: Int64Values
  private let name, catalogNumber: ByteArrayValues
  private var release: Int64 = 0
  private var last: Int64 = 0

  init(_ batch: RowBatch) {
    releaseID = batch.number(0)
    position = batch.number(1)
    labelID = batch.number(2)
    name = batch.text(3)
    catalogNumber = batch.text(4)
  }

  func begin(_ release: Int64) { (self.release, last) = (release, 0) }

  func append(_ link: Link, id: Int64?) {
    if id == nil, link.name.isEmpty, link.catalogNumber.isEmpty { return }
    last += 1
    releaseID.append(release)
    position.append(last)
    labelID.append(id)
    name.row(link.name)
    catalogNumber.row(link.catalogNumber)
  }
}

/// `release_genre_links_v1_typed` and `release_style_links_v1_typed`.
final class NameLinks {
  private let releaseID, position: Int64Values
  private let name: ByteArrayValues
  private var release: Int64 = 0
  private var last: Int64 = 0

  init(_ batch: RowBatch) {
    releaseID = batch.number(0)
    position = batch.number(1)
    name = batch.text(2)
  }

  func begin(_ release: Int64) { (self.release, last) = (release, 0) }

  func append(_ text: Text) {
    if text.isEmpty { return }
    last += 1
    releaseID.append(release)
    position.append(last)
    name.row(text)
  }
}
