import History
import Lake
import Markup
import Platform
import SQL
import TaskKit

/// `history-report`: the page that tells how Discogs changes, from the history's views.
public struct HistoryReport {
  private let account: HistoryAccount
  private let lake: Lake
  /// What the folder of the newest run tells; nil where there is none.
  private let newestRun: RunAccount?

  /// So many runs have a column or a row of their own in tables; charts show all.
  static let mostRuns = 200
  /// So many values of a dimension have a bar, and so many a row.
  static let mostBars = 15
  static let mostParts = 100
  /// What a page must not exceed in bytes, with some air below two million.
  private static let mostBytes = 1_950_000

  /// How much room names have: so many examples of a kind and values of a dimension, and so many characters of a name that
  /// is too long to be shown. Names can be of any length; a page cannot.
  private struct Room {
    var examples = HistoryAccount.mostExamples
    var parts = HistoryReport.mostParts
    var tip = 1000
  }
  private var room = Room()

  /// Reads the views.
  /// - Parameters:
  ///   - onlyRunID: the only run to tell of; nil for all.
  ///   - activeRun: a run to leave out.
  /// - Throws: `SQLError`.
  public init(of lake: Lake, from engine: any SQLEngine, onlyRunID: RunID?, leavingOut activeRun: RunID?)
    throws
  {
    self.lake = lake
    account = try HistoryAccount(from: engine, onlyRunID: onlyRunID, leavingOut: activeRun)
    newestRun = account.newest.flatMap { try? RunID(validating: $0.id) }
      .flatMap { try? lake.existingRun($0) }.flatMap { try? RunAccount(of: $0) }
  }

  /// Whether there is no value to show.
  public var isEmpty: Bool { account.runs.isEmpty }

  /// Writes the page into a folder, beside its place and renamed.
  /// - Parameter stamp: text for the file's name, before `.html`.
  /// - Returns: the path.
  /// - Throws: `SystemError`.
  public func write(to folder: String, stamp: UTCTime?) throws -> String {
    let name = "history_report_latest\(stamp.map { "_\($0.compact)" } ?? "").html"
    return try ReportsFolder.write([(name, page)], to: folder)[0]
  }

  /// The file. It tells no time of its own: of the same history the same page is made.
  var page: [UInt8] {
    var bytes = bytes
    for room in [
      Room(tip: 200), Room(examples: 50, parts: 50, tip: 0), Room(examples: 10, parts: 20, tip: 0),
    ] where bytes.count > Self.mostBytes {
      var report = self
      report.room = room
      bytes = report.bytes
    }
    return bytes
  }

  private var bytes: [UInt8] {
    let (first, last) = (account.runs.first?.month, account.runs.last?.month)
    let months = first.map { $0 == last ? " of \($0)" : " from \($0) to \(last ?? "")" } ?? ""
    return ReportPage(
      title: "Discogs, as its dumps tell it", kind: "\(Figures.count(account.runs.count, "run"))\(months)",
      headline: headline, level: level,
      levelWords: level == .bad && !doubts.contains(where: \.forbidsUse) ? "Not to be trusted" : nil,
      advice: advice, figures: figures, sections: sections,
      sources:
        "From the views of discogs_history in the lake \(lake.path), as the CSV files beside this page.",
      time: account.moment.map { "The newest number was computed on \($0.prefix(19)) UTC." } ?? ""
    ).bytes
  }

  // MARK: In short

  private var answers: [(question: TrustQuestion, answer: TrustQuestion.Answer)] {
    guard let newest = account.newest else { return [] }
    return TrustQuestion.all.compactMap { question in
      question.answer(account, newest, newestRun).map { (question, $0) }
    }
  }

  /// What speaks against the month, the worst first.
  private var doubts: [TrustQuestion.Answer] {
    let answers = answers.map(\.answer)
    return answers.filter { $0.verdict == .bad } + answers.filter { $0.verdict == .attention }
  }

  private var headline: String {
    guard let newest = account.newest else { return "The history has no numbers yet" }
    guard let previous = account.previous, let delta = account.growth["n_releases_distinct"]?.delta else {
      let count = account.value("n_releases_distinct").map { Figures.count($0, "release") }
      return "\(newest.month): \(count ?? "no releases are counted"), and no earlier run to compare with"
    }
    let change =
      delta == 0
      ? "as many releases as in \(previous.month)"
      : "\(Figures.count(abs(delta), "release")) \(delta > 0 ? "more" : "fewer") than in \(previous.month)"
    let vanished = account.changes["release"].map { changes in
      changes.removed == 0 ? "; none vanished" : "; \(Figures.grouped(changes.removed)) vanished"
    }
    return "\(newest.month): \(change)\(vanished ?? "")"
  }

