/// The four kinds of dump that are published each month.
public enum Entity: String, Sendable, Hashable, Codable, CaseIterable {
  case artists, labels, masters, releases

  /// The datasets that one pass over this entity's dump yields, in the order of their documentation.
  public var datasets: [Dataset] { Dataset.all.filter { $0.origin == .dump(self) } }
}
