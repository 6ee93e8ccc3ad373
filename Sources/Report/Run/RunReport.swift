import Lake
import Markup
import Platform
import Sanity
import Schema
import TaskKit

/// `run-report`: the page that tells how a run went.
public struct RunReport {
  private let account: RunAccount
  private let verdict: RunVerdict

  /// Looks at the run: nothing but its folder, the one before it, and the pointers is read.
  /// - Throws: `SystemError`.
  public init(of run: RunFolder) throws {
    account = try RunAccount(of: run)
    verdict = RunVerdict(account)
  }

  /// The headline, for a terminal.
  public var headline: String { verdict.sentence }

  /// The file.
  public func page(at time: UTCTime) -> [UInt8] {
    let id = account.run.id
    return ReportPage(
      title: "Run \(id): \(verdict.level.words)", kind: "Run \(id)", headline: verdict.sentence,
      level: verdict.level,
      advice: verdict.advice, figures: figures, sections: sections,
      sources: "From the run's folder \(account.run.path): its states, manifest, rejects and reports.",
      time: "As it was on \(time.iso8601.replacing("T", with: " ").replacing("Z", with: " UTC"))."
    ).bytes
  }

  private var figures: [KeyFigure] {
    [(Dataset.releases, "releases"), (.artists, "artists"), (.labels, "labels"), (.masters, "masters")]
      .map { dataset, name in
        let size = account.size(of: dataset)
        return KeyFigure(
          name: name, value: size?.contents?.rows.map(Int64.init), change: size.map(Self.change) ?? "",
          isFirst: dataset == .releases)
      }
  }

  /// `+1,234 (+0.42 %)`
  private static func change(_ size: RunAccount.Size) -> String {
    guard let change = size.change else { return "" }
    return Figures.signed(change)
      + (relative(size).map { " (\(Figures.signedPercent(basisPoints: $0)))" } ?? "")
  }

  /// The change in basis points of the previous run's rows, rounded down.
  private static func relative(_ size: RunAccount.Size) -> Int64? {
    guard let change = size.change, let before = size.previous?.rows, before > 0 else { return nil }
    return Int64((Double(change) * 10_000 / Double(before)).rounded(.down))
  }

  private var sections: [ReportPage.Section] {
    [
      flawsSection, sourcesSection, datasetsSection, rejectsSection, driftSection, checksSection,
      tasksSection, activeSection,
    ]
    .compactMap { $0 }
  }

  // MARK: What could not be read

  private var flawsSection: ReportPage.Section? {
    if account.flaws.isEmpty { return nil }
    return ReportPage.Section(
      "flaws", "\(Figures.count(account.flaws.count, "thing")) could not be read", short: "Not readable",
      lead: "What stands in these files is missing on this page."
    ) { HTML.ul { for flaw in account.flaws { HTML.li(text: flaw) } } }
  }

  // MARK: Sources

  private var sourcesSection: ReportPage.Section {
    let sources = account.sources
    let bytes = sources.reduce(0) { $0 + $1.bytes }
    let dates = Set(sources.compactMap(\.date)).sorted()
    let title =
      sources.isEmpty
      ? "What it was made from is not known"
      : "Made from \(Figures.count(sources.count, "dump")) of \(Phrases.list(dates.map(Figures.day))), \(Figures.bytes(bytes))"
    return ReportPage.Section(
      "sources", title, short: "Sources",
      lead: sources.isEmpty ? "The run has neither a manifest nor states that name its dumps." : ""
    ) {
      if !sources.isEmpty {
        DataTable(
          id: "sources-table", caption: "The dumps, with their compressed size and digest",
          columns: [
            .words("Dump"), .words("File"), .words("Date"), .numbers("Size"), .numbers("Bytes"),
            .words("SHA-256"),
          ],
          rows: sources.map { source in
            [
              .text(source.entity.rawValue), .code(source.file), .date(source.date),
              .number(Figures.bytes(source.bytes), Int64(source.bytes)), .number(source.bytes),
              source.sha256.map { .code($0) } ?? .text("not read yet"),
            ]
          }, style: "sources"
        ).node
      }
    }
  }

  // MARK: Datasets

