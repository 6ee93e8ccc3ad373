/// One answer of Trino's client protocol: some of a query's results, and where to ask for the next.
///
/// Rows are read out of the answer's bytes one after the other: an answer takes little more memory than it has bytes,
/// whatever it says.
struct TrinoPage {
  struct Column: Hashable {
    var name: String
    var type: String
  }

  let queryID: String
  let infoURL: String?
  /// Where the next page is; nil on the last.
  let next: String?
  /// The names and types of the result's columns; nil on pages before the server knows them.
  let columns: [Column]?
  let failure: SQLError?
  private let body: [UInt8]
  /// Where the array of rows is in ``body``; nil without rows.
  private let data: Range<Int>?

  /// More columns than any query here has.
  private static let mostColumns = 10_000
  /// More of a text than anybody reads in a message.
  private static let longestText = 2000

  /// - Throws: ``JSONError`` or ``NotTrino`` when this is no such answer.
  init(_ body: [UInt8]) throws {
    var members = Members()
    let result: Result<Void, JSONError> = body.withUnsafeBufferPointer { bytes in
      var parser = JSONParser(bytes: bytes)
      // The answer itself is one level.
      parser.depth -= 1
      do throws(JSONError) {
        try parser.members { parser, name throws(JSONError) in try members.read(name, &parser) }
        return .success(try parser.end())
      } catch { return .failure(error) }
    }
    try result.get()
    guard let id = members.id, members.hasStats, !members.isWrong else { throw NotTrino() }
    self.body = body
    queryID = Self.bounded(id)
    infoURL = members.infoURI.map(Self.bounded)
    next = members.nextURI
    columns = members.columns
    data = members.data
    failure = members.error?.asSQLError(queryID: queryID, infoURL: infoURL)
  }

  /// Hands over the rows in their order.
  /// - Parameters:
  ///   - width: how many values each row has; nil where that is not known, and there may be none.
  ///   - row: gets a row's values.
  /// - Throws: ``JSONError`` or ``NotTrino`` when these are no such rows; what `row` throws.
  func forEachRow(width: Int?, _ row: ([JSON]) throws -> Void) throws {
    guard let data else { return }
    try body[data].withUnsafeBufferPointer { bytes in
      var parser = JSONParser(bytes: bytes)
      try parser.elements { parser in
        guard let width else { throw NotTrino() }
        var values: [JSON] = []
        try parser.elements { parser in
          guard values.count < width, let value = try parser.scalar() else { throw NotTrino() }
          values.append(value)
        }
        guard values.count == width else { throw NotTrino() }
        try row(values)
      }
    }
  }

  private static func bounded(_ text: String) -> String {
    text.utf8.count <= longestText ? text : "\(text.prefix(longestText / 4))…"
  }

  struct NotTrino: Error {}

  /// The members of an answer that count, as they are met.
  private struct Members {
    var id: String?
    var infoURI: String?
    var nextURI: String?
    var columns: [Column]?
    var data: Range<Int>?
    var error: QueryError?
    var hasStats = false
    var isWrong = false

    mutating func read(_ name: String, _ parser: inout JSONParser) throws(JSONError) {
      switch name {
      case "id": id = try parser.scalar()?.string
      case "infoUri": infoURI = try parser.scalar()?.string
      case "nextUri": nextURI = try parser.scalar()?.string
      case "columns": try readColumns(&parser)
      case "data":
        let start = try parser.startOfValue()
        try parser.skip()
        data = parser.isNull(at: start) ? nil : start..<parser.at
      case "error":
        guard try !parser.isNull(at: parser.startOfValue()) else { return try parser.skip() }
        error = try QueryError(&parser)
      case "stats":
        hasStats = true
        try parser.skip()
      default: try parser.skip()
      }
    }

    private mutating func readColumns(_ parser: inout JSONParser) throws(JSONError) {
      guard try !parser.isNull(at: parser.startOfValue()) else { return try parser.skip() }
      var found: [Column] = []
      try parser.array { parser throws(JSONError) in
        var (name, type): (String?, String?)
        try parser.members { parser, member throws(JSONError) in
          switch member {
          case "name": name = try parser.scalar()?.string
          case "type": type = try parser.scalar()?.string
          default: try parser.skip()
          }
        }
        guard let name, let type, found.count < TrinoPage.mostColumns else {
          isWrong = true
          return
        }
        found.append(Column(name: name, type: type))
      }
      columns = found
    }
  }

  /// What the server says of a query that failed.
  private struct QueryError {
    private var name = "UNKNOWN"
    private var code: Int?
    private var message = "the query failed and Trino does not say why"
    private var kind: String?

    init(_ parser: inout JSONParser) throws(JSONError) {
      try parser.members { parser, member throws(JSONError) in
        switch member {
        case "errorName": name = try parser.scalar()?.string ?? name
        case "errorCode": code = try parser.scalar()?.integer.map { Int($0) }
        case "errorType": kind = try parser.scalar()?.string
        case "message": message = try parser.scalar()?.string ?? message
        default: try parser.skip()
        }
      }
    }

    func asSQLError(queryID: String, infoURL: String?) -> SQLError {
      var error = SQLError(
        engine: .trino, name: TrinoPage.bounded(name), code: code, message: TrinoPage.bounded(message),
        queryID: queryID, infoURL: infoURL)
      error.kind = kind
      return error
    }
  }
}
