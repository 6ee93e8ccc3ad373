import Dump
import Foundation
import Platform
import Rows
import Schema
import TestSupport
import Testing

struct ChunkReaderTests {
  /// Compresses with the system's gzip, which is not what decompresses.
  private func gzip(_ bytes: [UInt8], level: String = "-6") throws -> [UInt8] {
    try bytes.withTemporaryFile { path in
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = ["gzip", level, "-n", "-c", path]
      let pipe = Pipe()
      process.standardOutput = pipe
      try process.run()
      let data = pipe.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      return Array(data)
    }
  }

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
    let file = try gzip(document)
    let (bytes, hash, atRecords) = try unpack(file, chunkSize: size)
    #expect(bytes == document)
    #expect(hash == SHA256.of(file))
    #expect(atRecords)
  }

  @Test func readsSeveralMembersAndPadding() throws {
    let half = document.count / 2
    let file =
      try gzip(Array(document[..<half]), level: "-1") + gzip([]) + gzip(Array(document[half...]), level: "-9")
      + [0, 0, 0, 0, 0]
    #expect(try unpack(file).bytes == document)
  }

  @Test func everyTruncationIsNoticed() throws {
    let small = Array("<masters>\n<master id=\"1\"><title>t</title></master>\n</masters>\n".utf8)
    let file = try gzip(small)
    for length in 0..<file.count {
      #expect(throws: DumpError.self, "cut off after \(length) of \(file.count)") {
        try unpack(Array(file[..<length]))
      }
    }
  }

  @Test func flippedBitsAreNoticed() throws {
    let file = try gzip(document)
    // Not in the header: its time stamp and system are nobody's business.
    for at in stride(from: 10, to: file.count, by: 397) {
      var damaged = file
      damaged[at] ^= 0x10
      #expect(throws: DumpError.self, "byte \(at)") { try unpack(damaged) }
    }
  }

  @Test func debrisBehindTheDumpIsNoticed() throws {
    #expect(throws: DumpError.self) { try unpack(gzip(document) + Array("more".utf8)) }
    #expect(throws: DumpError.self) { try unpack(document) }
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
    let file = try gzip(Array(#require(text.data(using: encoding))))
    let bytes = try unpack(file).bytes
    let recorded = read(bytes, .masters)
    #expect(recorded.error == nil)
    #expect(recorded.texts(3) == [["Köln"]])
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