  private var level: RunVerdict.Level {
    guard account.newest != nil else { return .attention }
    return doubts.contains { $0.verdict == .bad } ? .bad : doubts.isEmpty ? .good : .attention
  }

  private var advice: String {
    if account.runs.isEmpty {
      return "Register runs, then run reconcile and compute-kpis; this page tells the rest then."
    }
    guard let worst = doubts.first else {
      return account.previous == nil
        ? "Nothing speaks against this month so far. What grew and what vanished can be judged with the next run."
        : "Nothing speaks against trusting this month."
    }
    let count = Figures.count(doubts.count, "thing")
    return
      "\(count) \(doubts.count == 1 ? "speaks" : "speak") against trusting this month\(doubts.count == 1 ? "" : ", first of all"): \(worst.doubt)."
  }

  private var figures: [KeyFigure] {
    ReportedEntity.all.map { entity in
      let growth = account.growth[entity.countKPI]
      let relative = growth?.relative.map { " (\(Figures.signedPercent(basisPoints: $0)))" } ?? ""
      return KeyFigure(
        name: entity.several, value: account.value(entity.countKPI),
        change: growth?.delta.map { "\(Figures.signed($0))\(relative)" } ?? "",
        isFirst: entity.name == "release")
    }
  }

  private var sections: [ReportPage.Section] {
    let all: [ReportPage.Section?] =
      account.runs.isEmpty
      ? [registrySection]
      : [
        shortSection, growthSection, changesSection, compositionSection, concentrationSection, qualitySection,
        registrySection, kpisSection,
      ]
    return all.compactMap { $0 }
  }

  private var shortSection: ReportPage.Section {
    let since = account.previous.map { "since \($0.month)" } ?? "in this run"
    return ReportPage.Section(
      "short", "What grew, what vanished, and whether to trust it", short: "In short",
      lead: account.previous.map {
        "The newest run, \(account.newest!.id), against the one before, \($0.id)."
      }
        ?? "The newest run, \(account.newest!.id), has no earlier run to be compared with."
    ) {
      DataTable(
        id: "short-table", caption: "Records, and what became of them \(since)",
        columns: [
          // On a phone, the first of them are what is seen without scrolling.
          .words("Records"), .numbers("New"), .numbers("Vanished"), .numbers("Edited"), .numbers("Change"),
          .numbers("Change, %"), .numbers("Before"), .numbers("Now"),
        ],
        rows: ReportedEntity.all.map { entity in
          let growth = account.growth[entity.countKPI]
          let changes = account.changes[entity.name]
          return [
            .text(entity.several), .number(changes?.added), .number(changes?.removed),
            .number(changes?.changed), .change(growth?.delta),
            .number(growth?.relative.map(Figures.signedPercent), growth?.relative),
            .number(growth?.previousValue), .number(account.value(entity.countKPI)),
          ]
        }
      ).node
      HTML.h3(text: doubts.isEmpty ? "Nothing speaks against this month" : "What speaks against this month")
      DataTable(
        id: "trust-table", caption: "What was asked of the newest run",
        columns: [.words("Question"), .words("Verdict"), .words("Answer")],
        rows: answers.map { question, answer in
          [
            .text(question.about),
            .nodes {
              HTML.span(.class("mark \(answer.verdict.rawValue)"), text: answer.verdict.words)
            },
            .foreign(answer.words),
          ]
        }, style: "answers"
      ).node
    }
  }

  // MARK: Growth

  private var growthSection: ReportPage.Section {
    let entities = ReportedEntity.all
    return ReportPage.Section(
      "growth", growthTitle, short: "Growth",
      lead: "The dates are those of the dumps. The axes do not start at zero, since a month changes little."
    ) {
      Chart.grid(
        entities.compactMap { entity in
          lineChart(
            "growth-\(entity.name)", title: growthFinding(entity),
            unit: "Number of \(entity.several) in each run's dump",
            [Line(entity.countKPI, entity.several)], text: { Figures.grouped($0) })
        })
      numbersOfRuns(
        "growth-numbers", "Records in each run",
        entities.map { (title: $0.several, kpi: $0.countKPI, text: nil) })
    }
  }

