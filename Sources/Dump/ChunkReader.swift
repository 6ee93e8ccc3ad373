import CBytes
import Glibc
import Platform

/// Unpacks a dump into chunks that end where a record begins; one thread at a time.
///
/// Where chunks end depends on the dump alone. In a dump of another shape than today's a chunk may end anywhere;
/// the reader of the document finds out and joins what belongs together.
public final class ChunkReader {
  private let file: InputFile
  private var gzip = GzipDecoder()
  private var hash = SHA256()
  private let boundary: RecordBoundary
  private let pool: ChunkPool
  private let chunkSize: Int

  private let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 64)
  private var unread = 0..<0
  /// Up to where the file was asked for ahead, and up to where it was given back.
  private var askedFor = 0
  private var givenBack = 0
  private var isFileDone = false
  private var encoding = DumpEncoding.utf8
  private var transcoder: Transcoder?
  /// What was transcoded and not handed out: from here on.
  private var transcoded: [UInt8] = []
  private var transcodedStart = 0
  private var isFirst = true
  private var isDone = false
  private var carry: [UInt8] = []
  private var nextOffset = 0

  /// The compressed bytes that were read so far.
  public private(set) var compressedCount = 0
  /// The compressed file's size.
  public var fileSize: Int { file.size }

  /// - Parameters:
  ///   - path: the dump, gzip-compressed XML.
  ///   - chunkSize: how many bytes a chunk has at least (but for the last one).
  /// - Throws: `SystemError` if the file cannot be opened.
  public init(path: String, vocabulary: Vocabulary, chunkSize: Int = 1 << 20) throws {
    file = try InputFile(opening: path)
    file.adviseSequential()
    boundary = RecordBoundary(vocabulary)
    self.chunkSize = chunkSize
    pool = ChunkPool(chunkCapacity: chunkSize + chunkSize / 4)
  }

  deinit { block.deallocate() }

  /// The SHA-256 of the compressed file, once the last chunk has been read.
  public func finishHash() -> String { hash.finish() }

  /// The next chunk, or nil behind the last one.
  ///
  /// - Throws: `DumpError` if the compressed data is damaged or cut off, `SystemError` if reading fails.
  public func next() throws -> Chunk? {
    if isDone { return nil }
    let chunk = Chunk(capacity: carry.count + chunkSize, pool: pool)
    chunk.offset = nextOffset
    chunk.memory.copyBytes(from: carry)
    chunk.count = carry.count
    let target = min(carry.count + chunkSize, chunk.capacity)
    carry.removeAll(keepingCapacity: true)
    while chunk.count < target {
      let count = try fill(UnsafeMutableRawBufferPointer(rebasing: chunk.memory[chunk.count..<target]))
      if count == 0 { break }
      chunk.count += count
    }
    if chunk.count < target {
      isDone = true
      chunk.isLast = true
      chunk.endsAtRecord = true
    } else {
      cut(chunk)
    }
    chunk.encoding = encoding
    nextOffset = chunk.offset(at: chunk.count)
    chunk.compressedEnd = compressedCount
    chunk.seal()
    return chunk
  }

  /// Moves what follows the last record start to the next chunk.
  private func cut(_ chunk: Chunk) {
    let base = UnsafePointer(chunk.memory.baseAddress!.assumingMemoryBound(to: UInt8.self))
    let end = base + chunk.count
    var at = end
    while at > base + 1 {
      at -= 1
      if at[0] == UInt8(ascii: "<"), boundary.isRecordStart(at, base: base, end: end) {
        carry.append(contentsOf: UnsafeBufferPointer(start: at, count: end - at))
        chunk.count = at - base
        chunk.endsAtRecord = true
        return
      }
    }
  }

  /// Unpacked UTF-8, as much as there is room for; 0 at the end.
  private func fill(_ room: UnsafeMutableRawBufferPointer) throws -> Int {
    if isFirst {
      isFirst = false
      return try fillFirst(room)
    }
    guard transcoder != nil else { return try unpack(into: room) }
    if transcodedStart == transcoded.count {
      transcoded.removeAll(keepingCapacity: true)
      transcodedStart = 0
      try withUnsafeTemporaryAllocation(byteCount: 64 * 1024, alignment: 64) { raw in
        while transcoded.isEmpty {
          let count = try unpack(into: raw)
          if count == 0 {
            transcoder!.finish(to: &transcoded)
            return
          }
          transcoder!.transcode(UnsafeRawBufferPointer(rebasing: raw[..<count]), to: &transcoded)
        }
      }
    }
    let count = min(transcoded.count - transcodedStart, room.count)
    room.copyBytes(from: transcoded[transcodedStart..<(transcodedStart + count)])
    transcodedStart += count
    return count
  }

  /// The first bytes tell the encoding.
  private func fillFirst(_ room: UnsafeMutableRawBufferPointer) throws -> Int {
    var count = 0
    while count < min(256, room.count) {
      let step = try unpack(into: UnsafeMutableRawBufferPointer(rebasing: room[count...]))
      if step == 0 { break }
      count += step
    }
    let start = UnsafeRawBufferPointer(rebasing: room[..<count])
    let (found, name) = DumpEncoding.detect(start)
    guard let found else {
      throw DumpError.notADump(
        reason: "its encoding \"\(name)\" is unknown here",
        advice: "convert the dump to UTF-8, and pack it again", offset: 0)
    }
    if found == .utf8 { return count }
    encoding = found
    var transcoder = Transcoder(from: found)
    transcoder.transcode(start, to: &transcoded)
    self.transcoder = consume transcoder
    return try fill(room)
  }

  /// Keeps the disk ahead of the decoder, and the cache free of what is done. A month's dumps would else take all of it.
  private func moveWindow() {
    let size = ChunkReader.windowSize
    if compressedCount + size > askedFor {
      file.readAhead(askedFor..<(askedFor + size))
      askedFor += size
    }
    // Small files may stay: who tries things out with them reads them again.
    if compressedCount - givenBack >= 2 * size, fileSize > ChunkReader.sizeToKeep {
      file.giveBack(givenBack..<(givenBack + size))
      givenBack += size
    }
  }

  /// How far the disk is ahead: what it gives in some hundredths of a second.
  private static let windowSize = 16 << 20
  private static let sizeToKeep = 256 << 20

  /// The fewest bytes of a gzip member's header (RFC 1952, 2.3).
  private static let headerSize = 10

  /// What is wrong where the file goes on with junk. What follows that may be the rest of the dump, which nobody must be told
  /// to cut off.
  private func trailing(from start: Int) -> DumpError {
    let next = nextMember(after: start)
    return .trailing(count: (next ?? fileSize) - start, compressedOffset: start, next: next)
  }

  /// Where gzip data begins again behind a byte of the file, as far as its first bytes can be unpacked.
  private func nextMember(after start: Int) -> Int? {
    var (offset, tries) = (start + 1, 0)
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 64)
    let candidate = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 64)
    defer {
      room.deallocate()
      candidate.deallocate()
    }
    while let count = try? file.read(into: block, at: offset), count > 2 {
      for at in 0..<(count - 2)
      where block[at] == 0x1F && block[at + 1] == 0x8B && block[at + 2] == 8 {
        tries += 1
        var decoder = GzipDecoder()
        let count = (try? file.read(into: candidate, at: offset + at)) ?? 0
        _ = try? decoder.inflate(UnsafeRawBufferPointer(rebasing: candidate[..<count]), into: room)
        // Who has so many beginnings to try is taken for gzip data, whatever it is.
        if decoder.produced > 0 || tries == 1000 { return offset + at }
      }
      offset += count - 2
    }
    return nil
  }

  /// Reads the file as needed and unpacks; 0 at the end.
  private func unpack(into room: UnsafeMutableRawBufferPointer) throws -> Int {
    while true {
      if unread.isEmpty, !isFileDone {
        let count = try file.read(into: block)
        unread = 0..<count
        isFileDone = count == 0
        compressedCount += count
        moveWindow()
        hash.update(UnsafeRawBufferPointer(rebasing: block[unread]))
      }
      let step: (consumed: Int, produced: Int)
      do {
        step = try gzip.inflate(UnsafeRawBufferPointer(rebasing: block[unread]), into: room)
      } catch GzipError.trailing {
        throw trailing(from: gzip.consumed)
      } catch GzipError.notGzip {
        throw DumpError.notADump(
          reason: GzipError.notGzip.description,
          advice: "pack it with gzip if it is the dump's XML, else download it again", offset: 0)
      } catch let error as GzipError {
        throw DumpError.corrupt(
          reason: error.description, compressedOffset: gzip.consumed, unpacked: gzip.produced)
      }
      unread = (unread.lowerBound + step.consumed)..<unread.upperBound
      if step.produced > 0 { return step.produced }
      if step.consumed == 0, !unread.isEmpty {
        throw DumpError.corrupt(
          reason: "the gzip data makes no sense", compressedOffset: gzip.consumed, unpacked: gzip.produced)
      }
      if isFileDone, unread.isEmpty {
        if compressedCount == 0 { throw DumpError.endsEarly(reason: "the file is empty", offset: 0) }
        if gzip.hasNothingOfLaterMember, compressedCount - gzip.memberStart < ChunkReader.headerSize {
          throw trailing(from: gzip.memberStart)
        }
        if !gzip.mayEnd {
          throw DumpError.endsEarly(
            reason: "the gzip data stops after \(counted(compressedCount, "byte")) of the file",
            offset: gzip.produced)
        }
        return 0
      }
    }
  }
}
