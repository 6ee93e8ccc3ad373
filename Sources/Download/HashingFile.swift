import Platform

/// Writes a file and computes its SHA-256 on the way, on a thread of its own, so that neither waits for the
/// other. At most `capacity` blocks are under way: memory stays small, and a slow digest slows the writer
/// down.
final class HashingFile {
  private static let blockSize = 1 << 20
  private static let capacity = 6

  private let hash: BackgroundHash
  private var file: OutputFile?
  private var block: HashBlock
  /// Bytes that the digest covers, with those that are gathered but not written; -1 if there is no digest of
  /// use.
  private(set) var count = 0

  /// - Throws: `SystemError` if there can be no more threads.
  init() throws {
    hash = try BackgroundHash(blocks: HashingFile.capacity, of: HashingFile.blockSize)
    block = hash.emptyBlock()
  }

  /// Starts a new file and a new digest.
  func begin(_ file: OutputFile) {
    hash.restart()
    self.file = file
    block.count = 0
    count = 0
  }

  /// Continues a file of which the digest covers all that it holds.
  func resume(_ file: OutputFile) { self.file = file }

  /// Adds what a file holds to a new digest, without writing anything.
  func begin(reading path: String) throws {
    hash.restart()
    count = 0
    let file = try InputFile(opening: path)
    file.adviseSequential()
    while true {
      block.count = try file.read(into: block.bytes)
      guard block.count > 0 else { break }
      count += block.count
      passOn()
    }
  }

  /// Writes what comes in.
  func write(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let room = min(rest.count, block.bytes.count - block.count)
      let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(room))
      UnsafeMutableRawBufferPointer(rebasing: block.bytes[block.count...]).copyMemory(from: piece)
      block.count += room
      count += room
      rest = rest.dropFirst(room)
      if block.count == block.bytes.count { try flush() }
    }
  }

  /// Writes what is gathered, so that the file holds all that the digest covers.
  func flush() throws {
    guard block.count > 0, let file else { return }
    try file.write(UnsafeRawBufferPointer(rebasing: block.bytes[..<block.count]))
    file.startWritingBack(last: block.count)
    passOn()
  }

  /// Makes the file durable and closes it.
  func close() throws {
    try flush()
    try file?.sync()
    try file?.close()
    file = nil
  }

  /// Closes the file after a failure, with what could be written of it.
  func abandon() {
    try? flush()
    // What could not be written is not in the file: the digest covers too much then, and is of no use.
    if block.count > 0 { count = -1 }
    block.count = 0
    try? file?.close()
    file = nil
  }

  /// The digest of everything so far. It ends with that: what comes next is begun anew.
  func digest() -> String {
    count = -1
    return hash.finish()
  }

  private func passOn() {
    hash.append(block)
    block = hash.emptyBlock()
  }
}

/// A piece of memory on its way from the writer to the digest and back; it belongs to one of them at a time.
final class HashBlock: @unchecked Sendable {
  let bytes: UnsafeMutableRawBufferPointer
  var count = 0

  init(size: Int) { bytes = .allocate(byteCount: size, alignment: 4096) }
  deinit { bytes.deallocate() }
}

/// SHA-256 on a thread of its own.
private final class BackgroundHash {
  private enum Step {
    case add(HashBlock)
    case restart
    case finish
    case end
  }

  private struct Work: Sendable {
    var steps: [Step] = []
    var empty: [HashBlock]
    var digest: String?
  }

  private let work: Monitor<Work>
  private let thread: SystemThread

  init(blocks: Int, of size: Int) throws {
    let work = Monitor(Work(empty: (0..<blocks).map { _ in HashBlock(size: size) }))
    self.work = work
    thread = try SystemThread("sha256") { BackgroundHash.run(work) }
  }

  deinit {
    work.update { $0.steps.append(.end) }
    thread.join()
  }

  func emptyBlock() -> HashBlock {
    let block = work.wait { $0.empty.popLast() }
    block.count = 0
    return block
  }

  func append(_ block: HashBlock) { work.update { $0.steps.append(.add(block)) } }

  func restart() { work.update { $0.steps.append(.restart) } }

  func finish() -> String {
    work.update { $0.steps.append(.finish) }
    return work.wait { work in
      defer { work.digest = nil }
      return work.digest
    }
  }

  private static func run(_ work: Monitor<Work>) {
    var hash = SHA256()
    while true {
      let steps = work.wait { work -> [Step]? in
        guard !work.steps.isEmpty else { return nil }
        defer { work.steps = [] }
        return work.steps
      }
      for step in steps {
        switch step {
        case .add(let block):
          hash.update(UnsafeRawBufferPointer(rebasing: block.bytes[..<block.count]))
          work.update { $0.empty.append(block) }
        case .restart:
          hash = SHA256()
        case .finish:
          let digest = hash.finish()
          work.update { $0.digest = digest }
        case .end:
          return
        }
      }
    }
  }
}