  private var growthTitle: String {
    guard let first = account.runs.first(where: { account.values[$0.id]?["n_releases_distinct"] != nil }),
      let old = account.values[first.id]?["n_releases_distinct"],
      let new = account.value("n_releases_distinct"),
      first.id != account.newest?.id
    else { return "One run so far: growth shows with the next" }
    let change = new - old
    let share =
      old > 0
      ? " (\(Figures.signedPercent(basisPoints: Int64((Double(change) * 1e4 / Double(old)).rounded(.down)))))"
      : ""
    return "\(Figures.signed(change)) releases\(share) since \(first.month)"
  }

  private func growthFinding(_ entity: ReportedEntity) -> String {
    let name = entity.several.prefix(1).uppercased() + entity.several.dropFirst()
    guard let now = account.value(entity.countKPI) else { return name }
    return "\(name): \(Figures.rounded(now))"
  }

  // MARK: Lines over the runs

  /// A KPI as a line.
  private struct Line {
    let kpi: String
    let name: String
    var isMain = true

    init(_ kpi: String, _ name: String, isMain: Bool = true) {
      self.kpi = kpi
      self.name = name
      self.isMain = isMain
    }
  }

  /// A chart of KPIs over the runs' dumps; nil where no run has any of them, or there is only one run: a dot is no chart.
  private func lineChart(
    _ id: String, title: String, unit: String, _ lines: [Line], text: @escaping (Int64) -> String,
    tickText: @escaping (Double) -> String = Figures.short
  ) -> Node? {
    if account.runs.count < 2 { return nil }
    let series = lines.compactMap { line -> LineChart.Series? in
      let points = account.runs.compactMap { run in
        account.values[run.id]?[line.kpi].map {
          LineChart.Point(
            day: run.dayNumber, value: Double($0), shown: text($0), about: String(run.day.prefix(7)))
        }
      }
      return points.isEmpty ? nil : LineChart.Series(name: line.name, points: points, isMain: line.isMain)
    }
    let chart = LineChart(
      id: "\(id)-chart", name: "\(title). \(unit)", series: series, tickText: tickText,
      limit: lines.allSatisfy { $0.kpi.hasSuffix("_bp") } ? 10_000 : nil)
    return chart.image.map { Chart(id: id, title: title, subtitle: unit, image: $0, numbers: nil).node }
  }

  /// The numbers of several KPIs in each run, the newest first, folded.
  private func numbersOfRuns(
    _ id: String, _ caption: String, _ columns: [(title: String, kpi: String, text: ((Int64) -> String)?)]
  ) -> Node? {
    let columns = columns.filter { column in
      account.runs.contains { account.values[$0.id]?[column.kpi] != nil }
    }
    guard !columns.isEmpty else { return nil }
    let runs = account.runs.suffix(Self.mostRuns).reversed()
    let table = DataTable(
      id: id, caption: caption,
      columns: [.words("Run"), .words("Dump")] + columns.map { .numbers($0.title) },
      rows: runs.map { run in
        [.code(run.id), .date(run.day)]
          + columns.map { column in
            let value = account.values[run.id]?[column.kpi]
            return column.text.map { text in .number(value.map(text), value) } ?? .number(value)
          }
      }, isSortable: true, style: "sticky"
    ).node
    if account.runs.count < 2 { return table }
    return HTML.details(.class("numbers")) {
      HTML.summary(text: "The numbers of every run")
      table
      olderRunsNote
    }
  }

  private var olderRunsNote: Node? {
    account.runs.count > Self.mostRuns
      ? HTML.p(
        .class("note"),
        text:
          "The newest \(Self.mostRuns) of \(Figures.grouped(account.runs.count)) runs; the CSV files have all."
      )
      : nil
  }

  // MARK: Changes