  private var datasetsSection: ReportPage.Section {
    let present = account.sizes.filter { $0.contents != nil }
    let rows = present.reduce(0) { $0 + ($1.contents?.rows ?? 0) }
    let bytes = present.reduce(0) { $0 + ($1.contents?.bytes ?? 0) }
    let compared =
      account.previous.map {
        "Compared with the run before, \($0.id), of \(Figures.month($0.id.dumpMonth))."
      } ?? "There is no earlier run to compare with."
    let leftOut = account.sizes.count { $0.contents == nil && !$0.isExpected }
    let lead =
      account.choice == .core && leftOut > 0
      ? "\(compared) This run was made with datasets=core, without the \(leftOut) that the run before has besides."
      : compared
    return ReportPage.Section(
      "datasets",
      "\(Figures.count(present.count, "dataset")) with \(Figures.count(rows, "row")) in \(Figures.bytes(bytes))",
      short: "Datasets", lead: lead
    ) {
      DataTable(
        id: "datasets-table", caption: "Datasets of the run, in rows and bytes of their Parquet files",
        columns: [
          .words("Dataset"), .numbers("Rows"), .numbers("Change"), .numbers("Change, %"), .numbers("Size"),
          .numbers("Bytes"), .numbers("Change, bytes"), .numbers("Files"),
        ],
        rows: account.sizes.map(row), isSortable: true, style: "sticky"
      ).node
      if !account.damages.isEmpty {
        HTML.h3(text: "Not as the run's tasks made \(account.damages.count == 1 ? "it" : "them")")
        HTML.ul { for damage in account.damages { HTML.li(text: damage.words) } }
      }
    }
  }

  private func row(_ size: RunAccount.Size) -> [DataTable.Cell] {
    let relative = Self.relative(size)
    return [
      .code(size.dataset.name),
      size.contents != nil
        ? .number(size.contents?.rows) : .text(size.isExpected ? "missing" : "left out"),
      .change(size.change), .number(relative.map(Figures.signedPercent), relative),
      .number(size.contents.map { Figures.bytes($0.bytes) }, (size.contents?.bytes).map(Int64.init)),
      .number(size.contents?.bytes), .change(size.changeOfBytes), .number(size.contents?.files),
    ]
  }

  // MARK: Rejects

  private var rejectsSection: ReportPage.Section {
    let count = Entity.allCases.reduce(0) { sum, entity in
      sum + (account.rejectCounts[entity] ?? account.rejects.first { $0.entity == entity }?.count ?? 0)
    }
    let title: String
    let lead: String
    if account.isOlder {
      title = "Whether records were rejected is not known"
      lead = "An earlier pipeline made the run, which left no list of them."
    } else if count == 0 {
      title = readsAll ? "No record was rejected" : "Whether records were rejected is not known"
      lead = readsAll ? "Every record of the dumps is in the datasets." : unread
    } else {
      title =
        "\(Figures.count(count, "record")) \(count == 1 ? "was" : "were") rejected\(readsAll ? "" : " so far")"
      lead =
        "These are left out of the datasets. A place is the offset of the record's first byte in the unpacked dump; each file in _rejects has them all, in the words of who read it.\(readsAll ? "" : " \(unread)")"
    }
    return ReportPage.Section(
      "rejects", title, short: "Rejects", lead: lead
    ) {
      for rejects in account.rejects { self.rejects(rejects) }
    }
  }

  /// Whether all four dumps were read to their end.
  private var readsAll: Bool { account.entitiesRead.count == Entity.allCases.count }

  /// What is not known as long as dumps are not read.
  private var unread: String {
    let unread = Entity.allCases.filter { !account.entitiesRead.contains($0) }
    return account.entitiesRead.isEmpty
      ? "No dump has been read to its end."
      : "The \(unread.count == 1 ? "dump" : "dumps") of \(Phrases.list(unread.map(\.rawValue))) \(unread.count == 1 ? "has" : "have") not been read to the end."
  }

  @NodeBuilder private func rejects(_ rejects: RunAccount.Rejects) -> [Node] {
    let shown = 20
    HTML.h3(text: "\(Figures.count(rejects.count, "reject")) of \(rejects.entity)")
    DataTable(
      id: "rejects-\(rejects.entity)", caption: "Rejected \(rejects.entity), by kind of reason",
      columns: [
        .words("Reason"), .numbers("Records"), .numbers("First places"), .words("What stands there"),
      ],
      rows: rejects.reasons.prefix(shown).map { reason in
        [
          .foreign(reason.text), .number(reason.count),
          DataTable.Cell(
            content: [.text(reason.places.map { Figures.grouped($0.offset) }.joined(separator: " · "))],
            sortKey: String(reason.places.first?.offset ?? 0)),
          DataTable.Cell(content: [
            HTML.code { HTML.bdi(text: Self.excerpt(reason.places.first?.excerpt ?? "")) }
          ]),
        ]
      }, isSortable: true, style: "excerpts"
    ).node
    if rejects.reasons.count > shown {
      HTML.p(
        .class("note"),
        text:
          "And \(Figures.count(rejects.reasons.count - shown, "more kind of reason", "more kinds of reasons")) in \(RunFolder.rejectsName(rejects.entity))."
      )
    }
  }

