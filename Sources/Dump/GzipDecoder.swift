import CISAL

/// What is wrong with a gzip stream.
public enum GzipError: Error, Equatable, CustomStringConvertible {
  /// The bytes are not what RFC 1951 and 1952 allow; `code` is ISA-L's return value.
  case corrupt(code: Int32)
  /// The CRC or the length in the trailer is not that of the data.
  case checksum

  /// What is wrong, in one line; ISA-L's return value by its meaning where it is known.
  public var description: String {
    switch self {
    case .corrupt(let code):
      let what =
        switch code {
        case ISAL_INVALID_BLOCK: "invalid block"
        case ISAL_INVALID_SYMBOL: "invalid symbol"
        case ISAL_INVALID_LOOKBACK: "invalid distance"
        case ISAL_INVALID_WRAPPER: "not a gzip header"
        case ISAL_UNSUPPORTED_METHOD: "unsupported compression method"
        default: "error \(code)"
        }
      return "the gzip data is corrupt (\(what))"
    case .checksum: return "the gzip checksum does not match the data"
    }
  }
}

/// Decompresses gzip (RFC 1952), one or several members behind one another, with ISA-L's `isal_inflate`.
struct GzipDecoder: ~Copyable {
  private let state: UnsafeMutablePointer<inflate_state>
  /// True between members: at the very beginning, and after the trailer of a member.
  private(set) var isBetweenMembers = true
  private var hasSeenMember = false
  /// The compressed bytes that were taken so far; after an error, up to where it was noticed.
  private(set) var consumed = 0
  /// The bytes that they gave.
  private(set) var produced = 0

  init() {
    state = .allocate(capacity: 1)
    // Only the fields that `isal_inflate_init` leaves alone would stay undefined; none of them is read.
    isal_inflate_init(state)
    state.pointee.crc_flag = UInt32(ISAL_GZIP)
  }

  deinit { state.deallocate() }

  /// Decompresses from `input` into `output` until the one is full or the other yields no more.
  ///
  /// Zero bytes behind a member are padding, as gzip sees it, and skipped.
  ///
  /// - Returns: how many bytes were taken and given.
  /// - Throws: `GzipError`.
  mutating func inflate(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws -> (consumed: Int, produced: Int) {
    var consumed = 0
    var produced = 0
    while produced < output.count {
      if isBetweenMembers {
        while hasSeenMember, consumed < input.count, input[consumed] == 0 {
          consumed += 1
          self.consumed += 1
        }
        if consumed == input.count { break }
        isal_inflate_reset(state)
        isBetweenMembers = false
        hasSeenMember = true
      }
      // Also without input: the decoder may hold output back that did not fit last time.
      let step = try inflateMember(
        UnsafeRawBufferPointer(rebasing: input[consumed...]),
        into: UnsafeMutableRawBufferPointer(rebasing: output[produced...]))
      consumed += step.consumed
      produced += step.produced
      if step.consumed == 0, step.produced == 0, !isBetweenMembers { break }
    }
    return (consumed, produced)
  }

  private mutating func inflateMember(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws -> (consumed: Int, produced: Int) {
    let available = UInt32(clamping: input.count)
    let room = UInt32(clamping: output.count)
    // ISA-L does not write through next_in, though its type would allow it.
    state.pointee.next_in = UnsafeMutablePointer(
      mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
    state.pointee.avail_in = available
    state.pointee.next_out = output.baseAddress!.assumingMemoryBound(to: UInt8.self)
    state.pointee.avail_out = room
    let code = isal_inflate(state)
    let taken = Int(available - state.pointee.avail_in)
    let given = Int(room - state.pointee.avail_out)
    consumed += taken
    produced += given
    switch code {
    case ISAL_DECOMP_OK, ISAL_END_INPUT, ISAL_OUT_OVERFLOW: break
    case ISAL_INCORRECT_CHECKSUM: throw GzipError.checksum
    default: throw GzipError.corrupt(code: code)
    }
    isBetweenMembers = state.pointee.block_state == ISAL_BLOCK_FINISH
    return (taken, given)
  }
}