  private var changesSection: ReportPage.Section {
    guard let previous = account.previous, !account.changes.isEmpty else {
      return ReportPage.Section(
        "changes", "What changed since the run before is not known", short: "Changes",
        lead: account.previous == nil
          ? "There is no earlier run."
          : "compare-runs finds it out, record by record; it has not compared these two runs."
      ) {}
    }
    let total = account.changes.values.reduce(into: (added: Int64(0), removed: Int64(0), changed: Int64(0))) {
      $0.added += $1.added
      $0.removed += $1.removed
      $0.changed += $1.changed
    }
    return ReportPage.Section(
      "changes",
      "Since \(previous.month): \(Figures.count(total.added, "new record")), \(Figures.grouped(total.removed)) vanished, \(Figures.grouped(total.changed)) edited",
      short: "Changes",
      lead:
        "Every record of the two runs was compared with itself. At most \(room.examples) examples of each kind, by id."
    ) {
      Chart.grid(
        [
          changesChart("added", "New", total.added, \.added),
          changesChart("removed", "Vanished", total.removed, \.removed),
          changesChart("changed", "Edited", total.changed, \.changed),
        ].compactMap { $0 })
      DataTable(
        id: "changes-table", caption: "Records of both runs, by what became of them",
        columns: [
          .words("Records"), .numbers("New"), .numbers("Vanished"), .numbers("Edited"), .numbers("The same"),
          .words("Not compared"),
        ],
        rows: ReportedEntity.all.map { entity in
          let changes = account.changes[entity.name]
          return [
            .text(entity.several), .number(changes?.added), .number(changes?.removed),
            .number(changes?.changed),
            .number(changes?.same),
            .text(
              changes == nil
                ? "all of it"
                : changes?.details?.replacing("not compared: ", with: "", maxReplacements: 1) ?? "–"),
          ]
        }
      ).node
      columnsOfChanges
      HTML.div(.class("kinds")) { for entity in ReportedEntity.all { examples(of: entity) } }
    }
  }

  private func changesChart(
    _ id: String, _ name: String, _ total: Int64, _ value: KeyPath<HistoryAccount.Changes, Int64>
  ) -> Node? {
    let bars = ReportedEntity.all.compactMap { entity in
      account.changes[entity.name].map { changes in
        BarChart.Bar(
          name: entity.several, value: Double(changes[keyPath: value]),
          shown: Figures.grouped(changes[keyPath: value]))
      }
    }
    let title = "\(name): \(Figures.count(total, "record"))"
    return BarChart(id: "changes-\(id)-chart", name: "\(title), by kind", bars: bars).image.map {
      Chart(id: id, title: title, subtitle: "Number of records", image: $0, numbers: nil).node
    }
  }

  @NodeBuilder private var columnsOfChanges: [Node] {
    let rows = ReportedEntity.all.flatMap { entity in
      (account.changedColumns[entity.name] ?? []).map { (entity.several, $0.column, $0.records) }
    }
    if !rows.isEmpty {
      HTML.details {
        HTML.summary(
          text: "What was edited: \(Figures.count(rows.count, "column or dataset", "columns and datasets"))")
        DataTable(
          id: "changed-columns", caption: "Edited records, by the columns or datasets that differ",
          columns: [.words("Column or dataset"), .words("Records"), .numbers("Edited")],
          rows: rows.map { [.code($0.1), .text($0.0), .number($0.2)] }, isSortable: true, isFilterable: true
        ).node
      }
    }
  }

  private static let kinds = [("added", "New"), ("removed", "Vanished"), ("changed", "Edited")]

  @NodeBuilder private func examples(of entity: ReportedEntity) -> [Node] {
    let kinds = Self.kinds.compactMap { change, name in
      account.examples[HistoryAccount.Kind(entity: entity.name, change: change)].map {
        (name, $0.prefix(room.examples))
      }
    }
    if !kinds.isEmpty {
      HTML.div(.class("examples")) {
        HTML.h3(text: "Examples of \(entity.several)")
        for (name, examples) in kinds {
          HTML.details {
            HTML.summary(text: "\(name): \(Figures.count(examples.count, "example"))")
            HTML.ul(.class("columns")) { for example in examples { item(example, of: entity) } }
          }
        }
      }
    }
  }

  private func item(_ example: HistoryAccount.Example, of entity: ReportedEntity) -> Node {
    HTML.li {
      HTML.a(.href(.web(entity.site, example.id)), .noReferrer) {
        Phrases.foreign(example.name ?? "\(entity.name) \(example.id)", tip: room.tip)
      }
      if example.name != nil { HTML.span(.class("note"), text: " \(example.id)") }
      if let columns = example.changedColumns { HTML.span(.class("note"), text: ": \(columns)") }
    }
  }

  // MARK: Composition

