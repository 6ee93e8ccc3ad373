import Foundation
import Glibc
import Platform

/// A real Trino server with `docker/trino`'s configuration, on a free loopback port. It ends with this object, or with
/// this process.
public final class TrinoServer: @unchecked Sendable {
  /// What a server does in a cluster.
  public enum Role: Sendable {
    /// Everything.
    case alone
    /// Takes queries, and leaves their work to others.
    case coordinator
    /// Works for this coordinator.
    case worker(of: TrinoServer)
  }

  /// A catalog of `docker/trino/catalogs`, and what else is to be configured.
  public struct Configuration: Sendable {
    /// The name of a file there, without its extension.
    public var catalog: String
    /// The metastore to connect to, for a catalog that has one.
    public var metastore: HiveMetastoreServer?
    /// Where that listens, for one that is not kept.
    public var metastoreURI: String?
    /// Lines added to the catalog's file, to `config.properties`, and other files by their names.
    public var catalogLines: [String]
    public var serverLines: [String]
    public var files: [String: String]
    public var role: Role

    public init(
      catalog: String = "file-metastore", metastore: HiveMetastoreServer? = nil, catalogLines: [String] = [],
      serverLines: [String] = [], files: [String: String] = [:], role: Role = .alone
    ) {
      self.role = role
      self.catalog = catalog
      self.metastore = metastore
      self.catalogLines = catalogLines
      self.serverLines = serverLines
      self.files = files
    }
  }

  public let port: Int
  /// The coordinator over plain HTTP.
  public var url: String { "http://127.0.0.1:\(port)" }
  private let configuration: Configuration
  private let folder: String
  private var child: ChildProcess?

  /// Configures and starts a server, and waits until it runs queries.
  /// - Parameter folder: an empty folder for its configuration, data and file-based metastore.
  public init(_ configuration: Configuration = Configuration(), in folder: String) throws {
    self.configuration = configuration
    self.folder = folder
    port = try freePort()
    let files = FileManager.default
    try files.createDirectory(atPath: "\(folder)/catalog", withIntermediateDirectories: true)
    try files.createDirectory(atPath: "\(folder)/metastore", withIntermediateDirectories: true)
    try files.copyItem(atPath: Checkout.path("docker/trino/etc"), toPath: "\(folder)/etc")
    try files.copyItem(
      atPath: Checkout.path("docker/trino/catalogs/\(configuration.catalog).properties"),
      toPath: "\(folder)/catalog/hive.properties")
    try append(configuration.catalogLines, to: "catalog/hive.properties")
    try append(configuration.serverLines, to: "etc/config.properties")
    try takeRole()
    for (name, text) in configuration.files {
      try text.write(toFile: "\(folder)/etc/\(name)", atomically: true, encoding: .utf8)
    }
    try start()
  }

  deinit { stop() }

  /// Changes what the configuration says of a server that is alone: each node has its name, and a heap that leaves room for
  /// the others.
  private func takeRole() throws {
    switch configuration.role {
    case .alone: return
    case .coordinator:
      try replace("include-coordinator=true", with: "include-coordinator=false", in: "etc/config.properties")
    case .worker(let coordinator):
      try replace("node-scheduler.include-coordinator=true\n", with: "", in: "etc/config.properties")
      try replace("coordinator=true", with: "coordinator=false", in: "etc/config.properties")
      try replace(
        "discovery.uri=http://127.0.0.1:${ENV:TRINO_PORT}", with: "discovery.uri=\(coordinator.url)",
        in: "etc/config.properties")
    }
    try replace("node.id=discogs-1", with: "node.id=discogs-\(port)", in: "etc/node.properties")
    try replace("-Xmx1536M", with: "-Xmx768M", in: "etc/jvm.config")
  }

  private func replace(_ text: String, with other: String, in name: String) throws {
    let path = "\(folder)/\(name)"
    let old = try String(contentsOfFile: path, encoding: .utf8)
    guard old.contains(text) else {
      throw UnexpectedExecution(description: "\(name) does not say \(text)")
    }
    try old.replacing(text, with: other).write(toFile: path, atomically: true, encoding: .utf8)
  }

  /// The queries that it is running, each with its text, as its list in the web interface has them.
  public func runningQueries() throws -> [String] {
    let answer = answer(of: port, to: "GET /v1/query?state=RUNNING HTTP/1.0\r\nX-Trino-User: tester")
    guard let start = answer.firstRange(of: "\r\n\r\n")?.upperBound,
      let list = try? JSONSerialization.jsonObject(with: Data(answer[start...].utf8)) as? [[String: Any]]
    else { throw UnexpectedExecution(description: "no list of queries: \(answer.prefix(500))") }
    return list.compactMap { $0["query"] as? String }
  }

  /// Stops it for good where it stands, as a machine that hangs would; ``kill()`` ends it.
  public func freeze() { child?.send(SIGSTOP) }

