import CBytes
import Glibc

/// How an unpacked dump writes its characters; inside, everything is UTF-8.
public enum DumpEncoding: Sendable, Hashable {
  /// Nothing is to be done. (UTF-8 with ASCII in it.)
  case utf8
  /// Units of two bytes, one or two for a character (RFC 2781).
  case utf16(isBigEndian: Bool)
  /// Units of four bytes.
  case utf32(isBigEndian: Bool)
  /// What `iconv(3)` knows under this name; with a byte for each character, or with several for some.
  case named(String, isSingleByte: Bool)

  /// The encoding of a document by its first bytes (XML 1.0, appendix F).
  ///
  /// - Returns: nil for one whose declared name the system does not know, with that name.
  static func detect(_ start: UnsafeRawBufferPointer) -> (encoding: DumpEncoding?, name: String) {
    let head = Array(start.prefix(4))
    switch head.count == 4 ? (head[0], head[1], head[2], head[3]) : (0, 0, 0, 0) {
    case (0, 0, 0xFE, 0xFF), (0, 0, 0, 0x3C): return (.utf32(isBigEndian: true), "UTF-32BE")
    case (0xFF, 0xFE, 0, 0), (0x3C, 0, 0, 0): return (.utf32(isBigEndian: false), "UTF-32LE")
    case (0xFE, 0xFF, _, _), (0, 0x3C, 0, _): return (.utf16(isBigEndian: true), "UTF-16BE")
    case (0xFF, 0xFE, _, _), (0x3C, 0, _, 0): return (.utf16(isBigEndian: false), "UTF-16LE")
    case (0x3C, 0x3F, 0x78, 0x6D): break  // <?xm
    default: return (.utf8, "UTF-8")
    }
    let declaration = String(decoding: start.prefix(200).prefix { $0 != UInt8(ascii: ">") }, as: UTF8.self)
    guard let match = declaration.firstMatch(of: /encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']/) else {
      return (.utf8, "UTF-8")
    }
    let name = String(match.1)
    let known = name.uppercased()
    // What could be read so far has no units of two or four bytes, whatever it says of itself.
    let isWide = ["UTF-16", "UTF16", "UTF-32", "UTF32", "UCS-", "UCS2", "UCS4", "ISO-10646"].contains {
      known.hasPrefix($0)
    }
    if isWide || ["UTF-8", "UTF8", "US-ASCII", "ASCII"].contains(known) { return (.utf8, name) }
    guard let isSingleByte = Converter.isSingleByte(name) else { return (nil, name) }
    return (.named(name, isSingleByte: isSingleByte), name)
  }

  /// How many bytes of the dump gave this stretch of UTF-8, which begins and ends between characters.
  ///
  /// - Parameter bytes: as the transcoder wrote them, with 0xFF for each unit that it could not read.
  public func byteCount(ofUTF8 bytes: UnsafeBufferPointer<UInt8>) -> Int {
    func isTail(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
    switch self {
    case .utf8: return bytes.count
    case .utf16:
      return bytes.reduce(0) { $0 + (isTail($1) ? 0 : (0xF0..<0xFF).contains($1) ? 4 : 2) }
    case .utf32: return bytes.reduce(0) { $0 + (isTail($1) ? 0 : 4) }
    case .named(_, isSingleByte: true): return bytes.reduce(0) { $0 + (isTail($1) ? 0 : 1) }
    case .named(let name, isSingleByte: false): return Converter.byteCount(ofUTF8: bytes, in: name)
    }
  }
}

/// Turns a dump in another encoding into UTF-8, stretch by stretch.
///
/// What the encoding does not have, such as half a surrogate pair, becomes the byte 0xFF, which is not UTF-8: so the
/// record that holds it is rejected, and only that one.
struct Transcoder: ~Copyable {
  private let encoding: DumpEncoding
  private let converter: Converter?
  /// Bytes of a character that goes on in the next stretch.
  private var pending: [UInt8] = []

  init(from encoding: DumpEncoding) {
    self.encoding = encoding
    if case .named(let name, _) = encoding {
      converter = Converter(to: "UTF-8", from: name)
    } else {
      converter = nil
    }
  }

  /// Appends the UTF-8 form of `input` to `output`.
  mutating func transcode(_ input: UnsafeRawBufferPointer, to output: inout [UInt8]) {
    pending.append(contentsOf: input)
    let consumed = pending.withUnsafeBytes { bytes in
      switch encoding {
      case .utf8:
        output.append(contentsOf: bytes)
        return bytes.count
      case .utf16(let isBigEndian): return Transcoder.readUTF16(bytes, isBigEndian, to: &output)
      case .utf32(let isBigEndian): return Transcoder.readUTF32(bytes, isBigEndian, to: &output)
      case .named: return converter?.convert(bytes, to: &output) ?? bytes.count
      }
    }
    pending.removeFirst(consumed)
  }

  /// Appends what stands for a character that the dump's end cut off.
  mutating func finish(to output: inout [UInt8]) {
    if !pending.isEmpty { output.append(Transcoder.unreadable) }
    pending = []
  }

