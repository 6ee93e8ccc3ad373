import Glibc
import Platform
import TaskKit

extension TrinoEngine {
  /// Checks that Trino and this process see the same lake: Trino reads back what is written into it here.
  ///
  /// A location that is wrong is no error to Trino, only an empty table, so nothing later would notice. The schema and the
  /// folder that it takes have one name for each lake and machine; what tasks that were killed have left is removed first.
  /// - Throws: `TaskError` (`configuration`) that explains the mismatch; ``SQLError``; `SystemError`.
  func checkLake() throws {
    let table = TableName("discogs_lake_check_\(Self.hostAndLake(lakePath))", "token")
    try removeLeftovers()
    try createTemporary(schema: table.schema, tables: [table.table])
    let folder = checkFolder(table.schema)
    let registration = Interrupts.onInterrupt { try? Files.removeTree(folder) }
    defer {
      try? Files.removeTree(folder)
      registration.cancel()
      try? dropTemporary(schema: table.schema, tables: [table.table])
    }
    try removeChecksOfEarlierVersions()
    let token = String(UInt64.random(in: .min ... .max), radix: 16)
    try Files.removeTree(folder)
    try Files.createDirectory(folder)
    try Files.writeAtomically(Array("\(token)\n".utf8), to: Files.join(folder, "token"))
    let location = try location(of: folder)
    let seen: [[SQLValue]]
    do {
      try run(
        """
        CREATE TABLE \(table.sql) (token VARCHAR)
        WITH (format = 'TEXTFILE', external_location = \(SQLText.literal(location)))
        """)
      seen = try rows("SELECT token FROM \(table.sql)")
    } catch let error as SQLError where error.isAboutALocation {
      throw TaskError(
        .configuration, "Trino cannot use \(location), by which it should see this lake: \(error)",
        advice: advice)
    }
    guard seen == [[.varchar(token)]] else {
      throw TaskError(
        .configuration,
        "Trino does not see this lake: \(folder) is a folder with a file here, and nothing at \(location) there",
        advice: advice)
    }
  }

  /// Where the file lies that Trino is to see.
  func checkFolder(_ schema: String) -> String { Files.join(Files.join(lakePath, "_meta"), ".\(schema)") }

  private var advice: String {
    "set trino_lake_uri (--trino-lake-uri) to \(lakePath) as Trino's servers see it, such as file:/data/lake or local:///lake"
  }

  private static func hostAndLake(_ lakePath: String) -> String {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    let host = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return TemporarySchemas.word(for: "\(host) \(lakePath)")
  }

  /// Version 0.1 named its schema and its folder `_meta/.trino-…` at random, and left both when it was killed.
  private func removeChecksOfEarlierVersions() throws {
    let meta = Files.join(lakePath, "_meta")
    let prefix = ".trino-"
    for name in (try? Files.list(meta)) ?? [] where name.hasPrefix(prefix) {
      let token = name.dropFirst(prefix.count)
      let folder = Files.join(meta, name)
      guard token.utf8.count <= 16, UInt64(token, radix: 16) != nil, Files.isDirectory(folder) else {
        continue
      }
      let schema = "discogs_lake_check_\(token)"
      try run("DROP TABLE IF EXISTS \(TableName(schema, "token").sql)")
      try dropSchema(schema)
      try Files.removeTree(folder)
    }
  }
}

extension SQLError {
  /// Whether a statement that names a location may have failed because of that location: it was neither refused for another
  /// reason, nor did the server lack anything to run it.
  fileprivate var isAboutALocation: Bool {
    isAboutTheQuery && !isAboutTheMetastore && kind != "INSUFFICIENT_RESOURCES"
      && !["PERMISSION_DENIED", "INVALID_SESSION_PROPERTY", "RATE_LIMITED", "HTTPS_REQUIRED", "CA_FILE"]
        .contains(name)
  }
}
