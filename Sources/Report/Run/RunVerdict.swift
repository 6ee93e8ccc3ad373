import Lake
import Platform
import Schema

/// What there is to say about a run first of all: one sentence, how good the news is, and what to do.
struct RunVerdict {
  /// How good the news is.
  enum Level: String {
    case good, attention, bad

    /// In words, since colours do not tell everybody.
    var words: String {
      switch self {
      case .good: "In order"
      case .attention: "Needs a look"
      case .bad: "Not usable"
      }
    }
  }

  let level: Level
  /// The page's headline.
  let sentence: String
  /// What to do, or why there is nothing to do.
  let advice: String

  /// What an account comes to.
  init(_ account: RunAccount) {
    let month = Figures.month(account.run.id.dumpMonth)
    let id = account.run.id
    let warnings = (account.before?.warnings.count ?? 0) + (account.after?.warnings.count ?? 0)
    let look = warnings == 0 ? "" : ", with \(Figures.count(warnings, "warning")) to look at"
    let level: Level = warnings == 0 && account.flaws.isEmpty ? .good : .attention

    if !account.isOlder, let first = account.unfinishedMakers.first {
      let missing = account.unfinishedMakers.map(RunFolder.command)
      self.init(
        .bad,
        "The run of \(month) is unfinished: \(Phrases.list(missing)) \(missing.count == 1 ? "has" : "have") not succeeded",
        Self.advice(for: account, first)
      )
    } else if account.isOlder, !account.missingRequired.isEmpty {
      self.init(
        .bad,
        "The run of \(month) is unfinished: it lacks \(Phrases.list(account.missingRequired.map(\.name)))",
        "No task has left a state in it, so none can go on with it: begin a new run of its dumps with preflight."
      )
    } else if let check = account.before, !check.failures.isEmpty {
      self.init(
        .bad,
        "The run of \(month) must not be used: \(Figures.count(check.failures.count, "check")) of its files failed",
        "Nothing is promoted until sanity succeeds. What failed stands below, with what it means.")
    } else if !account.damages.isEmpty {
      let damaged = Figures.count(account.damages.count, "dataset")
      let be = account.damages.count == 1 ? "is" : "are"
      self.init(
        .bad,
        "The run of \(month) is \(account.isActive ? "in use, but" : "damaged:") \(damaged) \(be) not as \(account.damages.count == 1 ? "it was" : "they were") made",
        account.isActive
          ? "Bring the files back from a copy, or go back to the run before: `promote --rollback`, then `register-run-schema --active`. Datasets says which they are."
          : "Bring the files back from a copy, or make a new run of the dumps. Datasets says which they are.")
    } else if !account.isOlder, account.succeeded(TaskName.sanity) == nil {
      self.init(
        .attention, "The run of \(month) has not been checked yet",
        "Run `sanity --run-id \(id)`; without its success the run cannot be promoted.")
    } else if account.isActive, let check = account.after, !check.failures.isEmpty {
      self.init(
        .bad,
        "The run of \(month) is in use, but \(Figures.count(check.failures.count, "check")) of its tables failed",
        check.failures.allSatisfy { $0.check.hasPrefix("is_registered:") }
          ? "The catalog shows something else than the run's files: run `register-run-schema --active`, then `sanity-report --run-id \(id)`."
          : "See below what failed. To go back to the run before: `promote --rollback`, then `register-run-schema --active`."
      )
    } else if account.isActive, account.after == nil {
      self.init(
        .attention, "The run of \(month) is in use, but its tables have not been checked",
        "Run `register-run-schema --active --run-id \(id)`, then `sanity-report --run-id \(id)`.")
    } else if account.isActive {
      self.init(
        level, "\(month) is in order and in use\(look)",
        warnings == 0
          ? "Nothing has to be done."
          : "Read what each warning means, under Checks.")
    } else if let check = account.after, !check.failures.isEmpty {
      self.init(
        .bad,
        "The run of \(month) was in use until \(Figures.count(check.failures.count, "check")) of its tables failed",
        "Another run is active now: see the end of this page.")
    } else if let rollback = account.states[TaskName.promote]?.rollback {
      self.init(
        .attention, "The run of \(month) was in use and was taken back: \(rollback.to) took its place",
        "If it should be in use again: `promote --run-id \(id) --run-mode prod --allow-promote true`.")
    } else if let state = account.states[TaskName.promote], state.status == .skipped {
      let reason = state.reason ?? "no reason is told"
      self.init(
        level, "\(month) is in order\(look), and was not promoted: \(reason)",
        "To put it into use: `promote --run-id \(id) --run-mode prod --allow-promote true`.")
    } else if account.succeeded(TaskName.promote) != nil {
      self.init(
        level, "\(month) is in order\(look), and is not in use any more",
        account.activeIsGone
          ? "Nothing is in use: active points to a run that is not there. See the end of this page."
          : "Another run took its place.")
    } else {
      self.init(
        level,
        account.isOlder
          ? "The run of \(month) is one of an older pipeline, of which only the files tell"
          : "\(month) is in order\(look), and has not been promoted yet",
        "To put it into use: `promote --run-id \(id) --run-mode prod --allow-promote true`.")
    }
  }

  /// What to do about a run that lacks a task.
  private static func advice(for account: RunAccount, _ task: String) -> String {
    let again =
      "run the same session again, or `\(RunFolder.command(for: task)) --run-id \(account.run.id)`; what is done is not done again"
    guard let failure = account.unfinishedMakers.lazy.compactMap({ account.failures[$0] }).first else {
      return
        "The run has no word of why. If a task failed, the last line of its log says what is wrong; if none did, \(again)."
    }
    // Of the same bytes the same comes.
    let what = failure.isAboutData ? "mend that first, then" : "then"
    let advice = failure.advice.map { "\($0.replacing("`", with: "'")); " } ?? ""
    return
      "`\(RunFolder.command(for: failure.task))` says: \(failure.message.replacing("`", with: "'")). \(sentence("\(advice)\(what) \(again)"))."
  }

  private static func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

  private init(_ level: Level, _ sentence: String, _ advice: String) {
    self.level = level
    self.sentence = sentence
    self.advice = advice
  }
}
