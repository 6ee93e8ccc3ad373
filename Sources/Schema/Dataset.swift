/// A set of rows with fixed columns: a folder of Parquet files in a run, a table in SQL.
///
/// Datasets are declared in `Datasets/`, one file for each kind of dump and one for what is derived. A declaration says
/// what each column is and where it comes from; the reading of dumps, Parquet schemas, DDL, comments, checks and
/// documentation follow from it.
public struct Dataset: Sendable, Hashable {
  /// Where a dataset's rows come from.
  public enum Origin: Sendable, Hashable {
    /// Read from this entity's dump by `ingest-entity`.
    case dump(Entity)
    /// Computed from other datasets by `build-xref`.
    case derived
  }

  /// What there is a row for.
  public enum Rows: Sendable, Hashable {
    /// For each record.
    case record
    /// For each of these elements whose own columns are not all NULL.
    case elements([RowElement])
    /// Whatever a script says.
    case computed
  }

  /// An element of a record that a dataset has rows for.
  public struct RowElement: Sendable, Hashable, ExpressibleByStringLiteral {
    /// The names of the elements from the record on, with `/` between them.
    public let path: String
    /// The name of an element beside it which may come before it and then belongs to it, or stands for it alone.
    public let leader: String?

    /// - Parameter leader: the name of an element beside it which may come before it and belongs to it.
    public init(_ path: String, ledBy leader: String? = nil) {
      self.path = path
      self.leader = leader
    }

    public init(stringLiteral path: String) { self.init(path) }
  }

  /// The folder's name in a run.
  public let name: String
  /// The table's name in a schema; the folder's name for all but two.
  public let table: String
  /// What it holds, in plain ASCII of at most 250 characters: catalogs keep it beside the table.
  public let comment: String
  /// The columns in their order, all nullable.
  public let columns: [Column]
  /// Where its rows come from.
  public let origin: Origin
  /// What there is a row for.
  public let rows: Rows
  /// The columns without which there is no row.
  public let onlyWith: [String]
  /// Whether every run has it; older runs lack the link datasets and may lack derived ones.
  public let isRequired: Bool
  /// Whether only runs have it that were made with all datasets.
  public let isDetail: Bool

  init(
    _ name: String, table: String? = nil, from origin: Origin, rows: Rows, onlyWith: [String] = [],
    required: Bool = false, detail: Bool = false, _ comment: String, columns: [Column]
  ) {
    self.name = name
    self.table = table ?? name
    self.comment = comment
    self.columns = columns
    self.origin = origin
    self.rows = rows
    self.onlyWith = onlyWith
    isRequired = required
    isDetail = detail
  }

  /// A dataset with a row for each of these elements of a dump's records.
  init(
    _ name: String, from entity: Entity, rows: [RowElement], onlyWith: [String] = [], required: Bool = false,
    detail: Bool = false, _ comment: String, columns: [Column]
  ) {
    self.init(
      name, from: .dump(entity), rows: .elements(rows), onlyWith: onlyWith, required: required,
      detail: detail,
      comment, columns: columns)
  }

  /// A dataset that a script computes.
  init(derived name: String, detail: Bool = false, _ comment: String, columns: [Column]) {
    self.init(name, from: .derived, rows: .computed, detail: detail, comment, columns: columns)
  }

  /// Names are unique.
  public static func == (one: Dataset, other: Dataset) -> Bool { one.name == other.name }

  public func hash(into hasher: inout Hasher) { hasher.combine(name) }

  /// The column with this name, or nil.
  public func column(_ name: String) -> Column? { columns.first { $0.name == name } }

  /// The dataset whose rows the column with the source `parentOrdinal` names by their `ordinal`: of the elements around
  /// this dataset's elements, the innermost that has rows. The dataset itself, where elements stand in others of their
  /// kind; nil without such a column.
  public var parent: Dataset? {
    guard columns.contains(where: { $0.source == .parentOrdinal }), case .elements(let elements) = rows else {
      return nil
    }
    return elements.lazy.flatMap { element in
      let names = element.path.split(separator: "/")
      return names.indices.reversed().map { names[..<$0].joined(separator: "/") }
    }.compactMap { path in
      Dataset.all.first { dataset in
        guard dataset.origin == origin, case .elements(let elements) = dataset.rows else { return false }
        return elements.contains { $0.path == path }
      }
    }.first
  }
}

extension Dataset {
  /// Every dataset of a run, in the order in which they are documented.
  public static let all: [Dataset] =
    core + details + [
      artistNameMap, releaseArtists, releaseLabelXref, labelReleaseCounts, releaseGenreXref, releaseStyleXref,
      releaseBarcodeXref,
    ]

  /// What every run has of the dumps.
  private static let core = [
    artists, artistAliases, artistMemberships, masters, releases, labels,
    releaseArtistLinks, releaseLabelLinks, releaseGenreLinks, releaseStyleLinks,
  ]

  /// The rest of what the dumps say.
  private static let details = [
    releaseDetails, releaseCreditLinks, releaseTracks, releaseTrackArtistLinks, releaseTrackCreditLinks,
    releaseCompanyLinks, releaseFormats, releaseFormatDescriptions, releaseIdentifiers, releaseSeriesLinks,
    releaseVideos, releaseImages,
    artistURLs, artistNameVariations, artistImages, labelImages, masterImages, labelURLs, labelSublabelLinks,
    masterDetails, masterArtistLinks, masterGenreLinks, masterStyleLinks, masterVideos,
  ]

  /// The dataset with this folder name, or nil.
  public static func named(_ name: String) -> Dataset? { byName[name] }

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  /// The datasets without which a run is incomplete.
  public static var required: [Dataset] { all.filter(\.isRequired) }

  /// The datasets that `build-xref` makes.
  public static var derived: [Dataset] { all.filter { $0.origin == .derived } }

  /// Those of them that a run has which was made with this choice.
  public static func derived(_ choice: DatasetChoice) -> [Dataset] { derived.filter(choice.includes) }
}
