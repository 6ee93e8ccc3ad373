import Dump
import Schema

/// Compiles declarations into a plan.
///
/// A declaration that makes no sense (a path that leads nowhere, values that belong to no row) is a mistake in the code,
/// and stops the process with what is wrong.
struct PlanCompiler {
  private let entity: Entity
  private(set) var sets = [ElementSet(paths: [[]])]

  init(_ entity: Entity) {
    self.entity = entity
    // Those that are not made are known all the same: values of others may be put together from their elements.
    for dataset in entity.datasets {
      guard case .elements(let elements) = dataset.rows else { continue }
      let isEach = dataset.columns.contains { if case .each = $0.source { true } else { false } }
      for group in isEach ? elements.map({ [$0] }) : [elements] where self.set(at: path(group[0].path)) == nil
      {
        sets.append(ElementSet(paths: group.map { path($0.path) }, leader: group[0].leader))
      }
    }
    precondition(sets.count <= 255, "sets are numbered in a byte")
    for index in sets.indices.dropFirst() {
      let parents = Set(sets[index].paths.map { around($0) }).subtracting([0])
      precondition(parents.count <= 1, "\(sets[index].paths) stand in elements of different sets")
      guard let parent = parents.first else { continue }
      sets[index].parent = parent
      sets[index].childIndex = sets[parent].childCount
      sets[parent].childCount += 1
    }
  }

  // MARK: Paths and slots

  private func path(_ text: String) -> Path { text.split(separator: "/").map(String.init) }

  /// The set that has elements at this path, or nil.
  private func set(at path: Path) -> Int? { sets.firstIndex { $0.paths.contains(path) } }

  /// The set of the innermost element around this one, 0 for the record.
  private func around(_ path: Path) -> Int {
    path.indices.reversed().lazy.compactMap { self.set(at: Array(path[..<$0])) }.first ?? 0
  }

  /// The slot for a text of a set's elements.
  mutating func slot(_ set: Int, _ path: String) -> Int {
    if let known = sets[set].slots.firstIndex(of: path) { return known }
    sets[set].slots.append(path)
    return sets[set].slots.count - 1
  }

  /// The elements at paths from the elements of `base` on, and what is behind the elements in the paths.
  private func gathering(_ paths: [String], from base: Int) -> (Gathering, rest: String) {
    let found = sets[base].paths.flatMap { start in
      paths.map { text in
        let whole = start + path(text).filter { $0 != "." }
        let inner = self.set(at: whole) ?? around(whole)
        let length = sets[inner].paths.filter { whole.starts(with: $0) }.map(\.count).max() ?? 0
        return (inner, whole[length...].joined(separator: "/"))
      }
    }
    let (set, rest) = found[0]
    precondition(
      set != 0 && found.allSatisfy { $0 == (set, rest) }, "\(paths) are not values of one dataset's rows")
    precondition(base == 0 || sets[set].parent == base, "\(paths) do not stand in the row's element")
    return (
      Gathering(set: set, childIndex: base == 0 ? nil : sets[set].childIndex), rest.isEmpty ? "." : rest
    )
  }

  // MARK: Datasets

  /// Where a dataset's rows come from, and how its columns are made.
  mutating func streams(of dataset: Dataset) -> [RowStream] {
    guard case .elements(let elements) = dataset.rows else { return [stream(of: dataset, 0, part: 0)] }
    var seen: [Int] = []
    for element in elements {
      let set = self.set(at: path(element.path))!
      if !seen.contains(set) { seen.append(set) }
    }
    return seen.enumerated().map { stream(of: dataset, $1, part: $0) }
  }

  private mutating func stream(of dataset: Dataset, _ set: Int, part: Int) -> RowStream {
    sets[set].hasRows = true
    var columns: [ColumnOperation] = []
    for column in dataset.columns {
      var source = column.source
      if case .each(let sources) = source { source = sources[part] }
      let (operation, content) = self.operation(source, set, dataset)
      columns.append(operation)
      guard let content else { continue }
      if dataset.onlyWith.contains(column.name) {
        sets[set].conditions.append(content)
      } else {
        sets[set].contents.append(content)
      }
    }
    return RowStream(set: set, columns: columns)
  }

