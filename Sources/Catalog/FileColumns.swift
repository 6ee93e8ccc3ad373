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
  /// The error of the system that kept a file from being read, which says nothing about the file.
  private(set) var systemError: SystemError?

  private let declared: [Column]
  private var hasReadAFile = false
  private var declaredIn: [ColumnKey: String] = [:]
  /// Columns that are not the dataset's and that cannot be shown.
  private var leftOut: Set<ColumnKey> = []

  /// Reads the footers of the files at these paths.
  /// - Parameter declared: the dataset's columns.
  init(of paths: [String], declared: [Column]) {
    self.declared = declared
    for path in paths {
      do {
        add(try ParquetFooter(path: path), path)
      } catch let error as SystemError {
        // It names the file itself.
        conflicts.append("\(error)")
        if !error.isAboutKindOrSize { systemError = systemError ?? error }
      } catch {
        conflicts.append("\(path): \(error)")
      }
    }
    columns.removeAll { leftOut.contains(ColumnKey($0.name)) }
    if conflicts.isEmpty, !columns.contains(where: { isDeclared(ColumnKey($0.name)) }), let path = paths.first
    {
      conflicts.append("\(Files.parent(of: path)): its files have none of the dataset's columns")
    }
  }

  private mutating func add(_ footer: ParquetFooter, _ path: String) {
    let isFirst = !hasReadAFile
    hasReadAFile = true
    var own: Set<ColumnKey> = []
    var refused: Set<ColumnKey> = []
    let names = Dictionary(grouping: footer.columns.map(\.name) + footer.nestedColumns, by: ColumnKey.init)
    for (key, names) in names.sorted(by: { $0.key < $1.key }) {
      if !key.isName {
        refuse(names[0], "has a name that SQL cannot say", path)
      } else if names.count > 1 {
        let all = names.map { "\"\($0)\"" }.joined(separator: " and ")
        refuse(names[0], "is there more than once, as \(all): SQL does not tell upper from lower case", path)
      } else {
        continue
      }
      refused.insert(key)
    }
    for column in footer.columns {
      let key = ColumnKey(column.name)
      own.insert(key)
      guard !refused.contains(key) else { continue }
      switch FileColumnType(column) {
      case .sql(let type): add(column.name, type, path, isFirst: isFirst)
      case .nothingButNulls:
        // The declared type is as good as any; in other files the column may hold something.
        guard let declared = declared.first(where: { ColumnKey($0.name) == key }) else {
          own.remove(key)
          continue
        }
        add(declared.name, TableColumn(declared).type, path, isFirst: isFirst)
        filesLackColumns = true
      case .unknown(let type): refuse(column.name, "is of a type that is not known here (\(type))", path)
      }
    }
    for name in footer.nestedColumns where !refused.contains(ColumnKey(name)) {
      refuse(name, "is nested", path)
    }
    for column in columns where !own.contains(ColumnKey(column.name)) {
      let key = ColumnKey(column.name)
      guard !leftOut.contains(key) else { continue }
      filesLackColumns = true
      remarks.append(
        "\(Files.name(of: path)) lacks column \(column.name), which is in \(declaredIn[key] ?? "")")
    }
  }

  private mutating func add(_ name: String, _ type: String, _ path: String, isFirst: Bool) {
    let key = ColumnKey(name)
    guard !leftOut.contains(key) else { return }
    let file = Files.name(of: path)
    if let known = columns.first(where: { ColumnKey($0.name) == key }) {
      if known.type != type {
        refuse(name, "is \(type), but \(known.type) in \(declaredIn[key] ?? "")", path)
      }
      return
    }
    if !isFirst {
      filesLackColumns = true
      remarks.append("\(file) has column \(name), which earlier files lack")
    }
    // Queries are written for the dataset's own spelling.
    let declaration = declared.first { ColumnKey($0.name) == key }
    columns.append(
      TableColumn(name: declaration?.name ?? name, type: type, comment: declaration?.comment ?? ""))
    declaredIn[key] = file
  }

  /// A column of the dataset keeps the table from being made; any other is left out.
  private mutating func refuse(_ name: String, _ reason: String, _ path: String) {
    let key = ColumnKey(name)
    let shown = key.isName ? name : name.debugDescription
    if isDeclared(key) {
      conflicts.append("\(path): column \(shown) \(reason)")
    } else if leftOut.insert(key).inserted {
      remarks.append("column \(shown) is left out: in \(Files.name(of: path)) it \(reason)")
    }
  }

  private func isDeclared(_ key: ColumnKey) -> Bool { declared.contains { ColumnKey($0.name) == key } }
}

/// What makes two columns one to both engines: a name without upper and lower case, code point by code point.
private struct ColumnKey: Hashable, Comparable {
  private let bytes: [UInt8]

  init(_ name: String) { bytes = Array(name.lowercased().utf8) }

  /// Whether it can be written in SQL at all.
  var isName: Bool { !bytes.isEmpty && !bytes.contains(0) }

  static func < (one: Self, other: Self) -> Bool { one.bytes.lexicographicallyPrecedes(other.bytes) }
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
