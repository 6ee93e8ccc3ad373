import Synchronization

/// What the parser needs of an option, whatever its type.
struct OptionDeclaration: Sendable {
  var name: String
  var environment: String?
  var help: String
  var valueName: String
  /// Whether it is given without a value.
  var isFlag = false
  var choices: [String] = []
  /// The default as text; nil if there is none.
  var defaultText: String?
  /// Reads the texts in their order and keeps the value; of several for one value the last counts.
  /// - Throws: what is wrong with a text.
  var set: @Sendable (_ texts: [String], _ source: OptionSource) throws(InvalidValue) -> Void
}

/// Where an option's value comes from.
public enum OptionSource: Sendable, Hashable { case commandLine, environment, `default` }

/// A text that is no value of its option's type.
struct InvalidValue: Error {
  var text: String
  var expectation: String
  var choices: [String]
}

/// A property wrapper that declares an option; found by reflection.
protocol DeclaredOption { var declaration: OptionDeclaration { get } }

/// The value of an option, set once by the parser before the task runs.
final class OptionStorage<Value: Sendable>: Sendable {
  private let state: Mutex<(value: Value, source: OptionSource)>
  init(_ value: Value) { state = Mutex((value, .default)) }
  var source: OptionSource { state.withLock { $0.source } }
  func get() -> Value { state.withLock { $0.value } }
  func set(_ new: Value) { state.withLock { $0.value = new } }
  func set(_ new: Value, from source: OptionSource) { state.withLock { $0 = (new, source) } }
}

/// An option of a task: `--name VALUE` or `--name=VALUE`, else an environment variable, else the default.
///
///     @Option("run-mode", environment: "run_mode", help: "…") var runMode: RunMode = .dev
///     @Option("run-id", environment: "run_id", help: "…") var runID: RunID?
///     @Option("kpi", help: "…") var kpis: [String]
///
/// An array takes the option repeatedly, and each text may hold several values with commas between them.
@propertyWrapper
public struct Option<Value: Sendable>: DeclaredOption, Sendable {
  private let storage: OptionStorage<Value>
  let declaration: OptionDeclaration

  /// The value: the default until the options were read. Setting it leaves `$option` as it is.
  public var wrappedValue: Value {
    get { storage.get() }
    nonmutating set { storage.set(newValue) }
  }

  /// `$option`: where the value comes from.
  public var projectedValue: OptionSource { storage.source }

  private init(
    _ name: String, _ environment: String?, _ help: String, _ valueName: String?, _ initial: Value,
    defaultText: String?, choices: [String],
    read: @escaping @Sendable ([String]) throws(InvalidValue) -> Value
  ) {
    let storage = OptionStorage(initial)
    self.storage = storage
    let shown = valueName ?? (choices.isEmpty ? name.uppercased() : choices.joined(separator: "|"))
    declaration = OptionDeclaration(
      name: name, environment: environment, help: help, valueName: shown, choices: choices,
      defaultText: defaultText
    ) { texts, source throws(InvalidValue) in storage.set(try read(texts), from: source) }
  }

  /// An option with a default.
  /// - Parameters:
  ///   - name: without the dashes.
  ///   - environment: the variable that is looked up when the option is not given; empty counts as unset.
  ///   - valueName: what `--help` shows for the value; by default the choices or the name in capitals.
  ///   - defaultHelp: what `--help` shows as the default, where the value itself says too little.
  public init(
    wrappedValue: Value, _ name: String, environment: String? = nil, help: String, valueName: String? = nil,
    defaultHelp: String? = nil
  ) where Value: OptionValue {
    self.init(
      name, environment, help, valueName, wrappedValue, defaultText: defaultHelp ?? wrappedValue.optionText,
      choices: Value.choices
    ) { texts throws(InvalidValue) in try read(texts.last!) }
  }

