import SQL
import Schema

/// How a derived dataset is computed: a query of the `Scripts` folder, and the order of its rows in the files.
struct DerivedScript {
  let dataset: Dataset
  /// The datasets that the query reads.
  let sources: [Dataset]
  /// How the rows lie in the files: by what they are looked up by, and any two of them in an order, so that the files'
  /// bytes depend on nothing but the rows.
  let order: RowOrder
  private let text: [UInt8]

  /// The query, reading its sources from `schema`.
  func select(from schema: String) -> String {
    String(decoding: text, as: UTF8.self).replacing("${schema}", with: SQLText.identifier(schema))
  }

  /// Every derived dataset, those that others are computed from first.
  static let all = [
    DerivedScript(
      dataset: .artistNameMap, sources: [.artists, .artistAliases, .artistMemberships],
      order: ["norm_name", "artist_id"], text: PackageResources.artist_name_map_v1_sql),
    DerivedScript(
      dataset: .releaseArtists, sources: [.releaseArtistLinks],
      order: ["artist_id", "release_id", "artist_name"], text: PackageResources.release_artists_v1_sql),
    DerivedScript(
      dataset: .releaseLabelXref, sources: [.releaseLabelLinks],
      order: RowOrder(
        ["label_norm", "label_name", "release_id", "label_id", "label_catno"],
        keys: ["label_rank", "release_label.release_id", "position"]),
      text: PackageResources.release_label_xref_v1_sql),
    DerivedScript(
      dataset: .labelReleaseCounts, sources: [.releaseLabelXref], order: ["label_norm"],
      text: PackageResources.label_release_counts_v1_sql),
    DerivedScript(
      dataset: .releaseGenreXref, sources: [.releaseGenreLinks],
      order: RowOrder(["genre_norm", "genre", "release_id"], keys: ["genre_rank", "release_id"]),
      text: PackageResources.release_genre_xref_v1_sql),
    DerivedScript(
      dataset: .releaseStyleXref, sources: [.releaseStyleLinks],
      order: RowOrder(["style_norm", "style", "release_id"], keys: ["style_rank", "release_id"]),
      text: PackageResources.release_style_xref_v1_sql),
    DerivedScript(
      dataset: .releaseBarcodeXref, sources: [.releaseIdentifiers], order: ["barcode_norm", "release_id"],
      text: PackageResources.release_barcode_xref_v1_sql),
  ]

  /// Those of them that a run has which was made with this choice.
  static func all(_ choice: DatasetChoice) -> [DerivedScript] { all.filter { choice.includes($0.dataset) } }
}
