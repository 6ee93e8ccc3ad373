/// The files behind an external table: a folder of the lake, as this machine sees it.
public struct ParquetFolder: Sendable, Hashable {
  /// The folder's absolute path.
  public var path: String
  /// The names of exactly the files that belong to the table, where they never change; nil for every file that
  /// matches ``pattern`` whenever the table is read.
  ///
  /// Trino reads a folder's files whatever they are called, except hidden ones (`_…`, `.…`).
  public var files: [String]?
  /// What the files' names look like, with `*` for any text.
  public var pattern: String
  /// Whether some of the files lack columns, which are NULL there, or have a column without having its type.
  public var filesLackColumns: Bool

  /// - Parameters:
  ///   - path: absolute.
  ///   - pattern: with one `*`; used only where `files` is nil.
  public init(
    _ path: String, files: [String]? = nil, pattern: String = "*.parquet", filesLackColumns: Bool = false
  ) {
    self.path = path
    self.files = files
    self.pattern = pattern
    self.filesLackColumns = filesLackColumns
  }
}