  /// How a column is made, and what of it makes a row.
  private mutating func operation(
    _ source: Source, _ set: Int, _ dataset: Dataset
  ) -> (ColumnOperation, Content?) {
    func content(_ form: Content.Form, _ slot: Int, _ other: Int? = nil) -> Content? {
      Content(form: form, slot: slot, other: other ?? slot)
    }
    switch source {
    case .computed, .each: preconditionFailure("\(dataset.name) is not read from a dump")
    case .recordID: return (.recordID, nil)
    case .ordinal:
      let parent = sets[set].parent
      if parent != 0, parent != set { return (.ordinal, nil) }
      return (sets[set].isNumberedFirst ? .ordinal : .count, nil)
    case .parentOrdinal:
      let parent = sets[set].parent
      precondition(parent != 0, "\(dataset.name): its elements stand in no other row's")
      // Numbers that are counted within the record are not yet known where rows of other datasets refer to them.
      sets[parent].isNumberedFirst = true
      return (.parentOrdinal(set: parent), nil)
    case .first(let paths):
      let slots = pair(set, paths)
      return (.text(slots.0, slots.1), content(.text, slots.0, slots.1))
    case .number(let path):
      let slot = self.slot(set, path)
      return (.number(slot), content(.number, slot))
    case .numberNotZero(let paths):
      let slots = pair(set, paths)
      return (.numberNotZero(slots.0, slots.1), content(.numberNotZero, slots.0, slots.1))
    case .flag(let path):
      let slot = self.slot(set, path)
      return (.flag(slot), content(.flag, slot))
    case .seconds(let path): return (.seconds(slot(set, path)), nil)
    case .datePart(let part, let path): return (.datePart(part, slot(set, path)), nil)
    case .ofRecord(let path): return (.recordText(slot(0, path)), nil)
    case .joined(let paths, let separator):
      let (elements, rest) = gathering(paths, from: set)
      let slot = self.slot(elements.set, rest)
      return (
        .joined(elements, slot: slot, separator: Separator(separator), dropsZero: false), nil
      )
    case .joinedIDs(let paths, let separator):
      let (elements, rest) = gathering(paths, from: set)
      let slot = self.slot(elements.set, rest)
      return (.joined(elements, slot: slot, separator: Separator(separator), dropsZero: true), nil)
    case .displayCredit(let path):
      let (elements, _) = gathering([path], from: set)
      let inner = elements.set
      return (
        .displayCredit(
          elements, variation: slot(inner, "anv"), name: slot(inner, "name"), join: slot(inner, "join")), nil
      )
    case .flatCredits(let path):
      let (elements, _) = gathering([path], from: set)
      let inner = elements.set
      return (.flatCredits(elements, role: slot(inner, "role"), name: slot(inner, "name")), nil)
    case .flatIdentifiers(let path):
      let (elements, _) = gathering([path], from: set)
      let inner = elements.set
      return (
        .flatIdentifiers(
          elements, type: slot(inner, "@type"), description: slot(inner, "@description"),
          value: slot(inner, "@value"), text: slot(inner, ".")), nil
      )
    case .trackKind(let number, let duration):
      precondition(sets[set].parent == set, "\(dataset.name): its elements have none of their kind in them")
      return (
        .trackKind(
          subtracks: sets[set].childIndex, number: slot(set, number), duration: slot(set, duration)), nil
      )
    }
  }

  private mutating func pair(_ set: Int, _ paths: [String]) -> (Int, Int) {
    precondition((1...2).contains(paths.count), "one path, or two")
    let first = slot(set, paths[0])
    return (first, paths.count == 1 ? first : slot(set, paths[1]))
  }

  // MARK: The vocabulary

