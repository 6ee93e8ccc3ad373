/// How the text of a column's values becomes values.
enum ResultType {
  case integer, floating, boolean, timestamp, text

  /// - Parameter name: the type as `DESCRIBE` names it.
  init(_ name: String) {
    switch name {
    case "BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UBIGINT", "UINTEGER", "USMALLINT", "UTINYINT",
      "HUGEINT",
      "UHUGEINT":
      self = .integer
    case "DOUBLE", "FLOAT": self = .floating
    case "BOOLEAN": self = .boolean
    case "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS": self = .timestamp
    default: self = name.hasPrefix("DECIMAL(") ? .floating : .text
    }
  }

  /// - Throws: ``SQLError`` for an integer that needs more than 64 bits.
  func value(_ field: String?) throws -> SQLValue {
    guard let field else { return .null }
    switch self {
    case .integer:
      guard let value = Int64(field) else { throw misfit(field) }
      return .bigint(value)
    case .floating:
      guard let value = Double(field) else { throw misfit(field) }
      return .double(value)
    case .boolean: return .boolean(field == "true")
    case .timestamp: return .timestamp(field)
    case .text: return .varchar(field)
    }
  }

  private func misfit(_ field: String) -> SQLError {
    SQLError(engine: .duckdb, name: "Out of Range Error", message: "\(field) does not fit into 64 bits")
  }
}
