import FoundationEssentials
import Platform
import TaskKit

/// A value as JSON for people and programs: indented, keys sorted, a line feed at the end.
public func jsonBytes(_ value: some Encodable) throws -> [UInt8] {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  return Array(try encoder.encode(value)) + [UInt8(ascii: "\n")]
}

/// What a state, manifest or note may have in bytes; the largest real ones have some thousands. A larger file is none
/// of ours, and is not read into memory.
let jsonFileLimit = 16 << 20

/// Reads a JSON file of ours.
/// - Throws: `TaskError` (`data`) that names the file when it holds something else, is too large, or is no file but a
///   pipe or a folder; `SystemError`.
func readJSON<Value: Decodable>(_ type: Value.Type, _ path: String, advice: String) throws -> Value {
  let bytes: [UInt8]
  do { bytes = try Files.read(path, limit: jsonFileLimit) } catch let error as SystemError
    where error.isAboutKindOrSize
  { throw TaskError(.data, "\(path) cannot be read: \(error.reason)", advice: advice) }
  do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch {
    throw TaskError(.data, "\(path) cannot be read: \(explain(error))", advice: advice)
  }
}

private func explain(_ error: any Error) -> String {
  switch error {
  case DecodingError.keyNotFound(let key, _): "“\(key.stringValue)” is missing"
  case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
    "“\(context.codingPath.map(\.stringValue).joined(separator: "."))” is of another type"
  case DecodingError.dataCorrupted(let context): context.debugDescription
  case let error as TaskError: error.message
  default: "\(error)"
  }
}
