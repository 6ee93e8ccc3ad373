import Glibc

@testable import HTTP
@testable import SQL

// Coverage-guided search for answers of servers that are read wrongly or cost more than they weigh (libFuzzer).
//
//     make fuzz

/// The first byte says what the rest of the input is: an answer of Trino's protocol, JSON, or the head of an HTTP
/// response.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let start, count > 0 else { return -1 }
  let input = Array(UnsafeBufferPointer(start: start + 1, count: count - 1))
  switch start[0] % 3 {
  case 0: readPage(input)
  case 1: _ = try? JSON(parsing: input)
  default: readHead(input)
  }
  return 0
}

/// An answer that is read row by row is also one that is read whole, with the same rows.
private func readPage(_ input: [UInt8]) {
  guard let page = try? TrinoPage(input) else { return }
  guard let whole = try? JSON(parsing: input) else { fatalError("a page that is not JSON") }
  guard let columns = page.columns, let types = try? columns.map({ try TrinoType($0.type) }) else { return }
  var rows: [[JSON]] = []
  let isRead = (try? page.forEachRow(width: types.count) { rows.append($0) }) != nil
  for row in rows { for (type, value) in zip(types, row) { _ = try? type.value(value) } }
  guard isRead, case .object(let members) = whole else { return }
  let data = members.last { $0.name == "data" }?.value
  let expected = (data?.array ?? []).compactMap(\.array)
  precondition(rows == expected, "rows differ")
}

private func readHead(_ input: [UInt8]) {
  let transfer = Transfer(cancellation: HTTPCancellation(), onHead: { _ in }, onBody: { _ in })
  for line in input.split(separator: 0x0A, omittingEmptySubsequences: false) {
    let ended = (try? line.withUnsafeBytes { try transfer.receiveHeaderLine($0) }) == nil
    if ended { return }
  }
  var response = HTTPResponse(
    status: transfer.status, headers: transfer.headers, url: "http://fuzz/", redirectedFrom: [])
  response.body = input
  if let pause = response.retryAfter(now: 0) { precondition(pause >= .zero) }
  precondition(response.contentLength.map { $0 >= 0 } ?? true)
  _ = transfer.headers.firstInvalidField
}