  /// The elements that are known and the operations by token.
  func finish() -> (Vocabulary, [FieldOperation]) {
    let record = KnownElement(entity.recordName)
    for path in entity.ignoredPaths { record.add(self.path(path)[...]) }
    for dataset in entity.datasets {
      var bases: [[Path]] = [[[]]]
      if case .elements(let elements) = dataset.rows {
        let paths = elements.map { path($0.path) }
        let isEach = dataset.columns.contains { if case .each = $0.source { true } else { false } }
        bases = isEach ? paths.map { [$0] } : [paths]
      }
      for (part, base) in bases.enumerated() {
        for base in base {
          record.add(base[...])
          for path in dataset.columns.flatMap({ $0.source.paths(part: part) }) {
            record.add(resolved(path, from: base)[...])
          }
          for path in dataset.columns.flatMap({ $0.source.recordPaths(part: part) }) {
            record.add(self.path(path)[...])
          }
        }
      }
    }

    var operations = [FieldOperation()]
    func token(_ kind: FieldOperation.Kind, _ set: Int, slot: Int = 0, parent: Int = 0) -> UInt16 {
      operations.append(
        FieldOperation(kind: kind, set: UInt8(set), slot: UInt8(slot), parent: UInt8(parent)))
      return UInt16(operations.count - 1)
    }
    record.add(path(entity.idPath)[...])
    for (index, set) in sets.enumerated() where !set.slots.isEmpty || isNeeded(index) {
      for base in set.paths {
        let parent = around(base)
        let element = record.element(base[...])
        if index != 0, set.isLeaf {
          element.text = token(.leaf, index, parent: parent)
          continue
        }
        if index != 0 {
          element.begin = token(.begin, index, parent: parent)
          element.end = token(.end, index, parent: parent)
        }
        for (slot, path) in set.slots.enumerated() {
          let place = resolved(path, from: base)
          let isLeader = path.hasPrefix("../")
          record.setText(place[...], token(isLeader ? .leader : .text, index, slot: slot, parent: parent))
          guard isLeader else { continue }
          record.element(place.dropLast()).end = token(.endOfLeaders, index, slot: slot, parent: parent)
        }
      }
    }
    return (Vocabulary(root: entity.rawValue, record: record.declared), operations)
  }

  /// Whether a set is wanted although nothing is wanted of its elements: others stand in them.
  private func isNeeded(_ index: Int) -> Bool {
    sets.indices.contains { $0 != index && sets[$0].parent == index && !sets[$0].slots.isEmpty }
  }

  /// A path from the record on, of one from an element on.
  private func resolved(_ text: String, from base: Path) -> Path {
    text.hasPrefix("../") ? base.dropLast() + path(String(text.dropFirst(3))) : base + path(text)
  }
}

/// A known element of a record while the vocabulary is put together.
private final class KnownElement {
  let name: String
  var text: UInt16 = 0
  var begin: UInt16 = 0
  var end: UInt16 = 0
  private var attributes: [(name: String, token: UInt16)] = []
  private var children: [KnownElement] = []

  init(_ name: String) { self.name = name }

  /// Makes the element or attribute at a path known.
  func add(_ path: ArraySlice<String>) {
    guard let first = path.first, first != "." else { return }
    if first.hasPrefix("@") {
      let name = String(first.dropFirst())
      if !attributes.contains(where: { $0.name == name }) { attributes.append((name, 0)) }
    } else {
      child(first).add(path.dropFirst())
    }
  }

  private func child(_ name: String) -> KnownElement {
    if let known = children.first(where: { $0.name == name }) { return known }
    children.append(KnownElement(name))
    return children.last!
  }

  func element(_ path: ArraySlice<String>) -> KnownElement {
    path.reduce(self) { $1 == "." ? $0 : $0.child($1) }
  }

  /// Gives the text of the element or attribute at a path its token.
  func setText(_ path: ArraySlice<String>, _ token: UInt16) {
    let last = path.last!
    let owner = element(last.hasPrefix("@") ? path.dropLast() : path)
    if last.hasPrefix("@") {
      let index = owner.attributes.firstIndex { $0.name == last.dropFirst() }!
      precondition(owner.attributes[index].token == 0, "\(path) is wanted twice")
      owner.attributes[index].token = token
    } else {
      precondition(owner.text == 0, "\(path) is wanted twice")
      owner.text = token
    }
  }

  var declared: Element {
    Element(
      name, begin: begin, text: text, end: end, attributes: attributes, children.map(\.declared))
  }
}

extension Source {
  /// The paths that it names, from the row's element on.
  fileprivate func paths(part: Int) -> [String] {
    switch self {
    case .computed, .recordID, .ordinal, .parentOrdinal, .ofRecord: []
    case .first(let paths), .numberNotZero(let paths), .joined(let paths, _), .joinedIDs(let paths, _): paths
    case .number(let path), .flag(let path), .seconds(let path), .datePart(_, let path): [path]
    case .each(let sources): sources[part].paths(part: part)
    case .displayCredit(let path): ["anv", "name", "join"].map { "\(path)/\($0)" }
    case .flatCredits(let path): ["role", "name"].map { "\(path)/\($0)" }
    case .flatIdentifiers(let path): ["@type", "@description", "@value"].map { "\(path)/\($0)" }
    case .trackKind(let number, let duration): [number, duration]
    }
  }

  /// The paths that it names from the record on.
  fileprivate func recordPaths(part: Int) -> [String] {
    switch self {
    case .ofRecord(let path): [path]
    case .each(let sources): sources[part].recordPaths(part: part)
    default: []
    }
  }
}
