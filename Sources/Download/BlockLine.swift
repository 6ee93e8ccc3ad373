import Platform

/// A piece of memory on its way down a `BlockLine`; it belongs to one thread at a time.
final class Block: @unchecked Sendable {
  let bytes: UnsafeMutableRawBufferPointer
  /// Bytes in use.
  var count = 0

  init(size: Int) { bytes = .allocate(byteCount: size, alignment: OutputFile.directAlignment) }
  deinit { bytes.deallocate() }

  var filled: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[..<count]) }
}

/// A fixed number of blocks that go round, from who fills them to a thread that writes them to files, then to one
/// that adds them to a SHA-256, then back; each thread takes them in the order in which they came.
final class BlockLine {
  private enum Writing {
    case write(Block, to: OutputFile)
    case end
  }

  private enum Digesting {
    case add(Block)
    case restart
    case finish
    case end
  }

  private struct State: Sendable {
    var empty: [Block]
    var writing: [Writing] = []
    var isWriting = false
    /// Why a block could not be written; nothing behind it is.
    var failure: (any Error)?
    var digesting: [Digesting] = []
    var digest: String?

    mutating func end() {
      writing.append(.end)
      digesting.append(.end)
    }
  }

  private let state: Monitor<State>
  private let threads: [SystemThread]

  /// - Throws: `SystemError` if there can be no more threads.
  init(blocks: Int, of size: Int) throws {
    let state = Monitor(State(empty: (0..<blocks).map { _ in Block(size: size) }))
    self.state = state
    let writer = try SystemThread("write") { BlockLine.write(state) }
    do {
      threads = [writer, try SystemThread("sha256") { BlockLine.digest(state) }]
    } catch {
      state.update { $0.end() }
      writer.join()
      throw error
    }
  }

  deinit {
    state.update { $0.end() }
    for thread in threads { thread.join() }
  }

  /// Waits for a block that nobody uses.
  func emptyBlock() -> Block {
    let block = state.wait { $0.empty.popLast() }
    block.count = 0
    return block
  }

  /// Sends a block on its way; without a file it goes to the digest at once.
  func append(_ block: Block, to file: OutputFile?) {
    state.update { state in
      if let file {
        state.writing.append(.write(block, to: file))
      } else {
        state.digesting.append(.add(block))
      }
    }
  }

  /// Forgets the failure to write an earlier file; nothing of that may be on its way any more.
  func beginFile() { state.update { $0.failure = nil } }

  /// Why something of this file could not be written, if that is known by now.
  var failure: (any Error)? { state.update { $0.failure } }

  /// Waits until nothing is left to write, then tells as `failure` does.
  func drained() -> (any Error)? {
    state.wait { $0.writing.isEmpty && !$0.isWriting ? .some($0.failure) : nil }
  }

  /// Begins a new digest; blocks on their way are not in it.
  func restartDigest() { state.update { $0.digesting.append(.restart) } }

  /// The digest of all blocks since it began, in hexadecimal digits; a new one begins.
  func finishDigest() -> String {
    state.update { $0.digesting.append(.finish) }
    return state.wait { state in
      defer { state.digest = nil }
      return state.digest
    }
  }

  private static func write(_ state: Monitor<State>) {
    while true {
      let (step, hasFailed) = state.wait { state -> (Writing, Bool)? in
        guard let step = state.writing.first else { return nil }
        state.writing.removeFirst()
        state.isWriting = true
        return (step, state.failure != nil)
      }
      guard case .write(let block, let file) = step else { return }
      var failure: (any Error)?
      if !hasFailed {
        do { try file.write(block.filled) } catch { failure = error }
      }
      state.update { state in
        state.failure = state.failure ?? failure
        state.isWriting = false
        state.digesting.append(.add(block))
      }
    }
  }

  private static func digest(_ state: Monitor<State>) {
    var hash = SHA256()
    while true {
      let step = state.wait { state -> Digesting? in
        guard let step = state.digesting.first else { return nil }
        state.digesting.removeFirst()
        return step
      }
      switch step {
      case .add(let block):
        hash.update(block.filled)
        state.update { $0.empty.append(block) }
      case .restart:
        hash = SHA256()
      case .finish:
        let digest = hash.finish()
        state.update { $0.digest = digest }
      case .end:
        return
      }
    }
  }
}
