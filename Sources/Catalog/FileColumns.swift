import Parquet
import Platform
import SQL

/// The columns of a table as its files declare them, and where the files disagree.
///
/// Files of older lakes may have their columns in another order, or more or fewer of them; what is in any of them is in
/// the table.
struct FileColumns {
  /// In the order of the first file; then what only later ones have.
  private(set) var columns: [TableColumn] = []
  /// Whether a file lacks a column that another has.
  private(set) var filesLackColumns = false
  /// What a person should know about the files, though the table can be made.
  private(set) var remarks: [String] = []
  /// Why the table cannot be made: files that are not whole, or say different things of one column.
  private(set) var conflicts: [String] = []

  /// Reads the footers of the files at these paths.
  /// - Throws: `SystemError`.
  init(of paths: [String]) throws {
    var declaredIn: [String: String] = [:]
    for (number, path) in paths.enumerated() {
      let file = Files.name(of: path)
      let own: [TableColumn]
      do {
        own = try ParquetFooter(path: path).columns.map(TableColumn.init)
      } catch let error as ParquetError {
        conflicts.append("\(path): \(error)")
        continue
      } catch let error as UnknownType {
        conflicts.append(
          "\(path): column \(error.column) is of a type that is not known here (\(error.type))")
        continue
      }
      for column in own {
        if let known = columns.first(where: { $0.name == column.name }) {
          if known.type != column.type {
            conflicts.append(
              "\(path): column \(column.name) is \(column.type), but \(known.type) in \(declaredIn[column.name] ?? "")"
            )
          }
        } else {
          if number > 0 {
            filesLackColumns = true
            remarks.append("\(file) has column \(column.name), which earlier files lack")
          }
          columns.append(column)
          declaredIn[column.name] = file
        }
      }
      for column in columns where !own.contains(where: { $0.name == column.name }) {
        filesLackColumns = true
        remarks.append("\(file) lacks column \(column.name), which is in \(declaredIn[column.name] ?? "")")
      }
    }
  }

  /// A column of a type that both engines do not have alike.
  fileprivate struct UnknownType: Error {
    var column: String
    var type: String
  }
}

extension TableColumn {
  /// - Throws: `FileColumns.UnknownType`.
  fileprivate init(_ column: ParquetFooter.Column) throws {
    let type: String? =
      switch (column.physicalType, column.logicalType) {
      case (.boolean, _): "BOOLEAN"
      case (.int32, .other(Self.date)): "DATE"
      case (.int32, nil), (.int32, .integer(_, isSigned: true)): "INTEGER"
      case (.int64, .timestamp), (.int96, _): "TIMESTAMP"
      case (.int64, nil), (.int64, .integer(_, isSigned: true)): "BIGINT"
      case (.float, nil): "REAL"
      case (.double, nil): "DOUBLE"
      // Text is not always annotated as such.
      case (.byteArray, nil), (.byteArray, .string): "VARCHAR"
      default: nil
      }
    guard let type else {
      throw FileColumns.UnknownType(
        column: column.name,
        type: "\(column.physicalType)\(column.logicalType.map { ", \($0)" } ?? "")")
    }
    self.init(name: column.name, type: type)
  }

  /// The field id of `DATE` in `LogicalType` in `parquet.thrift`.
  private static let date: Int16 = 6
}
