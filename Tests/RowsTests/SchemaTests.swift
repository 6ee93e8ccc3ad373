import Schema
import Testing

/// What every declaration must keep to, so that files, catalogs and documentation can be made from it.
@Suite struct SchemaTests {
  static let declared = Dataset.all.filter { $0 != .releaseBarcodeXref } + [.releaseBarcodeXref]

  @Test(arguments: declared) func saysWhatItHolds(_ dataset: Dataset) {
    for comment in [dataset.comment] + dataset.columns.map(\.comment) {
      #expect(
        (1...250).contains(comment.utf8.count) && comment.utf8.allSatisfy { (0x20..<0x7F).contains($0) })
      #expect(comment.hasSuffix("."), "\(dataset.name): \(comment)")
    }
  }

  @Test func namesAreUnique() {
    #expect(Set(Self.declared.map(\.name)).count == Self.declared.count)
    #expect(Set(Self.declared.map(\.table)).count == Self.declared.count)
    for dataset in Self.declared {
      #expect(Set(dataset.columns.map(\.name)).count == dataset.columns.count, "\(dataset.name)")
    }
  }

  /// A row of a dump belongs to a record: there is none without the record's id.
  @Test func rowsOfDumpsHaveTheirRecordsId() {
    for dataset in Self.declared where dataset.origin != .derived && dataset != .artistMemberships {
      let first = dataset.columns[0]
      #expect(first.type == .bigint && first.source == .recordID && first.nulls == .never, "\(dataset.name)")
    }
  }

  @Test func referencesLeadToTheIdsOfRecords() {
    for reference in Reference.all {
      #expect(reference.dataset.column(reference.column)?.type == .bigint)
      #expect(reference.target.columns[0].source == .recordID && reference.target.isRequired)
    }
    #expect(
      Reference.all.contains {
        $0.dataset == .releaseArtistLinks && $0.column == "artist_id" && $0.target == .artists
      })
    #expect(
      Reference.all.contains { $0.dataset == .releases && $0.column == "master_id" && $0.strength == .loose })
  }
}
