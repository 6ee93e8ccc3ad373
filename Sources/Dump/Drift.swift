import Glibc

/// What a dump holds that is not known: how often each path was seen.
///
/// However hostile the dump, its size has a bound: the first paths are kept, occurrences under others only counted.
public struct Drift: Sendable, Hashable {
  /// How many paths are kept.
  public static let maximumPaths = 300
  /// The longest path that is kept, in bytes.
  public static let maximumPathLength = 240

  /// The occurrences under each path that is kept, such as `release/award/@year`.
  public private(set) var counts: [String: Int] = [:]
  /// The occurrences under all other paths.
  public private(set) var otherCount = 0

  /// Nothing unknown.
  public init() {}

  /// All occurrences.
  public var total: Int { counts.values.reduce(otherCount, +) }

  /// Whether nothing unknown was seen.
  public var isEmpty: Bool { counts.isEmpty && otherCount == 0 }

  mutating func add(_ path: String, _ count: Int) {
    if counts[path] != nil || counts.count < Drift.maximumPaths {
      counts[path, default: 0] += count
    } else {
      otherCount += count
    }
  }

  mutating func addOthers(_ count: Int) { otherCount += count }

  /// Adds what was found in the stretch of the dump that follows.
  public mutating func merge(_ next: Drift) {
    // Where there is no room for all of them, which ones are kept must not depend on the dictionary's mood.
    for (path, count) in next.counts.sorted(by: { $0.key < $1.key }) { add(path, count) }
    otherCount += next.otherCount
  }
}

/// Counts unknown elements and attributes while records are read: each in time proportional to its name's length, however
/// deep it stands.
///
/// What a record adds counts once the record is taken; `discard()` takes it back.
final class DriftTree {
  /// Where something stands: a known element by its number in the vocabulary, then unknown paths by theirs.
  typealias Place = Int32
  /// The root element, and what stands between records.
  static let root: Place = -1
  /// Anywhere below or beyond the paths that are kept.
  static let elsewhere: Place = .max

  private struct Node {
    var parent: Place
    var nameStart: Int
    var nameLength: Int
    var isAttribute: Bool
    var pathLength: Int
    var hash: UInt32
    var slot: Int
    var count = 0
    var pendingCount = 0
  }

  private let known: [String]
  private let rootName: String
  private var nodes: [Node] = []
  private var names: [UInt8] = []
  /// A hash table of the nodes by parent and name, with open addresses; -1 where there is none.
  private var slots = [Int16](repeating: -1, count: 1024)
  private var otherCount = 0

  // What the record under way has added.
  private(set) var hasPending = false
  private var pendingOtherCount = 0
  private var firstPendingNode = 0

  init(_ vocabulary: Vocabulary) {
    rootName = vocabulary.rootName
    known = vocabulary.paths
    nodes.reserveCapacity(Drift.maximumPaths)
  }

  /// Counts an occurrence of what the vocabulary does not know.
  /// - Returns: its place, for what is inside it.
  @discardableResult
  func note(
    _ name: UnsafePointer<UInt8>, _ length: Int, in parent: Place, isAttribute: Bool = false
  ) -> Place {
    if !hasPending {
      hasPending = true
      firstPendingNode = nodes.count
    }
    let pathLength =
      parent == DriftTree.elsewhere ? 0 : self.pathLength(parent) + (isAttribute ? 2 : 1) + length
    guard parent != DriftTree.elsewhere, pathLength <= Drift.maximumPathLength else {
      pendingOtherCount += 1
      return DriftTree.elsewhere
    }
    var hash: UInt32 = (0x811C_9DC5 ^ UInt32(bitPattern: parent)) &* 0x0100_0193
    if isAttribute { hash = ~hash }
    for at in 0..<length { hash = (hash ^ UInt32(name[at])) &* 0x0100_0193 }
    var slot = Int(hash ^ hash >> 16) % slots.count
    while slots[slot] >= 0 {
      let index = Int(slots[slot])
      if nodes[index].hash == hash, nodes[index].parent == parent, nodes[index].isAttribute == isAttribute,
        nodes[index].nameLength == length, isName(of: index, name)
      {
        nodes[index].pendingCount += 1
        return Place(known.count + index)
      }
      slot = (slot + 1) % slots.count
    }
    guard nodes.count < Drift.maximumPaths else {
      pendingOtherCount += 1
      return DriftTree.elsewhere
    }
    slots[slot] = Int16(nodes.count)
    nodes.append(
      Node(
        parent: parent, nameStart: names.count, nameLength: length, isAttribute: isAttribute,
        pathLength: pathLength, hash: hash, slot: slot, pendingCount: 1))
    names.append(contentsOf: UnsafeBufferPointer(start: name, count: length))
    return Place(known.count + nodes.count - 1)
  }

  /// The record was taken: what it added counts.
  func keep() {
    for index in nodes.indices {
      nodes[index].count += nodes[index].pendingCount
      nodes[index].pendingCount = 0
    }
    otherCount += pendingOtherCount
    pendingOtherCount = 0
    hasPending = false
  }

  /// The record was not taken: what it added is forgotten, and it takes no room from others.
  func discard() {
    guard hasPending else { return }
    // The last one in is the first one out, so that each leaves the table as it found it.
    while nodes.count > firstPendingNode, let node = nodes.popLast() {
      slots[node.slot] = -1
      names.removeLast(node.nameLength)
    }
    for index in nodes.indices { nodes[index].pendingCount = 0 }
    pendingOtherCount = 0
    hasPending = false
  }

  /// Forgets everything.
  func removeAll() {
    if nodes.isEmpty, otherCount == 0, !hasPending { return }
    nodes.removeAll(keepingCapacity: true)
    names.removeAll(keepingCapacity: true)
    for index in slots.indices { slots[index] = -1 }
    (otherCount, pendingOtherCount, hasPending) = (0, 0, false)
  }

  /// What was counted since the last `removeAll()`.
  var found: Drift {
    var drift = Drift()
    for index in nodes.indices where nodes[index].count > 0 {
      drift.add(path(Place(known.count + index)), nodes[index].count)
    }
    drift.addOthers(otherCount)
    return drift
  }

  private func isName(of index: Int, _ name: UnsafePointer<UInt8>) -> Bool {
    names.withUnsafeBufferPointer {
      memcmp($0.baseAddress! + nodes[index].nameStart, name, nodes[index].nameLength) == 0
    }
  }

  private func pathLength(_ place: Place) -> Int {
    if place == DriftTree.root { return rootName.utf8.count }
    return place < known.count ? known[Int(place)].utf8.count : nodes[Int(place) - known.count].pathLength
  }

  private func path(_ place: Place) -> String {
    if place == DriftTree.root { return rootName }
    if place < known.count { return known[Int(place)] }
    let node = nodes[Int(place) - known.count]
    let name = String(decoding: names[node.nameStart..<(node.nameStart + node.nameLength)], as: UTF8.self)
    return path(node.parent) + (node.isAttribute ? "/@" : "/") + name
  }
}