  /// As much of it as a table has room for.
  private static func excerpt(_ text: String) -> String {
    text.unicodeScalars.count > 160
      ? "\(String(String.UnicodeScalarView(text.unicodeScalars.prefix(160))))…" : text
  }

  // MARK: Drift

  private var driftSection: ReportPage.Section {
    // What is new or gone is what one looks for.
    let drift =
      account.drift.filter(\.isNew) + account.drift.filter(\.isGone)
      + account.drift.filter { !$0.isNew && !$0.isGone }
    let hasPrevious = drift.contains { $0.previous != nil }
    let new = drift.count(where: \.isNew)
    let gone = drift.count(where: \.isGone)
    let title: String
    if account.isOlder || account.entitiesRead.isEmpty {
      title = "Whether the dumps' format has changed is not known"
    } else if drift.isEmpty {
      title =
        readsAll
        ? "The dumps hold nothing that is not known"
        : "The dumps that were read hold nothing that is not known"
    } else if !hasPrevious {
      title =
        "\(Figures.count(drift.count, "element or attribute", "elements and attributes")) of the dumps \(drift.count == 1 ? "is" : "are") not known"
    } else if new == 0, gone == 0 {
      title = "The dumps' format has not changed"
    } else {
      title =
        "The dumps' format has changed: \(Figures.count(new, "new element or attribute", "new elements and attributes")), \(gone == 0 ? "none" : Figures.grouped(gone)) gone"
    }
    let known =
      drift.isEmpty
      ? "Every element and attribute that was read is in a column, or is one that is left out on purpose."
      : "Elements and attributes that the pipeline does not know are skipped and counted."
    let lead =
      account.isOlder
      ? "An earlier pipeline made the run, which did not count what it did not know."
      : account.entitiesRead.isEmpty ? unread : readsAll ? known : "\(known) \(unread)"
    return ReportPage.Section("drift", title, short: "Format", lead: lead) {
      if !drift.isEmpty {
        DataTable(
          id: "drift-table",
          caption: "Elements (a/b) and attributes (a/@b) that are not known, what is new or gone first",
          columns: [
            .words("Path"), .words("Dump"), .words("Since the run before"), .numbers("Times"),
            .numbers("Times before"),
          ],
          rows: drift.map { entry in
            [
              DataTable.Cell(content: [HTML.code { HTML.bdi(text: entry.path) }]),
              .text(entry.entity.rawValue),
              .nodes {
                if entry.previous == nil {
                  "–"
                } else if entry.isNew || entry.isGone {
                  HTML.span(.class("mark attention"), text: entry.isNew ? "new" : "gone")
                } else {
                  "still there"
                }
              },
              .number(entry.count), .number(entry.previous),
            ]
          }, isSortable: true, style: "drift"
        ).node
      }
      if account.otherDrift > 0 {
        HTML.p(
          .class("note"),
          text:
            "And \(Figures.count(account.otherDrift, "element or attribute", "elements and attributes")) under more paths than are counted one by one."
        )
      }
    }
  }

  // MARK: Checks

  private var checksSection: ReportPage.Section {
    let failures = [account.before, account.after].reduce(0) { $0 + ($1?.failures.count ?? 0) }
    let warnings = [account.before, account.after].reduce(0) { $0 + ($1?.warnings.count ?? 0) }
    let checks = [account.before, account.after].reduce(0) { $0 + ($1?.findings.count ?? 0) }
    let title: String
    if checks == 0 {
      title = "Nothing has been checked yet"
    } else if failures > 0 {
      title = "\(Figures.count(failures, "check")) of \(Figures.grouped(checks)) failed"
    } else if warnings > 0 {
      title =
        "All that must hold holds; \(Figures.count(warnings, "warning")) in \(Figures.count(checks, "check"))"
    } else {
      title = "All \(Figures.count(checks, "check")) are in order"
    }
    return ReportPage.Section("checks", title, short: "Checks") {
      HTML.h3(text: "Before promotion, by the run's files")
      check(account.before, id: "before", missing: "sanity has not run.")
      HTML.h3(text: "After promotion, by the tables")
      check(
        account.after, id: "after",
        missing: "sanity-report has not run: it checks a run when it has become the active one.")
    }
  }

