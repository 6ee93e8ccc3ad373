/// A column that names rows of a dataset, another or its own, by their id; NULL names none.
///
/// This file is the one place that says which references there are; the checks of files and of tables come from it.
public struct Reference: Sendable, Hashable {
  /// What stands behind a reference.
  public enum Strength: Sendable, Hashable {
    /// The row is made from the record that it names, or only where that record is there.
    case byConstruction
    /// The dumps should hold each record that is named.
    case expected
    /// The dumps are known to name records that they do not hold.
    case loose
  }

  /// The dataset whose rows name others.
  public let dataset: Dataset
  /// The column that names them.
  public let column: String
  /// The dataset whose rows are named.
  public let target: Dataset
  /// The target's id.
  public let targetColumn: String
  /// How far it can be relied on.
  public let strength: Strength

  private init(
    _ dataset: Dataset, _ column: String, to target: Dataset, _ targetColumn: String, _ strength: Strength
  ) {
    self.dataset = dataset
    self.column = column
    self.target = target
    self.targetColumn = targetColumn
    self.strength = strength
  }

  /// Every reference between datasets of a run, in the order in which they are checked.
  public static let all: [Reference] = [
    Reference(.artistAliases, "artist_id", to: .artists, "artist_id", .byConstruction),
    Reference(.artistAliases, "alias_id", to: .artists, "artist_id", .loose),
    Reference(.artistMemberships, "group_id", to: .artists, "artist_id", .expected),
    Reference(.artistMemberships, "member_id", to: .artists, "artist_id", .expected),
    Reference(.masters, "main_release_id", to: .releases, "release_id", .expected),
    Reference(.releases, "master_id", to: .masters, "master_id", .loose),
    Reference(.labels, "parent_label_id", to: .labels, "label_id", .loose),
    Reference(.releaseArtistLinks, "release_id", to: .releases, "release_id", .byConstruction),
    Reference(.releaseArtistLinks, "artist_id", to: .artists, "artist_id", .loose),
    Reference(.releaseLabelLinks, "release_id", to: .releases, "release_id", .byConstruction),
    Reference(.releaseLabelLinks, "label_id", to: .labels, "label_id", .loose),
    Reference(.releaseGenreLinks, "release_id", to: .releases, "release_id", .byConstruction),
    Reference(.releaseStyleLinks, "release_id", to: .releases, "release_id", .byConstruction),
    Reference(.artistNameMap, "artist_id", to: .artists, "artist_id", .byConstruction),
    Reference(.releaseArtists, "release_id", to: .releases, "release_id", .byConstruction),
    Reference(.releaseLabelXref, "release_id", to: .releases, "release_id", .byConstruction),
    Reference(.releaseGenreXref, "release_id", to: .releases, "release_id", .byConstruction),
    Reference(.releaseStyleXref, "release_id", to: .releases, "release_id", .byConstruction),
  ]
}
