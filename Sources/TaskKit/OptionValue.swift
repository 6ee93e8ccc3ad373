/// A type that an option's text can be read as.
///
/// An enum of strings that is `CaseIterable` needs only to name the protocol; its cases are listed in `--help`.
public protocol OptionValue: Sendable {
  /// Nil if the text is not such a value.
  init?(optionValue text: String)
  /// The value as one would write it on the command line.
  var optionText: String { get }
  /// What to write, for usage errors: "a whole number".
  static var expectation: String { get }
  /// All values there are, if they can be listed.
  static var choices: [String] { get }
}

extension OptionValue {
  public static var choices: [String] { [] }
  public static var expectation: String { choices.isEmpty ? "a value" : choices.joined(separator: "|") }
}

extension String: OptionValue {
  public init?(optionValue text: String) { self = text }
  public var optionText: String { self }
}

extension Int: OptionValue {
  public init?(optionValue text: String) { self.init(text) }
  public var optionText: String { String(self) }
  public static var expectation: String { "a whole number" }
}

extension Double: OptionValue {
  public init?(optionValue text: String) {
    guard let number = Double(text), number.isFinite else { return nil }
    self = number
  }
  public var optionText: String { self == rounded() && abs(self) < 1e15 ? String(Int(self)) : String(self) }
  public static var expectation: String { "a number" }
}

extension Bool: OptionValue {
  public init?(optionValue text: String) { self.init(text.lowercased()) }
  public var optionText: String { String(self) }
  public static var choices: [String] { ["true", "false"] }
}

extension OptionValue where Self: RawRepresentable, RawValue == String {
  public init?(optionValue text: String) { self.init(rawValue: text) }
  public var optionText: String { rawValue }
}

extension OptionValue where Self: CaseIterable & RawRepresentable, RawValue == String {
  public static var choices: [String] { allCases.map(\.rawValue) }
}
