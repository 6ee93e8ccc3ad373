import CBytes

/// The elements and attributes that a kind of dump is known to have, compiled for quick look-up by name.
///
/// Immutable after `init`, so that scanners on several threads share one.
public final class Vocabulary: @unchecked Sendable {
  /// A known element or attribute. Names compare by their first eight bytes, then by the rest.
  struct Node {
    let head: UInt64
    let mask: UInt64
    let nameLength: Int
    let name: UnsafePointer<UInt8>
    var begin: UInt16
    var text: UInt16
    var end: UInt16
    var children: Range<Int32> = 0..<0
    var attributes: Range<Int32> = 0..<0
  }

  /// The element that holds all records.
  public let rootName: String
  /// The element that holds one record; node 0.
  public let recordName: String
  /// Whether records may hold elements of their own name, as labels do.
  let recordsNest: Bool
  /// The names of the elements in a record, other than the record itself, that such elements may stand in.
  let nestingNames: Set<String>
  let nodes: UnsafeMutablePointer<Node>
  let nodeCount: Int
  private let names: UnsafeMutableBufferPointer<UInt8>

  /// - Parameters:
  ///   - root: the name of the element that holds the records.
  ///   - record: the element that holds one record, with all that is known in it.
  public init(root: String, record: Element) {
    rootName = root
    recordName = record.name
    var flat: [(element: Element, parent: Int32)] = [(record, -1)]
    var children: [Range<Int32>] = []
    var attributes: [(name: String, token: UInt16)] = []
    var attributeRanges: [Range<Int32>] = []
    var index = 0
    while index < flat.count {
      let element = flat[index].element
      children.append(Int32(flat.count)..<Int32(flat.count + element.children.count))
      flat += element.children.map { ($0, Int32(index)) }
      attributeRanges.append(Int32(attributes.count)..<Int32(attributes.count + element.attributes.count))
      attributes += element.attributes
      index += 1
    }
    let namesakes = flat.dropFirst().filter { $0.element.name == record.name }
    recordsNest = !namesakes.isEmpty
    nestingNames = Set(namesakes.filter { $0.parent != 0 }.map { flat[Int($0.parent)].element.name })
    precondition(attributeRanges.allSatisfy { $0.count <= 64 }, "attributes seen are kept in 64 bits")

    let all = flat.map(\.element.name) + attributes.map(\.name)
    // Eight spare bytes, since heads are compared eight bytes at a time.
    names = .allocate(capacity: all.reduce(8) { $0 + $1.utf8.count })
    names.initialize(repeating: 0)
    nodeCount = all.count
    nodes = .allocate(capacity: all.count)
    var offset = 0
    for (index, name) in all.enumerated() {
      let length = name.utf8.count
      let start = names.baseAddress! + offset
      for (at, byte) in name.utf8.enumerated() { start[at] = byte }
      offset += length
      let mask = Vocabulary.mask(length)
      // Names are written in order: what follows this one is still zero, and masked away in the scanner's input.
      let head = cbytes_load8(start) & mask
      let isElement = index < flat.count
      let attribute = isElement ? nil : attributes[index - flat.count]
      let shift = Int32(flat.count)
      (nodes + index).initialize(
        to: Node(
          head: head, mask: mask, nameLength: length, name: UnsafePointer(start),
          begin: isElement ? flat[index].element.begin : 0,
          text: attribute?.token ?? flat[index].element.text,
          end: isElement ? flat[index].element.end : 0,
          children: isElement ? children[index] : 0..<0,
          attributes: isElement
            ? (attributeRanges[index].lowerBound + shift)..<(attributeRanges[index].upperBound + shift)
            : 0..<0))
    }
  }

  deinit {
    nodes.deallocate()
    names.deallocate()
  }

  /// Where each element stands, from the record on, such as `artist/members/name`; by the elements' numbers.
  var paths: [String] {
    var paths: [String] = []
    for index in 0..<nodeCount {
      let node = nodes[index]
      let name = String(
        decoding: UnsafeBufferPointer(start: node.name, count: node.nameLength), as: UTF8.self)
      let parent = (0..<index).first { nodes[$0].children.contains(Int32(index)) }
      paths.append(parent.map { paths[$0] + "/" + name } ?? name)
    }
    return paths
  }

  /// The bits that the first `length` bytes of a name take in its head.
  @inline(__always)
  static func mask(_ length: Int) -> UInt64 {
    length >= 8 ? .max : (1 << UInt64(length * 8)) &- 1
  }

  /// The child element or the attribute of `parent` with this name, or -1.
  func find(
    _ name: UnsafePointer<UInt8>, _ length: Int, in candidates: Range<Int32>
  ) -> Int32 {
    let head = cbytes_load8(name) & Vocabulary.mask(length)
    for index in candidates {
      let node = nodes[Int(index)]
      if node.head == head, node.nameLength == length, Vocabulary.sameTail(node.name, name, length) {
        return index
      }
    }
    return -1
  }

  /// Whether two names whose heads are the same are the same beyond them.
  @inline(__always)
  static func sameTail(_ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ length: Int) -> Bool {
    var at = 8
    while at < length {
      if a[at] != b[at] { return false }
      at += 1
    }
    return true
  }
}
