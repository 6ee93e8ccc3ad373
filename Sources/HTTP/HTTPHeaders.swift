/// The header fields of a request or response, in order; a name may come more than once (RFC 9110, section
/// 5.3).
public struct HTTPHeaders: Sendable, Hashable, ExpressibleByDictionaryLiteral, Sequence {
  /// One field line.
  public struct Field: Sendable, Hashable {
    /// As it was written; names are compared without regard to case (RFC 9110, section 5.1).
    public var name: String
    /// As it was written; of received fields without the blanks around it.
    public var value: String

    /// A field as it is to be sent; whether it can be is checked by the client.
    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The fields as they were sent or received.
  public private(set) var fields: [Field] = []

  /// No fields.
  public init() {}

  /// The fields in the literal's order; a name may come twice.
  public init(dictionaryLiteral elements: (String, String)...) {
    for (name, value) in elements { add(name, value) }
  }

  /// Goes through the fields in order, each line for itself.
  public func makeIterator() -> IndexingIterator<[Field]> { fields.makeIterator() }

  /// The first value of a field, whatever the case of its name. Setting replaces all values, `nil` removes
  /// them.
  public subscript(name: String) -> String? {
    get { fields.first { HTTPHeaders.sameName($0.name, name) }?.value }
    set {
      fields.removeAll { HTTPHeaders.sameName($0.name, name) }
      if let newValue { add(name, newValue) }
    }
  }

  /// Appends a field without touching those of the same name.
  public mutating func add(_ name: String, _ value: String) {
    fields.append(Field(name: name, value: value))
  }

  /// Appends a continuation line to the value of the last field (obsolete folding, RFC 9112, section 5.2).
  mutating func continueLast(_ text: String) {
    guard let last = fields.indices.last else { return }
    fields[last].value += " " + text
  }

  /// Whether a field could smuggle a second one into the request: a line break, or a name that is no token.
  var firstInvalidField: Field? {
    fields.first { field in
      field.name.isEmpty
        || field.name.utf8.contains { $0 <= 0x20 || $0 == UInt8(ascii: ":") || $0 >= 0x7F }
        || field.value.utf8.contains { $0 == 0x0A || $0 == 0x0D || $0 == 0 }
    }
  }

  private static func sameName(_ a: String, _ b: String) -> Bool {
    a.utf8.count == b.utf8.count && zip(a.utf8, b.utf8).allSatisfy { lower($0) == lower($1) }
  }

  private static func lower(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }
}
