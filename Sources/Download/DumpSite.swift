import HTTP
import Platform
import TaskKit

/// Where dumps are published, and how their addresses are made.
///
/// The official site and servers of its kind take `/?download=data%2FYYYY%2Ffile`; mirrors of other shapes,
/// and local folders, are described by a template.
public struct DumpSite: Sendable {
  /// The site that Discogs itself publishes on.
  public static let officialBase = "https://data.discogs.com"

  /// The address of a file there.
  public static let officialTemplate = "{base}/?download=data%2F{year}%2F{file}"

  /// Where a local folder may hold the files: itself, by month as a raw folder does, or by year as the
  /// official site does.
  public static let folderTemplates = [
    "{base}/{file}", "{base}/{month}/{file}", "{base}/data/{year}/{file}", "{base}/{year}/{file}",
  ]

  /// Scheme, host and what precedes the template's path; without a slash at its end.
  public let base: String
  /// The address of a file, with `{base}`, `{year}` (2026), `{month}` (2026-08), `{date}` (20260801) and
  /// `{file}`.
  public private(set) var template: String
  private let hasOwnTemplate: Bool

  /// - Parameters:
  ///   - base: an `https:`, `http:` or `file:` URL.
  ///   - template: nil for the official site's, or for a `file:` base those of `folderTemplates`.
  /// - Throws: `TaskError` with code `usage` for a base of another scheme or a template without `{file}`, or
  ///   with a placeholder that is not known.
  public init(base: String = officialBase, template: String? = nil) throws {
    var base = base
    while base.hasSuffix("/") { base.removeLast() }
    self.base = base
    self.hasOwnTemplate = template != nil
    self.template =
      template ?? (DumpSite.isFolder(base) ? DumpSite.folderTemplates[0] : DumpSite.officialTemplate)
    guard ["https://", "http://", "file:/"].contains(where: base.lowercased().hasPrefix) else {
      throw TaskError(
        .usage, "“\(URLParts.shown(base))” is not the base of a site",
        advice: "write an https:, http: or file: URL")
    }
    guard self.template.contains("{file}") else {
      throw TaskError(
        .usage, "the URL template “\(URLParts.shown(self.template))” does not say where the file's name goes",
        advice: "write {file} in its place")
    }
    let example = DumpRelease(month: "2026-08", day: 1)
    let left = url(of: example.checksumFile, example)
    if left.contains("{") || left.contains("}") {
      throw TaskError(
        .usage, "the URL template “\(URLParts.shown(self.template))” has a placeholder that is not known",
        advice: "known are {base}, {year}, {month}, {date} and {file}")
    }
  }

  /// The base as messages may show it: without user and password.
  var shownBase: String { HTTPRequest(.get, base).shownURL }

  /// Whether the base is a folder of this machine.
  public var isFolder: Bool { DumpSite.isFolder(base) }

  /// A scheme is the same in capitals.
  private static func isFolder(_ base: String) -> Bool { base.lowercased().hasPrefix("file:") }

  /// The folder's path, if the base is one.
  var folder: String? { isFolder ? HTTPRequest(.get, base).filePath : nil }

  /// Whether anybody on the way could change what is sent: plain HTTP to another machine.
  public var isOpenToTampering: Bool {
    guard let parts = URLParts(base) else { return false }
    return parts.scheme == "http" && !parts.isLoopback
  }

  /// The address of one file of a release.
  func url(of file: String, _ release: DumpRelease) -> String {
    var url = template
    let values = [
      ("{base}", base), ("{year}", release.year), ("{month}", release.month), ("{date}", release.date),
      ("{file}", file),
    ]
    for (placeholder, value) in values { url = url.replacing(placeholder, with: value) }
    return url
  }

  /// The page that lists a year's files; nil where the site has no such page, or none that is known.
  func yearList(_ year: String) -> String? {
    hasOwnTemplate || isFolder ? nil : "\(base)/?prefix=data%2F\(year)%2F"
  }

  /// The site as it is to be asked for this month: where a local folder has the month's files is looked up.
  func located(_ month: String) -> DumpSite {
    guard isFolder, !hasOwnTemplate else { return self }
    let prefix = "discogs_\(month.replacing("-", with: ""))"
    let candidates = DumpSite.folderTemplates.map { template in
      var site = self
      site.template = template
      return site
    }
    return candidates.first { site in
      site.folderNames(month)?.contains { $0.hasPrefix(prefix) } ?? false
    } ?? self
  }

  /// The names in the local folder that a month's files are looked for in; nil if the site is none, or there
  /// is no such folder.
  func folderNames(_ month: String) -> [String]? {
    guard isFolder else { return nil }
    let anyFile = HTTPRequest(.get, url(of: "file", DumpRelease(month: month, day: 1)))
    return anyFile.filePath.flatMap { try? Files.list(Files.parent(of: $0)) }
  }
}
