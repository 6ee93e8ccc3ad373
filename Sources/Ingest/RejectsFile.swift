import Dump
import Platform

/// `_rejects/<entity>.jsonl`: a JSON object for each part of the dump that was left out, with its reason and place.
final class RejectsFile {
  private let path: String
  private var file: OutputFile?
  private var lines: [UInt8] = []

  init(path: String) { self.path = path }

  /// Appends lines; the file is made with the first one.
  func append(_ rejects: ArraySlice<Reject>) throws {
    if rejects.isEmpty { return }
    let file = try file ?? OutputFile(creating: path)
    self.file = file
    lines.removeAll(keepingCapacity: lines.capacity <= 1 << 20)
    for reject in rejects {
      append("{\"excerpt\":")
      appendText(reject.excerpt)
      append(",\"length\":\(reject.length),\"offset\":\(reject.offset),\"reason\":")
      appendText(reject.reason)
      append("}\n")
      if lines.count >= 1 << 16 { try flush(file) }
    }
    try flush(file)
  }

  private func flush(_ file: OutputFile) throws {
    try file.write(lines)
    lines.removeAll(keepingCapacity: true)
  }

  private func append(_ text: String) { lines.append(contentsOf: text.utf8) }

  /// Appends a JSON string (RFC 8259, section 7). There may be a reject for every few bytes of a dump, for which
  /// Foundation's encoder takes many times as long as all that was done before.
  private func appendText(_ text: String) {
    lines.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        lines.append(UInt8(ascii: "\\"))
        lines.append(byte)
      case 0x0A: append("\\n")
      case 0x0D: append("\\r")
      case 0x09: append("\\t")
      case 0..<0x20:
        let digits = Array("0123456789abcdef".utf8)
        append("\\u00")
        lines += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      default: lines.append(byte)
      }
    }
    lines.append(UInt8(ascii: "\""))
  }

  func close() throws {
    try file?.sync()
    try file?.close()
  }
}
