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
    ("\"", "\"\"\"\""), ("=1+2", "=1+2"), ("e\u{301},", "\"e\u{301},\""), ("\"\u{301}", "\"\"\"\u{301}\""),
  ])
  func fieldsAreQuotedWhereTheyMustBe(_ text: String, _ written: String) {
    #expect(Array(CSV.record([text]).utf8) == Array((written + "\r\n").utf8))
  }
}
