import Foundation
import TestSupport
import Testing

@testable import Report

/// Every figure of a page of the history, in tables, charts and headings, against the CSV files that lie beside it. What the
/// page shows is made here from the files' numbers once more, and nothing of the page's own code is asked for it.
struct PageAgainstCSV {
  let page: BrowserPage
  /// The lines of the files, each by the names of its columns.
  let wide: [[String: String]]
  let growth: [[String: String]]
  let dimensions: [[String: String]]
  let changes: [[String: String]]
  /// The runs, oldest first, each of another month.
  let runs: [String]

  private var newest: String { runs[runs.count - 1] }
  private var previous: String { runs[runs.count - 2] }

  private static let entities = ["release", "artist", "label", "master"]
  private static func counter(_ entity: String) -> String { "n_\(entity)s_distinct" }

  private func value(_ kpi: String, _ run: String) -> Int? {
    wide.first { $0["run_id"] == run }?[kpi].flatMap { Int($0) }
  }

  private func growth(_ kpi: String) -> [String: Int] {
    let line = growth.first { $0["run_id"] == newest && $0["kpi_name"] == kpi } ?? [:]
    return line.compactMapValues { Int($0) }
  }

  private func changes(_ entity: String) -> [String: Int] {
    (changes.first { $0["run_id"] == newest && $0["entity"] == entity } ?? [:]).compactMapValues { Int($0) }
  }

  /// Compares all of it, and sees to it that there is no table and no chart that nobody has looked at.
  func expectEverything() throws {
    var tables: Set = ["registry-table", "trust-table", "changed-columns"]
    var charts: Set<String> = []
    try expectFigures()
    tables.formUnion([try expectKPIs(), try expectShort(), try expectChanges(&charts)])
    for (id, percent, columns) in Self.tablesOfRuns {
      tables.insert(try expectRuns(id, percent, columns))
    }
    for entity in Self.entities {
      let kpi = Self.counter(entity)
      let count = Figure.grouped(value(kpi, newest)!)
      charts.insert(try expectLine("growth-\(entity)-chart", kpi, Figure.grouped))
      #expect(page.charts["growth-\(entity)-chart"]?.title == "\(entity.capitalized)s: \(count)")
    }
    for (title, kpi) in Self.quality where value(kpi, newest) != nil {
      charts.insert(try expectLine("quality-\(kpi)-chart", kpi, Figure.percent))
      #expect(page.charts["quality-\(kpi)-chart"]?.title.lowercased().contains(title.lowercased()) == true)
    }
    charts.insert(try expectLine("label-hhi-chart", "label_concentration_hhi_bp", Figure.percent))
    charts.insert(try expectShares())
    for kpi in Self.dimensioned {
      tables.insert("\(kpi)-table")
      charts.insert("\(kpi)-chart")
      try expectParts(kpi)
    }
    charts.formUnion(try expectSparklines())
    #expect(Set(page.tables.keys) == tables, "a table is not compared")
    #expect(Set(page.charts.keys) == charts, "a chart is not compared")
    expectHeadings()
  }

  // MARK: Tables

  private static let quality = [
    ("Artist", "pct_releases_with_artist_link_bp"), ("Label", "pct_releases_with_label_link_bp"),
    ("Genre", "pct_releases_with_genre_bp"), ("Style", "pct_releases_with_style_bp"),
    ("Master", "pct_releases_with_master_bp"), ("Year", "pct_releases_with_year_bp"),
    ("Country", "pct_releases_with_country_bp"), ("Barcode", "pct_releases_with_barcode_bp"),
    ("Catalogue number", "pct_label_links_with_catno_bp"),
  ]

  private static let tablesOfRuns: [(id: String, percent: Bool, columns: [(String, String)])] = [
    ("growth-numbers", false, entities.map { ("\($0)s", counter($0)) }), ("quality-numbers", true, quality),
    (
      "concentration-numbers", true,
      [
        ("Largest", "top_label_share_bp"), ("Top 10", "top10_labels_share_bp"),
        ("Top 100", "top100_labels_share_bp"), ("Index", "label_concentration_hhi_bp"),
      ]
    ),
  ]

