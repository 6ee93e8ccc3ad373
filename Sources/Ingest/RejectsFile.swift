import Dump
import FoundationEssentials
import Platform

/// `_rejects/<entity>.jsonl`: a JSON object for each part of the dump that was left out, with its reason and place.
final class RejectsFile {
  /// A line of the file.
  private struct Line: Encodable {
    var offset: Int
    var length: Int
    var reason: String
    var excerpt: String
  }

  private let path: String
  private var file: OutputFile?
  private let encoder = JSONEncoder()

  init(path: String) {
    self.path = path
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  }

  /// Appends lines; the file is made with the first one.
  func append(_ rejects: [Reject]) throws {
    if rejects.isEmpty { return }
    let file = try file ?? OutputFile(creating: path)
    self.file = file
    for reject in rejects {
      let line = Line(
        offset: reject.offset, length: reject.length, reason: reject.reason, excerpt: reject.excerpt)
      try file.write(Array(encoder.encode(line)) + [0x0A])
    }
  }

  func close() throws {
    try file?.sync()
    try file?.close()
  }
}
