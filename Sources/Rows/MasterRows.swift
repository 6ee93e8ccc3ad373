import Dump
import Parquet
import Schema

/// `masters_v1_typed`.
final class MasterRows: EntityRows {
  private let master: RowBatch
  private let masterID, mainReleaseID, year: Int64Values
  private let title, artists, artistIDs, genres, styles, dataQuality: ByteArrayValues
  init() {
    let batches = Entity.masters.datasets.map(RowBatch.init)
    master = batches[0]
    masterID = master.number(0)
    mainReleaseID = master.number(1)
    title = master.text(2)
    year = master.number(3)
    artists = master.text(4)
    artistIDs = master.text(5)
    genres = master.text(6)
    styles = master.text(7)
    dataQuality = master.text(8)
    super.init(batches)
  }

  override func append(_ id: Int64, _ fields: UnsafeBufferPointer<Field>) {
    var mainRelease = Text.missing
    var yearText = Text.missing
    for field in fields {
      let text = Text(trimming: field)
      switch MasterField(rawValue: field.token)! {
      case .id: break
      case .mainRelease: if mainRelease.isEmpty { mainRelease = text }
      case .title: title.set(text)
      case .year: if yearText.isEmpty { yearText = text }
      case .artistID: artistIDs.join(text, ",")
      case .artistName: artists.join(text)
      case .genre: genres.join(text)
      case .style: styles.join(text)
      case .dataQuality: dataQuality.set(text)
      }
    }
    masterID.append(id)
    mainReleaseID.append(reference(mainRelease))
    year.append(reference(yearText))
    master.finishTexts()
  }
}
