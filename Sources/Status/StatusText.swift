import Lake
import Platform
import Schema
import TaskKit

extension LakeStatus {
  /// The status for people: a table of the runs, and a line for everything else.
  public var text: String {
    var lines = ["Lake \(lake)", ""]
    if runs.isEmpty {
      lines.append("There are no runs.")
    } else {
      lines += table
    }
    lines.append("")
    lines += facts
    if !removable.isEmpty {
      let bytes = removable.reduce(0) { $0 + $1.bytes }
      lines += ["", "Could be removed, \(amount(bytes)) in all:"]
      for removal in removable {
        lines.append("# \(removal.name), \(amount(removal.bytes)): \(removal.reason)")
        lines += removal.commands
      }
      if removable.contains(where: { $0.kind == .run }) {
        lines.append("# then record in the history that they are gone:")
        lines.append("reconcile --lake \(ShellText.word(lake))")
      }
    }
    lines.append("")
    lines += problems.isEmpty ? ["All is well."] : problems.map { "Not well: \($0)" }
    return lines.map(Log.oneLine).joined(separator: "\n")
  }

  /// What the lake is left with, in one line.
  /// - Parameter run: the run that a session is about.
  public func summary(of run: RunID?) -> String {
    let active =
      activeRun.map { "run \($0) is active" }
      ?? (activeIsUnclear ? "which run is active is not known" : "no run is active")
    guard let run, run != activeRun, let own = runs.first(where: { $0.runID == run }) else {
      return "lake \(lake): \(active)"
    }
    let lack = own.lacks.isEmpty ? "" : ", and lacks \(own.lacks.joined(separator: ", "))"
    return "lake \(lake): run \(run) is \(own.state.rawValue)\(lack); \(active)"
  }

  private var table: [String] {
    let entities = RunStatus.mainDatasets
    var rows = [["RUN", "DUMP", "STATE", "SIZE"] + entities.map { name(of: $0) } + ["LACKS"]]
    for run in runs {
      let numbers = entities.map { run.rows[$0.name].map(grouped) ?? "-" }
      rows.append(
        [run.runID.text, run.dumpDate ?? run.dumpMonth, run.state.rawValue, amount(run.bytes)] + numbers
          + [run.lacks.joined(separator: ", ")])
    }
    if rows.allSatisfy({ $0.last == "" || $0.last == "LACKS" }) { rows = rows.map { Array($0.dropLast()) } }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      row.enumerated().map { column, cell in
        let blanks = String(repeating: " ", count: widths[column] - cell.count)
        // Numbers to the right.
        if (3..<(4 + entities.count)).contains(column) { return blanks + cell }
        return column == row.count - 1 ? cell : cell + blanks
      }.joined(separator: "  ")
    }
  }

  /// What a main dataset has a row for each of: `ARTISTS`.
  private func name(of dataset: Dataset) -> String {
    guard case .dump(let entity) = dataset.origin else { return dataset.name.uppercased() }
    return entity.rawValue.uppercased()
  }

  private var facts: [String] {
    // The newest are where a rollback leads; a lake of some years has dozens.
    let shown = 3
    let older = previousPointers.count - shown
    var previous = previousPointers.suffix(shown).reversed().map {
      "\($0.name) -> \($0.runID?.text ?? "no run")"
    }
    if older > 0 { previous.append("and \(older) older") }
    let active = activeRun?.text ?? (activeIsUnclear ? "not known" : "none")
    let months = rawMonths.map { "\($0.month) (\(counted($0.dumps, "dump")), \(amount($0.bytes)))" }
    let events = history.eventFiles.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    var facts = [
      ("active", active),
      ("before", previous.isEmpty ? "none" : previous.joined(separator: ", ")),
      ("dumps", months.isEmpty ? "none in the lake" : months.joined(separator: ", ")),
      ("catalog", catalog.bytes.map { "\(catalog.path), \(amount($0))" } ?? "none"),
      (
        "history",
        events.isEmpty
          ? "none" : "\(amount(history.bytes)), files of events: \(events.joined(separator: ", "))"
      ),
      ("free", amount(freeBytes)),
    ]
    if !foreign.isEmpty {
      let be = foreign.count == 1 ? "is no run" : "are no runs"
      facts.append(("besides", "\(foreign.joined(separator: ", ")) in _runs, which \(be)"))
    }
    return facts.map { "\($0.0)\(String(repeating: " ", count: 9 - $0.0.count))\($0.1)" }
  }
}