  /// An option without a default: nil if not given. A task that needs it says so in `validate()`.
  public init<Wrapped: OptionValue>(
    wrappedValue: Value = nil, _ name: String, environment: String? = nil, help: String,
    valueName: String? = nil,
    defaultHelp: String? = nil
  ) where Value == Wrapped? {
    self.init(
      name, environment, help, valueName, wrappedValue, defaultText: defaultHelp ?? wrappedValue?.optionText,
      choices: Wrapped.choices
    ) { texts throws(InvalidValue) in try read(texts.last!) as Wrapped }
  }

  /// An option that may be given several times.
  public init<Element: OptionValue>(
    wrappedValue: Value = [], _ name: String, environment: String? = nil, help: String,
    valueName: String? = nil,
    defaultHelp: String? = nil
  ) where Value == [Element] {
    let defaultText = wrappedValue.isEmpty ? nil : wrappedValue.map(\.optionText).joined(separator: ",")
    self.init(
      name, environment, help, valueName, wrappedValue, defaultText: defaultHelp ?? defaultText,
      choices: Element.choices
    ) { texts throws(InvalidValue) in
      var values: [Element] = []
      for text in texts {
        for part in text.split(separator: ",") { values.append(try read(trimmingBlanks(part))) }
      }
      return values
    }
  }
}

/// An option without a value: false unless given; its environment variable says `true` or `false`.
@propertyWrapper
public struct Flag: DeclaredOption, Sendable {
  private let storage = OptionStorage(false)
  let declaration: OptionDeclaration

  /// Whether it was given.
  public var wrappedValue: Bool {
    get { storage.get() }
    nonmutating set { storage.set(newValue) }
  }

  /// - Parameters:
  ///   - name: without the dashes.
  ///   - environment: the variable that is looked up when the flag is not given; empty counts as unset.
  public init(_ name: String, environment: String? = nil, help: String) {
    let storage = storage
    declaration = OptionDeclaration(
      name: name, environment: environment, help: help, valueName: "", isFlag: true
    ) { texts, source throws(InvalidValue) in storage.set(try read(texts.last!), from: source) }
  }
}

/// Options that several tasks share, as a struct of its own with `@Option` properties.
@propertyWrapper
public struct OptionGroup<Group: OptionDeclarations>: Sendable where Group: Sendable {
  /// The group's options.
  public let wrappedValue: Group
  /// The group with its options at their defaults.
  public init() { wrappedValue = Group() }
}

/// A type whose `@Option`, `@Flag` and `@OptionGroup` properties are options of a task.
public protocol OptionDeclarations: Sendable {
  /// Every option at its default; the parser sets them before the task runs.
  init()
  /// Checks the options together, after they were read.
  /// - Throws: `TaskError`, with code `usage`.
  func validate() throws
}

extension OptionDeclarations {
  /// Finds nothing wrong and throws nothing; for types without rules of their own.
  public func validate() throws {}
}

protocol DeclaredGroup { var group: any OptionDeclarations { get } }
extension OptionGroup: DeclaredGroup { var group: any OptionDeclarations { wrappedValue } }

extension OptionDeclarations {
  /// The options of this type and of its groups, in the order in which they are declared.
  var declarations: [OptionDeclaration] {
    Mirror(reflecting: self).children.flatMap { child -> [OptionDeclaration] in
      if let option = child.value as? any DeclaredOption { return [option.declaration] }
      if let group = child.value as? any DeclaredGroup { return group.group.declarations }
      return []
    }
  }

  /// Validates the groups first, then the type itself.
  func validateAll() throws {
    for child in Mirror(reflecting: self).children {
      if let group = child.value as? any DeclaredGroup { try group.group.validateAll() }
    }
    try validate()
  }
}

private func read<Value: OptionValue>(_ text: String) throws(InvalidValue) -> Value {
  guard let value = Value(optionValue: text) else {
    throw InvalidValue(text: text, expectation: Value.expectation, choices: Value.choices)
  }
  return value
}

private func trimmingBlanks(_ text: Substring) -> String {
  var text = text
  while text.first == " " { text.removeFirst() }
  while text.last == " " { text.removeLast() }
  return String(text)
}
