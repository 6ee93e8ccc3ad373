import Dump
import Schema

/// The declarations of an entity's datasets, compiled: which elements and attributes the reader hands out, what is to be
/// done with each, and how a record's rows are written in the end.
///
/// Everything that a column may come from is a text of an *element set*: the elements of a record at one path (or few)
/// that some dataset has rows for, each with a slot for each text that is wanted of it. The record itself is set 0.
/// Texts go to their slots as they come; when the record is whole, each column is written from the slots of its set.
public final class RowPlan: Sendable {
  /// What it reads.
  public let entity: Entity
  /// The datasets that it has rows for, in the order of their documentation.
  public let datasets: [Dataset]
  /// The elements and attributes that are known, with the tokens of those that something is done with.
  public let vocabulary: Vocabulary
  /// What is to be done with a field, by its token.
  let operations: [FieldOperation]
  let sets: [ElementSet]
  /// For each dataset, where its rows come from, in their order.
  let streams: [[RowStream]]
  /// The slot of set 0 that has the record's id.
  let idSlot: Int

  /// - Parameter choice: which of the entity's datasets are made; the others' elements are known all the same.
  public init(_ entity: Entity, _ choice: DatasetChoice = .all) {
    var compiler = PlanCompiler(entity)
    self.entity = entity
    datasets = entity.datasets(choice)
    idSlot = compiler.slot(0, entity.idPath)
    streams = datasets.map { compiler.streams(of: $0) }
    sets = compiler.sets
    (vocabulary, operations) = compiler.finish()
  }
}

/// What is to be done with a field.
struct FieldOperation: Sendable {
  enum Kind: UInt8 {
    /// Nothing has this token.
    case none
    /// A text for a slot of the current element, if it has none yet.
    case text
    /// An element of a set begins or ends.
    case begin, end
    /// The text of an element that consists of nothing else.
    case leaf
    /// A text before an element that it belongs to, or that it stands for; the end of what may hold such texts.
    case leader, endOfLeaders
  }

  var kind = Kind.none
  var set: UInt8 = 0
  var slot: UInt8 = 0
  /// The set whose current element the element stands in, 0 for the record.
  var parent: UInt8 = 0
}

/// A set of elements of a record, as the plan has it.
struct ElementSet: Sendable {
  /// The paths of its elements, from the record on.
  var paths: [Path]
  /// The name of the element beside it that may come before it.
  var leader: String?
  /// The set that elements of this one stand in: another, or this one itself; 0 for the record.
  var parent = 0
  /// Which of its parent's sets it is.
  var childIndex = 0
  /// How many sets have elements that stand in elements of this one.
  var childCount = 0
  /// What the slots hold: paths from the element on.
  var slots: [String] = []
  /// What makes a row of an element: one of these, or an element in it that makes one.
  var contents: [Content] = []
  /// Without all of these there is no row.
  var conditions: [Content] = []
  /// Whether a dataset has rows for it.
  var hasRows = false
  /// Whether its elements are numbered before rows are written, since others refer to their numbers.
  var isNumberedFirst = false

  /// Whether it is one text of each element and nothing else.
  var isLeaf: Bool { slots == ["."] && leader == nil && childCount == 0 }
}

/// A value that an element may have: in which slot, or else in which other one, and as what.
struct Content: Sendable, Hashable {
  enum Form: UInt8 { case text, number, numberNotZero, flag }

  var form: Form
  var slot: Int
  var other: Int
}

/// Rows of a dataset that come from one set.
struct RowStream: Sendable {
  var set: Int
  /// One for each column.
  var columns: [ColumnOperation]
}

/// How a column's values are made from the slots of the row's element.
enum ColumnOperation: Sendable {
  case recordID
  /// Counted within the record, or taken from where it was counted before.
  case count, ordinal
  /// The ordinal of the element of this set that the row's element stands in.
  case parentOrdinal(set: Int)
  /// Of two slots, which may be the same, the first that has a text.
  case text(Int, Int)
  case recordText(Int)
  case number(Int)
  case numberNotZero(Int, Int)
  case flag(Int)
  case seconds(Int)
  case datePart(Source.DatePart, Int)
  case joined(Gathering, slot: Int, separator: Separator, dropsZero: Bool)
  case displayCredit(Gathering, variation: Int, name: Int, join: Int)
  case flatCredits(Gathering, role: Int, name: Int)
  case flatIdentifiers(Gathering, type: Int, description: Int, value: Int, text: Int)
  case trackKind(subtracks: Int, number: Int, duration: Int)
}

/// The elements that a value is put together from.
struct Gathering: Sendable {
  var set: Int
  /// Which of its parent's sets it is, if only those in the row's element count; nil for all of the record.
  var childIndex: Int?
}

/// What stands between two texts; lives as long as the process.
struct Separator: @unchecked Sendable {
  let text: Text

  init(_ text: String) {
    let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.utf8.count)
    _ = bytes.initialize(from: text.utf8)
    self.text = Text(start: UnsafePointer(bytes.baseAddress!), count: bytes.count)
  }
}

/// The names of the elements from the record on.
typealias Path = [String]

extension RowPlan {
  /// The plans that make everything, compiled once.
  private static let whole = Dictionary(uniqueKeysWithValues: Entity.allCases.map { ($0, RowPlan($0, .all)) })

  /// The plan that makes all of an entity's datasets.
  public static func whole(_ entity: Entity) -> RowPlan { whole[entity]! }
}

extension Entity {
  /// The elements and attributes that this entity's dump is known to have, all of them wanted.
  public var vocabulary: Vocabulary { RowPlan.whole(self).vocabulary }
}