  @NodeBuilder private func check(_ check: RunAccount.Check?, id: String, missing: String) -> [Node] {
    if let check {
      let flawed = check.findings.filter { !$0.isOK }
      if flawed.isEmpty {
        HTML.p(text: "All \(Figures.count(check.findings.count, "finding")) are in order.")
      } else {
        HTML.ul(.class("findings")) { for finding in flawed.prefix(100) { item(finding) } }
        if flawed.count > 100 {
          HTML.p(.class("note"), text: "And \(flawed.count - 100) more, which the table has.")
        }
      }
      HTML.details {
        HTML.summary(text: "All \(Figures.count(check.findings.count, "finding")) of \(check.report)")
        DataTable(
          id: "findings-\(id)", caption: "Findings, the worst first",
          columns: [
            .words("Check"), .words("If not"), .words("Holds"), .words("Value"), .words("Details"),
          ],
          rows: check.findings.map { finding in
            [
              .code(finding.check), .text(Self.words(finding.severity)), .text(finding.isOK ? "yes" : "no"),
              .foreign(finding.value), .foreign(finding.details),
            ]
          }, isSortable: true, isFilterable: true
        ).node
      }
    } else {
      HTML.p(text: missing)
    }
  }

  private func item(_ finding: Finding) -> Node {
    HTML.li(.class(finding.severity.rawValue.lowercased())) {
      HTML.p {
        HTML.strong(text: Self.words(finding.severity))
        " "
        Phrases.code(finding.check)
        if !finding.value.isEmpty {
          " is "
          HTML.bdi(text: finding.value)
        }
        if !finding.details.isEmpty {
          // `is 3 of 234 rows`
          finding.details.hasPrefix("of ") ? " " : ": "
          HTML.bdi(text: finding.details)
        }
      }
      if let meaning = CheckMeaning.of(finding.check) { HTML.p(.class("meaning"), text: meaning) }
    }
  }

  private static func words(_ severity: Severity) -> String {
    switch severity {
    case .critical: "Failure"
    case .warn: "Warning"
    case .info: "Remark"
    }
  }

  // MARK: Tasks

  /// In the order in which tasks run; those that are not known here come last.
  private var tasks: [TaskState] {
    let order =
      [
        TaskName.preflight, TaskName.download, TaskName.ingest(.releases), TaskName.ingest(.artists),
        TaskName.ingest(.labels), TaskName.ingest(.masters), TaskName.buildXref, TaskName.sanity,
        TaskName.promote,
        TaskName.sanityReport,
      ]
    func place(_ state: TaskState) -> Int { order.firstIndex(of: state.task) ?? order.count }
    return account.states.values.filter { $0.task != TaskName.runReport }
      .sorted { (place($0), $0.startedAt, $0.task) < (place($1), $1.startedAt, $1.task) }
  }