  private var compositionSection: ReportPage.Section {
    let known = Composition.all.filter { account.dimensions[$0.kpi]?.isEmpty == false }
    guard !known.isEmpty, let newest = account.newest else {
      return ReportPage.Section(
        "composition", "What releases are made up of is not known yet", short: "Composition",
        lead:
          "compute-kpis counts releases by genre, style, decade, country and format; it has not done so for the newest run."
      ) {}
    }
    let genre = account.dimensions["releases_by_genre"]?.first
    let title = genre.flatMap { part in
      share(part.value).map { "\($0) of the releases are \(Self.inHeading(part.name))" }
    }
    return ReportPage.Section(
      "composition", title ?? "What the releases of \(newest.month) are", short: "Composition",
      lead:
        "Releases of \(newest.month), counted once for each of their genres, styles and formats. A release can have several, or none: shares need not add up to 100 %."
    ) {
      Chart.grid(known.compactMap(chart))
    }
  }

  private func share(_ value: Int64) -> String? {
    account.value("n_releases_distinct").flatMap { Figures.share(value, of: $0) }
  }

  private func chart(of composition: Composition) -> Node? {
    guard let parts = account.dimensions[composition.kpi], let largest = parts.first else { return nil }
    let ordered = composition.isOrdered ? parts.sorted { Self.inTime($0.name, $1.name) } : parts
    let shown = composition.isOrdered ? ordered.suffix(Self.mostBars) : ordered.prefix(Self.mostBars)
    let title = finding(composition, parts)
    let what =
      shown.count < parts.count
      ? "the \(shown.count) \(composition.isOrdered ? "latest" : "largest") of \(Figures.grouped(parts.count))"
      : "all \(parts.count)"
    let unit = "Number of releases, and their share; \(what)"
    let bars = shown.map { part in
      BarChart.Bar(
        name: Self.inTip(part.name), value: Double(part.value),
        shown: Figures.short(Double(part.value)) + (share(part.value).map { " · \($0)" } ?? ""),
        tip: "\(Self.inTip(part.name)): \(Figures.count(part.value, "release"))",
        isMain: part.name == largest.name)
    }
    return BarChart(
      id: "\(composition.kpi)-chart", name: "Releases by \(composition.name.lowercased())", bars: bars
    )
    .image.map {
      Chart(
        id: composition.kpi, title: title, subtitle: unit, image: $0,
        numbers: table(of: composition.kpi, ordered, name: composition.name)
      ).node
    }
  }

  /// What the largest value is: more than half of the releases, or less, or one of several that are as large.
  private func finding(_ composition: Composition, _ parts: [HistoryAccount.Part]) -> String {
    guard let largest = parts.first else { return composition.name }
    let tied = parts.filter { $0.value == largest.value }
    let share = share(largest.value).map { " (\($0)\(tied.count > 1 ? " each" : ""))" } ?? ""
    guard tied.count == 1 else {
      let names = tied.prefix(3).map { Self.inHeading($0.name) }
      let rest =
        tied.count > 3 ? "\(names.joined(separator: ", ")) and \(tied.count - 3) more" : Phrases.list(names)
      return "\(composition.name): \(rest) are the largest\(share)"
    }
    let isMost = account.value("n_releases_distinct").map { largest.value * 2 > $0 } ?? false
    return (isMost ? composition.findingOfMost : composition.finding)
      .replacing("…", with: Self.inHeading(largest.name)) + share
  }

  /// As much of a name as a heading has room for.
  private static func inHeading(_ name: String) -> String { Phrases.shortened(name, to: 60) }

  /// As much of a name as what a pointer tells has room for.
  private static func inTip(_ name: String) -> String { Phrases.shortened(name, to: 200) }

  /// Whether a decade (`1990s`) comes before another; what is none comes last.
  private static func inTime(_ one: String, _ other: String) -> Bool {
    (Int(one.dropLast()) ?? .max, one) < (Int(other.dropLast()) ?? .max, other)
  }

  private func table(of kpi: String, _ parts: [HistoryAccount.Part], name: String, what: String = "Releases")
    -> DataTable
  {
    DataTable(
      id: "\(kpi)-table",
      caption: parts.count > room.parts
        ? "\(name): the first \(room.parts) of \(Figures.grouped(parts.count)); history_kpis_dim_latest.csv has all"
        : name,
      columns: [.words(name), .numbers(what), .numbers("Share"), .numbers("Before"), .numbers("Change")],
      rows: parts.prefix(room.parts).map { part in
        [
          .foreign(part.name, tip: room.tip), .number(part.value), .number(share(part.value), part.value),
          .number(part.previous),
          .change(part.previous.map { part.value - $0 }),
        ]
      }, isSortable: true)
  }

