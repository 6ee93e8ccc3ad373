import CBytes
import Glibc

/// Turns a dump in another encoding into UTF-8, stretch by stretch, with `iconv(3)`.
///
/// A byte sequence that the encoding does not have becomes the byte 0xFF, which is not UTF-8: so the record that
/// holds it is rejected, and only that one.
struct Transcoder: ~Copyable {
  private let converter: iconv_t
  /// Bytes of a character that goes on in the next stretch.
  private var pending: [UInt8] = []

  /// - Parameter encoding: the encoding's name as the XML declaration gives it.
  /// - Returns: nil if the system does not know that encoding.
  init?(from encoding: String) {
    guard let converter = iconv_open("UTF-8", encoding), converter != iconv_t(bitPattern: -1) else {
      return nil
    }
    self.converter = converter
  }

  deinit { iconv_close(converter) }

  /// Appends the UTF-8 form of `input` to `output`.
  mutating func transcode(_ input: UnsafeRawBufferPointer, to output: inout [UInt8]) {
    var source = pending + input
    pending = []
    var consumed = 0
    source.withUnsafeMutableBytes { bytes in
      while consumed < bytes.count {
        withUnsafeTemporaryAllocation(byteCount: 16 * 1024, alignment: 8) { room in
          var from: UnsafeMutablePointer<CChar>? = (bytes.baseAddress! + consumed).assumingMemoryBound(
            to: CChar.self)
          var fromLeft = bytes.count - consumed
          var into: UnsafeMutablePointer<CChar>? = room.baseAddress!.assumingMemoryBound(to: CChar.self)
          var intoLeft = room.count
          let result = iconv(converter, &from, &fromLeft, &into, &intoLeft)
          let code = errno
          consumed = bytes.count - fromLeft
          output.append(contentsOf: room[..<(room.count - intoLeft)])
          guard result == Int(bitPattern: UInt.max) else { return }
          if code == EILSEQ {
            output.append(0xFF)
            consumed += 1
          } else if code == EINVAL {
            pending = Array(bytes[consumed...])
            consumed = bytes.count
          }
        }
      }
    }
  }

  /// The encoding of a document by its first bytes (XML 1.0, appendix F), or nil for UTF-8.
  static func detect(_ start: UnsafeRawBufferPointer) -> String? {
    let head = Array(start.prefix(4))
    if head.starts(with: [0xFE, 0xFF]) || head.starts(with: [0xFF, 0xFE]) { return "UTF-16" }
    if head == [0x00, 0x3C, 0x00, 0x3F] { return "UTF-16BE" }
    if head == [0x3C, 0x00, 0x3F, 0x00] { return "UTF-16LE" }
    guard head.starts(with: Array("<?xm".utf8)) else { return nil }
    let declaration = String(decoding: start.prefix(200).prefix { $0 != UInt8(ascii: ">") }, as: UTF8.self)
    guard let match = declaration.firstMatch(of: /encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']/) else {
      return nil
    }
    let name = String(match.1)
    return ["UTF-8", "UTF8", "US-ASCII", "ASCII"].contains(name.uppercased()) ? nil : name
  }
}
