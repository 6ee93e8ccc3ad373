import CBytes
import Glibc
import Schema
import Testing

@testable import Dump

/// Dumps whose characters are not UTF-8.
struct EncodingTests {
  enum Encoding: String, CaseIterable {
    case utf16LE = "UTF-16LE"
    case utf16BE = "UTF-16BE"
    case utf32LE = "UTF-32LE"
    case utf32BE = "UTF-32BE"
    case latin1 = "ISO-8859-1"
    case gb18030 = "GB18030"

    /// Letters of one to four bytes, as far as the encoding has them.
    var letters: String { self == .latin1 ? "aö" : "aö漢𝄞" }

    /// The text's bytes, as iconv(3) writes them.
    func bytes(_ text: String) -> [UInt8] {
      guard let converter = iconv_open(rawValue, "UTF-8"), converter != iconv_t(bitPattern: -1) else {
        Issue.record("iconv does not know \(rawValue)")
        return []
      }
      defer { iconv_close(converter) }
      var source = Array(text.utf8)
      return [UInt8](unsafeUninitializedCapacity: source.count * 4) { target, count in
        source.withUnsafeMutableBytes { source in
          var from: UnsafeMutablePointer<CChar>? = source.baseAddress!.assumingMemoryBound(to: CChar.self)
          var fromLeft = source.count
          target.withMemoryRebound(to: CChar.self) { target in
            var into = target.baseAddress
            var intoLeft = target.count
            #expect(iconv(converter, &from, &fromLeft, &into, &intoLeft) == 0)
            count = target.count - intoLeft
          }
        }
      }
    }

    /// A unit that no text has: half a surrogate pair where there are such.
    var broken: [UInt8] {
      switch self {
      case .utf16LE: [0x3C, 0xD8]
      case .utf16BE: [0xDC, 0x3C]
      case .utf32LE: [0, 0xD8, 0, 0]
      case .utf32BE: [0, 0x11, 0, 0]
      case .latin1: []
      case .gb18030: [0xFF]
      }
    }
  }

  /// One record is lost where one is broken, and its place is that in the dump as it is.
  @Test(arguments: Encoding.allCases, [false, true])
  func aBrokenUnitCostsOneRecord(_ encoding: Encoding, isMarked: Bool) throws {
    if isMarked, encoding == .latin1 || encoding == .gb18030 { return }
    let start =
      isMarked
      ? "\u{FEFF}<masters>\n" : "<?xml version=\"1.0\" encoding=\"\(encoding.rawValue)\"?>\n<masters>"
    var dump = encoding.bytes(start)
    var expected: [Range<Int>] = []
    for id in 1...900 {
      let opening = encoding.bytes("<master id=\"\(id)\"><title>\(encoding.letters)")
      let isBroken = id % 300 == 7
      // What refers to no character is broken in any encoding.
      let closing = encoding.bytes("\(isBroken ? "&#0;" : "")</title></master>")
      let record = opening + (isBroken ? encoding.broken : []) + closing
      if isBroken { expected.append(dump.count..<(dump.count + record.count)) }
      dump += record + encoding.bytes("\n")
    }
    dump += encoding.bytes("</masters>\n")
    for chunkSize in [1000, 1 << 20] {
      let recorded = try readPacked(dump, .masters, chunkSize: chunkSize)
      #expect(recorded.error == nil)
      #expect(recorded.records.count == 897)
      #expect(Set(recorded.texts("title", of: .masters)) == [[encoding.letters]])
      #expect(recorded.rejects == expected)
    }
  }

  /// Who converts a file with an old tool may leave the declaration as it was.
  @Test func aDeclarationThatCannotBeTrueIsNoHindrance() throws {
    let dump =
      "<?xml version=\"1.0\" encoding=\"utf-16\"?><masters>\n<master id=\"1\"><title>ö</title></master>\n</masters>"
    #expect(try readPacked(Array(dump.utf8), .masters).texts("title", of: .masters) == [["ö"]])
  }

  @Test func anEncodingThatNobodyKnowsIsNamed() throws {
    let dump = "<?xml version=\"1.0\" encoding=\"x-klingon\"?><masters>\n</masters>"
    let error = try readPacked(Array(dump.utf8), .masters).error
    #expect(error?.description.contains("x-klingon") == true)
    #expect(error?.advice.contains("UTF-8") == true)
  }

  @Test func halfACharacterAtTheEndIsNoticed() throws {
    let dump = Encoding.utf16LE.bytes("<masters>\n<master id=\"1\"/>\n</masters>\n") + [0x0A]
    guard case .notADump = try readPacked(dump, .masters).error else {
      Issue.record("half a character was taken for nothing")
      return
    }
  }
}
