import Testing

@testable import SQL

@Suite struct SQLTextTests {
  @Test func quotesAreDoubled() {
    #expect(SQLText.identifier("plain") == "\"plain\"")
    #expect(SQLText.identifier("a\"b") == "\"a\"\"b\"")
    #expect(SQLText.literal("it's") == "'it''s'")
    #expect(SQLText.literal("") == "''")
    #expect(SQLText.literals(["a", "b'c"]) == "'a', 'b''c'")
    #expect(TableName("s", "t\"").sql == "\"s\".\"t\"\"\"")
  }

  @Test func aCombiningMarkAfterAQuoteHidesNothing() {
    // As a Character this is one quote with an accent; to an engine the quote ends the literal.
    #expect(SQLText.literal("a'\u{301}b") == "'a''\u{301}b'")
  }

  @Test func whatStatementsCannotHoldIsSpelledOut() {
    #expect(SQLText.literal("\r\n") == "('' || chr(13) || '\n')")
    #expect(SQLText.literal("a\0b") == "('a' || chr(0) || 'b')")
  }

  @Test func aScriptIsCutAtItsSemicolonsOnly() throws {
    let script = """
      -- it's a comment; with everything
      SELECT ';' AS "a;b", 'it''s' /* ; ' */ FROM t; ;

      SELECT 2 -- the end
      """
    #expect(try SQLScript.statements(script) == ["SELECT ';' AS \"a;b\", 'it''s'   FROM t", "SELECT 2"])
    #expect(try SQLScript.statements(" ; -- nothing\n;").isEmpty)
    #expect(try SQLScript.statements("SELECT 8 - 1 / 2") == ["SELECT 8 - 1 / 2"])
  }

  @Test(arguments: ["SELECT 'a", "SELECT \"a", "SELECT 1 /* a", "SELECT 'a''"])
  func whatIsNotClosedIsRefused(script: String) {
    #expect(throws: SQLError.self) { try SQLScript.statements(script) }
  }
}

@Suite struct SQLValueTests {
  @Test func textsAreEqualCodePointByCodePoint() {
    #expect(SQLValue.varchar("\u{E9}") != .varchar("e\u{301}"))
    #expect(Set([SQLValue.varchar("\u{2000}"), .varchar("\u{2002}"), .varchar("\u{2000}")]).count == 2)
    #expect(SQLValue.varchar("1") != .timestamp("1"))
    #expect(SQLValue.bigint(1) != .null)
  }
}