  /// Starts it again, on the same port and with the same metastore.
  public func start() throws {
    let java = try Tools.java24.path()
    var environment = ProcessInfo.processInfo.environment
    environment["JAVA_HOME"] = java
    environment["PATH"] = "\(java)/bin:\(environment["PATH"] ?? "/usr/bin:/bin")"
    environment["TRINO_PORT"] = String(port)
    environment["TRINO_BIND_ADDRESS"] = "127.0.0.1"
    environment["TRINO_CATALOG_DIR"] = "\(folder)/catalog"
    environment["TRINO_METASTORE_DIR"] = "\(metastoreFolder)/metastore"
    environment["HIVE_METASTORE_URI"] = configuration.metastore?.uri ?? configuration.metastoreURI
    child = try ChildProcess(
      executable: "\(try Tools.trinoHome.path())/bin/launcher",
      arguments: ["run", "--etc-dir", "\(folder)/etc", "--data-dir", "\(folder)/data"],
      environment: environment, output: .file("\(folder)/out.log"), errors: .file("\(folder)/err.log"))
    try waitUntil("Trino runs queries", logs: ["\(folder)/out.log", "\(folder)/err.log"]) {
      guard child?.isRunning == true else { throw UnexpectedExecution(description: "Trino ended") }
      return answer(of: port, to: "GET /v1/info HTTP/1.0").contains("\"starting\":false")
    }
  }

  /// A cluster has one metastore.
  private var metastoreFolder: String {
    if case .worker(let coordinator) = configuration.role { coordinator.folder } else { folder }
  }

  /// Kills it, as a crash would.
  public func kill() {
    child?.kill()
    child?.wait()
    child = nil
  }

  /// Stops it in order.
  public func stop() {
    child?.terminate()
    child?.wait()
    child = nil
  }

  private func append(_ lines: [String], to name: String) throws {
    let path = "\(folder)/\(name)"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try (text + lines.map { "\($0)\n" }.joined()).write(toFile: path, atomically: true, encoding: .utf8)
  }
}

/// A real Hive metastore (Thrift) over an embedded database, on a free port.
public final class HiveMetastoreServer: @unchecked Sendable {
  public let uri: String
  private let child: ChildProcess

  /// Starts a metastore and waits until it listens.
  /// - Parameter folder: an empty folder for its database.
  public init(in folder: String) throws {
    let port = try freePort()
    uri = "thrift://127.0.0.1:\(port)"
    let properties = [
      "javax.jdo.option.ConnectionURL": "jdbc:derby:;databaseName=\(folder)/db;create=true",
      "datanucleus.schema.autoCreateAll": "true", "hive.metastore.schema.verification": "false",
      "hive.metastore.warehouse.dir": "file:\(folder)/warehouse", "hive.async.log.enabled": "false",
      "hive.metastore.thrift.bind.host": "127.0.0.1",
    ]
    let elements = properties.map { "<property><name>\($0)</name><value>\($1)</value></property>" }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try "<configuration>\(elements.joined())</configuration>".write(
      toFile: "\(folder)/hive-site.xml", atomically: true, encoding: .utf8)
    let opens = ["java.net", "java.lang"].flatMap { ["--add-opens", "java.base/\($0)=ALL-UNNAMED"] }
    child = try ChildProcess(
      executable: try Tools.java.path(),
      arguments: opens + [
        "-Djava.io.tmpdir=\(folder)", "-cp", "\(folder):\(try Tools.hiveJars.path())/*",
        "org.apache.hadoop.hive.metastore.HiveMetaStore", "-p", String(port),
      ], workingDirectory: folder, output: .file("\(folder)/out.log"), errors: .file("\(folder)/err.log"))
    let child = child
    try waitUntil("the Hive metastore listens", logs: ["\(folder)/out.log", "\(folder)/err.log"]) {
      guard child.isRunning else { throw UnexpectedExecution(description: "the Hive metastore ended") }
      return canConnect(to: port)
    }
  }

  deinit {
    child.kill()
    child.wait()
  }
}

/// Asks again and again, for up to five minutes: machines differ, and are shared.
public func waitUntil(_ what: String, logs: [String], _ isSo: () throws -> Bool) throws {
  let end = Date(timeIntervalSinceNow: 300)
  do {
    while try !isSo() {
      guard Date() < end else { throw UnexpectedExecution(description: "waited in vain until \(what)") }
      usleep(200_000)
    }
  } catch {
    let tails = logs.map { String((try? String(contentsOfFile: $0, encoding: .utf8))?.suffix(2000) ?? "") }
    throw UnexpectedExecution(description: "\(error)\n\(tails.joined(separator: "\n"))")
  }
}

/// A port on loopback that nobody listens on.
public func freePort() throws -> Int {
  let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { Glibc.close(handle) }
  var address = loopback(0)
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let isBound = withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(handle, $0, length) == 0 && getsockname(handle, $0, &length) == 0
    }
  }
  guard isBound else { throw UnexpectedExecution(description: "no free port") }
  return Int(in_port_t(bigEndian: address.sin_port))
}

/// Whether somebody listens on a port of loopback.
public func canConnect(to port: Int) -> Bool {
  guard let handle = connected(to: port) else { return false }
  Glibc.close(handle)
  return true
}

/// All that a server on loopback answers to one request without a body; nothing if it is not there.
public func answer(of port: Int, to request: String) -> String {
  guard let handle = connected(to: port) else { return "" }
  defer { Glibc.close(handle) }
  let bytes = Array("\(request)\r\n\r\n".utf8)
  guard send(handle, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { return "" }
  var answer: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 4096)
  while case let count = recv(handle, &buffer, buffer.count, 0), count > 0 { answer += buffer[..<count] }
  return String(decoding: answer, as: UTF8.self)
}

private func connected(to port: Int) -> Int32? {
  let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  var address = loopback(port)
  let isConnected = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(handle, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
    }
  }
  if isConnected { return handle }
  Glibc.close(handle)
  return nil
}

private func loopback(_ port: Int) -> sockaddr_in {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = in_port_t(port).bigEndian
  address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
  return address
}
