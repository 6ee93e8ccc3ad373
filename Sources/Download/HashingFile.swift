import Platform

/// Writes a file and computes its SHA-256 on the way. What comes in is gathered into blocks; one thread writes
/// them, another one digests them, so that neither waits for the other nor keeps the sender waiting. There are
/// `capacity` blocks: memory stays small, and a slow disk slows the sender down.
///
/// The blocks go past the system's cache (`OutputFile.bypassCache()`): a dump is larger than what the cache is
/// good for and has to be on the disk before it gets its name, and so that costs the processor next to nothing.
final class HashingFile {
  private static let largestBlock = 1 << 20
  /// The first blocks are small, and each is an eighth of the file so far at most: who is killed loses little.
  private static let smallestBlock = 1 << 16
  private static let capacity = 8

  private let line: BlockLine
  private var file: OutputFile?
  private var block: Block
  /// The file's bytes up to the block that is being filled.
  private var end = 0
  /// The bytes after which the block goes on its way.
  private var blockEnd = 0
  /// Bytes that the digest covers; -1 if there is no digest of use.
  private(set) var count = 0

  /// - Throws: `SystemError` if there can be no more threads.
  init() throws {
    line = try BlockLine(blocks: HashingFile.capacity, of: HashingFile.largestBlock)
    block = line.emptyBlock()
  }

  /// Starts a new file and a new digest.
  func begin(_ file: OutputFile) {
    line.restartDigest()
    count = 0
    resume(file)
  }

  /// Continues a file of which the digest covers all that it holds.
  func resume(_ file: OutputFile) {
    line.beginFile()
    file.bypassCache()
    self.file = file
    end = file.offset
    blockEnd = nextBlockSize
  }

  /// Adds what a file holds to a new digest, without writing anything.
  func begin(reading path: String) throws {
    line.restartDigest()
    count = 0
    let file = try InputFile(opening: path)
    file.adviseSequential()
    while true {
      block.count = try file.read(into: block.bytes)
      guard block.count > 0 else { break }
      count += block.count
      passOn(to: nil)
    }
  }

  /// Takes what comes in.
  ///
  /// - Throws: what went wrong with writing this or something before it; `count` is -1 then.
  func write(_ bytes: UnsafeRawBufferPointer) throws {
    guard let file else { return }
    count += bytes.count
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(blockEnd - block.count))
      UnsafeMutableRawBufferPointer(rebasing: block.bytes[block.count...]).copyMemory(from: piece)
      block.count += piece.count
      rest = rest.dropFirst(piece.count)
      if block.count == blockEnd {
        passOn(to: file)
        try checkWritten { line.failure }
      }
    }
  }

  /// Waits until everything is in the file.
  func flush() throws {
    guard let file else { return }
    if block.count > 0 { passOn(to: file) }
    try checkWritten { line.drained() }
  }

  /// Makes the file durable and closes it.
  func close() throws {
    guard let file else { return }
    try flush()
    try file.sync()
    try file.close()
    self.file = nil
  }

  /// Closes the file after a failure; it may be continued.
  func abandon() {
    try? flush()
    try? file?.close()
    self.file = nil
  }

  /// The digest of everything so far. It ends with that: what comes next is begun anew.
  func digest() -> String {
    count = -1
    return line.finishDigest()
  }

  private func passOn(to file: OutputFile?) {
    end += block.count
    line.append(block, to: file)
    block = line.emptyBlock()
    blockEnd = nextBlockSize
  }

  /// Such that the blocks after a first short one begin where the disk's do.
  private var nextBlockSize: Int {
    let smallest = HashingFile.smallestBlock
    let size = min(max(end / 8, smallest), HashingFile.largestBlock)
    return size - size % smallest - end % smallest
  }

  private func checkWritten(_ failure: () -> (any Error)?) throws {
    guard let failure = failure() else { return }
    // Some of it may be in the file.
    count = -1
    throw failure
  }
}
