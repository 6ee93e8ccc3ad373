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
  /// None: the values cannot be listed.
  public static var choices: [String] { [] }
  /// The choices with `|` between them, or `a value`.
  public static var expectation: String { choices.isEmpty ? "a value" : choices.joined(separator: "|") }
}

extension String: OptionValue {
  /// The text as it is; nil if it holds a control character, or U+FFFD, which stands for bytes that are not UTF-8. A path
  /// with such bytes would name another file than the one that was meant, and a line feed would end a line of a log.
  public init?(optionValue text: String) {
    guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control && $0 != "\u{FFFD}" })
    else { return nil }
    self = text
  }
  /// `text in UTF-8 without control characters`
  public static var expectation: String { "text in UTF-8 without control characters" }
  /// The text itself.
  public var optionText: String { self }
}

extension Int: OptionValue {
  /// Decimal digits, with a sign or without; nil also for what does not fit 64 bits.
  public init?(optionValue text: String) { self.init(text) }
  /// In decimal digits.
  public var optionText: String { String(self) }
  /// `a whole number`
  public static var expectation: String { "a whole number" }
}

extension Double: OptionValue {
  /// As Swift writes numbers; nil for infinity and NaN.
  public init?(optionValue text: String) {
    guard let number = Double(text), number.isFinite else { return nil }
    self = number
  }
  /// Whole numbers without a fraction.
  public var optionText: String { self == rounded() && abs(self) < 1e15 ? String(Int(self)) : String(self) }
  /// `a number`
  public static var expectation: String { "a number" }
}

extension Bool: OptionValue {
  /// `true` or `false`, in any case.
  public init?(optionValue text: String) { self.init(text.lowercased()) }
  /// `true` or `false`.
  public var optionText: String { String(self) }
  /// `true` and `false`.
  public static var choices: [String] { ["true", "false"] }
}

extension OptionValue where Self: RawRepresentable, RawValue == String {
  /// By the raw value, exactly.
  public init?(optionValue text: String) { self.init(rawValue: text) }
  /// The raw value.
  public var optionText: String { rawValue }
}

extension OptionValue where Self: CaseIterable & RawRepresentable, RawValue == String {
  /// The raw values of all cases.
  public static var choices: [String] { allCases.map(\.rawValue) }
}