  // MARK: Concentration

  private var concentrationSection: ReportPage.Section {
    let lines = [
      Line("top_label_share_bp", "Largest", isMain: false), Line("top10_labels_share_bp", "Top 10"),
      Line("top100_labels_share_bp", "Top 100", isMain: false),
    ]
    let title = account.value("top10_labels_share_bp").map {
      "The ten largest labels have \(Figures.percent(basisPoints: $0)) of the releases"
    }
    return ReportPage.Section(
      "concentration", title ?? "How concentrated labels are is not known", short: "Labels",
      lead:
        "Shares of all pairs of a release and a label. The Herfindahl–Hirschman index is the sum of the squares of all labels' shares: 100 % would be a single label."
    ) {
      Chart.grid(
        [
          lineChart(
            "label-shares", title: "The largest labels' share",
            unit: "Per cent of the releases that labels have", lines,
            text: Figures.percent, tickText: Self.percentTick),
          lineChart(
            "label-hhi", title: "The index of concentration", unit: "Herfindahl–Hirschman index, per cent",
            [Line("label_concentration_hhi_bp", "Index")], text: Figures.percent, tickText: Self.percentTick),
          topChart("top_labels_by_releases", "label", "labels"),
          topChart("top_artists_by_releases", "artist", "artists"),
        ].compactMap { $0 })
      numbersOfRuns(
        "concentration-numbers", "Shares of the largest labels in each run",
        [
          ("Largest", "top_label_share_bp", Figures.percent),
          ("Top 10", "top10_labels_share_bp", Figures.percent),
          ("Top 100", "top100_labels_share_bp", Figures.percent),
          ("Index", "label_concentration_hhi_bp", Figures.percent),
        ])
    }
  }

  private static func percentTick(_ basisPoints: Double) -> String {
    "\(Figures.trimmed(basisPoints / 100, places: 2)) %"
  }

  private func topChart(_ kpi: String, _ one: String, _ several: String) -> Node? {
    guard let parts = account.dimensions[kpi], let largest = parts.first else { return nil }
    let bars = parts.prefix(10).enumerated().map { index, part in
      BarChart.Bar(
        name: Self.inTip(part.name), value: Double(part.value), shown: Figures.grouped(part.value),
        isMain: index == 0)
    }
    let title = "\(Self.inHeading(largest.name)) is the \(one) with most releases"
    return BarChart(id: "\(kpi)-chart", name: "The \(several) with most releases", bars: bars).image.map {
      Chart(
        id: kpi, title: title, subtitle: "Number of releases; the ten \(several) with most", image: $0,
        numbers: table(of: kpi, parts, name: several.prefix(1).uppercased() + several.dropFirst())
      ).node
    }
  }

  // MARK: Quality

  private var qualitySection: ReportPage.Section {
    let known = Quality.shares.filter { share in
      account.runs.contains { account.values[$0.id]?[share.kpi] != nil }
    }
    let growth = known.compactMap { share in account.growth[share.kpi]?.delta.map { (share, $0) } }
    let worse = growth.filter { $0.1 < 0 }.count
    let better = growth.filter { $0.1 > 0 }.count
    let title: String
    if known.isEmpty {
      title = "How complete the data are is not known"
    } else if growth.isEmpty {
      title = "How complete the data are"
    } else if worse == 0, better == 0 {
      title = "The data are as complete as before"
    } else {
      title =
        "Of \(Figures.count(growth.count, "share")) of complete records, \(better) rose and \(worse) fell"
    }
    return ReportPage.Section(
      "quality", title, short: "Quality",
      lead:
        "How many records say something that not all of them say. A sudden fall means that the dumps, or their reading, have changed."
    ) {
      Chart.grid(
        known.compactMap { share in
          lineChart(
            "quality-\(share.kpi)", title: share.name, unit: "Per cent, in each run's dump",
            [Line(share.kpi, share.name)],
            text: Figures.percent, tickText: Self.percentTick)
        })
      numbersOfRuns(
        "quality-numbers", "Shares of records that say their …, in each run",
        known.map { (title: $0.short, kpi: $0.kpi, text: Figures.percent) })
      qualityChart
    }
  }

