import Lake
import Platform
import SQL
import Schema

/// What of a run can become tables, found out from its files alone.
public struct RunTables {
  /// A table to be made.
  struct Table {
    var dataset: Dataset
    var columns: [TableColumn]
    var files: ParquetFolder
    /// Whether the usual pattern names these files and nothing else in their folder.
    var isWholeFolder: Bool
  }

  /// The run whose files were read.
  public let run: RunFolder
  let tables: [Table]
  /// Required datasets of which there are no files.
  public let missingRequired: [Dataset]
  /// Other datasets of which there are no files.
  public let missingOptional: [Dataset]
  /// Files that keep their table from being made, each with the reason.
  public let conflicts: [String]
  /// The first error of the system among them, which says nothing about the file.
  public let systemError: SystemError?
  /// Files that disagree with others about a table that can be made all the same.
  public let remarks: [String]
  /// The paths of what lies among the files and is none.
  public let nonFiles: [String]

  /// Reads the footers of a run's files.
  /// - Throws: `SystemError`.
  public init(of run: RunFolder) throws {
    self.run = run
    var tables: [Table] = []
    var missing: [Dataset] = []
    var conflicts: [String] = []
    var systemError: SystemError?
    var remarks: [String] = []
    var nonFiles: [String] = []
    for dataset in Dataset.all {
      let paths = try run.parquetFiles(of: dataset)
      nonFiles += try run.nonFiles(of: dataset)
      guard let first = paths.first else {
        missing.append(dataset)
        continue
      }
      let found = FileColumns(of: paths, declared: dataset.columns)
      remarks += found.remarks.map { "\(dataset.name): \($0)" }
      guard found.conflicts.isEmpty else {
        conflicts += found.conflicts
        systemError = systemError ?? found.systemError
        continue
      }
      let files = ParquetFolder(
        Files.parent(of: first), files: paths.map { Files.name(of: $0) },
        filesLackColumns: found.filesLackColumns)
      tables.append(
        Table(
          dataset: dataset, columns: found.columns, files: files,
          isWholeFolder: try Files.list(files.path).filter { $0.hasSuffix(".parquet") } == files.files))
    }
    self.tables = tables
    missingRequired = missing.filter(\.isRequired)
    missingOptional = missing.filter { !$0.isRequired }
    self.conflicts = conflicts
    self.systemError = systemError
    self.remarks = remarks
    self.nonFiles = nonFiles
  }

  /// Whether every required dataset can become a table.
  public var isComplete: Bool { missingRequired.isEmpty && conflicts.isEmpty }

  /// The names of all tables and views that these make in `schema`.
  func names(in schema: String) -> Set<String> {
    var names = Set(tables.map(\.dataset.table))
    for view in CatalogView.all where select(of: view, in: schema) != nil { names.insert(view.name) }
    return names
  }

  /// A view's query, or nil if what it shows is not there.
  func select(of view: CatalogView, in schema: String) -> String? {
    tables.first { $0.dataset == view.source }.flatMap {
      view.select(from: schema, tableColumns: $0.columns.map(\.name))
    }
  }
}