  private var tasksSection: ReportPage.Section {
    let tasks = tasks
    func seconds(_ state: TaskState) -> Double {
      let moments = Double(state.finishedAt.microseconds - state.startedAt.microseconds) / 1e6
      return max(0, state.resources?.elapsedMilliseconds.map { Double($0) / 1000 } ?? moments)
    }
    let longest = tasks.max { seconds($0) < seconds($1) }
    let title =
      tasks.isEmpty
      ? "No task has left a state"
      : longest.map {
        "\(Figures.count(tasks.count, "task")); the longest, \($0.task), took \(Figures.duration(seconds: seconds($0)))"
      } ?? ""
    return ReportPage.Section(
      "tasks", title, short: "Tasks",
      lead: tasks.isEmpty ? "An earlier pipeline made the run, or nobody has begun to." : ""
    ) {
      let failed = TaskName.makers.compactMap { account.failures[$0] }
      if !failed.isEmpty {
        HTML.ul(.class("findings")) {
          for failure in failed {
            HTML.li(.class("critical")) {
              HTML.p {
                HTML.strong(text: "Failed")
                " "
                Phrases.code(RunFolder.command(for: failure.task))
                " on \(failure.failedAt.iso8601.replacing("T", with: " ").replacing("Z", with: " UTC")): "
                HTML.bdi(text: failure.message)
              }
              if let advice = failure.advice { HTML.p(.class("meaning"), text: "What to do: \(advice)") }
            }
          }
        }
      }
      if !tasks.isEmpty {
        Chart.grid(
          [
            barChart(
              "time", "Time from start to end", "By the clock. Source: the tasks' states", tasks,
              value: seconds, text: { Figures.duration(seconds: $0) }),
            barChart(
              "processor", "Time on processors", "All threads together. Source: the tasks' states", tasks,
              value: { $0.resources.map { Double($0.processorMilliseconds) / 1000 } },
              text: { Figures.duration(seconds: $0) }),
            barChart(
              "memory", "Most memory at once", "Resident memory. Source: the tasks' states", tasks,
              value: { $0.resources.map { Double($0.peakMemoryBytes) } }, text: { Figures.bytes(Int($0)) }),
          ].compactMap { $0 })
        if tasks.contains(where: { $0.resources == nil }) {
          HTML.p(
            .class("note"),
            text: "Tasks of earlier versions did not note their memory and time on processors.")
        }
        DataTable(
          id: "tasks-table", caption: "The tasks of the run",
          columns: [
            .words("Task"), .words("Outcome"), .words("Started (UTC)"), .numbers("Seconds"),
            .numbers("Processor, ms"), .numbers("Memory, bytes"), .words("Version"),
          ],
          rows: tasks.map { state in
            [
              .code(state.task), .text(state.status.rawValue + (state.reason.map { ": \($0)" } ?? "")),
              .text(String(state.startedAt.iso8601.replacing("T", with: " ").dropLast())),
              .seconds(seconds(state)),
              .number(state.resources?.processorMilliseconds), .number(state.resources?.peakMemoryBytes),
              .text(state.toolVersion),
            ]
          }
        ).node
      }
    }
  }

  private func barChart(
    _ id: String, _ title: String, _ subtitle: String, _ tasks: [TaskState], value: (TaskState) -> Double?,
    text: @escaping (Double) -> String
  ) -> Node? {
    let bars = tasks.compactMap { state in
      value(state).map { BarChart.Bar(name: state.task, value: $0, shown: text($0)) }
    }
    guard let most = bars.map(\.value).max() else { return nil }
    let marked = bars.map { bar in
      var bar = bar
      bar.isMain = bar.value == most
      return bar
    }
    guard
      let image = BarChart(
        id: "chart-\(id)", name: "\(title), by task", bars: marked, tickText: text, isWhole: false
      ).image
    else { return nil }
    return Chart(id: id, title: title, subtitle: subtitle, image: image, numbers: nil).node
  }

  // MARK: The active run

  private var activeSection: ReportPage.Section {
    let id = account.run.id
    let lake = account.run.lake.path
    let title: String
    switch account.active {
    case .run(id): title = "This run is the active one"
    case .run(let other) where account.activeIsGone:
      title = "active points to run \(other), which is not there"
    case .run(let other): title = "The active run is \(other), of \(Figures.month(other.dumpMonth))"
    case .nothing: title = "No run is active"
    case .other(let target): title = "active points to something that is no run: \(target)"
    case .notALink: title = "active is a real folder or file, which the pipeline leaves alone"
    }
    return ReportPage.Section("active", title, short: "In use") {
      if account.isActive {
        if let target = account.rollbackTarget {
          HTML.p { Phrases.sentence("To go back to \(target), the run before:") }
          commands(lake, ["promote --rollback", "register-run-schema --active"])
          HTML.p(text: "A second rollback goes forward again. Readers never see a moment without active.")
        } else {
          HTML.p(text: "There is no earlier run to go back to.")
        }
      } else if account.succeeded(TaskName.sanity) != nil {
        HTML.p(text: "To put this run into use:")
        commands(
          lake,
          [
            "promote --run-id \(id) --run-mode prod --allow-promote true", "register-run-schema --active",
            "sanity-report --run-id \(id)",
          ])
        HTML.p(text: "If the active run's dumps are newer, promote wants --allow-older as well.")
      } else {
        HTML.p(text: "This run cannot be put into use: sanity has not found it in order.")
      }
    }
  }

  private func commands(_ lake: String, _ lines: [String]) -> Node {
    HTML.pre(.focusable, .label("Commands")) {
      HTML.code(text: (["export DISCOGS_DATA_LAKE=\(ShellText.word(lake))"] + lines).joined(separator: "\n"))
    }
  }
}
