import FoundationEssentials

/// Credentials for the `Authorization` field. The description shows none of them, so that a log never does.
public enum HTTPAuthorization: Sendable, CustomStringConvertible {
  /// User and password (RFC 7617), in UTF-8.
  case basic(user: String, password: String)
  /// A token (RFC 6750).
  case bearer(String)

  /// The value of the `Authorization` field.
  public var fieldValue: String {
    switch self {
    case .basic(let user, let password):
      "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
    case .bearer(let token):
      "Bearer " + token
    }
  }

  /// The kind of credentials and the user, without password or token.
  public var description: String {
    switch self {
    case .basic(let user, _): "basic authorization as \(user)"
    case .bearer: "bearer token"
    }
  }
}
