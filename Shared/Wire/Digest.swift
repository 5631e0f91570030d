import CSodium
public import Model

/// Digests of content.
public enum Digest {
  /// SHA-256, by libsodium.
  public static func sha256(_ bytes: [UInt8]) -> BlobDigest {
    var digest = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
    // It fails for no input.
    _ = crypto_hash_sha256(&digest, bytes, UInt64(bytes.count))
    let hex = String(unsafeUninitializedCapacity: 2 * digest.count) { buffer in
      for (index, byte) in digest.enumerated() {
        buffer[2 * index] = digit(byte >> 4)
        buffer[2 * index + 1] = digit(byte & 15)
      }
      return 2 * digest.count
    }
    // 64 lower-case hexadecimal digits are a digest.
    return try! BlobDigest(hex)
  }

  private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10 }
}
