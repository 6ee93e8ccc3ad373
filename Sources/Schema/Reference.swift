/// The records that a column's values name by their ids, and how far that can be relied on; NULL names none.
public struct ReferenceTarget: Sendable, Hashable {
  /// What the records are.
  public let entity: Entity
  /// How far it can be relied on.
  public let strength: Reference.Strength

  /// Names artists.
  public static func artists(_ strength: Reference.Strength) -> Self { Self(.artists, strength) }
  /// Names labels.
  public static func labels(_ strength: Reference.Strength) -> Self { Self(.labels, strength) }
  /// Names masters.
  public static func masters(_ strength: Reference.Strength) -> Self { Self(.masters, strength) }
  /// Names releases.
  public static func releases(_ strength: Reference.Strength) -> Self { Self(.releases, strength) }

  private init(_ entity: Entity, _ strength: Reference.Strength) {
    self.entity = entity
    self.strength = strength
  }
}

/// A column that names rows of a dataset, another or its own, by their id; NULL names none.
///
/// Which references there are follows from the columns' declarations.
public struct Reference: Sendable, Hashable {
  /// What stands behind a reference.
  public enum Strength: Sendable, Hashable {
    /// The row is made from the record that it names, or only where that record is there.
    case byConstruction
    /// The dumps should hold each record that is named.
    case expected
    /// The dumps are known to name records that they do not hold; how many is worth knowing.
    case reported
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

  private init(_ dataset: Dataset, _ column: String, _ target: ReferenceTarget) {
    self.dataset = dataset
    self.column = column
    self.target = target.entity.main
    targetColumn = self.target.columns[0].name
    strength = target.strength
  }

  /// Every reference between datasets of a run, in the order in which they are checked: that of the declarations.
  public static let all: [Reference] = Dataset.all.flatMap { dataset in
    dataset.columns.compactMap { column in column.references.map { Reference(dataset, column.name, $0) } }
  }
}
