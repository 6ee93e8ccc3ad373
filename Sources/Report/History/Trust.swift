import Lake
import Platform
import Sanity
import TaskKit

/// A question whose answer says whether a month's numbers can be trusted.
struct TrustQuestion {
  /// What is asked, in a few words.
  let about: String
  /// The answer; nil where there is nothing to ask.
  let answer: @Sendable (HistoryAccount, HistoryAccount.Run, RunAccount?) -> Answer?

  /// How an answer speaks for or against the month.
  enum Verdict: String {
    case good, attention, bad
    /// It does not speak: there is nothing to judge by yet.
    case unknown

    /// As it stands in the table.
    var words: String {
      switch self {
      case .good: "✓ good"
      case .attention: "! look"
      case .bad: "✗ bad"
      case .unknown: "? not yet"
      }
    }
  }

  /// What was found.
  struct Answer {
    let verdict: Verdict
    let words: String
    /// The same as a sentence's beginning, for where the question does not stand beside it.
    var doubt = ""
    /// Whether the run is broken, and not only strange.
    var forbidsUse = false
  }

  /// A tenth less of anything is no month's editing: it is another dump, or a part of one. A hundredth is worth a look.
  private static let (muchBasisPoints, noticedBasisPoints): (Int64, Int64) = (1000, 100)

  /// The worse of two: by what part, in basis points, something is less.
  private static func verdict(loss basisPoints: Int64) -> Verdict {
    basisPoints >= muchBasisPoints ? .bad : .attention
  }

  /// The questions in their order: each is declared here and nowhere else.
  static let all: [TrustQuestion] = [
    TrustQuestion(about: "Can the run be used?") { _, run, _ in
      let words = run.status.isEmpty ? "the registry does not know it" : "in the registry it is \(run.status)"
      return Answer(
        verdict: run.isUsable ? .good : .bad, words: run.isUsable ? "yes: \(words)" : "no: \(words)",
        doubt: words, forbidsUse: true)
    },
    TrustQuestion(about: "Have its files passed their checks?") { _, _, run in checks(of: run) },
    TrustQuestion(about: "Have its tables, if it is in use?") { _, _, run in
      guard let run, run.isActive || run.after != nil else { return nil }
      guard let check = run.after, !run.isActive || run.succeeded(TaskName.sanityReport) != nil else {
        return Answer(
          verdict: .attention, words: "not known: sanity-report has not succeeded",
          doubt: "sanity-report has not succeeded for its tables")
      }
      if check.failures.isEmpty {
        return passed(with: check.warnings, by: "sanity-report")
      }
      let failed = names(check.failures)
      return Answer(
        verdict: .bad, words: "no: \(failed)",
        doubt: "sanity-report found its tables not in order: \(failed)", forbidsUse: true)
    },
    TrustQuestion(about: "Are its files as they were made?") { _, _, run in
      guard let run, !run.isOlder else { return nil }
      guard !run.damages.isEmpty else { return Answer(verdict: .good, words: "yes") }
      let words = run.damages.prefix(3).map(\.words).joined(separator: "; ")
      return Answer(
        verdict: .bad, words: "no: \(words)\(run.damages.count > 3 ? "; and others" : "")",
        doubt:
          "\(Figures.count(run.damages.count, "dataset")) of the run \(run.damages.count == 1 ? "is" : "are") damaged",
        forbidsUse: true)
    },
    TrustQuestion(about: "Were more records rejected than before?") { _, _, run in rejects(of: run) },
    TrustQuestion(about: "Has the dumps' format changed?") { _, _, run in drift(of: run) },
    TrustQuestion(about: "Has any kind of record become fewer?") { account, _, _ in
      let counted = ReportedEntity.all.compactMap { entity in
        account.growth[entity.countKPI].flatMap { growth in growth.delta.map { (entity.several, $0, growth) }
        }
      }
      guard !counted.isEmpty else {
        return account.previous == nil
          ? Answer(verdict: .unknown, words: "there is no earlier run to compare with") : nil
      }
      let fewer = counted.filter { $0.1 < 0 }
      guard !fewer.isEmpty else { return Answer(verdict: .good, words: "no") }
      let words = Phrases.list(
        fewer.map { name, delta, growth in
          "\(name) \(Figures.signed(delta))\(growth.relative.map { " (\(Figures.signedPercent(basisPoints: $0)))" } ?? "")"
        })
      return Answer(
        verdict: verdict(loss: fewer.compactMap { $0.2.relative.map { -$0 } }.max() ?? 0), words: words,
        doubt: "there are fewer records: \(words)")
    },
    TrustQuestion(about: "Has more than 1 % of any kind vanished?") { account, _, _ in
      guard !account.changes.isEmpty else { return nil }
      let many = ReportedEntity.all.compactMap { entity -> (words: String, loss: Int64)? in
        guard let changes = account.changes[entity.name] else { return nil }
        let before = changes.removed + changes.changed + changes.same
        guard changes.removed * 10_000 > before * noticedBasisPoints else { return nil }
        return (
          "\(Figures.grouped(changes.removed)) of \(Figures.grouped(before)) \(entity.several) (\(Figures.share(changes.removed, of: before) ?? ""))",
          changes.removed * 10_000 / max(1, before)
        )
      }
      guard !many.isEmpty else { return Answer(verdict: .good, words: "no") }
      let words = Phrases.list(many.map(\.words))
      return Answer(
        verdict: verdict(loss: many.map(\.loss).max() ?? 0), words: words, doubt: "\(words) vanished")
    },
    TrustQuestion(about: "Do fewer releases say their artists, labels, genres …?") { account, _, _ in
      let shares = Quality.shares.compactMap { share in
        account.growth[share.kpi]?.delta.map { (share.name, $0) }
      }
      guard !shares.isEmpty else { return nil }
      // One in a hundred is more than editing brings about in a month.
      let worse = shares.filter { $0.1 <= -noticedBasisPoints }
      guard !worse.isEmpty else {
        return Answer(verdict: .good, words: "no share fell by a percentage point")
      }
      let words = Phrases.list(
        worse.map {
          "\($0.0.prefix(1).lowercased() + $0.0.dropFirst()) \(Figures.signedPercent(basisPoints: $0.1).replacing(" %", with: " points"))"
        })
      return Answer(
        verdict: verdict(loss: worse.map { -$0.1 }.max() ?? 0), words: words,
        doubt: "records are less complete: \(words)")
    },
    TrustQuestion(about: "Are all numbers of the run before there again?") { account, run, _ in
      guard let previous = account.previous, let before = account.values[previous.id] else { return nil }
      let lost = before.keys.filter { account.values[run.id]?[$0] == nil }.sorted()
      guard !lost.isEmpty else { return Answer(verdict: .good, words: "yes") }
      let words = "\(Phrases.list(lost.prefix(5).map { $0 }))\(lost.count > 5 ? " and others" : "")"
      return Answer(verdict: .attention, words: "no: \(words)", doubt: "numbers are missing: \(words)")
    },
  ]

