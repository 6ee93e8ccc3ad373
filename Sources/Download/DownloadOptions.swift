import HTTP
import Lake
import Platform
import Schema
import TaskKit

/// The options of `download`.
public struct DownloadOptions: OptionDeclarations {
  @OptionGroup var lakeOptions: LakeOptions

  // With it no lake is needed.
  @OptionGroup var raw: RawRootOption
  @OptionGroup var session: SessionOptions

  @Option(
    "dump-date", environment: "dump_date",
    help:
      "The day in the dumps' names, where it is not to be found out: the 1st is tried, then the year's list.",
    valueName: "YYYY-MM-DD")
  var dumpDate: String?

  @Option("entities", environment: "download_entities", help: "Which dumps.", valueName: "LIST")
  var entities: [Entity] = Entity.allCases

  @Option(
    "run-id", environment: "run_id",
    help: "The run that the dumps are for: its state file says what was downloaded.",
    valueName: "YYYY-MM__YYYYMMDD_HHMMSS")
  var runID: RunID?

  @Option(
    "base-url", environment: "download_base_url",
    help: "The site: https:, http:, or file: for a folder that holds the files.", valueName: "URL")
  var baseURL: String = DumpSite.officialBase

  @Option(
    "url-template", environment: "download_url_template",
    help:
      "The address of a file on mirrors of other shapes, with {base}, {year} (2026), {month} (2026-08), "
      + "{date} (20260801) and {file}.",
    valueName: "TEMPLATE", defaultHelp: DumpSite.officialTemplate)
  var urlTemplate: String?

  @Option(
    "ca-file", environment: "download_ca_file",
    help: "PEM file with the certificate authorities to trust instead of the system's.", valueName: "FILE")
  var caFile: String?

  @Option(
    "wait", environment: "download_wait",
    help: "How long to wait for a month that is not published yet.", valueName: "TIME",
    defaultHelp: "not at all")
  var wait: WaitingTime?

  @Option(
    "poll-interval", environment: "download_poll_interval",
    help: "The pause between two looks while waiting.", valueName: "TIME")
  var pollInterval = WaitingTime(.seconds(30 * 60))

  @Option(
    "max-wait", environment: "download_max_wait",
    help: "The longest pause that the site may ask for (Retry-After) before the task ends with 75.",
    valueName: "TIME")
  var maxWait = WaitingTime(Patience().maxWait)

  @Option(
    "tries", environment: "download_tries", help: "Failures in a row after which a request is given up.",
    valueName: "N")
  var tries = Patience().tries

  @Option(
    "retry-pause", environment: "download_retry_pause",
    help: "The pause after a first failure; further ones double it, up to 2 minutes.",
    valueName: "TIME")
  var retryPause = WaitingTime(Patience().firstPause)

  @Option(
    "connect-timeout", environment: "download_connect_timeout", help: "How long connecting may take.",
    valueName: "TIME")
  var connectTimeout = WaitingTime(.seconds(30))

  @Option(
    "stall-timeout", environment: "download_stall_timeout", help: "How long no byte may come.",
    valueName: "TIME")
  var stallTimeout = WaitingTime(.seconds(60))

  @Flag(
    "dry-run", environment: "download_dry_run",
    help: "Show what would be fetched (one request), and change nothing.")
  var isDryRun: Bool

  @Flag(
    "force", environment: "force",
    help: "Ask the site although this run has its dumps, and read files again whose digest is remembered.")
  var force: Bool

  /// Every option at its default.
  public init() {}

  /// Checks what can be checked without the lake: entities, tries, the site's address, and that the options
  /// agree on a month.
  /// - Throws: `TaskError` (`usage`).
  public func validate() throws {
    if entities.isEmpty {
      throw TaskError(.usage, "--entities names none", advice: "leave it out for all four")
    }
    if tries < 1 {
      throw TaskError(.usage, "--tries \(tries) would not try at all", advice: "write 1 or more")
    }
    _ = try site()
    _ = try month()
  }

  /// Where the dumps come from.
  func site() throws -> DumpSite { try DumpSite(base: baseURL, template: urlTemplate) }

  /// What is to be brought, and to where.
  func order() throws -> MonthDownload.Order {
    let (month, day) = try month()
    var order = try MonthDownload.Order(
      month: month, entities: Entity.allCases.filter(entities.contains),
      rawRoot: rawRoot(), site: site())
    order.day = day
    order.patience.tries = tries
    order.patience.firstPause = retryPause.duration
    order.patience.maxWait = maxWait.duration
    order.wait = wait?.duration
    order.pollInterval = pollInterval.duration
    order.rereadsFiles = force
    return order
  }

  /// Where the dumps go: what is said now, or else what preflight was told for the run, or else the lake's own folder.
  private func rawRoot() throws -> String {
    if let named = raw.rawRoot { return Files.absolute(named) }
    return try run()?.rawRoot() ?? lakeOptions.lake().rawFolder
  }

  /// A client that says who it is.
  func client(toolVersion: String) throws -> HTTPClient {
    var settings = HTTPClient.Settings(
      userAgent: "discogs-lakehouse/\(toolVersion) (download of monthly dumps; \(CurlLibrary.shortVersion))")
    settings.caFile = caFile
    settings.connectTimeout = connectTimeout.duration
    settings.stallTimeout = stallTimeout.duration
    settings.allowsFileURLs = try site().isFolder
    return try HTTPClient(settings)
  }

  /// The run that is to know of it, where there is a lake that it is in.
  func run() throws -> RunFolder? {
    guard let runID, lakeOptions.lakePath?.isEmpty == false else { return nil }
    return try lakeOptions.lake().run(runID)
  }

  /// The month, and the day if it was said. All that name a month must name the same.
  private func month() throws -> (month: String, day: Int?) {
    var named: [(option: String, month: String)] = []
    var day: Int?
    if let dumpDate {
      guard let date = DownloadOptions.date(dumpDate) else {
        throw TaskError(.usage, "--dump-date: “\(dumpDate)” is no day", advice: "write it as 2026-08-01")
      }
      named.append(("--dump-date", "\(padded(date.year, 4))-\(padded(date.month, 2))"))
      day = date.day
    }
    if let dumpMonth = session.dumpMonth {
      guard let first = DownloadOptions.date(dumpMonth + "-01"), dumpMonth.utf8.count == 7, first.day == 1
      else {
        throw TaskError(.usage, "--dump-month: “\(dumpMonth)” is no month", advice: "write it as 2026-08")
      }
      named.append(("--dump-month", dumpMonth))
    }
    if let runID { named.append(("--run-id", runID.dumpMonth)) }
    if let first = named.first {
      if let other = named.first(where: { $0.month != first.month }) {
        throw TaskError(
          .usage, "\(first.option) is of \(first.month), \(other.option) of \(other.month)",
          advice: "name one month")
      }
      return (first.month, day)
    }
    guard let sessionTime = session.sessionTime else { return (UTCTime.now.month, nil) }
    guard let reading = ClockReading(sessionTime) else {
      throw TaskError(
        .usage, "--session-time: “\(sessionTime)” is no time", advice: "write it as 2026-08-01T00:00:00+00:00"
      )
    }
    return (reading.wallClock.month, nil)
  }

  /// Reads `2026-08-01` or `20260801`.
  private static func date(_ text: String) -> CalendarDate? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    let digits = parts.joined()
    guard parts.count == 1 || parts.map(\.utf8.count) == [4, 2, 2], digits.utf8.count == 8,
      digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits)
    else { return nil }
    return CalendarDate(year: number / 10_000, month: number / 100 % 100, day: number % 100)
  }
}
