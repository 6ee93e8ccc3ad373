import Testing

@testable import SQL

@Suite struct JSONTests {
  @Test func numbersKeepTheirDigits() throws {
    let value = try JSON(parsing: "{\"a\": [9223372036854775807, -1.5e3, 0.1], \"a\": null}".utf8)
    #expect(
      value
        == .object([
          .init(
            name: "a", value: .array([.number("9223372036854775807"), .number("-1.5e3"), .number("0.1")])),
          .init(name: "a", value: .null),
        ]))
    #expect(value["a"]?.array?.first?.integer == .max)
  }

  @Test func everyEscapeIsRead() throws {
    let text = #""\"\\\/\b\f\n\r\t\u0000\u00e9\ud83d\ude00\ud83d!\udc00""#
    #expect(try JSON(parsing: text.utf8).string == "\"\\/\u{8}\u{c}\n\r\t\0é😀\u{fffd}!\u{fffd}")
  }

  @Test(arguments: [
    "", "{", "{\"a\"}", "[1,]", "[1 2]", "\"a", "\"\\u12g4\"", "\"\\x\"", "nul", "1 2", "<html>", "-",
    "{1:2}",
  ])
  func whatIsNotJSONIsRefused(text: String) {
    #expect(throws: JSONError.self) { try JSON(parsing: text.utf8) }
  }

  @Test func nestingHasAnEnd() {
    let text = String(repeating: "[", count: 100_000)
    #expect(throws: JSONError.self) { try JSON(parsing: text.utf8) }
  }

  @Test func noPrefixOfADocumentIsADocument() throws {
    let text = Array(#"{"id":"q","columns":[{"name":"a","n":-1.5}],"data":[[null,true,"\u00e9"]]}"#.utf8)
    for count in 0..<text.count {
      #expect(throws: JSONError.self) { try JSON(parsing: text.prefix(count)) }
    }
    _ = try JSON(parsing: text)
  }
}
