import TestSupport
import Testing

@testable import Platform

@Suite struct SHA256Tests {
  /// The examples of FIPS 180-4's validation set.
  @Test func knownDigests() {
    #expect(SHA256.of([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      SHA256.of(Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      SHA256.of([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000))
        == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test func piecesGiveTheSameAsTheWhole() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
    var hash = SHA256()
    for start in stride(from: 0, to: 1000, by: 7) { hash.update(Array(bytes[start..<min(start + 7, 1000)])) }
    #expect(hash.finish() == SHA256.of(bytes))
    hash.update(bytes)
    #expect(hash.finish() == SHA256.of(bytes), "finishing starts a new one")
  }

  @Test func filesAgreeWithSha256sum() throws {
    try withTemporaryFolder { folder in
      let path = try folder.write((0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }, to: "f")
      let (bytes, hex) = try SHA256.ofFile(path)
      #expect(bytes == 700_000)
      #expect(try ChildProcess.run("sha256sum", [path]).outputText.hasPrefix(hex))
    }
  }
}
