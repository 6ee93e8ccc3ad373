import Foundation
import Glibc
import Platform
import TestSupport
import Testing

/// `docker/trino/compose.yml` without containers: its servers run as the users that it names, over folders that belong to
/// whom its volumes would belong to.
@Suite(.serialized) struct ComposeTests {
  /// Whether this process may see other files than the rest of the machine.
  private static let canMount: Bool = {
    let tried = try? execute(
      "/usr/bin/unshare", ["--mount", "/bin/mount", "--bind", "/etc/hostname", "/etc/hostname"])
    return tried?.status == 0
  }()

  @Test(
    .needsRoot, .enabled(if: ComposeTests.canMount, "cannot mount a file here"),
    .needs(Tools.trinoHome, Tools.java24, Tools.java, Tools.hiveJars),
    // The one of more servers; the other is what most tests of Trino run on, as a user of the machine.
    arguments: ["hive-metastore"])
  func everyServerMayWriteWhatItHasToAndTasksWork(catalog: String) throws {
    try withTemporaryFolder { folder in
      // A user that has no entry among the machine's users, and who is none of the images'.
      let user = User(uid: 4321, gid: 4322)
      let lake = folder.path("lake")
      try FileManager.default.createDirectory(atPath: lake, withIntermediateDirectories: true)
      try user.takes(lake)
      let containers = try Containers(
        in: folder, lake: lake,
        ["LAKE_UID": "\(user.uid)", "LAKE_GID": "\(user.gid)", "CATALOG": catalog])
      let withHive = catalog == "hive-metastore"

      var url = try containers.up(withHive: withHive)
      let lakeURI = "file:\(containers.place("trino", "/data/lake"))"
      @discardableResult
      func task(_ name: String, _ arguments: String..., run: String? = nil) throws -> Execution {
        let execution = try execute(
          "/usr/bin/setpriv", user.options + [try Products.executable(name)] + arguments,
          environment: [
            "DISCOGS_DATA_LAKE": lake, "run_id": run, "raw_root": Dumps.fixtures, "sql_engine": "trino",
            "trino_url": url, "trino_lake_uri": lakeURI, "trino_wait": "120", "HOME": "/", "USER": nil,
            "LOGNAME": nil,
          ], in: "/", timeout: 900)
        guard execution.status == 0 else {
          throw UnexpectedExecution(
            description: "\(name): \(execution.status)\n\(execution.stderr)\n\(containers.logs)")
        }
        return execution
      }
      let run = try task(
        "preflight", "--dump-month", "2026-08", "--session-time", "2026-09-02 03:04:05", "--datasets", "core"
      ).stdout.trimmingCharacters(in: .newlines)
      for entity in Dumps.entities { try task("ingest-entity", "--entity", entity, run: run) }
      try task("build-xref", run: run)
      try task("sanity", run: run)
      try task("promote", "--run-mode", "prod", "--allow-promote", "true", run: run)
      try task("register-run-schema", "--active")
      try task("sanity-report", run: run)
      try task("register-run-schema", "--all")
      try task("reconcile", "--include-active")
      #expect(try differences(of: "\(lake)/_runs/\(run)", from: "\(Dumps.fixtures)/2026-08") == nil)

      // Containers go and come; what the volumes hold stays.
      try containers.down()
      url = try containers.up(withHive: withHive)
      try task("sanity-report", "--force", run: run)
      #expect(
        try task("reconcile", "--include-active").stderr.contains(
          "\(run) is ok: registered with trino"))

      #expect(try folder.files("lake", ofOthersThan: user) == [])
      #expect(try folder.files("volumes/metastore", ofOthersThan: user) == [])
      #expect(try folder.files("volumes/trino", ofOthersThan: user) == [])
      #expect(containers.names("volumes/trino").contains("var"))
      if withHive {
        #expect(containers.names("volumes/hive").isSuperset(of: ["metastore_db", "derby.log"]))
        // The folder that the server is started in.
        #expect(containers.names("containers/hive-metastore/opt/hive") == ["data"])
        #expect(containers.names("containers/hive-metastore/opt/hive/data") == [])
      } else {
        #expect(containers.names("volumes/metastore").contains("discogs"))
      }
    }
  }
}