  // MARK: What the run's folder tells

  /// What sanity found. Without its success nothing is known of the run, whatever its numbers look like.
  private static func checks(of run: RunAccount?) -> Answer {
    guard let run else {
      return Answer(
        verdict: .attention, words: "not known: the run's folder is not there",
        doubt: "the run's folder is not there to say what its checks found")
    }
    if let failures = run.before?.failures, !failures.isEmpty {
      return Answer(
        verdict: .bad, words: "no: \(names(failures))",
        doubt: "sanity found the run's files not in order: \(names(failures))", forbidsUse: true)
    }
    guard run.succeeded(TaskName.sanity) != nil else {
      return run.isOlder
        ? Answer(
          verdict: .attention,
          words: "not known: the run is one of an older pipeline, and sanity has not looked at it",
          doubt: "sanity has not looked at the run, which is one of an older pipeline")
        : Answer(
          verdict: .bad, words: "no: sanity has not succeeded",
          doubt: "sanity has not succeeded for the run", forbidsUse: true)
    }
    return passed(with: run.before?.warnings ?? [], by: "sanity")
  }

  /// Nothing failed.
  private static func passed(with warnings: [Finding], by task: String) -> Answer {
    guard !warnings.isEmpty else { return Answer(verdict: .good, words: "yes") }
    let words = "\(Figures.count(warnings.count, "warning")): \(names(warnings))"
    return Answer(verdict: .attention, words: "yes, with \(words)", doubt: "\(task) gave \(words)")
  }

  private static func names(_ findings: [Finding]) -> String {
    Phrases.list(findings.prefix(3).map(\.check)) + (findings.count > 3 ? " and others" : "")
  }

  private static func rejects(of run: RunAccount?) -> Answer? {
    guard let run, !run.isOlder, !run.rejectCounts.isEmpty else { return nil }
    let count = run.rejectCounts.values.reduce(0, +)
    guard count > 0 else { return Answer(verdict: .good, words: "no: none was rejected") }
    let read = run.entitiesRead.reduce(0) {
      $0 + (run.states[TaskName.ingest($1)]?.counters["records_read"] ?? 0)
    }
    let share = Figures.share(Int64(count), of: Int64(read)).map { " (\($0))" } ?? ""
    let words = "\(Figures.count(count, "record")) of \(Figures.grouped(read))\(share)"
    let before = run.previous.flatMap { previous in
      let counts = TaskName.ingests.compactMap {
        (try? previous.state($0))?.counters["records_rejected"]
      }
      return counts.isEmpty ? nil : counts.reduce(0, +)
    }
    let loss = Int64(count) * 10_000 / Int64(max(1, read))
    let isMore = before.map { count > $0 } ?? true
    return Answer(
      verdict: loss >= muchBasisPoints ? .bad : isMore ? .attention : .good,
      words: "\(words)\(before.map { ", \(Figures.grouped($0)) in the run before" } ?? "")",
      doubt: "\(words) \(count == 1 ? "was" : "were") rejected")
  }

