import Platform
import TaskKit

extension TrinoEngine {
  /// Checks that Trino and this process see the same lake: Trino reads back what is written into it here.
  ///
  /// A location that is wrong is no error to Trino, only an empty table, so nothing later would notice.
  /// - Throws: `TaskError` (`configuration`) that explains the mismatch; ``SQLError``; `SystemError`.
  func checkLake() throws {
    let token = String(UInt64.random(in: .min ... .max), radix: 16)
    let folder = Files.join(Files.join(lakePath, "_meta"), ".trino-\(token)")
    try Files.createDirectory(folder)
    let registration = Interrupts.onInterrupt { try? Files.removeTree(folder) }
    defer {
      try? Files.removeTree(folder)
      registration.cancel()
    }
    try Files.writeAtomically(Array("\(token)\n".utf8), to: Files.join(folder, "token"))
    let location = try location(of: folder)
    let table = TableName("discogs_lake_check_\(token)", "token")
    try createTemporary(schema: table.schema, tables: [table.table])
    defer { try? dropTemporary(schema: table.schema, tables: [table.table]) }
    try run(
      """
      CREATE TABLE \(table.sql) (token VARCHAR)
      WITH (format = 'TEXTFILE', external_location = \(SQLText.literal(location)))
      """)
    let seen = try rows("SELECT token FROM \(table.sql)")
    guard seen == [[.varchar(token)]] else {
      throw TaskError(
        .configuration,
        "Trino does not see this lake: \(folder) is a folder with a file here, and nothing at \(location) there",
        advice:
          "set trino_lake_uri (--trino-lake-uri) to \(lakePath) as Trino's servers see it, such as file:/data/lake or local:///lake"
      )
    }
  }
}
