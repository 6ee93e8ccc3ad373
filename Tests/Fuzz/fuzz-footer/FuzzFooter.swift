import Glibc
import Parquet

// Coverage-guided search for bytes that the footer's reader does more with than refuse them (libFuzzer).
//
//     make fuzz

private let path = "/dev/shm/fuzz-footer-\(getpid()).parquet"

/// The input is a file's footer, between the magic numbers and the length that belong around it.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let footer = UnsafeBufferPointer(start: start, count: count)
  let length = (0..<4).map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) }
  let bytes = Array("PAR1".utf8) + [UInt8](repeating: 0, count: 64) + footer + length + Array("PAR1".utf8)
  guard let file = fopen(path, "wb") else { return -1 }
  fwrite(bytes, 1, bytes.count, file)
  fclose(file)
  if let footer = try? ParquetFooter(path: path) { _ = footer.rowGroups.map(\.rowCount) }
  return 0
}
