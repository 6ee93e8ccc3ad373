import Lake
import SQL
import TaskKit

/// What the registry said last of each run.
struct KnownRuns {
  /// What the registry says of a run that was there once.
  static let folderIsGone = "its folder is gone"

  private var newest: [RunID: (status: String?, details: String?, isActive: Bool)] = [:]

  /// Reads `run_registry_latest`; nothing is known where there is no such view yet, or one that cannot be read, as a look
  /// that changes nothing may find it.
  /// - Throws: `SQLError` when the engine cannot be asked.
  init(from engine: any SQLEngine, log: Log) throws {
    guard try engine.tableExists(HistoryView.latest(.runRegistry).viewName) else { return }
    let rows: [[SQLValue]]
    do { rows = try engine.rows(HistoryScript.latestRunStatuses.sql) } catch let error as SQLError
      where error.isAboutTheQuery
    {
      log.warning("what the registry said before cannot be read", ["reason": "\(error)"])
      return
    }
    for row in rows {
      // Events of others may name what is no run.
      guard let text = row[0].string, let id = try? RunID(validating: text) else { continue }
      newest[id] = (row[2].string, row[3].string, row[4] == .boolean(true))
    }
  }

  /// The runs, oldest first.
  var ids: [RunID] { newest.keys.sorted() }

  /// The details of a run's newest event.
  func details(of id: RunID) -> String? { newest[id]?.details }

  /// Whether the newest event says that `active` pointed at the run.
  func isNotedActive(_ id: RunID) -> Bool { newest[id]?.isActive == true }

  /// Whether the newest event says that the run is gone.
  func isNotedGone(_ id: RunID) -> Bool {
    newest[id]?.status == RunRegistryEvent.Status.missingData.rawValue
      && newest[id]?.details == KnownRuns.folderIsGone
  }
}