  private static func drift(of run: RunAccount?) -> Answer? {
    guard let run, !run.isOlder, !run.entitiesRead.isEmpty else { return nil }
    guard run.previous != nil else {
      return Answer(verdict: .unknown, words: "there is no earlier run to compare with")
    }
    let (new, gone) = (run.drift.filter(\.isNew), run.drift.filter(\.isGone))
    guard !new.isEmpty || !gone.isEmpty else { return Answer(verdict: .good, words: "no") }
    func told(_ drift: [RunAccount.Drift]) -> String {
      "\(drift.prefix(3).map(\.path).joined(separator: ", "))\(drift.count > 3 ? " and others" : "")"
    }
    let parts =
      (new.isEmpty ? [] : ["\(Figures.grouped(new.count)) new (\(told(new)))"])
      + (gone.isEmpty ? [] : ["\(Figures.grouped(gone.count)) gone (\(told(gone)))"])
    let words = "\(Phrases.list(parts)) of those elements and attributes that are not known"
    return Answer(
      verdict: .attention, words: words, doubt: "the dumps' format has changed: \(Phrases.list(parts))")
  }
}

/// What the report tells of how complete the data are.
enum Quality {
  /// A share in basis points, as a KPI has it.
  struct Share {
    let kpi: String
    /// What has it, of what: `Releases with a style`.
    let name: String
    /// For the head of a column: `Style`.
    let short: String
  }

  /// In the order in which they are told.
  static let shares = [
    Share(kpi: "pct_releases_with_artist_link_bp", name: "Releases with an artist", short: "Artist"),
    Share(kpi: "pct_releases_with_label_link_bp", name: "Releases with a label", short: "Label"),
    Share(kpi: "pct_releases_with_genre_bp", name: "Releases with a genre", short: "Genre"),
    Share(kpi: "pct_releases_with_style_bp", name: "Releases with a style", short: "Style"),
    Share(kpi: "pct_releases_with_master_bp", name: "Releases with a master", short: "Master"),
    Share(kpi: "pct_releases_with_year_bp", name: "Releases with a year", short: "Year"),
    Share(kpi: "pct_releases_with_country_bp", name: "Releases with a country", short: "Country"),
    Share(kpi: "pct_releases_with_barcode_bp", name: "Releases with a barcode", short: "Barcode"),
    Share(
      kpi: "pct_label_links_with_catno_bp", name: "Labels of releases with a catalogue number",
      short: "Catalogue number"),
  ]
}

/// What releases are counted by.
struct Composition {
  let kpi: String
  /// Plural, for headings.
  let name: String
  /// What is said of the largest value where less than half of the releases have it, with its name in place of `…`.
  let finding: String
  /// The same where more have it.
  let findingOfMost: String
  /// Whether the values are told in their own order and not by size.
  var isOrdered = false

  /// What Discogs' own people say of how complete a release is.
  static let dataQuality = Composition(
    kpi: "releases_by_data_quality", name: "Data quality", finding: "“…” is what Discogs says most often",
    findingOfMost: "Discogs calls most releases “…”")

  /// In the order in which they are told.
  static let all = [
    Composition(
      kpi: "releases_by_genre", name: "Genres", finding: "… is the most frequent genre",
      findingOfMost: "Most releases are …"),
    Composition(
      kpi: "releases_by_style", name: "Styles", finding: "… is the most frequent style",
      findingOfMost: "Most releases are …"),
    Composition(
      kpi: "releases_by_decade", name: "Decades", finding: "The largest share is of the …",
      findingOfMost: "Most releases are of the …", isOrdered: true),
    Composition(
      kpi: "releases_by_country", name: "Countries", finding: "The largest share comes from …",
      findingOfMost: "Most releases come from …"),
    Composition(
      kpi: "releases_by_format", name: "Formats", finding: "… is the most frequent format",
      findingOfMost: "Most releases are on …"),
    Composition(
      kpi: "releases_by_company_role", name: "Companies' roles",
      finding: "“…” is the most frequent company role", findingOfMost: "Most releases name a company “…”"),
  ]
}
