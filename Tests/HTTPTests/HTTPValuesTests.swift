import Testing

@testable import HTTP

@Suite struct HTTPValuesTests {
  @Test func fieldNamesHaveNoCase() {
    var headers: HTTPHeaders = ["ETag": "\"a\"", "set-cookie": "a=1"]
    headers.add("Set-Cookie", "b=2")
    #expect(headers["etag"] == "\"a\"")
    headers["Set-Cookie"] = nil
    #expect(headers.fields.map(\.name) == ["ETag"])
  }

  @Test(
    arguments: [
      ("3574", 3574), ("0", 0), ("99999999999999999999", 100 * 366 * 86_400),
      ("Wed, 21 Oct 2026 07:28:30 GMT", 30), ("Wednesday, 21-Oct-26 07:28:30 GMT", 30),
      ("Wed Oct 21 07:28:30 2026", 30), ("Wed, 21 Oct 2026 07:00:00 GMT", 0), ("soon", nil), ("-5", nil),
    ] as [(String, Int?)])
  func retryAfterIsSecondsOrADate(text: String, seconds: Int?) {
    let response = HTTPResponse(
      status: 429, headers: ["Retry-After": text, "Date": "Wed, 21 Oct 2026 07:28:00 GMT"], url: "",
      redirectedFrom: [])
    // Counted from the server's own clock: ours is far off here.
    #expect(response.retryAfter(now: 0) == seconds.map { .seconds($0) })
  }

  @Test func aDateCountsFromHereWhereTheServerHasNoClock() {
    let response = HTTPResponse(
      status: 503, headers: ["Retry-After": "Thu, 01 Jan 1970 00:02:00 GMT"], url: "", redirectedFrom: [])
    #expect(response.retryAfter(now: 50) == .seconds(70))
  }

  @Test func pausesGrowToTheirLimitAndDiffer() {
    var backoff = Backoff(first: .seconds(1), longest: .seconds(5))
    let pauses = (0..<6).map { _ in backoff.pause() }
    for (pause, length) in zip(pauses, [1.0, 2, 4, 5, 5, 5]) {
      #expect(pause >= .seconds(length / 2) && pause <= .seconds(length))
    }
    #expect(Set(pauses.map { $0.components.attoseconds }).count > 1)
    backoff.reset()
    #expect(backoff.pause() <= .seconds(1))
  }

  @Test func credentialsDoNotShowInDescriptions() {
    #expect(HTTPAuthorization.basic(user: "ä", password: "b:c").fieldValue == "Basic w6Q6Yjpj")
    #expect("\(HTTPAuthorization.basic(user: "ann", password: "secret"))".contains("secret") == false)
    #expect("\(HTTPAuthorization.bearer("secret"))".contains("secret") == false)
  }

  @Test func aURLIsShownWithoutItsPassword() throws {
    let parts = try #require(URLParts("https://ann:secret@Example.org/x?y=1"))
    #expect(parts.redacted == "https://example.org/x?y=1" || parts.redacted == "https://Example.org/x?y=1")
    #expect(parts.host == "example.org" && parts.port == "443")
    #expect(parts.hasCredentials && URLParts("https://example.org/")?.hasCredentials == false)
    for text in [
      "ann:secret@example.org:8080", "http://ann:secret@exa mple.org", "http:ann:se@cret@example.org x",
    ] {
      #expect(
        !URLParts.shown(text).contains("cret@") && URLParts.shown(text).hasSuffix(text.suffix(4)), "\(text)")
    }
    #expect(URLParts.shown("no url") == "no url")
    #expect(URLParts("no url") == nil)
    #expect(try #require(URLParts("https://example.org:443/")).isSameOrigin(as: parts))
    #expect(try !#require(URLParts("https://example.org:444/")).isSameOrigin(as: parts))
    #expect(parts.origin == "https://example.org:443")
    #expect(URLParts("HTTP://[2001:DB8::1]/a/b")?.origin == "http://[2001:db8::1]:80")
  }
}
