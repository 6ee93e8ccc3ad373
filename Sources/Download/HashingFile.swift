import Platform

/// Writes a file and computes its SHA-256 on the way, on a thread of its own, so that neither waits for the
/// other. At most `capacity` blocks are under way: memory stays small, and a slow digest slows the writer
/// down.
final class HashingFile {
  private static let blockSize = 1 << 18
  private static let capacity = 8
  /// Bytes after which the system is told to begin to write them to the disk.
  private static let writeBackSize = 8 << 20

  private let hash: BackgroundHash
  private var file: OutputFile?
  private var block: HashBlock
  /// The offset up to which the system was told to write the file to the disk.
  private var writtenBack = 0
  /// Bytes that the digest covers; -1 if there is no digest of use.
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
    writtenBack = 0
    block.count = 0
    count = 0
  }

  /// Continues a file of which the digest covers all that it holds.
  func resume(_ file: OutputFile) {
    self.file = file
    writtenBack = file.offset
  }

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
  ///
  /// In the small pieces that it comes in: they are still in the processor's cache, and the system finds small
  /// pages for them faster than large ones (a third of the time of 1 MiB at once).
  func write(_ bytes: UnsafeRawBufferPointer) throws {
    guard let file else { return }
    do { try file.write(bytes) } catch {
      // Some of it may be in the file.
      count = -1
      throw error
    }
    count += bytes.count
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(block.bytes.count - block.count))
      UnsafeMutableRawBufferPointer(rebasing: block.bytes[block.count...]).copyMemory(from: piece)
      block.count += piece.count
      rest = rest.dropFirst(piece.count)
      if block.count == block.bytes.count { passOn() }
    }
    if file.offset - writtenBack >= HashingFile.writeBackSize {
      file.startWritingBack(last: file.offset - writtenBack)
      writtenBack = file.offset
    }
  }

  /// Makes the file durable and closes it.
  func close() throws {
    if block.count > 0 { passOn() }
    try file?.sync()
    try file?.close()
    file = nil
  }

  /// Closes the file after a failure; it may be continued.
  func abandon() {
    if block.count > 0 { passOn() }
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