  /// Stands for what the encoding does not have.
  static let unreadable: UInt8 = 0xFF

  private static func readUTF16(
    _ bytes: UnsafeRawBufferPointer, _ isBigEndian: Bool, to output: inout [UInt8]
  ) -> Int {
    func unit(_ at: Int) -> UInt32 {
      let raw = bytes.loadUnaligned(fromByteOffset: at, as: UInt16.self)
      return UInt32(isBigEndian ? UInt16(bigEndian: raw) : UInt16(littleEndian: raw))
    }
    var at = 0
    while at + 2 <= bytes.count {
      let first = unit(at)
      if first & 0xFC00 == 0xD800 {
        guard at + 4 <= bytes.count else { return at }
        let second = unit(at + 2)
        if second & 0xFC00 == 0xDC00 {
          append(0x10000 + (first & 0x3FF) << 10 + second & 0x3FF, to: &output)
          at += 4
          continue
        }
      }
      append(first, to: &output)
      at += 2
    }
    return at
  }

  private static func readUTF32(
    _ bytes: UnsafeRawBufferPointer, _ isBigEndian: Bool, to output: inout [UInt8]
  ) -> Int {
    var at = 0
    while at + 4 <= bytes.count {
      let raw = bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self)
      append(isBigEndian ? UInt32(bigEndian: raw) : UInt32(littleEndian: raw), to: &output)
      at += 4
    }
    return at
  }

  @inline(__always)
  private static func append(_ value: UInt32, to output: inout [UInt8]) {
    if value < 0x80 {
      output.append(UInt8(value))
    } else if let scalar = UnicodeScalar(value) {
      output.append(contentsOf: UTF8.encode(scalar)!)
    } else {
      output.append(unreadable)
    }
  }
}

/// Owns a conversion of `iconv(3)`.
private final class Converter {
  private let descriptor: iconv_t

  /// - Returns: nil if the system does not know one of the encodings.
  init?(to target: String, from source: String) {
    guard let descriptor = iconv_open(target, source), descriptor != iconv_t(bitPattern: -1) else {
      return nil
    }
    self.descriptor = descriptor
  }

  deinit { iconv_close(descriptor) }

  /// Appends what `bytes` become, `Transcoder.unreadable` for each byte that becomes nothing.
  /// - Returns: the number of bytes that were taken; the rest are the beginning of a character.
  func convert(_ bytes: UnsafeRawBufferPointer, to output: inout [UInt8]) -> Int {
    var consumed = 0
    while consumed < bytes.count {
      let step = convert(UnsafeRawBufferPointer(rebasing: bytes[consumed...])) {
        output.append(contentsOf: $0)
      }
      consumed += step.consumed
      if step.code == EILSEQ {
        output.append(Transcoder.unreadable)
        consumed += 1
      } else if step.code == EINVAL {
        break
      }
    }
    return consumed
  }

  /// Converts as far as a small buffer and the input allow; `code` is 0, `E2BIG`, or what is wrong with what follows.
  private func convert(
    _ bytes: UnsafeRawBufferPointer, _ take: (UnsafeMutableRawBufferPointer.SubSequence) -> Void
  ) -> (consumed: Int, code: Int32) {
    withUnsafeTemporaryAllocation(byteCount: 16 * 1024, alignment: 8) { room in
      // iconv does not write through its input, though its type would allow it.
      var from = UnsafeMutablePointer(mutating: bytes.baseAddress?.assumingMemoryBound(to: CChar.self))
      var fromLeft = bytes.count
      var into: UnsafeMutablePointer<CChar>? = room.baseAddress!.assumingMemoryBound(to: CChar.self)
      var intoLeft = room.count
      let result = iconv(descriptor, &from, &fromLeft, &into, &intoLeft)
      let code = result == Int(bitPattern: UInt.max) ? errno : 0
      take(room[..<(room.count - intoLeft)])
      return (bytes.count - fromLeft, code)
    }
  }

  /// Whether each of the encoding's characters is one byte; nil if the system does not know it.
  static func isSingleByte(_ name: String) -> Bool? {
    guard Converter(to: "UTF-8", from: name) != nil else { return nil }
    return (UInt8.min...UInt8.max).allSatisfy { byte in
      let converter = Converter(to: "UTF-8", from: name)!
      return withUnsafeBytes(of: byte) { converter.convert($0) { _ in }.code != EINVAL }
    }
  }

  /// How many bytes this text has in the encoding; what it does not have there counts as one.
  static func byteCount(ofUTF8 bytes: UnsafeBufferPointer<UInt8>, in name: String) -> Int {
    guard let converter = Converter(to: name, from: "UTF-8") else { return bytes.count }
    var consumed = 0
    var count = 0
    while consumed < bytes.count {
      let rest = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[consumed...]))
      let step = converter.convert(rest) { count += $0.count }
      consumed += step.consumed
      guard step.code == EILSEQ || step.code == EINVAL else { continue }
      count += 1
      consumed += 1
      while consumed < bytes.count, bytes[consumed] & 0xC0 == 0x80 { consumed += 1 }
    }
    return count
  }
}
