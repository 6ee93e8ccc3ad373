/// One answer of Trino's client protocol: some of a query's results, and where to ask for the next.
struct TrinoPage {
  struct Column: Hashable {
    var name: String
    var type: String
  }

  var queryID: String
  var infoURL: String?
  /// Where the next page is; nil on the last.
  var next: String?
  /// The names and types of the result's columns; nil on pages before the server knows them.
  var columns: [Column]?
  var rows: [[JSON]]
  var failure: SQLError?

  /// - Throws: ``JSONError`` or ``NotTrino`` when this is no such answer.
  init(_ body: [UInt8]) throws {
    let answer = try JSON(parsing: body)
    guard let id = answer["id"]?.string, answer["stats"] != nil else { throw NotTrino() }
    queryID = id
    infoURL = answer["infoUri"]?.string
    next = answer["nextUri"]?.string
    columns = try answer["columns"]?.array?.map { column in
      guard let name = column["name"]?.string, let type = column["type"]?.string else { throw NotTrino() }
      return Column(name: name, type: type)
    }
    rows = try (answer["data"]?.array ?? []).map { row in
      guard let values = row.array else { throw NotTrino() }
      return values
    }
    if let error = answer["error"], error != .null {
      failure = SQLError(
        engine: .trino, name: error["errorName"]?.string ?? "UNKNOWN",
        code: error["errorCode"]?.integer.map { Int($0) },
        message: error["message"]?.string ?? "the query failed and Trino does not say why",
        queryID: id, infoURL: infoURL)
      failure?.kind = error["errorType"]?.string
    }
  }

  struct NotTrino: Error {}
}