  private var qualityChart: Node? {
    let kpi = Composition.dataQuality.kpi
    guard let parts = account.dimensions[kpi] else { return nil }
    let bars = parts.prefix(Self.mostBars).enumerated().map { index, part in
      BarChart.Bar(
        name: Self.inTip(part.name), value: Double(part.value),
        shown: Figures.short(Double(part.value)) + (share(part.value).map { " · \($0)" } ?? ""),
        isMain: index == 0)
    }
    return BarChart(id: "\(kpi)-chart", name: "Releases by Discogs' own data quality", bars: bars).image.map {
      Chart(
        id: kpi, title: finding(.dataQuality, parts),
        subtitle: "Number of releases, and their share, by data quality",
        image: $0, numbers: table(of: kpi, parts, name: "Data quality"), isWide: true
      ).node
    }
  }

  // MARK: Registry

  private static let meanings = [
    "ok": "can be used", "skipped_active": "the active run, left out of the others' work",
    "failed_incomplete": "its tables are not registered", "missing_data": "a required dataset is missing",
  ]

  private var registrySection: ReportPage.Section {
    let runs = account.registry
    let unusable = runs.filter { !$0.isUsable }.count
    return ReportPage.Section(
      "registry",
      runs.isEmpty
        ? "The registry knows no run"
        : unusable == 0
          ? "\(runs.count == 1 ? "The one run that the registry knows" : "All \(Figures.grouped(runs.count)) runs") can be used"
          : "\(Figures.grouped(unusable)) of \(Figures.count(runs.count, "run")) cannot be used",
      short: "Runs", lead: runs.isEmpty ? "reconcile looks at the lake's runs and records their states." : ""
    ) {
      if !runs.isEmpty {
        DataTable(
          id: "registry-table", caption: "Every run as it was found last, the newest dump first",
          columns: [
            .words("Run"), .words("Dump"), .words("State"), .words("Meaning"), .words("Active"),
            .words("Mode"),
            .words("Commit"), .words("Details"),
          ],
          rows: runs.suffix(Self.mostRuns * 2).reversed().map { run in
            [
              .code(run.id), .date(run.day),
              .nodes {
                HTML.span(
                  .class(run.isUsable ? "mark good" : "mark bad"),
                  text: run.status.isEmpty ? "unknown" : run.status)
              },
              .text(Self.meanings[run.status] ?? "–"), .text(run.isActive ? "active" : "–"),
              .text(run.runMode ?? "–"), .text(run.gitSHA.map { String($0.prefix(10)) } ?? "–"),
              .foreign(run.details ?? "–"),
            ]
          }, isSortable: true, isFilterable: true, style: "sticky"
        ).node
      }
    }
  }

  // MARK: All KPIs

  private var kpisSection: ReportPage.Section {
    let names = account.kpiNames
    let runs = Array(account.runs.suffix(Self.mostRuns).reversed())
    return ReportPage.Section(
      "kpis", "All \(Figures.count(names.count, "KPI")) of \(Figures.count(account.runs.count, "run"))",
      short: "All KPIs",
      lead:
        "The newest run first. Names that end in _bp are basis points: 10,000 is 100 %, or the average times 10,000. docs/history.md says what each counts."
    ) {
      DataTable(
        id: "kpi-table", caption: "KPIs, the change since the run before, and their value in each run",
        columns: [.words("KPI"), .words("Over time"), .numbers("Change"), .numbers("Change, %")]
          + runs.map { .numbers($0.id) },
        rows: names.map { name in
          let growth = account.growth[name]
          return [
            .code(name), sparkline(of: name), .change(growth?.delta),
            .number(growth?.relative.map(Figures.signedPercent), growth?.relative),
          ] + runs.map { .number(account.values[$0.id]?[name]) }
        }, isSortable: true, isFilterable: true, style: "sticky runs"
      ).node
      olderRunsNote
    }
  }

  private func sparkline(of kpi: String) -> DataTable.Cell {
    let values = account.runs.suffix(60).map { account.values[$0.id]?[kpi] }
    let known = values.compactMap { $0 }
    guard let first = known.first, let last = known.last,
      let image = Sparkline(
        id: "line-\(kpi)", name: "\(kpi) over \(Figures.count(known.count, "run"))",
        values: values.map { $0.map(Double.init) },
        description: "From \(Figures.grouped(first)) to \(Figures.grouped(last))."
      ).image
    else { return DataTable.Cell(content: [HTML.span(.class("none"), text: "–")], sortKey: "") }
    return DataTable.Cell(content: [image], sortKey: String(last - first))
  }
}
