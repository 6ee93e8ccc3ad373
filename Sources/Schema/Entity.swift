/// The four kinds of dump that are published each month.
public enum Entity: String, Sendable, Hashable, Codable, CaseIterable {
  case artists, labels, masters, releases

  /// The datasets that one pass over this entity's dump can yield, in the order of their documentation.
  public var datasets: [Dataset] { Dataset.all.filter { $0.origin == .dump(self) } }

  /// Those of them that a run has which was made with this choice.
  public func datasets(_ choice: DatasetChoice) -> [Dataset] { datasets.filter(choice.includes) }

  /// The dataset with a row for each record, whose first column is the record's id.
  public var main: Dataset {
    switch self {
    case .artists: .artists
    case .labels: .labels
    case .masters: .masters
    case .releases: .releases
    }
  }

  /// The name of the element that holds one record.
  public var recordName: String {
    switch self {
    case .artists: "artist"
    case .labels: "label"
    case .masters: "master"
    case .releases: "release"
    }
  }

  /// Where a record's id stands in it.
  public var idPath: String {
    switch self {
    case .artists, .labels: "id"
    case .masters, .releases: "@id"
    }
  }

  /// Elements and attributes that are known to occur and that no column has, so that they do not count as drift.
  public var ignoredPaths: [String] {
    let links = ["resource_url", "thumbnail_url"]
    func paths(_ element: String, _ names: [String]) -> [String] { names.map { "\(element)/\($0)" } }
    switch self {
    case .artists, .labels: return []
    case .masters: return paths("artists/artist", ["role", "tracks"] + links)
    case .releases:
      return paths("artists/artist", ["role", "tracks"] + links)
        + paths("extraartists/artist", ["join"] + links)
        + ["tracklist/track", "tracklist/track/sub_tracks/track"].flatMap { track in
          paths("\(track)/artists/artist", ["role", "tracks"] + links)
            + paths("\(track)/extraartists/artist", ["join", "tracks"] + links)
        } + ["companies/company/resource_url"]
    }
  }
}

/// Which datasets a run has: chosen once, at `preflight`.
public enum DatasetChoice: String, Sendable, Hashable, Codable, CaseIterable {
  /// The long-standing ones, the links, and what is derived from them.
  case core
  /// Those and the detail datasets: everything that the dumps say.
  case all

  /// Whether a run that was made with this choice has the dataset.
  public func includes(_ dataset: Dataset) -> Bool { self == .all || !dataset.isDetail }
}
