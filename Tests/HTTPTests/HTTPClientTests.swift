import Foundation
import TestSupport
import Testing

@testable import HTTP

/// A client against a real server; each test has its own.
@Suite struct HTTPClientTests {
  /// A served folder with one file of 3,000,000 bytes.
  private func withServer(_ body: (DumpServer, [UInt8], HTTPClient) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7919 >> 5) }
      try folder.write(bytes, to: "www/data/2026/file")
      let server = try DumpServer(root: folder.path("www"))
      try body(server, bytes, try client())
    }
  }

  private func client(
    caFile: String? = nil, redirects: Int = 5, files: Bool = false, stall: Duration = .seconds(10),
    cancellation: HTTPCancellation = HTTPCancellation()
  ) throws -> HTTPClient {
    var settings = HTTPClient.Settings(userAgent: "http-tests/1")
    settings.caFile = caFile
    settings.maximumRedirects = redirects
    settings.allowsFileURLs = files
    settings.stallTimeout = stall
    settings.connectTimeout = .seconds(5)
    return try HTTPClient(settings, cancellation: cancellation)
  }

  private func kind(_ body: () throws -> Void) -> HTTPError.Kind? {
    do {
      try body()
      return nil
    } catch { return (error as? HTTPError)?.kind }
  }

  @Test func aBodyArrivesWholeInSmallPieces() throws {
    try withServer { server, bytes, client in
      var received: [UInt8] = []
      var heads = 0
      let response = try client.stream(
        HTTPRequest(.get, server.base + "/data/2026/file"),
        onResponse: {
          heads += 1
          #expect(received.isEmpty && $0.status == 200 && $0.contentLength == bytes.count)
        },
        onBody: {
          #expect($0.count <= 1 << 20)
          received.append(contentsOf: $0)
        })
      #expect(heads == 1 && received == bytes && response.body.isEmpty)
      let request = try #require(try server.requests().first)
      #expect(request.headers["user-agent"] == "http-tests/1")
      #expect(request.headers["accept-encoding"] == nil)
    }
  }

  @Test func methodsHeadersAndBodiesAreSentAsGiven() throws {
    try withServer { server, _, client in
      try server.script(
        """
        {"rules": [{"match": "/v1", "status": 201, "headers": {"X-One": "  a b ", "X-Empty": ""}, "body": "done"}]}
        """)
      var request = HTTPRequest(
        .post, server.base + "/v1/statement", headers: ["X-Trino-User": "ann", "X-Nothing": ""],
        body: Array("SELECT 1".utf8))
      request.headers["Authorization"] = HTTPAuthorization.bearer("t").fieldValue
      let response = try client.send(request)
      #expect(response.status == 201 && response.text == "done")
      #expect(response.headers["x-one"] == "a b" && response.headers["X-Empty"] == "")
      #expect(try client.send(HTTPRequest(.delete, server.base + "/v1/x")).status == 201)
      let head = try client.send(HTTPRequest(.head, server.base + "/v1/x"))
      #expect(head.status == 201 && head.body.isEmpty)
      let seen = try server.requests()
      #expect(seen.map(\.method) == ["POST", "DELETE", "HEAD"])
      #expect(seen[0].headers["content-length"] == "8" && seen[0].headers["authorization"] == "Bearer t")
      #expect(seen[0].headers["content-type"] == nil && seen[0].headers["x-nothing"] == "")
    }
  }

  @Test func statusesAreResponsesNotErrors() throws {
    try withServer { server, _, client in
      #expect(try client.send(HTTPRequest(.get, server.base + "/nothing")).status == 404)
      try server.misbehave("\"status\": 503, \"headers\": {\"Retry-After\": \"7\"}", for: "file")
      let response = try client.send(HTTPRequest(.get, server.base + "/data/2026/file"))
      #expect(response.status == 503 && response.retryAfter(now: 0) == .seconds(7))
    }
  }

  @Test(arguments: [
    ("\"reset_at\": 100000", HTTPError.Kind.reset), ("\"truncate_at\": 100000", .earlyEnd),
    ("\"refuse\": true", .earlyEnd), ("\"garbage\": true", .notHTTP), ("\"stall_at\": 100000", .stall),
  ])
  func brokenAnswersAreToldApart(behaviour: String, expected: HTTPError.Kind) throws {
    try withServer { server, _, _ in
      let client = try client(stall: .milliseconds(300))
      try server.misbehave(behaviour, for: "file")
      do {
        _ = try client.send(HTTPRequest(.get, server.base + "/data/2026/file"))
        Issue.record("no error")
      } catch let error as HTTPError {
        #expect(error.kind == expected, "\(error)")
        #expect(error.isTransient && error.message.isEmpty == false && error.url.hasPrefix(server.base))
      }
      // The client is of use afterwards.
      try server.script()
      #expect(try client.send(HTTPRequest(.get, server.base + "/data/2026/file")).isSuccess)
    }
  }

  @Test func nobodyListeningIsAConnectErrorAndAnUnknownNameAResolveError() throws {
    let client = try client()
    #expect(kind { _ = try client.send(HTTPRequest(.get, "http://127.0.0.1:1/")) } == .connect)
    #expect(kind { _ = try client.send(HTTPRequest(.get, "http://no-such-host.invalid/")) } == .resolve)
    #expect(kind { _ = try client.send(HTTPRequest(.get, "http://")) } == .badURL)
    #expect(kind { _ = try client.send(HTTPRequest(.get, "ftp://127.0.0.1/")) } == .badURL)
    #expect(
      kind { _ = try client.send(HTTPRequest(.get, "http://127.0.0.1:1/", headers: ["A": "b\r\nC: d"])) }
        == .badRequest)
  }

  @Test func aReceiverEndsTheExchangeByThrowing() throws {
    struct Full: Error {}
    try withServer { server, bytes, client in
      var received = 0
      #expect(throws: Full.self) {
        try client.stream(
          HTTPRequest(.get, server.base + "/data/2026/file"), onResponse: { _ in },
          onBody: {
            received += $0.count
            if received > 100_000 { throw Full() }
          })
      }
      #expect(received < bytes.count)
      #expect(throws: Full.self) {
        try client.stream(
          HTTPRequest(.get, server.base + "/data/2026/file"), onResponse: { _ in throw Full() },
          onBody: { _ in })
      }
      #expect(
        kind { _ = try client.send(HTTPRequest(.get, server.base + "/data/2026/file"), maximumBody: 1000) }
          == .tooLarge)
    }
  }

  @Test func aSlowReceiverIsNoStall() throws {
    try withServer { server, bytes, _ in
      let client = try client(stall: .milliseconds(300))
      var received = 0
      var hasWaited = false
      try client.stream(
        HTTPRequest(.get, server.base + "/data/2026/file"), onResponse: { _ in },
        onBody: {
          if !hasWaited { usleep(700_000) }
          hasWaited = true
          received += $0.count
        })
      #expect(received == bytes.count)
    }
  }

  @Test func onlyTheHeadOfThePromisedBodyIsTaken() throws {
    try withServer { server, bytes, client in
      try server.misbehave("\"extra\": 500", for: "file")
      #expect(try client.send(HTTPRequest(.get, server.base + "/data/2026/file")).body == bytes)
    }
  }

  @Test func cancellingFromAnotherThreadEndsAWaitAtOnce() throws {
    try withServer { server, _, _ in
      let cancellation = HTTPCancellation()
      let client = try client(stall: .seconds(60), cancellation: cancellation)
      try server.misbehave("\"stall_at\": 1000", for: "file")
      let start = ContinuousClock.now
      let url = server.base + "/data/2026/file"
      var received = 0
      let outcome = kind {
        try client.stream(
          HTTPRequest(.get, url), onResponse: { _ in },
          onBody: { bytes in
            received += bytes.count
            guard received == 1000 else { return }
            // From here on there is nothing but the wait.
            Thread.detachNewThread {
              usleep(100_000)
              cancellation.cancel()
            }
          })
      }
      #expect(outcome == .cancelled && received == 1000)
      #expect(ContinuousClock.now - start < .seconds(30))
      #expect(kind { _ = try client.send(HTTPRequest(.get, url)) } == .cancelled)
    }
  }

  @Test func aLimitOnTheWholeExchangeHolds() throws {
    try withServer { server, _, client in
      try server.misbehave("\"rate\": 20000", for: "file")
      let request = HTTPRequest(.get, server.base + "/data/2026/file", timeout: .milliseconds(400))
      #expect(kind { _ = try client.send(request) } == .timeout)
    }
  }

  /// Slower than any line, an answer never ends; a slow one that ends in time is an answer.
  @Test func anAnswerThatTricklesIsAStall() throws {
    try withServer { server, _, _ in
      let client = try client(stall: .seconds(1))
      try server.misbehave("\"rate\": 100", for: "file")
      #expect(kind { _ = try client.send(HTTPRequest(.get, server.base + "/data/2026/file")) } == .stall)
      try FileManager.default.createDirectory(
        atPath: server.root + "/data/2027", withIntermediateDirectories: true)
      try "short, and slow".write(toFile: server.root + "/data/2027/note", atomically: true, encoding: .utf8)
      try server.misbehave("\"rate\": 20", for: "note")
      #expect(
        try client.send(HTTPRequest(.get, server.base + "/data/2027/note")).text == "short, and slow")
    }
  }

  @Test(arguments: ["trailers", "continues"]) func headLinesThatNeverEndAreCutOff(_ kindOfLines: String)
    throws
  {
    try withServer { server, _, client in
      try server.misbehave("\"\(kindOfLines)\": true", for: "file")
      let start = ContinuousClock.now
      #expect(kind { _ = try client.send(HTTPRequest(.get, server.base + "/data/2026/file")) } == .tooLarge)
      #expect(ContinuousClock.now - start < .seconds(20))
    }
  }

  @Test func anAnswerThatIsGatheredHasALimitInTime() throws {
    try withServer { server, _, _ in
      var settings = HTTPClient.Settings(userAgent: "http-tests/1")
      settings.replyTimeout = .milliseconds(400)
      try server.misbehave("\"rate\": 20000", for: "file")
      let url = server.base + "/data/2026/file"
      #expect(kind { _ = try HTTPClient(settings).send(HTTPRequest(.get, url)) } == .timeout)
    }
  }

  @Test func redirectsAreFollowedAndReported() throws {
    try withServer { server, bytes, client in
      try server.misbehave(
        "\"status\": 302, \"headers\": {\"Location\": \"/data/2026/file\"}, \"body\": \"moved\"", for: "old")
      let response = try client.send(HTTPRequest(.get, server.base + "/old"))
      #expect(response.body == bytes && response.redirectedFrom == [server.base + "/old"])
      #expect(response.url == server.base + "/data/2026/file")
      let unfollowed = try self.client(redirects: 0).send(HTTPRequest(.get, server.base + "/old"))
      #expect(unfollowed.status == 302 && unfollowed.text == "moved")
      try server.misbehave("\"status\": 302, \"headers\": {\"Location\": \"/old\"}", for: "old")
      #expect(kind { _ = try client.send(HTTPRequest(.get, server.base + "/old")) } == .tooManyRedirects)
    }
  }

  @Test func credentialsDoNotFollowARedirectToAnotherServer() throws {
    try withServer { server, _, client in
      let here = try DumpServer(root: server.root)
      try here.misbehave(
        "\"status\": 307, \"headers\": {\"Location\": \"\(server.base)/data/2026/file\"}", for: "old")
      _ = try client.send(
        HTTPRequest(.get, here.base + "/old", headers: ["Authorization": "Bearer t", "Range": "bytes=0-"]))
      let request = try #require(try server.requests().first)
      #expect(request.headers["authorization"] == nil && request.headers["range"] != nil)
    }
  }

  @Test func tlsIsVerifiedAndNeverLeft() throws {
    try withTemporaryFolder { folder in
      let tls = try TestAuthority(in: folder)
      try folder.write("hello", to: "www/data/2026/file")
      let server = try DumpServer(root: folder.path("www"), certificate: (tls.certificate, tls.key))
      let plain = try DumpServer(root: folder.path("www"))
      let url = server.base + "/data/2026/file"
      #expect(try client(caFile: tls.authority).send(HTTPRequest(.get, url)).text == "hello")
      #expect(kind { _ = try client().send(HTTPRequest(.get, url)) } == .certificate)
      #expect(kind { _ = try client(caFile: "/no/such/file").send(HTTPRequest(.get, url)) } == .certificate)
      let byNumber = url.replacingOccurrences(of: "localhost", with: "127.0.0.1")
      #expect(
        kind { _ = try client(caFile: tls.authority).send(HTTPRequest(.get, byNumber)) } == .certificate)

      func redirect(_ target: String) throws {
        try server.misbehave("\"status\": 301, \"headers\": {\"Location\": \"\(target)\"}", for: "old")
      }
      try redirect(plain.base + "/data/2026/file")
      #expect(
        kind { _ = try client(caFile: tls.authority).send(HTTPRequest(.get, server.base + "/old")) }
          == .redirectRefused)
      #expect(try plain.requests().isEmpty)
      try redirect("file:///etc/passwd")
      #expect(
        kind {
          _ = try client(caFile: tls.authority, files: true).send(HTTPRequest(.get, server.base + "/old"))
        }
          == .redirectRefused)
      try redirect("/data/2026/file")
      #expect(try client(caFile: tls.authority).send(HTTPRequest(.get, server.base + "/old")).text == "hello")
      try plain.misbehave("\"status\": 301, \"headers\": {\"Location\": \"\(url)\"}", for: "up")
      #expect(try client(caFile: tls.authority).send(HTTPRequest(.get, plain.base + "/up")).text == "hello")
    }
  }

  @Test func filesAreReadOnlyIfThatIsAllowed() throws {
    try withTemporaryFolder { folder in
      let path = try folder.write("abc", to: "a file")
      let url = "file://" + path.replacingOccurrences(of: " ", with: "%20")
      let response = try client(files: true).send(HTTPRequest(.get, url))
      #expect(response.status == 200 && response.text == "abc" && response.contentLength == 3)
      #expect(kind { _ = try client().send(HTTPRequest(.get, url)) } == .badURL)
      #expect(kind { _ = try client(files: true).send(HTTPRequest(.get, url + "x")) } == .file)
    }
  }

  @Test func aConnectionServesManyRequests() throws {
    try withServer { server, _, client in
      try server.misbehave("\"status\": 200, \"body\": \"ok\"", for: "/v1")
      for _ in 0..<50 { #expect(try client.send(HTTPRequest(.get, server.base + "/v1/x")).text == "ok") }
      #expect(Set(try server.requests().map { $0.connection }).count == 1)
    }
  }
}
