import Foundation
import HTTP
import Synchronization
import TaskKit
import TestSupport
import Testing

@testable import SQL

/// What the client makes of servers that do not behave as a healthy Trino does.
@Suite struct TrinoClientTests {
  /// A page of results.
  private static func page(
    _ server: ScriptedServer, columns: String? = nil, data: String? = nil, next: String? = nil,
    error: String? = nil
  ) -> String {
    var members = [
      "\"id\":\"q1\"", "\"infoUri\":\"\(server.url)/ui/q1\"", "\"stats\":{\"state\":\"RUNNING\"}",
    ]
    if let columns { members.append("\"columns\":\(columns)") }
    if let data { members.append("\"data\":\(data)") }
    if let next { members.append("\"nextUri\":\"\(server.url)\(next)\"") }
    if let error {
      members.append(
        "\"error\":{\"message\":\"it broke\",\"errorCode\":7,\"errorName\":\"\(error)\",\"errorType\":\"INTERNAL_ERROR\"}"
      )
    }
    return "{\(members.joined(separator: ","))}"
  }

  private static let oneColumn = "[{\"name\":\"n\",\"type\":\"bigint\"}]"

  /// A whole, short query.
  private static func one(_ server: ScriptedServer) -> ScriptedServer.Answer {
    .answer(200, page(server, columns: oneColumn, data: "[[1]]"))
  }

  private func engine(
    _ server: ScriptedServer, wait: Duration = .seconds(20),
    _ change: (inout TrinoSettings) -> Void = { _ in }
  ) throws -> TrinoEngine {
    var settings = TrinoSettings(url: server.url, user: "tester", lakePath: "/lake", wait: wait)
    change(&settings)
    return try TrinoEngine(settings)
  }

  @Test func aTablesLocationIsReadFromWhatMadeIt() throws {
    let settings = TrinoSettings(
      url: "", user: "u", lakePath: "/mnt/it's a lake", lakeURI: "file:/data/it's a lake/")
    func path(_ uri: String) throws -> String {
      let statement = """
        CREATE TABLE hive.s.t (
           "external_location = 'file:/x'" bigint COMMENT 'external_location = ''file:/y'''
        )
        WITH (
           external_location = '\(uri.replacing("'", with: "''"))',
           format = 'PARQUET'
        )
        """
      return try #require(TrinoLocation(ofStatement: statement)).path(in: settings)
    }
    #expect(try path("file:/data/it's a lake/_runs/r/d") == "/mnt/it's a lake/_runs/r/d")
    #expect(try path("file:///data/it's a lake/_runs/r/d/") == "/mnt/it's a lake/_runs/r/d")
    #expect(try path("file:/data/it's a lake") == "/mnt/it's a lake")
    #expect(try path("file:/data/it's a lake of others/x") == "file:/data/it's a lake of others/x")
    #expect(try path("local:///data/it's a lake/x") == "local:///data/it's a lake/x")
    #expect(TrinoLocation(ofStatement: "CREATE TABLE t (a bigint) WITH (format = 'PARQUET')") == nil)
    var root = settings
    root.lakeURI = "local:///"
    let statement = "CREATE TABLE t (a bigint) WITH (external_location = 'local:///_meta/x')"
    #expect(try #require(TrinoLocation(ofStatement: statement)).path(in: root) == "/mnt/it's a lake/_meta/x")
  }

  /// Who may read a table need not be allowed to see how it was made.
  @Test func aLocationThatTheServerDoesNotTellIsNone() throws {
    let table = TableName("s", "t")
    let refusing = ScriptedServer { _, _, server in
      .answer(200, Self.page(server, error: "PERMISSION_DENIED"))
    }
    #expect(try engine(refusing).location(of: table) == nil)
    #expect(refusing.requests[0].body == #"SHOW CREATE TABLE "s"."t""#)
    let failing = ScriptedServer { _, _, server in .answer(200, Self.page(server, error: "CANCELLED")) }
    #expect(throws: SQLError.self) { try engine(failing).location(of: table) }
  }

  @Test func theHistorysTasksNameTheRunThatTheyAreAbout() throws {
    try withTemporaryFolder { folder in
      let server = ScriptedServer { _, _, server in
        .answer(200, Self.page(server, error: "PERMISSION_DENIED"))
      }
      let run = "2026-08__20260802_031500"
      try task(
        "reconcile",
        [
          "--dry-run", "--only-run-id", run, "--lake", folder.path, "--engine", "trino", "--trino-url",
          server.url,
        ], expecting: 77)
      let headers = try #require(server.requests.first).headers
      #expect(headers["x-trino-source"] == "discogs-lakehouse reconcile \(run)")
      #expect(headers["x-trino-client-tags"] == "reconcile,\(run)")
    }
  }

