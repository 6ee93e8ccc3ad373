import Dump

/// The elements of one set in the record that is being read, with their texts; the memory is used again for the next.
///
/// Texts are pointers into the record: nothing is copied before its rows are written.
struct Elements {
  /// What is known about an element besides its texts.
  struct Header {
    /// The element of the parent set that it stands in; -1 for none.
    var parent: Int32
    /// The next one of the same set that stands in the same parent; -1 for none.
    var next: Int32 = -1
    /// The row's number, if it is known already.
    var ordinal: Int32 = 0
    var isRow = false
  }

  /// The elements of one of the child sets that stand in an element.
  struct Children {
    var first: Int32 = -1
    var last: Int32 = -1
    /// How many of them make rows.
    var rows: Int32 = 0
  }

  let width: Int
  /// How many sets have elements that stand in elements of this one.
  let childWidth: Int
  /// Which of its parent's sets it is.
  let childIndex: Int
  /// `width` texts for each element.
  private(set) var texts: UnsafeMutablePointer<Text>
  private(set) var headers: UnsafeMutablePointer<Header>
  /// `childWidth` lists for each element.
  private(set) var children: UnsafeMutablePointer<Children>
  private(set) var count = 0
  private var capacity = 8
  /// How many of them make rows.
  var rows = 0
  /// The innermost element that has begun and not ended; -1 for none.
  private(set) var currentIndex = -1
  /// Its texts.
  private(set) var current: UnsafeMutablePointer<Text>

  /// A text that stands before an element that may yet come.
  var leader = Text.missing
  let leaderSlot: Int

  /// The slots whose texts make a row of an element, and those whose texts may make one.
  private let certain, possible: UInt64
  private let contents, conditions: UnsafeMutableBufferPointer<Content>

  init(_ plan: ElementSet) {
    precondition(plan.slots.count <= 64, "slots are kept in 64 bits")
    width = plan.slots.count
    childWidth = plan.childCount
    childIndex = plan.childIndex
    leaderSlot = plan.slots.firstIndex { $0.hasPrefix("../") } ?? 0
    texts = .allocate(capacity: max(1, width * capacity))
    headers = .allocate(capacity: capacity)
    children = .allocate(capacity: max(1, childWidth * capacity))
    current = texts
    func mask(_ contents: [Content]) -> UInt64 {
      contents.reduce(0) { $0 | 1 << UInt64($1.slot) | 1 << UInt64($1.other) }
    }
    func copied(_ contents: [Content]) -> UnsafeMutableBufferPointer<Content> {
      let copy = UnsafeMutableBufferPointer<Content>.allocate(capacity: contents.count)
      _ = copy.initialize(from: contents)
      return copy
    }
    certain = plan.conditions.isEmpty ? mask(plan.contents.filter { $0.form == .text }) : 0
    possible = mask(plan.conditions.isEmpty ? plan.contents : plan.conditions)
    contents = copied(plan.contents)
    conditions = copied(plan.conditions)
  }

  func deallocate() {
    texts.deallocate()
    headers.deallocate()
    children.deallocate()
    contents.deallocate()
    conditions.deallocate()
  }

  @inline(__always)
  mutating func removeAll() {
    count = 0
    rows = 0
    currentIndex = -1
    leader = .missing
  }

  /// Appends an element without texts, which becomes the current one.
  @inline(__always)
  mutating func begin(in parent: Int) {
    if count == capacity { grow() }
    currentIndex = count
    current = texts + count &* width
    for slot in 0..<width { current[slot] = .missing }
    for child in 0..<childWidth { children[count &* childWidth &+ child] = Children() }
    headers[count] = Header(parent: Int32(truncatingIfNeeded: parent))
    count &+= 1
  }

  /// Forgets the last element.
  mutating func removeLast() { count &-= 1 }

  /// The element around the current one becomes the current one; -1 if there is none of this set.
  @inline(__always)
  mutating func leave(to index: Int) {
    currentIndex = index
    current = texts + max(0, index) &* width
  }

  /// The slots of the current element that have a text.
  @inline(__always)
  var present: UInt64 {
    var present: UInt64 = 0
    for slot in 0..<width where !current[slot].isEmpty { present |= 1 << UInt64(truncatingIfNeeded: slot) }
    return present
  }

  /// Whether the current element, whose slots `present` have a text, makes a row by itself.
  @inline(__always)
  func makesRow(_ present: UInt64, _ unreadable: inout Int) -> Bool {
    if present & certain != 0 { return true }
    return present & possible == 0 ? false : mayMakeRow(&unreadable)
  }

  @inline(never)
  private func mayMakeRow(_ unreadable: inout Int) -> Bool {
    let makesRow =
      conditions.isEmpty
      ? contents.contains { $0.isPresent(in: current) } : conditions.allSatisfy { $0.isPresent(in: current) }
    if !makesRow {
      for content in contents where content.isUnreadable(in: current) { unreadable += 1 }
      for content in conditions where content.isUnreadable(in: current) { unreadable += 1 }
    }
    return makesRow
  }

  @inline(never)
  private mutating func grow() {
    capacity *= 2
    texts = Elements.enlarged(texts, count * width, capacity * width)
    headers = Elements.enlarged(headers, count, capacity)
    children = Elements.enlarged(children, count * childWidth, capacity * childWidth)
    leave(to: currentIndex)
  }

  private static func enlarged<Item>(
    _ old: UnsafeMutablePointer<Item>, _ count: Int, _ capacity: Int
  ) -> UnsafeMutablePointer<Item> {
    let new = UnsafeMutablePointer<Item>.allocate(capacity: max(1, capacity))
    new.moveInitialize(from: old, count: count)
    old.deallocate()
    return new
  }
}

extension Content {
  private func text(_ texts: UnsafeMutablePointer<Text>) -> Text {
    texts[slot].isEmpty ? texts[other] : texts[slot]
  }

  /// Whether a column that is made of this would not be NULL.
  func isPresent(in texts: UnsafeMutablePointer<Text>) -> Bool {
    let text = text(texts)
    return switch form {
    case .text: !text.isEmpty
    case .number: text.number != nil
    case .numberNotZero: text.number ?? 0 != 0
    case .flag: text.flag != nil
    }
  }

  /// Whether there is a text where a number belongs.
  func isUnreadable(in texts: UnsafeMutablePointer<Text>) -> Bool {
    let text = text(texts)
    return (form == .number || form == .numberNotZero) && !text.isEmpty && text.number == nil
  }
}