/// A user by numbers alone, as containers have them.
private struct User {
  var uid: UInt32
  var gid: UInt32

  /// What makes `setpriv` run a program as this user. The program ends with this process, as containers do not, but tests.
  var options: [String] {
    ["--reuid=\(uid)", "--regid=\(gid)", "--clear-groups", "--pdeathsig=KILL"]
  }

  func takes(_ path: String) throws {
    guard chown(path, uid, gid) == 0 else {
      throw UnexpectedExecution(description: "chown \(path): \(String(cString: strerror(errno)))")
    }
  }
}

extension TemporaryFolder {
  /// Files below a folder that belong to another user.
  fileprivate func files(_ relative: String, ofOthersThan user: User) throws -> [String] {
    let found = try execute("/usr/bin/find", [path(relative), "!", "-uid", "\(user.uid)"])
    return found.stdout.split(separator: "\n").map(String.init) + (found.status == 0 ? [] : [found.stderr])
  }
}

/// The services of `docker/trino/compose.yml`, each with a folder in place of its container's root.
private final class Containers {
  private let folder: TemporaryFolder
  private let compose: ComposeFile
  private var running: [ChildProcess] = []

  /// What the images bring along, which `compose.yml` does not tell: who a server is unless told otherwise, and whose the
  /// folders are that volumes are mounted over. Docker gives an empty volume the folder's owner.
  private static let imageUsers = [
    "trino": User(uid: 1000, gid: 1000), "hive-metastore": User(uid: 1000, gid: 1000),
  ]
  private static let imageFolders = [
    "trino": ["/data/trino": User(uid: 1000, gid: 1000)],
    "hive-metastore": ["/opt/hive": User(uid: 1000, gid: 0), "/opt/hive/data": User(uid: 0, gid: 0)],
  ]

  /// The images' users, in the form of `/etc/passwd`.
  private static let imagePasswd = [
    "trino": "root:x:0:0:root:/root:/bin/bash\ntrino:x:1000:1000::/home/trino:/bin/sh\n",
    "hive-metastore": "root:x:0:0:root:/root:/bin/bash\nhive:x:1000:1000::/home/hive:/bin/bash\n",
  ]

  init(in folder: TemporaryFolder, lake: String, _ variables: [String: String]) throws {
    self.folder = folder
    compose = try ComposeFile(
      try String(contentsOfFile: Checkout.path("docker/trino/compose.yml"), encoding: .utf8),
      variables.merging(["DISCOGS_DATA_LAKE": lake]) { $1 })
  }

  deinit { try? down() }

  /// Where a path of a container is on this machine: in a volume, or in the folder that stands for the container's root.
  func place(_ service: String, _ path: String) -> String {
    for (source, target) in compose.services[service]?.volumes ?? [] where compose.volumes.contains(source) {
      if path == target || path.hasPrefix(target + "/") {
        return folder.path("volumes/\(source)") + path.dropFirst(target.count)
      }
    }
    return folder.path("containers/\(service)\(path)")
  }

  /// The names in a folder below the test's.
  func names(_ relative: String) -> Set<String> {
    Set((try? FileManager.default.contentsOfDirectory(atPath: folder.path(relative))) ?? [])
  }

  /// The end of what the servers wrote.
  var logs: String {
    ["trino", "hive-metastore"].map {
      "\($0): " + String((try? String(contentsOfFile: log($0), encoding: .utf8))?.suffix(3000) ?? "")
    }.joined(separator: "\n")
  }

  private func log(_ service: String) -> String { folder.path("\(service).log") }

  /// Makes and starts what is not there, and returns Trino's URL.
  func up(withHive: Bool) throws -> String {
    let names = ["volumes", "trino"] + (withHive ? ["hive-metastore"] : [])
    // Docker makes every container before it starts one.
    for name in names { try create(name) }
    let metastorePort = try freePort()
    let port = try freePort()
    if withHive { try startHive(port: metastorePort) }
    try startTrino(port: port, metastorePort: metastorePort)
    return "http://127.0.0.1:\(port)"
  }

