/// Why a dump cannot be read on.
public enum DumpError: Error, Equatable, CustomStringConvertible {
  /// The compressed data is damaged; what was unpacked before goes up to `unpacked` bytes.
  case corrupt(reason: String, compressedOffset: Int, unpacked: Int)
  /// The file ends before the dump does.
  case endsEarly(reason: String, offset: Int)
  /// The dump is not the one that was asked for, or no dump.
  case notADump(reason: String, offset: Int)

  /// What is wrong and at which byte, in one line.
  public var description: String {
    switch self {
    case .corrupt(let reason, let compressedOffset, let unpacked):
      "\(reason) near byte \(compressedOffset) of the file (byte \(unpacked) unpacked)"
    case .endsEarly(let reason, let offset): "the dump ends early: \(reason) (byte \(offset) unpacked)"
    case .notADump(let reason, let offset): "\(reason) (byte \(offset) unpacked)"
    }
  }
}
