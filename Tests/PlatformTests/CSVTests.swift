import Platform
import Testing

@Suite struct CSVTests {
  @Test func recordsEndWithCarriageReturnAndLineFeed() {
    #expect(CSV.record(["a", nil, "c"]) == "a,,c\r\n")
  }

  @Test(arguments: [
    ("plain", "plain"), ("", ""), (" blank ", " blank "), ("a,b", "\"a,b\""),
    ("say \"hi\"", "\"say \"\"hi\"\"\""),
    ("two\nlines", "\"two\nlines\""), ("two\r\nlines", "\"two\r\nlines\""), ("cr\r", "\"cr\r\""),
    ("\"", "\"\"\"\""), ("e\u{301},", "\"e\u{301},\""), ("\"\u{301}", "\"\"\"\u{301}\""),
  ])
  func fieldsAreQuotedWhereTheyMustBe(_ text: String, _ written: String) {
    #expect(Array(CSV.record([text]).utf8) == Array((written + "\r\n").utf8))
  }

  @Test(arguments: ["=1+2", "+1", "-1", "@x", "\tx"])
  func textThatProgramsTakeForAFormulaIsMarkedAsText(_ text: String) {
    #expect(CSV.record([text]) == "'\(text)\r\n")
    #expect(CSV.record(["a\(text)"]) == "a\(text)\r\n")
  }

  @Test func aCarriageReturnIsMarkedWithinItsQuotesAndNumbersStayNumbers() {
    #expect(Array(CSV.record(["\r=1"]).utf8) == Array("\"'\r=1\"\r\n".utf8))
    #expect(CSV.record([.number(-5), .number(nil), .text("-5")]) == "-5,,'-5\r\n")
  }

  @Test func whatIsWrittenIsReadBack() {
    let records = [
      ["plain", "", " blank ", "a,b", "say \"hi\"", "two\r\nlines", "e\u{301},"],
      ["=1+2", "-1", "\tx", "\r=1", "'quoted", "'", "\""], ["", "", "", "", "", "", ""],
    ]
    let text = records.map { CSV.record($0) }.joined()
    #expect(
      CSV.records(text).elementsEqual(records) { $0.elementsEqual($1) { $0.utf8.elementsEqual($1.utf8) } })
    #expect(CSV.records("a,b\nc,\"d\ne\"") == [["a", "b"], ["c", "d\ne"]])
    #expect(CSV.records("") == [])
  }
}
