/// Why a dump cannot be read on.
public enum DumpError: Error, Equatable, CustomStringConvertible {
  /// The compressed data is damaged; what was unpacked before goes up to `unpacked` bytes.
  case corrupt(reason: String, compressedOffset: Int, unpacked: Int)
  /// Behind the gzip data, which is whole, the file goes on with something else, or with so little of another member that
  /// it could be that; `next` is where there is gzip data again.
  case trailing(count: Int, compressedOffset: Int, next: Int? = nil)
  /// The file ends before the dump does.
  case endsEarly(reason: String, offset: Int)
  /// The dump is not the one that was asked for, or no dump; with what can be done about it.
  case notADump(reason: String, advice: String, offset: Int)

  /// Its entities are many times as long as it is, up to this byte.
  public static func expandsTooMuch(offset: Int) -> DumpError {
    .notADump(
      reason: "its entities expand to many times its size",
      advice: "dumps declare no entities: look at how the file begins (gzip -dc FILE | head)", offset: offset)
  }

  /// What is wrong and at which byte, in one line.
  public var description: String {
    switch self {
    case .corrupt(let reason, let compressedOffset, let unpacked):
      "\(reason) near byte \(compressedOffset) of the file (byte \(unpacked) unpacked)"
    case .trailing(let count, let compressedOffset, let next):
      "there \(count == 1 ? "is 1 byte" : "are \(count) bytes") of junk behind the gzip data, "
        + "from byte \(compressedOffset) of the file on"
        + (next.map { ", and more gzip data from byte \($0) on" } ?? "")
    case .endsEarly(let reason, let offset): "the dump ends early: \(reason) (byte \(offset) unpacked)"
    case .notADump(let reason, _, let offset): "\(reason) (byte \(offset) unpacked)"
    }
  }

  /// What to do about it, in the imperative.
  public var advice: String {
    switch self {
    case .corrupt, .endsEarly: "compare the file with the month's CHECKSUM.txt, and download it again"
    case .trailing(_, _, .some): "compare the file with the month's CHECKSUM.txt, and download it again"
    case .trailing(_, let compressedOffset, nil):
      "compare the file with the month's CHECKSUM.txt: if it was published like this, cut it off there "
        + "(truncate -s \(compressedOffset)), else download it again"
    case .notADump(_, let advice, _): advice
    }
  }
}
