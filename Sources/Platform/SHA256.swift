import CCrypto

/// SHA-256 (FIPS 180-4), by OpenSSL's libcrypto (`EVP_Digest…`), which uses the processor's instructions for it.
public struct SHA256: ~Copyable, @unchecked Sendable {
  private let state: OpaquePointer

  /// The digest of nothing yet.
  public init() {
    guard let state = EVP_MD_CTX_new(), EVP_DigestInit_ex(state, EVP_sha256(), nil) == 1 else {
      // Only without memory, or with a libcrypto that was built without SHA-256.
      fatalError("libcrypto offers no SHA-256")
    }
    self.state = state
  }

  deinit { EVP_MD_CTX_free(state) }

  /// Adds bytes after those that were added before (`EVP_DigestUpdate(3)`).
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    EVP_DigestUpdate(state, bytes.baseAddress, bytes.count)
  }

  /// Adds bytes after those that were added before.
  public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

  /// The digest of all that was added, as 64 lower-case hexadecimal digits; starts a new one.
  public mutating func finish() -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    EVP_DigestFinal_ex(state, &digest, nil)
    EVP_DigestInit_ex(state, EVP_sha256(), nil)
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// The digest of these bytes.
  public static func of(_ bytes: [UInt8]) -> String {
    var hash = SHA256()
    hash.update(bytes)
    return hash.finish()
  }

  /// A file's size and digest.
  /// - Throws: `SystemError`.
  public static func ofFile(_ path: String) throws -> (bytes: Int, hex: String) {
    let file = try InputFile(opening: path)
    file.adviseSequential()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
    defer { buffer.deallocate() }
    var hash = SHA256()
    var bytes = 0
    while case let count = try file.read(into: buffer), count > 0 {
      hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      bytes += count
    }
    return (bytes, hash.finish())
  }
}
