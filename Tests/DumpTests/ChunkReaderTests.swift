import Dump
import Foundation
import Platform
import Rows
import Schema
import TestSupport
import Testing

struct ChunkReaderTests {
  /// All chunks' bytes, one after the other.
  private func unpack(_ file: [UInt8], chunkSize: Int = 4096) throws -> (
    bytes: [UInt8], hash: String, atRecords: Bool
  ) {
    try file.withTemporaryFile { path in
      let reader = try ChunkReader(path: path, vocabulary: Entity.masters.vocabulary, chunkSize: chunkSize)
      var bytes: [UInt8] = []
      var atRecords = true
      var isLast = false
      while let chunk = try reader.next() {
        #expect(!isLast)
        #expect(chunk.offset == bytes.count)
        bytes += chunk.input.bytes
        isLast = chunk.isLast
        atRecords = atRecords && chunk.endsAtRecord
      }
      #expect(isLast)
      return (bytes, reader.finishHash(), atRecords)
    }
  }

  private var document: [UInt8] {
    var text = "<masters>\n"
    for id in 1...3000 {
      text += "<master id=\"\(id)\"><title>Title \(id * 7919)\nsecond line</title></master>\n"
    }
    return Array((text + "</masters>\n").utf8)
  }

  @Test(arguments: [300, 4096, 65_536, 1 << 20])
  func unpacksWhateverTheChunkSize(_ size: Int) throws {
    let file = try gzipped(document)
    let (bytes, hash, atRecords) = try unpack(file, chunkSize: size)
    #expect(bytes == document)
    #expect(hash == SHA256.of(file))
    #expect(atRecords)
  }

  @Test func readsSeveralMembersAndPadding() throws {
    let half = document.count / 2
    let file =
      try gzipped(Array(document[..<half]), level: "-1") + gzipped([])
      + gzipped(Array(document[half...]), level: "-9")
      + [0, 0, 0, 0, 0]
    #expect(try unpack(file).bytes == document)
  }

  @Test func everyTruncationIsNoticed() throws {
    let small = Array("<masters>\n<master id=\"1\"><title>t</title></master>\n</masters>\n".utf8)
    let file = try gzipped(small)
    for length in 0..<file.count {
      #expect(throws: DumpError.self, "cut off after \(length) of \(file.count)") {
        try unpack(Array(file[..<length]))
      }
    }
  }

  @Test func flippedBitsAreNoticed() throws {
    let file = try gzipped(document)
    // Not in the header: its time stamp and system are nobody's business.
    for at in stride(from: 10, to: file.count, by: 397) {
      var damaged = file
      damaged[at] ^= 0x10
      #expect(throws: DumpError.self, "byte \(at)") { try unpack(damaged) }
    }
  }

  /// However few bytes they are, and wherever the blocks end that the file is read in.
  @Test(arguments: [1, 2, 9, 10, 300_000])
  func whatStandsBehindTheDumpIsCalledThat(_ count: Int) throws {
    let packed = try gzipped(document)
    for padding in [0, 1, 700] {
      let debris = [UInt8](repeating: 0x0D, count: count)
      let expected = DumpError.trailing(count: count, compressedOffset: packed.count + padding)
      #expect(throws: expected) { try unpack(packed + [UInt8](repeating: 0, count: padding) + debris) }
    }
  }

  /// Also what begins as a member would, and what is too short to be more of one than its header.
  @Test func junkThatLooksLikeTheBeginningOfAMemberIsCalledJunk() throws {
    let packed = try gzipped(document)
    for junk in [
      [0x1F], [0x1F, 0x8B], [0x1F, 0x8B, 8], [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0],
      [0x1F, 0x8B] + Array("no member at all".utf8), [0x1F, 0x8B, 7] + [UInt8](repeating: 0, count: 300_000),
    ] as [[UInt8]] {
      let expected = DumpError.trailing(count: junk.count, compressedOffset: packed.count)
      #expect(throws: expected, "\(junk.prefix(20))") { try unpack(packed + junk) }
    }
    guard
      case .endsEarly = #expect(
        throws: DumpError.self, performing: { try unpack(packed + packed.prefix(40)) })
    else {
      Issue.record("a member that is cut off is no junk")
      return
    }
  }

  /// What is cut off there would be half a dump.
  @Test(arguments: [1, 500, 300_000]) func gzipDataBehindJunkIsNotToBeCutOff(_ count: Int) throws {
    let half = try gzipped(document)
    let junk = [UInt8](repeating: 0x0D, count: count)
    let expected = DumpError.trailing(
      count: count, compressedOffset: half.count, next: half.count + count)
    let error = #expect(throws: DumpError.self) { try unpack(half + junk + half) }
    #expect(error == expected)
    #expect(error?.advice.contains("truncate") == false)
    #expect(error?.description.hasSuffix("and more gzip data from byte \(half.count + count) on") == true)
    #expect(throws: expected) { try unpack(half + junk + half + junk) }
  }

  @Test func whatIsNotCompressedIsCalledThat() throws {
    for file in [document, Array("hi".utf8), [0], [0x1F, 0x8C, 8, 0]] {
      let error = #expect(throws: DumpError.self) { try unpack(file) }
      #expect(error?.description.hasPrefix("the file is not compressed with gzip") == true)
      #expect(error?.advice.contains("pack it with gzip") == true)
    }
    // The beginning of a member is one that was cut off.
    guard case .endsEarly = #expect(throws: DumpError.self, performing: { try unpack([0x1F, 0x8B]) }) else {
      Issue.record("a cut-off header is no cut-off file")
      return
    }
  }

  @Test func anyNumberOfMembersAndEmptyOnesAreRead() throws {
    let empty = try gzipped([])
    let single = try gzipped([UInt8(ascii: " ")])
    let rest = try gzipped(document)
    var file: [UInt8] = []
    for _ in 0..<20_000 { file += empty }
    for _ in 0..<5000 { file += single }
    file += empty + rest + empty
    #expect(try unpack(file).bytes == [UInt8](repeating: 0x20, count: 5000) + document)
  }

  @Test(arguments: ["ISO-8859-1", "UTF-16", "UTF-16LE", "windows-1252"])
  func otherEncodingsBecomeUTF8(_ name: String) throws {
    let text =
      "<?xml version=\"1.0\" encoding=\"\(name)\"?>\n<masters>\n<master id=\"1\"><title>Köln</title></master>\n</masters>"
    let encoding: String.Encoding =
      switch name {
      case "UTF-16": .utf16
      case "UTF-16LE": .utf16LittleEndian
      case "windows-1252": .windowsCP1252
      default: .isoLatin1
      }
    let file = try gzipped(Array(#require(text.data(using: encoding))))
    let bytes = try unpack(file).bytes
    let recorded = read(bytes, .masters)
    #expect(recorded.error == nil)
    #expect(recorded.texts("title", of: .masters) == [["Köln"]])
  }
}

extension [UInt8] {
  /// Hands `body` the path of a file with these bytes, which is removed afterwards.
  func withTemporaryFile<Result>(_ body: (String) throws -> Result) throws -> Result {
    let path = NSTemporaryDirectory() + "/" + UUID().uuidString
    try Data(self).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
  }
}
