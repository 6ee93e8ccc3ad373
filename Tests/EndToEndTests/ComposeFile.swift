import Foundation
import TestSupport

/// What a simulation needs to know of a `compose.yml`.
///
/// It reads the part of YAML that `docker/trino/compose.yml` is written in: mappings and lists by their indentation, one
/// value a line, and blocks of text.
struct ComposeFile {
  /// What a service says of itself, with variables resolved.
  struct Service {
    /// `UID:GID`, or nil for the user that the image names.
    var user: String?
    var entrypoint: [String]
    var environment: [String: String]
    var volumes: [(source: String, target: String)]
    /// What files in its container hold, by their paths.
    var files: [String: String]
    /// The services that must have ended successfully before this one starts.
    var startsAfter: [String]
  }

  let services: [String: Service]
  /// The names of the volumes that are kept when containers go.
  let volumes: Set<String>

  /// - Parameters:
  ///   - text: what the file holds.
  ///   - variables: those that its user has set.
  /// - Throws: ``UnexpectedExecution`` for what this does not understand, or a variable that must be set.
  init(_ text: String, _ variables: [String: String]) throws {
    var lines = text.split(separator: "\n").map(String.init).filter {
      let line = $0.drop { $0 == " " }
      return !line.isEmpty && !line.hasPrefix("#")
    }[...]
    let file = try Self.mapping(&lines, 0)
    func scalar(_ node: Node?) throws -> String? {
      guard case .scalar(let text)? = node else { return nil }
      return try Self.resolved(text, variables)
    }
    func words(_ node: Node?) throws -> [String] {
      guard case .list(let items)? = node else { return [] }
      return try items.map { try Self.resolved($0, variables) }
    }
    func values(_ node: Node?) -> [String: Node] {
      guard case .mapping(let members)? = node else { return [:] }
      return members
    }
    services = try values(file["services"]).mapValues { node in
      let service = values(node)
      var files: [String: String] = [:]
      for mount in try words(service["configs"]) {
        guard let parts = mount.wholeMatch(of: /\{source: (\w+), target: (\S+)\}/),
          let content = try scalar(values(values(file["configs"])[String(parts.1)])["content"])
        else { throw Self.unread(mount) }
        files[String(parts.2)] = content
      }
      return Service(
        user: try scalar(service["user"]), entrypoint: try words(service["entrypoint"]),
        environment: try values(service["environment"]).mapValues {
          guard case .scalar(let text) = $0 else { throw Self.unread("an environment") }
          return try Self.resolved(text, variables)
        },
        volumes: try words(service["volumes"]).map {
          let parts = $0.split(separator: ":")
          guard parts.count >= 2 else { throw Self.unread($0) }
          return (String(parts[0]), String(parts[1]))
        },
        files: files,
        startsAfter: values(service["depends_on"]).compactMap {
          guard case .scalar("{condition: service_completed_successfully}") = $1 else { return nil }
          return $0
        })
    }
    volumes = Set(values(file["volumes"]).keys)
  }

  private enum Node {
    case scalar(String)
    case list([String])
    case mapping([String: Node])
  }

  private static func unread(_ what: String) -> UnexpectedExecution {
    UnexpectedExecution(description: "this test does not understand what compose.yml says: \(what)")
  }

  private static func indentation(_ line: String) -> Int { line.prefix { $0 == " " }.count }

  /// Takes the lines of a mapping, which begin `column` blanks from the left.
  private static func mapping(_ lines: inout ArraySlice<String>, _ column: Int) throws -> [String: Node] {
    var members: [String: Node] = [:]
    while let line = lines.first, indentation(line) == column {
      lines.removeFirst()
      let text = line.dropFirst(column)
      guard let colon = text.firstIndex(of: ":") else { throw unread(line) }
      let name = String(text[..<colon])
      let value = text[text.index(after: colon)...].drop { $0 == " " }
      if value == "|" {
        var block: [Substring] = []
        let margin = lines.first.map(indentation) ?? 0
        while let line = lines.first, indentation(line) >= margin, margin > column {
          block.append(line.dropFirst(margin))
          lines.removeFirst()
        }
        members[name] = .scalar(block.map { "\($0)\n" }.joined())
      } else if !value.isEmpty {
        members[name] = .scalar(plain(value))
      } else if let next = lines.first, indentation(next) > column {
        members[name] = try nested(&lines, indentation(next))
      } else {
        members[name] = .mapping([:])
      }
    }
    if let line = lines.first, indentation(line) > column { throw unread(line) }
    return members
  }

  private static func nested(_ lines: inout ArraySlice<String>, _ column: Int) throws -> Node {
    guard let first = lines.first, first.dropFirst(column).hasPrefix("- ") else {
      return .mapping(try mapping(&lines, column))
    }
    var items: [String] = []
    while let line = lines.first, indentation(line) == column, line.dropFirst(column).hasPrefix("- ") {
      items.append(plain(line.dropFirst(column + 2)))
      lines.removeFirst()
    }
    return .list(items)
  }

  private static func plain(_ value: Substring) -> String {
    value.count >= 2 && value.hasPrefix("\"") && value.hasSuffix("\"")
      ? String(value.dropFirst().dropLast()) : String(value)
  }

  /// Puts the values of variables in: `${NAME}`, `${NAME:-default}`, `${NAME:?why it must be set}`; `$$` is one `$`.
  private static func resolved(_ text: String, _ variables: [String: String]) throws -> String {
    var result = ""
    var rest = text[...]
    while let match = rest.firstMatch(of: /\$\$|\$\{(\w+)(?:(:-|:\?)([^}]*))?\}/) {
      result += rest[..<match.range.lowerBound]
      rest = rest[match.range.upperBound...]
      guard let name = match.1 else {
        result += "$"
        continue
      }
      if let value = variables[String(name)], !value.isEmpty {
        result += value
      } else if match.2 == ":-", let value = match.3 {
        result += value
      } else {
        throw UnexpectedExecution(description: "\(name): \(match.3 ?? "is not set")")
      }
    }
    return result + rest
  }
}
