import Parquet
import Platform
import SQL
import Schema

/// The columns of a table as its files declare them, and where the files disagree.
///
/// Files of older lakes may have their columns in another order, or more or fewer of them; what is in any of them is in
/// the table, if it is a column of the dataset, or of a type that both engines have alike in every file.
struct FileColumns {
  /// In the order of the first file; then what only later ones have.
  private(set) var columns: [TableColumn] = []
  /// Whether a file lacks a column that another has, or has no type for it.
  private(set) var filesLackColumns = false
  /// What a person should know about the files, though the table can be made.
  private(set) var remarks: [String] = []
  /// Why the table cannot be made: files that are not whole, or do not have the dataset's columns.
  private(set) var conflicts: [String] = []

  private let declared: [Column]
  private var declaredIn: [String: String] = [:]
  /// Columns that are not the dataset's and that cannot be shown.
  private var leftOut: Set<String> = []

  /// Reads the footers of the files at these paths.
  /// - Parameter declared: the dataset's columns.
  /// - Throws: `SystemError`.
  init(of paths: [String], declared: [Column]) throws {
    self.declared = declared
    for (number, path) in paths.enumerated() {
      do {
        try add(try ParquetFooter(path: path), path, isFirst: number == 0)
      } catch let error as ParquetError {
        conflicts.append("\(path): \(error)")
      }
    }
    columns.removeAll { leftOut.contains($0.name) }
    if conflicts.isEmpty, columns.isEmpty, let path = paths.first {
      conflicts.append("\(path): there is no column that can be shown")
    }
  }

  private mutating func add(_ footer: ParquetFooter, _ path: String, isFirst: Bool) throws {
    let file = Files.name(of: path)
    var own: Set<String> = []
    for column in footer.columns {
      let kind = FileColumnType(column)
      switch kind {
      case .sql(let type):
        own.insert(column.name)
        add(TableColumn(name: column.name, type: type), path, isFirst: isFirst)
      case .nothingButNulls:
        // The declared type is as good as any; in other files the column may hold something.
        guard let declared = declared.first(where: { $0.name == column.name }) else { continue }
        own.insert(column.name)
        add(TableColumn(declared), path, isFirst: isFirst)
        filesLackColumns = true
      case .unknown(let type): refuse(column.name, "is of a type that is not known here (\(type))", path)
      }
    }
    for name in footer.nestedColumns { refuse(name, "is nested", path) }
    for column in columns where !own.contains(column.name) && !leftOut.contains(column.name) {
      filesLackColumns = true
      remarks.append("\(file) lacks column \(column.name), which is in \(declaredIn[column.name] ?? "")")
    }
  }

  private mutating func add(_ column: TableColumn, _ path: String, isFirst: Bool) {
    guard !leftOut.contains(column.name) else { return }
    let file = Files.name(of: path)
    if let known = columns.first(where: { $0.name == column.name }) {
      if known.type != column.type {
        refuse(
          column.name, "is \(column.type), but \(known.type) in \(declaredIn[column.name] ?? "")", path)
      }
      return
    }
    if !isFirst {
      filesLackColumns = true
      remarks.append("\(file) has column \(column.name), which earlier files lack")
    }
    columns.append(column)
    declaredIn[column.name] = file
  }

  /// A column of the dataset keeps the table from being made; any other is left out.
  private mutating func refuse(_ name: String, _ reason: String, _ path: String) {
    if declared.contains(where: { $0.name == name }) {
      conflicts.append("\(path): column \(name) \(reason)")
    } else if leftOut.insert(name).inserted {
      remarks.append("column \(name) is left out: in \(Files.name(of: path)) it \(reason)")
    }
  }
}

/// What a file says about a column's type.
private enum FileColumnType {
  /// A type that both engines have alike.
  case sql(String)
  /// None: whoever wrote the file had not seen a value.
  case nothingButNulls
  /// Another one, in words.
  case unknown(String)

  init(_ column: ParquetFooter.Column) {
    switch (column.physicalType, column.logicalType) {
    case (_, .other(Self.null)): self = .nothingButNulls
    case (.boolean, _): self = .sql("BOOLEAN")
    case (.int32, .other(Self.date)): self = .sql("DATE")
    case (.int32, nil), (.int32, .integer(_, isSigned: true)): self = .sql("INTEGER")
    case (.int64, .timestamp), (.int96, _): self = .sql("TIMESTAMP")
    case (.int64, nil), (.int64, .integer(_, isSigned: true)): self = .sql("BIGINT")
    case (.float, nil): self = .sql("REAL")
    case (.double, nil): self = .sql("DOUBLE")
    // Text is not always annotated as such.
    case (.byteArray, nil), (.byteArray, .string): self = .sql("VARCHAR")
    default:
      self = .unknown("\(column.physicalType)\(column.logicalType.map { ", \($0)" } ?? "")")
    }
  }

  /// The field ids of `DATE` and `UNKNOWN` in `LogicalType` in `parquet.thrift`.
  private static let date: Int16 = 6
  private static let null: Int16 = 11
}
