import SQL

extension SQLError {
  /// Whether the engine failed at this one statement, so that another may succeed: a file that it cannot read, a column
  /// that is not there, memory that does not suffice. Not when it cannot be asked at all.
  var isAboutTheQuery: Bool { !SQLError.askingFailed.contains(name) }

  private static let askingFailed: Set<String> = [
    "CANCELLED", "CATALOG_LOCKED", "CATALOG_NOT_FOUND", "UNAVAILABLE", "SERVER_STARTING_UP",
    "NO_NODES_AVAILABLE",
    "QUERY_LOST", "PROTOCOL", "AUTHENTICATION_FAILED", "CERTIFICATE", "INSECURE", "BAD_URL",
  ]
}