  /// Stops the servers and removes the containers; the volumes stay.
  func down() throws {
    for server in running {
      server.terminate()
      server.wait()
    }
    running = []
    try FileManager.default.removeItem(atPath: folder.path("containers"))
  }

  private func service(_ name: String) throws -> ComposeFile.Service {
    guard let service = compose.services[name] else {
      throw UnexpectedExecution(description: "compose.yml has no service \(name)")
    }
    return service
  }

  /// The folder of a container, with links to its volumes and copies of the files that are mounted.
  private func create(_ name: String) throws {
    let files = FileManager.default
    try files.createDirectory(atPath: place(name, ""), withIntermediateDirectories: true)
    for (path, owner) in (Self.imageFolders[name] ?? [:]).sorted(by: { $0.key < $1.key }) {
      let place = folder.path("containers/\(name)\(path)")
      try files.createDirectory(atPath: place, withIntermediateDirectories: true)
      try owner.takes(place)
    }
    for (source, target) in try service(name).volumes {
      let place = place(name, target)
      try files.createDirectory(
        atPath: URL(fileURLWithPath: place).deletingLastPathComponent().path,
        withIntermediateDirectories: true)
      if source.hasPrefix("./") {
        let original = URL(fileURLWithPath: Checkout.path("docker/trino/\(source)")).standardized.path
        try files.copyItem(atPath: original, toPath: place)
      } else if source.hasPrefix("/") {
        try files.createSymbolicLink(atPath: place, withDestinationPath: source)
      } else if compose.volumes.contains(source) {
        try files.createDirectory(atPath: place, withIntermediateDirectories: true)
        if let owner = Self.imageFolders[name]?[target], try files.contentsOfDirectory(atPath: place).isEmpty
        {
          try owner.takes(place)
        }
      } else {
        throw UnexpectedExecution(description: "compose.yml declares no volume \(source)")
      }
    }
  }

  /// Text with the container's paths replaced by their places here.
  private func placed(_ text: String, in name: String) throws -> String {
    let targets = try service(name).volumes.map(\.target) + (Self.imageFolders[name] ?? [:]).keys
    // A mounted file's folder is a path, too.
    let paths = Set(targets + targets.compactMap { $0.split(separator: "/").first.map { "/\($0)" } })
    return try paths.sorted { $0.count > $1.count }.reduce(text) { text, path in
      let expression = try NSRegularExpression(pattern: "(?<![A-Za-z0-9_./-])\(path)(?![A-Za-z0-9_.-])")
      return expression.stringByReplacingMatches(
        in: text, range: NSRange(text.startIndex..., in: text),
        withTemplate: NSRegularExpression.escapedTemplate(for: place(name, path)))
    }
  }

  /// Starts a program of a service as its user, once what it waits for has ended well.
  /// - Parameter environment: variables in place of the service's own.
  private func start(
    _ name: String, _ command: [String], _ environment: [String: String], in directory: String
  ) throws -> ChildProcess {
    let service = try service(name)
    for other in service.startsAfter {
      let entrypoint = try self.service(other).entrypoint.map { try placed($0, in: other) }
      let ended = try start(other, entrypoint, [:], in: "/")
      guard ended.wait() == .exited(0) else {
        throw UnexpectedExecution(description: "\(other) failed: \(read(other))")
      }
    }
    let numbers = service.user?.split(separator: ":").compactMap { UInt32($0) }
    let user = numbers.map { User(uid: $0[0], gid: $0[1]) } ?? Self.imageUsers[name] ?? User(uid: 0, gid: 0)
    let variables = try service.environment.mapValues { try placed($0, in: name) }
    // A Java program on Hadoop's file systems wants to know its user's name: each sees its container's list of users.
    let passwd = folder.path("\(name).passwd")
    try (service.files["/etc/passwd"] ?? Self.imagePasswd[name] ?? Self.imagePasswd["trino"] ?? "").write(
      toFile: passwd, atomically: true, encoding: .utf8)
    let mounting = "mount --bind \"$0\" /etc/passwd && exec \"$@\""
    return try ChildProcess(
      executable: "/usr/bin/unshare",
      arguments: ["--mount", "/bin/sh", "-c", mounting, passwd, "/usr/bin/setpriv"] + user.options + command,
      environment: variables.merging(["PATH": "/usr/bin:/bin", "HOME": "/"]) { $1 }
        .merging(environment) { $1 },
      workingDirectory: directory, output: .file(log(name)), errors: .file("\(log(name)).err"))
  }