  /// The first four numbers of the page.
  private func expectFigures() throws {
    #expect(page.figures.count == 4)
    for entity in Self.entities {
      let growth = growth(Self.counter(entity))
      let figure = try #require(page.figures["\(entity)s"])
      #expect(figure.value == Figure.grouped(growth["kpi_value"]!))
      #expect(
        figure.change == "\(Figure.signed(growth["delta"]!)) (\(Figure.signedPercent(growth["delta_bp"]!)))")
    }
  }

  private func expectKPIs() throws -> String {
    let table = try #require(page.tables["kpi-table"])
    #expect(table.columns == ["KPI", "Over time", "Change", "Change, %"] + runs.reversed())
    let names = Set(wide.flatMap { $0.filter { Int($0.value) != nil }.keys })
    #expect(table.rows.map(\.[0]) == names.sorted() && names.count > 75)
    for name in names {
      let row = try #require(table.texts(name))
      let growth = growth(name)
      #expect(row["Change"] == growth["delta"].map(Figure.signed) ?? "–", "\(name)")
      #expect(row["Change, %"] == growth["delta_bp"].map(Figure.signedPercent) ?? "–", "\(name)")
      for run in runs {
        #expect(row[run] == value(name, run).map(Figure.grouped) ?? "–", "\(name) of \(run)")
      }
    }
    return "kpi-table"
  }

  private func expectShort() throws -> String {
    for entity in Self.entities {
      let row = try #require(page.tables["short-table"]?.texts("\(entity)s"))
      let (growth, changes) = (growth(Self.counter(entity)), changes(entity))
      #expect(row["Now"] == Figure.grouped(growth["kpi_value"]!))
      #expect(row["Before"] == Figure.grouped(growth["previous_value"]!))
      #expect(row["Change"] == Figure.signed(growth["delta"]!))
      #expect(row["Change, %"] == Figure.signedPercent(growth["delta_bp"]!))
      #expect(row["New"] == Figure.grouped(changes["n_added"]!))
      #expect(row["Vanished"] == Figure.grouped(changes["n_removed"]!))
      #expect(row["Edited"] == Figure.grouped(changes["n_changed"]!))
    }
    return "short-table"
  }

  private func expectChanges(_ charts: inout Set<String>) throws -> String {
    let table = try #require(page.tables["changes-table"])
    #expect(table.rows.count == 4)
    for entity in Self.entities {
      let row = try #require(table.texts("\(entity)s"))
      let line = try #require(changes.first { $0["run_id"] == newest && $0["entity"] == entity })
      #expect(line["previous_run_id"] == previous)
      for (column, name) in [
        ("New", "n_added"), ("Vanished", "n_removed"), ("Edited", "n_changed"), ("The same", "n_same"),
      ] {
        #expect(row[column] == Int(line[name]!).map(Figure.grouped), "\(entity) \(column)")
      }
      let details = line["details"]!.replacing("not compared: ", with: "")
      #expect(row["Not compared"] == (details.isEmpty ? "–" : details))
    }
    for (id, name, count) in [
      ("added", "New", "n_added"), ("removed", "Vanished", "n_removed"), ("changed", "Edited", "n_changed"),
    ] {
      let chart = try #require(page.charts["changes-\(id)-chart"])
      let counts = Self.entities.map { changes($0)[count]! }
      let total = counts.reduce(0, +)
      #expect(chart.title == "\(name): \(Figure.grouped(total)) record\(total == 1 ? "" : "s")")
      #expect(chart.names == Self.entities.map { "\($0)s" } && chart.values == counts.map(Figure.grouped))
      expectBars(chart, zip(chart.names, chart.values).map { "\($0): \($1)" })
      charts.insert("changes-\(id)-chart")
    }
    return "changes-table"
  }

  private func expectRuns(_ id: String, _ isPercent: Bool, _ columns: [(String, String)]) throws -> String {
    let table = try #require(page.tables[id])
    #expect(table.columns == ["Run", "Dump"] + columns.map(\.0))
    #expect(table.rows.map(\.[0]) == runs.reversed())
    for run in runs {
      let row = try #require(table.texts(run))
      for (title, kpi) in columns {
        let text = value(kpi, run).map(isPercent ? Figure.percent : Figure.grouped)
        #expect(row[title] == text ?? "–", "\(id): \(title) of \(run)")
      }
    }
    return id
  }

  // MARK: Values with a dimension

  private static let dimensioned = [
    "releases_by_genre", "releases_by_style", "releases_by_decade", "releases_by_country",
    "releases_by_format", "releases_by_company_role", "releases_by_data_quality", "top_labels_by_releases",
    "top_artists_by_releases",
  ]

  private func expectParts(_ kpi: String) throws {
    let table = try #require(page.tables["\(kpi)-table"])
    let chart = try #require(page.charts["\(kpi)-chart"])
    func parts(_ run: String) -> [(name: String, count: Int)] {
      dimensions.filter { $0["run_id"] == run && $0["kpi_name"] == kpi }.map {
        ($0["dim_value"]!, Int($0["kpi_value"]!)!)
      }
    }
    // The file has the largest first; decades are told in their own order.
    var own = parts(newest)
    let before = parts(previous)
    let largest = try #require(own.first)
    if kpi.hasSuffix("_decade") { own.sort { Int($0.name.dropLast())! < Int($1.name.dropLast())! } }
    let releases = try #require(value("n_releases_distinct", newest))
    #expect(table.columns.dropFirst() == ["Releases", "Share", "Before", "Change"])
    #expect(table.rows.count == own.count && own.count <= 100)
    for (row, part) in zip(table.rows, own) {
      let named = before.filter { $0.name == part.name }.map(\.count)
      // Several artists have one name, which is all that the file tells of them.
      let isOfSeveral = named.count > 1 || own.count { $0.name == part.name } > 1
      let isArtist = kpi == "top_artists_by_releases"
      let told = named.first { !isOfSeveral || Figure.grouped($0) == row[3] }
      let earlier = isArtist && isOfSeveral && row[3] == "–" ? nil : told
      #expect(
        row == [
          part.name, Figure.grouped(part.count), Figure.share(part.count, of: releases),
          earlier.map(Figure.grouped) ?? "–", earlier.map { Figure.signed(part.count - $0) } ?? "–",
        ], "\(kpi)")
      #expect(isArtist || !isOfSeveral, "\(kpi) has \(part.name) twice")
    }

    let isTop = kpi.hasPrefix("top_")
    let bars = isTop ? own.prefix(10) : kpi.hasSuffix("_decade") ? own.suffix(15) : own.prefix(15)
    #expect(chart.names.count == bars.count && chart.title.contains(largest.name))
    for (name, bar) in zip(chart.names, bars) {
      let isCut = name.hasSuffix("…") && bar.name.hasPrefix(name.dropLast())
      #expect(name == bar.name || isCut, "\(kpi)")
    }
    let shown = bars.map { bar in
      isTop
        ? Figure.grouped(bar.count)
        : "\(Figure.grouped(bar.count)) · \(Figure.share(bar.count, of: releases))"
    }
    #expect(chart.values == shown, "\(kpi)")
    let isTold = isTop || kpi.hasSuffix("_quality")
    expectBars(
      chart,
      zip(bars, shown).map { bar, shown in
        isTold
          ? "\(bar.name): \(shown)"
          : "\(bar.name): \(Figure.grouped(bar.count)) release\(bar.count == 1 ? "" : "s")"
      }, told: zip(bars, shown).map { "\($0.name): \($1)" })
  }

  private func expectBars(_ chart: BrowserPage.Chart, _ tips: [String], told: [String]? = nil) {
    #expect(chart.tips == tips, "\(chart.name)")
    let all = told ?? tips
    let rest = all.count > 12 ? "; and \(all.count - 12) more" : ""
    #expect(chart.description == all.prefix(12).joined(separator: "; ") + rest, "\(chart.name)")
  }

  // MARK: Lines

  /// A line's values: those written beside it, those a pointer finds, those of its description.
  private func expectLine(_ id: String, _ kpi: String, _ text: (Int) -> String) throws -> String {
    let chart = try #require(page.charts[id])
    let points = runs.compactMap { run in value(kpi, run).map { (run.prefix(7), text($0)) } }
    let (first, last) = (try #require(points.first), try #require(points.last))
    #expect(Set(chart.values) == [first.1, last.1] && chart.values.count == 2, "\(id)")
    #expect(chart.tips == points.map { "\($0.0): \($0.1)" }, "\(id)")
    #expect(
      chart.description.hasSuffix(
        ": from \(first.1) (\(first.0)) to \(last.1) (\(last.0)), \(points.count) points."), "\(id)")
    return id
  }

  private func expectShares() throws -> String {
    let chart = try #require(page.charts["label-shares-chart"])
    let lines = [
      ("Largest", "top_label_share_bp"), ("Top 10", "top10_labels_share_bp"),
      ("Top 100", "top100_labels_share_bp"),
    ]
    func text(_ kpi: String, _ run: String) -> String { value(kpi, run).map(Figure.percent) ?? "" }
    // Each name is followed by its value.
    for (name, kpi) in lines {
      let place = try #require(chart.values.firstIndex(of: name))
      #expect(chart.values[place + 1] == text(kpi, newest))
    }
    #expect(chart.values.count == 6)
    #expect(
      chart.tips
        == runs.map { run in
          "\(run.prefix(7)): \(lines.map { "\($0) \(text($1, run))" }.joined(separator: ", "))"
        })
    return "label-shares-chart"
  }

  private func expectSparklines() throws -> [String] {
    try wide[0].keys.compactMap { kpi in
      let values = runs.compactMap { value(kpi, $0) }
      guard values.count > 1 else { return nil }
      let chart = try #require(page.charts["line-\(kpi)"], "\(kpi)")
      #expect(
        chart.description
          == "From \(Figure.grouped(values[0])) to \(Figure.grouped(values[values.count - 1])).")
      return "line-\(kpi)"
    }
  }

  // MARK: Words

  private func expectHeadings() {
    let (first, last) = (value("n_releases_distinct", runs[0])!, value("n_releases_distinct", newest)!)
    let total = Figure.signedPercent(Int((Double(last - first) * 10_000 / Double(first)).rounded(.down)))
    #expect(page.text.contains("\(Figure.signed(last - first)) releases (\(total)) since "))
    let sums = ["n_added", "n_removed", "n_changed"].map { name in
      Figure.grouped(Self.entities.reduce(0) { $0 + changes($1)[name]! })
    }
    #expect(page.text.contains("\(sums[0]) new records, \(sums[1]) vanished, \(sums[2]) edited"))
    #expect(
      page.text.contains(
        "The ten largest labels have \(Figure.percent(value("top10_labels_share_bp", newest)!)) of the releases"
      ))
    let deltas = Self.quality.compactMap { growth($0.1)["delta"] }
    let (rose, fell) = (deltas.count { $0 > 0 }, deltas.count { $0 < 0 })
    #expect(
      page.text.contains("Of \(deltas.count) shares of complete records, \(rose) rose and \(fell) fell"))
    let genre = dimensions.first { $0["run_id"] == newest && $0["kpi_name"] == "releases_by_genre" }!
    let share = Figure.share(Int(genre["kpi_value"]!)!, of: last)
    #expect(page.text.contains("\(share) of the releases are \(genre["dim_value"]!)"))
    // What the answers are made of.
    for entity in Self.entities {
      let counts = changes(entity)
      let before = counts["n_removed"]! + counts["n_changed"]! + counts["n_same"]!
      let words = "\(Figure.grouped(counts["n_removed"]!)) of \(Figure.grouped(before)) \(entity)s"
      #expect(page.text.contains(words) == (counts["n_removed"]! * 100 > before), "\(words)")
    }
    for (_, kpi) in Self.quality {
      guard let delta = growth(kpi)["delta"] else { continue }
      let points = Figure.signedPercent(delta).replacing(" %", with: " points")
      if delta <= -100 { #expect(page.text.contains(points), "\(kpi) \(points)") }
    }
  }
}

/// Numbers as the pages write them.
enum Figure {
  static func grouped(_ value: Int) -> String {
    var digits = String(abs(value))
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return (value < 0 ? "−" : "") + ([digits] + groups).joined(separator: ",")
  }

  static func signed(_ value: Int) -> String {
    value == 0 ? "±0" : value > 0 ? "+\(grouped(value))" : grouped(value)
  }

  /// Of basis points.
  static func percent(_ value: Int) -> String {
    "\(value < 0 ? "−" : "")\(grouped(abs(value) / 100)).\(String(format: "%02d", abs(value) % 100)) %"
  }

  static func signedPercent(_ value: Int) -> String {
    value == 0 ? "±0.00 %" : value > 0 ? "+\(percent(value))" : percent(value)
  }

  /// To the nearest tenth of a per cent.
  static func share(_ part: Int, of whole: Int) -> String {
    let tenths = (part * 2000 + whole) / (2 * whole)
    return "\(grouped(tenths / 10)).\(tenths % 10) %"
  }
}
