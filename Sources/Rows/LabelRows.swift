import Dump
import Parquet
import Schema

/// `labels_v10`.
final class LabelRows: EntityRows {
  private let label: RowBatch
  private let labelID, parentID: Int64Values
  private let name, profile, contactInfo, dataQuality, parentName: ByteArrayValues
  private let urls, sublabelIDs, sublabelNames: ByteArrayValues
  init() {
    let batches = Entity.labels.datasets.map(RowBatch.init)
    label = batches[0]
    labelID = label.number(0)
    name = label.text(1)
    profile = label.text(2)
    contactInfo = label.text(3)
    dataQuality = label.text(4)
    parentID = label.number(5)
    parentName = label.text(6)
    urls = label.text(7)
    sublabelIDs = label.text(8)
    sublabelNames = label.text(9)
    super.init(batches)
  }

  override func append(_ id: Int64, _ fields: UnsafeBufferPointer<Field>) {
    var parent = Text.missing
    for field in fields {
      let text = Text(trimming: field)
      switch LabelField(rawValue: field.token)! {
      case .id: break
      case .name: name.set(text)
      case .profile: profile.set(text)
      case .contactInfo: contactInfo.set(text)
      case .dataQuality: dataQuality.set(text)
      case .parentID: if parent.isEmpty { parent = text }
      case .parentName: parentName.set(text)
      case .url: urls.join(text)
      case .sublabelID: sublabelIDs.join(text)
      case .sublabelName: sublabelNames.join(text)
      }
    }
    labelID.append(id)
    parentID.append(number(parent))
    label.finishTexts()
  }
}
