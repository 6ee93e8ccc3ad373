import CISAL

/// What is wrong with a gzip stream.
public enum GzipError: Error, Equatable, CustomStringConvertible {
  /// The bytes are not what RFC 1951 and 1952 allow; `code` is ISA-L's return value.
  case corrupt(code: Int32)
  /// The CRC or the length in the trailer is not that of the data.
  case checksum
  /// The data does not begin as a gzip member does (RFC 1952, 2.3.1).
  case notGzip
  /// Behind the last member there is something that is none.
  case trailing

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
    case .notGzip: return "the file is not compressed with gzip"
    case .trailing: return "there is something behind the gzip data"
    }
  }
}

/// Decompresses gzip (RFC 1952), one or several members behind one another, with ISA-L's `isal_inflate`.
struct GzipDecoder: ~Copyable {
  private let state: UnsafeMutablePointer<inflate_state>
  private var isBetweenMembers = true
  private var hasSeenMember = false
  /// Whether another member came before the one that is read.
  private var isLater = false
  private var producedBefore = 0
  /// How many of the bytes that every member begins with have come of the next one.
  private var signatureCount = 0
  /// Whether the data may end here: at the very beginning, and behind the trailer of a member.
  var mayEnd: Bool { isBetweenMembers && signatureCount == 0 }
  /// The compressed bytes that were taken so far; after an error, up to where it was noticed.
  private(set) var consumed = 0
  /// Where the last member begins, or what could be one's beginning.
  var memberStart: Int { isBetweenMembers ? consumed - signatureCount : startOfMember }
  private var startOfMember = 0
  /// Whether what is read follows a whole member, and has given nothing yet.
  var hasNothingOfLaterMember: Bool {
    isBetweenMembers ? hasSeenMember && signatureCount > 0 : isLater && produced == producedBefore
  }
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
        consumed += try takeSignature(UnsafeRawBufferPointer(rebasing: input[consumed...]))
        if signatureCount < GzipDecoder.signature.count { break }
        isal_inflate_reset(state)
        isBetweenMembers = false
        startOfMember = self.consumed - GzipDecoder.signature.count
        (isLater, producedBefore) = (hasSeenMember, self.produced)
        hasSeenMember = true
        signatureCount = 0
        _ = try GzipDecoder.signature.withUnsafeBytes {
          try inflateMember($0, into: UnsafeMutableRawBufferPointer(rebasing: output[produced...]))
        }
        // It counted when it came.
        self.consumed -= GzipDecoder.signature.count
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

  /// ID1 and ID2, which every member begins with.
  private static let signature: [UInt8] = [0x1F, 0x8B]

  /// Steps over padding, and over the first bytes of the next member as far as they are there: ISA-L would wait for a
  /// whole header before it says that this is none.
  /// - Returns: how many bytes were taken.
  private mutating func takeSignature(_ input: UnsafeRawBufferPointer) throws -> Int {
    var at = 0
    while at < input.count, signatureCount < GzipDecoder.signature.count {
      if input[at] == GzipDecoder.signature[signatureCount] {
        signatureCount += 1
      } else if signatureCount > 0 || input[at] != 0 || !hasSeenMember {
        consumed += at - signatureCount
        throw hasSeenMember ? GzipError.trailing : .notGzip
      }
      at += 1
    }
    consumed += at
    return at
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
    // What only begins as a member does.
    case ISAL_INVALID_WRAPPER where hasNothingOfLaterMember,
      ISAL_UNSUPPORTED_METHOD where hasNothingOfLaterMember:
      consumed = startOfMember
      throw GzipError.trailing
    default: throw GzipError.corrupt(code: code)
    }
    isBetweenMembers = state.pointee.block_state == ISAL_BLOCK_FINISH
    return (taken, given)
  }
}
