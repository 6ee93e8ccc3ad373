import Foundation
import Glibc

/// A real web server on loopback that misbehaves as it is told: `Tests/Servers/dump_server.py`, which says
/// what it can do.
public final class DumpServer: @unchecked Sendable {
  /// A request that reached the server.
  public struct Request: Decodable, Sendable {
    public var method: String
    /// Path and query, decoded.
    public var target: String
    /// Path and query as they were sent.
    public var raw: String
    /// Names in lower case.
    public var headers: [String: String]
    public var status: Int
    /// Bytes of body that were sent.
    public var sent: Int
    /// The client's port: the same for requests over the same connection.
    public var connection: Int
  }

  /// The folder that is served.
  public let root: String
  /// `http://127.0.0.1:PORT`, or `https://localhost:PORT` with a certificate.
  public let base: String
  private let controlPort: Int
  private let process: pid_t
  private let standardStreams: Int32

  /// Starts the server on free ports; it ends with this object, or with this process.
  ///
  /// - Parameter certificate: paths of a PEM certificate and its key, for HTTPS.
  public init(root: String, certificate: (cert: String, key: String)? = nil) throws {
    self.root = root
    // Not inherited by what other tests start meanwhile: the server must see its input end.
    var ends: [Int32] = [0, 0]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw UnexpectedExecution(description: "no socket pair")
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    var words = ["python3", Checkout.path("Tests/Servers/dump_server.py"), root]
    if let certificate { words += ["--cert", certificate.cert, "--key", certificate.key] }
    var arguments = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var child: pid_t = 0
    let code = posix_spawnp(&child, "python3", &actions, nil, &arguments, environ)
    Glibc.close(ends[1])
    process = child
    standardStreams = ends[0]
    var line: [UInt8] = []
    while line.last != UInt8(ascii: "\n") {
      var byte: UInt8 = 0
      let count = read(ends[0], &byte, 1)
      if count == 1 { line.append(byte) } else if count == 0 || errno != EINTR { break }
    }
    let ports = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace).compactMap {
      Int($0)
    }
    guard code == 0, ports.count == 2 else {
      throw UnexpectedExecution(description: "the dump server did not start")
    }
    base = certificate == nil ? "http://127.0.0.1:\(ports[0])" : "https://localhost:\(ports[0])"
    controlPort = ports[1]
  }

  deinit {
    // The server ends with its standard input; killed all the same, in case it is stuck.
    Glibc.close(standardStreams)
    kill(process, SIGKILL)
    waitpid(process, nil, 0)
  }

  /// Tells the server how to behave from now on; the text is the JSON that the server's own help describes.
  public func script(_ json: String = "{}") throws {
    _ = try control("POST", "/script", json)
  }

  /// One rule, for what matches.
  public func misbehave(_ what: String, for match: String, times: Int? = nil) throws {
    let limit = times.map { ", \"times\": \($0)" } ?? ""
    try script("{\"rules\": [{\"match\": \"\(match)\"\(limit), \(what)}]}")
  }

  /// The requests so far, in their order.
  public func requests() throws -> [Request] {
    try JSONDecoder().decode([Request].self, from: Data(try control("GET", "/log", "").utf8))
  }

  /// Forgets the requests so far.
  public func forgetRequests() throws { _ = try control("DELETE", "/log", "") }

  /// One exchange with the control port, by hand: what is tested here is HTTP clients.
  private func control(_ method: String, _ path: String, _ body: String) throws -> String {
    let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { Glibc.close(handle) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(controlPort).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(handle, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { throw UnexpectedExecution(description: "the dump server is gone") }
    let request = Array(
      "\(method) \(path) HTTP/1.1\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8)
    var sent = 0
    while sent < request.count {
      let count = request[sent...].withUnsafeBytes {
        send(handle, $0.baseAddress!, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw UnexpectedExecution(description: "the dump server hung up") }
      sent += count
    }
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = recv(handle, &buffer, buffer.count, 0), count > 0 { answer += buffer[..<count] }
    let text = String(decoding: answer, as: UTF8.self)
    guard let end = text.range(of: "\r\n\r\n") else {
      throw UnexpectedExecution(description: "the dump server said \(text)")
    }
    return String(text[end.upperBound...])
  }
}

/// A certificate authority of the test's own, made with openssl, and a server certificate for `localhost`.
public struct TestAuthority: Sendable {
  /// PEM file with the authority's certificate.
  public let authority: String
  /// PEM files of the server.
  public let certificate: String
  public let key: String

  /// - Parameter days: how long the server's certificate is valid; negative for one that has expired.
  public init(in folder: TemporaryFolder, days: Int = 2) throws {
    authority = folder.path("tls/ca.pem")
    certificate = folder.path("tls/server.pem")
    key = folder.path("tls/server.key")
    let caKey = folder.path("tls/ca.key")
    let request = folder.path("tls/server.csr")
    let names = try folder.write("subjectAltName=DNS:localhost\n", to: "tls/names")
    let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    try openssl(
      "req", newKey, "-x509", "-subj", "/CN=test authority", "-days", "2", "-keyout", caKey, "-out", authority
    )
    try openssl("req", newKey, "-subj", "/CN=localhost", "-keyout", key, "-out", request)
    try openssl(
      "x509", ["-req"], "-in", request, "-CA", authority, "-CAkey", caKey, "-CAcreateserial", "-days",
      "\(days)",
      "-extfile", names, "-out", certificate)
    func openssl(_ command: String, _ first: [String], _ arguments: String...) throws {
      let run = try execute("/usr/bin/openssl", [command] + first + arguments)
      guard run.status == 0 else { throw UnexpectedExecution(description: "openssl: \(run.stderr)") }
    }
  }
}