  private func read(_ name: String) -> String {
    [log(name), "\(log(name)).err"].map { (try? String(contentsOfFile: $0, encoding: .utf8)) ?? "" }.joined()
  }

  /// The image's program, with Trino's folder where this machine has it.
  private func startTrino(port: Int, metastorePort: Int) throws {
    let etc = place("trino", "/etc/trino")
    for name in try FileManager.default.contentsOfDirectory(atPath: etc) {
      let text = try placed(String(contentsOfFile: "\(etc)/\(name)", encoding: .utf8), in: "trino")
      try text.write(toFile: "\(etc)/\(name)", atomically: true, encoding: .utf8)
    }
    let java = try Tools.java24.path()
    // A server has to get on without writing beside its programs: the image's are another user's, too.
    let home = try Tools.trinoHome.path()
    let server = try start(
      "trino", ["\(home)/bin/launcher", "run", "--etc-dir", etc],
      [
        "JAVA_HOME": java, "PATH": "\(java)/bin:/usr/bin:/bin", "TRINO_PORT": "\(port)",
        "TRINO_BIND_ADDRESS": "127.0.0.1",
        "HIVE_METASTORE_URI": try service("trino").environment["HIVE_METASTORE_URI"]?.replacing(
          "hive-metastore:9083", with: "127.0.0.1:\(metastorePort)") ?? "",
      ], in: place("trino", ""))
    running.append(server)
    try waitUntil("Trino runs queries", logs: [log("trino"), "\(log("trino")).err"]) {
      guard server.isRunning else { throw UnexpectedExecution(description: "Trino ended") }
      return answer(of: port, to: "GET /v1/info HTTP/1.0").contains("\"starting\":false")
    }
  }

  /// What the image's entry point does with `SERVICE_OPTS`, with the metastore of another version.
  private func startHive(port: Int) throws {
    let name = "hive-metastore"
    let options = try placed(service(name).environment["SERVICE_OPTS"] ?? "", in: name).split(separator: " ")
    let conf = place(name, "/conf")
    let scratch = place(name, "/tmp")
    let properties = [
      "datanucleus.schema.autoCreateAll": "true", "hive.metastore.schema.verification": "false",
      "hive.metastore.warehouse.dir": try placed("/opt/hive/data/warehouse", in: name),
      "hive.async.log.enabled": "false", "hive.metastore.thrift.bind.host": "127.0.0.1",
    ]
    let elements = properties.map { "<property><name>\($0)</name><value>\($1)</value></property>" }
    for path in [conf, scratch] {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    try "<configuration>\(elements.joined())</configuration>".write(
      toFile: "\(conf)/hive-site.xml", atomically: true, encoding: .utf8)
    chmod(scratch, 0o1777)
    let server = try start(
      name,
      [try Tools.java.path()]
        + ["java.net", "java.lang"].flatMap { ["--add-opens", "java.base/\($0)=ALL-UNNAMED"] }
        + options.map(String.init) + [
          "-Djava.io.tmpdir=\(scratch)", "-cp", "\(conf):\(try Tools.hiveJars.path())/*",
          "org.apache.hadoop.hive.metastore.HiveMetaStore", "-p", "\(port)",
        ], [:], in: place(name, "/opt/hive"))
    running.append(server)
    try waitUntil("the Hive metastore listens", logs: [log(name), "\(log(name)).err"]) {
      guard server.isRunning else { throw UnexpectedExecution(description: "the Hive metastore ended") }
      return canConnect(to: port)
    }
  }
}
