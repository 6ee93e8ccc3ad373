import Schema

/// The names of the tasks that leave a state in a run; their state files and locks bear them too.
///
/// States hold names as texts: a run may have those of tasks that are not known here.
public enum TaskName {
  /// Checks that a run can start, and makes its folder.
  public static let preflight = "preflight"
  /// Brings a month's dumps.
  public static let download = "download"
  /// Computes the derived datasets.
  public static let buildXref = "build-xref"
  /// Checks a run by its files.
  public static let sanity = "sanity"
  /// Makes a run the active one.
  public static let promote = "promote"
  /// Checks the active run's tables.
  public static let sanityReport = "sanity-report"
  /// Writes the page that tells how the run went.
  public static let runReport = "run-report"

  /// `ingest-entity` for one entity, which is a task of its own in a run.
  public static func ingest(_ entity: Entity) -> String { "ingest-\(entity)" }

  /// The names of the tasks that read dumps.
  public static let ingests = Entity.allCases.map(ingest)

  /// The names of the tasks that make a run's datasets, in their order.
  public static let makers = ingests + [buildXref]
}