  @Test func pagesAreFollowedToTheLast() throws {
    let server = ScriptedServer { request, number, server in
      switch number {
      case 0: .answer(200, Self.page(server, next: "/1"))
      case 1:
        .answer(
          200,
          Self.page(
            server,
            columns: "[{\"name\":\"a\",\"type\":\"bigint\"},{\"name\":\"b\",\"type\":\"varchar(3)\"}]",
            data: "[[9007199254740993,\"\"],[null,\"x\\u0000\"]]", next: "/2"))
      case 2: .answer(200, Self.page(server, next: "/3"))
      default: .answer(200, Self.page(server, data: "[[-9223372036854775808,null]]"))
      }
    }
    let rows = try engine(server) {
      $0.source = "build-xref 2026"
      $0.clientTags = ["build-xref", "2026"]
      $0.sessionProperties = [("query_max_run_time", "1 h,=")]
    }.rows("SELECT 1; -- nothing more")
    #expect(
      rows == [
        [.bigint(9_007_199_254_740_993), .varchar("")], [.null, .varchar("x\0")], [.bigint(.min), .null],
      ])
    let requests = server.requests
    #expect(requests.map(\.method) == ["POST", "GET", "GET", "GET"])
    #expect(requests.map(\.path) == ["/v1/statement", "/1", "/2", "/3"])
    #expect(requests[0].body == "SELECT 1")
    let headers = requests[0].headers
    #expect(headers["x-trino-user"] == "tester" && headers["x-trino-catalog"] == "hive")
    #expect(
      headers["x-trino-source"] == "build-xref 2026" && headers["x-trino-client-tags"] == "build-xref,2026")
    #expect(
      headers["x-trino-session"] == "hive.timestamp_precision=MICROSECONDS,query_max_run_time=1%20h%2C%3D")
    #expect(headers["authorization"] == nil)
  }

  @Test(arguments: [502, 503, 504])
  func aBusyServerIsAskedAgain(status: Int) throws {
    let server = ScriptedServer { _, number, server in
      switch number {
      case 0, 1, 3: .answer(status, "busy")
      case 2: .answer(200, Self.page(server, next: "/1"))
      default: Self.one(server)
      }
    }
    #expect(try engine(server).rows("SELECT 1") == [[.bigint(1)]])
    #expect(server.requests.map(\.method) == ["POST", "POST", "POST", "GET", "GET"])
  }

  @Test func retryAfterIsHonoured() throws {
    let server = ScriptedServer { _, number, server in
      number == 0 ? .answer(429, "slow down", headers: ["Retry-After: 1"]) : Self.one(server)
    }
    let start = ContinuousClock.now
    #expect(try engine(server).rows("SELECT 1") == [[.bigint(1)]])
    #expect(ContinuousClock.now - start >= .seconds(1))
  }

  @Test func aRetryAfterThatIsTooLongIsNotWaitedFor() throws {
    let server = ScriptedServer { _, _, _ in .answer(429, "slow down", headers: ["Retry-After: 5000"]) }
    let error = #expect(throws: SQLError.self) { try engine(server).rows("SELECT 1") }
    #expect(error?.name == "RATE_LIMITED" && error?.exitCode == .tryAgain)
    #expect(server.requests.count == 1)
  }

  /// However long the server asks to be left alone, a cancellation ends the pause.
  @Test func cancelEndsAPauseToo() throws {
    let server = ScriptedServer { _, _, _ in .answer(429, "slow down", headers: ["Retry-After: 5000"]) }
    let engine = try self.engine(server, wait: .seconds(10_000))
    let start = ContinuousClock.now
    Thread {
      while server.requests.isEmpty { Thread.sleep(forTimeInterval: 0.01) }
      engine.cancel()
    }.start()
    let error = #expect(throws: SQLError.self) { try engine.rows("SELECT 1") }
    #expect(error?.name == "CANCELLED")
    #expect(ContinuousClock.now - start < .seconds(30))
  }

  @Test func aLocationIsThePathBehindTheLakesBytes() throws {
    let decomposed = "/data/lu\u{308}ke"
    var settings = TrinoSettings(url: "http://127.0.0.1:1", user: "tester", lakePath: decomposed)
    settings.lakeURI = "file:/lake"
    let engine = try TrinoEngine(settings)
    #expect(try engine.location(of: decomposed + "/_runs/x") == "file:/lake/_runs/x")
    #expect(try engine.location(of: decomposed) == "file:/lake")
    #expect(throws: SQLError.self) { try engine.location(of: decomposed + "2") }
  }

  @Test func aServerThatStaysBusyIsGivenUp() throws {
    let server = ScriptedServer { _, _, _ in .answer(503, "busy") }
    let error = #expect(throws: SQLError.self) {
      try engine(server, wait: .milliseconds(500)).rows("SELECT 1")
    }
    #expect(error?.exitCode == .unavailable)
    #expect(error?.message.contains(server.url) == true)
  }

  @Test(arguments: ["SERVER_STARTING_UP", "NO_NODES_AVAILABLE"])
  func aServerThatStartsUpIsWaitedFor(name: String) throws {
    let server = ScriptedServer { _, number, server in
      number < 2 ? .answer(200, Self.page(server, error: name)) : Self.one(server)
    }
    let told = Mutex(0)
    let engine = try self.engine(server) { $0.onWait = { _ in told.withLock { $0 += 1 } } }
    #expect(try engine.rows("SELECT 1") == [[.bigint(1)]])
    #expect(told.withLock { $0 } == 1)

    let never = ScriptedServer { _, _, server in .answer(200, Self.page(server, error: name)) }
    let error = #expect(throws: SQLError.self) {
      try self.engine(never, wait: .milliseconds(300)).rows("SELECT 1")
    }
    #expect(error?.exitCode == .unavailable)
  }

  @Test func anErrorHasAllThatTrinoSays() throws {
    let server = ScriptedServer { _, number, server in
      number == 0
        ? .answer(200, Self.page(server, columns: Self.oneColumn, data: "[[1]]", next: "/1"))
        : .answer(200, Self.page(server, error: "GENERIC_INTERNAL_ERROR"))
    }
    let error = #expect(throws: SQLError.self) { try engine(server).rows("SELECT 1") }
    #expect(error?.name == "GENERIC_INTERNAL_ERROR" && error?.code == 7 && error?.reason == "it broke")
    #expect(error?.queryID == "q1" && error?.infoURL == "\(server.url)/ui/q1")
    #expect(error?.message.contains("GENERIC_INTERNAL_ERROR (7): it broke [query q1, ") == true)
  }

  @Test(arguments: [
    "<html>hello</html>", "", "{}", "{\"id\":\"q1\"", "[1]", "{\"id\":\"q1\",\"stats\":{},\"columns\":[{}]}",
    "{\"id\":\"q1\",\"stats\":{},\"data\":[[1]]}", "{\"id\":\"q1\",\"stats\":{},\"data\":{}}",
    "{\"id\":\"q1\",\"stats\":{}} more", "{\"id\":7,\"stats\":{}}",
    "{\"id\":\"q1\",\"stats\":{},\"columns\":[{\"name\":\"n\",\"type\":\"bigint\"}],\"data\":[[1,2]]}",
    "{\"id\":\"q1\",\"stats\":{},\"columns\":[{\"name\":\"n\",\"type\":\"bigint\"}],\"data\":[[\"x\"]]}",
  ])
  func whatIsNotTrinosAnswerIsSaid(body: String) throws {
    let server = ScriptedServer { _, _, _ in .answer(200, body) }
    let error = #expect(throws: SQLError.self) { try engine(server).rows("SELECT 1") }
    #expect(error?.name == "PROTOCOL")
    #expect(error?.exitCode == .unavailable)
  }

  @Test func aServerThatIsDownIsWaitedForAsLongAsTold() throws {
    let port = try freePort()
    var settings = TrinoSettings(url: "http://127.0.0.1:\(port)", user: "tester", lakePath: "/lake")
    settings.wait = .seconds(1)
    let waits = Mutex<[String]>([])
    settings.onWait = { reason in waits.withLock { $0.append(reason) } }
    let error = #expect(throws: SQLError.self) { try TrinoEngine(settings).rows("SELECT 1") }
    #expect(error?.exitCode == .unavailable)
    #expect(error?.message.contains("http://127.0.0.1:\(port)") == true)
    #expect(error?.message.contains("for 1.0 seconds") == true, "\(error?.message ?? "")")
    #expect(waits.withLock { $0.count } == 1)
    settings.wait = .zero
    let atOnce = #expect(throws: SQLError.self) { try TrinoEngine(settings).rows("SELECT 1") }
    #expect(atOnce?.exitCode == .unavailable && waits.withLock { $0.count } == 1)
  }

  /// Off a terminal nobody would else know what a task waits for.
  @Test func aLongWaitIsToldOfMoreThanOnce() throws {
    var settings = TrinoSettings(
      url: "http://127.0.0.1:\(try freePort())", user: "tester", lakePath: "/lake", wait: .seconds(9))
    let waits = Mutex<[String]>([])
    settings.onWait = { reason in waits.withLock { $0.append(reason) } }
    #expect(throws: SQLError.self) { try TrinoEngine(settings).rows("SELECT 1") }
    let told = waits.withLock { $0 }
    #expect(told.count == 2 && told.last?.hasSuffix("s so far and 9 s at most") == true, "\(told)")
  }

  @Test func headersThatTheServerRefusesAreAMatterOfConfiguration() throws {
    let server = ScriptedServer { _, _, _ in .answer(400, "Invalid X-Trino-Session header") }
    let error = #expect(throws: SQLError.self) { try engine(server).rows("SELECT 1") }
    #expect(error?.exitCode == .configuration && error?.advice?.contains("--trino-session") == true)
  }

  @Test func aServerThatOpensItsPortLateIsAsked() throws {
    let port = try freePort()
    let late = Mutex<ScriptedServer?>(nil)
    Thread {
      Thread.sleep(forTimeInterval: 0.7)
      let server = ScriptedServer(port: port) { _, _, server in Self.one(server) }
      late.withLock { $0 = server }
    }.start()
    let settings = TrinoSettings(
      url: "http://127.0.0.1:\(port)", user: "tester", lakePath: "/lake", wait: .seconds(60))
    #expect(try TrinoEngine(settings).rows("SELECT 1") == [[.bigint(1)]])
    late.withLock { $0 = nil }
  }

  @Test func aPageThatWasCutOffIsFetchedAgain() throws {
    let server = ScriptedServer { _, number, server in
      switch number {
      case 0: .answer(200, Self.page(server, next: "/1"))
      case 1: .cutOff("{\"id\":")
      default: Self.one(server)
      }
    }
    #expect(try engine(server).rows("SELECT 1") == [[.bigint(1)]])
    #expect(server.requests.map(\.path) == ["/v1/statement", "/1", "/1"])
  }

  @Test func aStatementThatMayHaveArrivedIsNotSentTwice() throws {
    let server = ScriptedServer { _, _, _ in .cutOff("{\"id\":") }
    let error = #expect(throws: SQLError.self) { try engine(server).rows("SELECT 1") }
    #expect(error?.exitCode == .unavailable)
    #expect(server.requests.count == 1)
  }

  @Test func aSlowAnswerIsAnAnswer() throws {
    let server = ScriptedServer { _, _, server in
      .late(2, Self.page(server, columns: Self.oneColumn, data: "[[1]]"))
    }
    #expect(try engine(server).rows("SELECT 1") == [[.bigint(1)]])
  }

  @Test func aServerThatForgotTheQueryIsNotAskedForEver() throws {
    let server = ScriptedServer { _, number, server in
      number == 0 ? .answer(200, Self.page(server, next: "/1")) : .answer(404, "Query not found")
    }
    let error = #expect(throws: SQLError.self) { try engine(server).rows("SELECT 1") }
    #expect(error?.name == "QUERY_LOST")
    #expect(error?.exitCode == .unavailable)
  }

  @Test func aCallerWhoStopsCancelsTheQuery() throws {
    struct Enough: Error {}
    let server = ScriptedServer { _, _, server in
      .answer(200, Self.page(server, columns: Self.oneColumn, data: "[[1]]", next: "/1"))
    }
    #expect(throws: Enough.self) { try engine(server).query("SELECT 1") { _ in throw Enough() } }
    #expect(server.requests.last?.method == "DELETE")
    #expect(server.requests.last?.path == "/1")
  }

  @Test func cancelAsksTheServerAndEndsTheWait() throws {
    let server = ScriptedServer { request, number, server in
      if request.method == "DELETE" { return .answer(204, "") }
      return number == 0 ? .answer(200, Self.page(server, next: "/1")) : .late(30, "{}")
    }
    let engine = try self.engine(server)
    Thread {
      while server.requests.count < 2 { Thread.sleep(forTimeInterval: 0.01) }
      engine.cancel()
    }.start()
    let start = ContinuousClock.now
    let error = #expect(throws: SQLError.self) { try engine.rows("SELECT 1") }
    #expect(error?.name == "CANCELLED")
    #expect(error?.queryID == "q1")
    #expect(ContinuousClock.now - start < .seconds(25))
    #expect(server.requests.contains { $0.method == "DELETE" && $0.path == "/1" })
  }

  @Test func cancelHoldsForWhatHasNotBegun() throws {
    let server = ScriptedServer { _, _, server in Self.one(server) }
    let engine = try self.engine(server)
    engine.cancel()
    let error = #expect(throws: SQLError.self) { try engine.rows("SELECT 1") }
    #expect(error?.name == "CANCELLED")
    #expect(server.requests.isEmpty)
  }

  private static let password = "s3cret-of-the-test"

  @Test func credentialsAreNotSentInTheClear() throws {
    let server = ScriptedServer { _, _, server in Self.one(server) }
    let error = #expect(throws: SQLError.self) {
      try self.engine(server) { $0.authorization = .basic(user: "tester", password: Self.password) }.rows(
        "SELECT 1")
    }
    #expect(error?.exitCode == .configuration)
    #expect(error?.message.contains(Self.password) == false)
    #expect(server.requests.isEmpty)

    let engine = try self.engine(server) {
      $0.authorization = .bearer(Self.password)
      $0.isInsecure = true
    }
    #expect(try engine.rows("SELECT 1") == [[.bigint(1)]])
    #expect(server.requests.first?.headers["authorization"] == "Bearer \(Self.password)")
  }

  /// With credentials and without: what the user asks is nobody else's business.
  @Test(arguments: [true, false]) func onlyTheServerItselfIsAsked(hasCredentials: Bool) throws {
    let elsewhere = ScriptedServer { _, _, server in Self.one(server) }
    let server = ScriptedServer { _, _, server in
      .answer(200, Self.page(elsewhere, next: "/1"))
    }
    let error = #expect(throws: SQLError.self) {
      try engine(server) {
        if hasCredentials { $0.authorization = .basic(user: "tester", password: Self.password) }
        $0.isInsecure = true
      }.rows("SELECT 1")
    }
    #expect(error?.message.contains("http-server.process-forwarded") == true)
    #expect(elsewhere.requests.isEmpty)
  }

  /// A scheme is the same in capitals.
  @Test func httpsInCapitalsIsHTTPS() throws {
    var settings = TrinoSettings(url: "HTTPS://127.0.0.1:1/", user: "tester", lakePath: "/lake", wait: .zero)
    settings.authorization = .bearer(Self.password)
    let error = #expect(throws: SQLError.self) { try TrinoEngine(settings).rows("SELECT 1") }
    #expect(error?.name == "UNAVAILABLE")
    settings.url = "HTTP://127.0.0.1:1/"
    let plain = #expect(throws: SQLError.self) { try TrinoEngine(settings) }
    #expect(plain?.name == "INSECURE")
  }

  @Test(arguments: [
    "http://ann:\(password)@127.0.0.1:1", "https://:\(password)@host:1", "http://ann:\(password)@ho st",
    "ann:\(password)@127.0.0.1:8080", "ftp://ann:\(password)@127.0.0.1", "HTTP://\(password)@127.0.0.1:1",
  ])
  func credentialsInTheURLAreRefusedAndNotShown(url: String) throws {
    try withTemporaryFolder { folder in
      let execution = try task(
        "register-run-schema", ["--all", "--engine", "trino", "--trino-url", url, "--lake", folder.path],
        expecting: 64)
      #expect(!execution.stderr.contains(Self.password), "\(execution.stderr)")
      let settings = TrinoSettings(url: url, user: "tester", lakePath: "/lake")
      let error = #expect(throws: SQLError.self) { try TrinoEngine(settings) }
      #expect(error?.exitCode == .configuration)
      #expect(error?.message.contains(Self.password) == false)
    }
  }

  @Test func aServerThatWantsHTTPSIsNamedAsThat() throws {
    let answers: [ScriptedServer.Answer] = [
      .answer(403, "Authentication over HTTP is not enabled"),
      .answer(400, "<html>The plain HTTP request was sent to HTTPS port</html>"),
      .answer(308, "", headers: ["Location: https://trino.example/v1/statement"]),
    ]
    for answer in answers {
      let server = ScriptedServer { _, _, _ in answer }
      let error = #expect(throws: SQLError.self) { try engine(server).rows("SELECT 1") }
      #expect(error?.exitCode == .configuration, "\(error?.message ?? "")")
      #expect(error?.advice?.contains("use https:") == true)
    }
  }

  @Test(arguments: [nil, "This is no certificate.", "-----BEGIN PRIVATE KEY-----\n"])
  func aFileOfCertificatesIsLookedAtFirst(text: String?) throws {
    try withTemporaryFolder { folder in
      if let text { try folder.write(text, to: "ca.pem") }
      var settings = TrinoSettings(url: "https://127.0.0.1:1", user: "tester", lakePath: "/lake")
      settings.caFile = folder.path("ca.pem")
      let error = #expect(throws: SQLError.self) { try TrinoEngine(settings) }
      #expect(error?.exitCode == .configuration)
      #expect(error?.message.contains(folder.path("ca.pem")) == true)
      #expect(error?.advice?.contains("--trino-ca-file") == true)
    }
  }

  /// A certificate's dates and names call for other advice than one that nobody trusts.
  @Test func certificatesAreToldApart() throws {
    try withTemporaryFolder { folder in
      let tls = try TestAuthority(in: folder)
      let server = try DumpServer(root: folder.path, certificate: (tls.certificate, tls.key))
      func advice(_ url: String, _ caFile: String?) throws -> String {
        var settings = TrinoSettings(url: url, user: "tester", lakePath: "/lake", wait: .zero)
        settings.caFile = caFile
        let error = #expect(throws: SQLError.self) { try TrinoEngine(settings).rows("SELECT 1") }
        #expect(error?.exitCode == .configuration, "\(error?.message ?? "")")
        return error?.advice ?? ""
      }
      let port = try #require(URLParts(server.base)?.port)
      #expect(try advice("https://localhost:\(port)", nil).contains("--trino-ca-file"))
      #expect(try advice("https://127.0.0.1:\(port)", tls.authority).contains("as its certificate names it"))
      try withTemporaryFolder { folder in
        let old = try TestAuthority(in: folder, days: -1)
        let server = try DumpServer(root: folder.path, certificate: (old.certificate, old.key))
        let port = try #require(URLParts(server.base)?.port)
        #expect(try advice("https://localhost:\(port)", old.authority).contains("renewed"))
      }
    }
  }

  /// What an answer makes of memory is in proportion to its bytes, and a message shows little of it.
  @Test(arguments: ["numbers", "columns", "one number", "nested"])
  func aHostileAnswerCostsWhatItWeighs(_ kind: String) throws {
    try withTemporaryFolder { folder in
      @Sendable func many(_ text: String) -> String {
        String(repeating: text, count: (20 << 20) / text.utf8.count)
      }
      let column = Self.oneColumn
      let body: @Sendable (ScriptedServer) -> String = { server in
        switch kind {
        case "numbers": Self.page(server, columns: column, data: "[[\(many("1,"))1]]")
        case "columns": Self.page(server, columns: "[\(many("[],"))[]]", data: "[[1]]")
        case "one number": Self.page(server, columns: column, data: "[[\(many("1"))]]")
        default: Self.page(server, columns: column, data: "[[[\(many("[1],"))1]]]")
        }
      }
      let server = ScriptedServer { _, _, server in .answer(200, body(server)) }
      let execution = try task(
        "register-run-schema",
        ["--all", "--engine", "trino", "--trino-url", server.url, "--lake", folder.path], expecting: 69)
      #expect(execution.stderr.utf8.count < 2000)
      #expect(execution.peakMemory < 150 << 20, "\(execution.peakMemory >> 20) MB")
    }
  }

  @Test(arguments: [(401, "AUTHENTICATION_FAILED"), (403, "PERMISSION_DENIED")])
  func whoIsNotLetInIsTold(status: Int, name: String) throws {
    let server = ScriptedServer { _, _, _ in .answer(status, "no") }
    let error = #expect(throws: SQLError.self) {
      try engine(server) {
        $0.authorization = .basic(user: "tester", password: Self.password)
        $0.isInsecure = true
      }.rows("SELECT 1")
    }
    #expect(error?.name == name)
    #expect(error?.exitCode == .noPermission)
    #expect(error?.message.contains(Self.password) == false)
  }
}
