import CSodium
import Files
import Glibc
import JSON
import Model

/// What Docker's own configuration says for registries that want to know who pulls (`docker login` writes it). Never logged.
public struct RegistryCredentials: Sendable {
  /// Of the user that the agent runs as.
  public static var standard: RegistryCredentials {
    let variable = { (name: String) in getenv(name).map { String(cString: $0) } }
    return RegistryCredentials(path: "\(variable("DOCKER_CONFIG") ?? "\(variable("HOME") ?? "/root")/.docker")/config.json")
  }

  private let path: String

  /// Docker Hub's name in that file.
  private static let hub = "https://index.docker.io/v1/"
  private static let longestFile = 1 << 20

  public init(path: String) { self.path = path }

  /// The value of `X-Registry-Auth` for an image's registry; empty where nothing is known of it, which is enough for public images.
  public func auth(for image: String) -> String {
    guard let bytes = try? File.read(path, most: Self.longestFile), let file = try? JSONValue(bytes) else { return "" }
    let registry = Self.registry(of: image)
    guard let (server, entry) = file["auths"].members.first(where: { Self.host($0.key) == Self.host(registry) }) else { return "" }
    var body: [String: JSONValue] = ["serveraddress": .text(server)]
    if let token = entry["identitytoken"].text, !token.isEmpty {
      body["identitytoken"] = .text(token)
    } else if let pair = entry["auth"].text.flatMap(Self.decoded), let colon = pair.firstIndex(of: ":") {
      body["username"] = .text(String(pair[..<colon]))
      body["password"] = .text(String(pair[pair.index(after: colon)...]))
    } else {
      return ""
    }
    return Self.encoded(JSONValue.object(body).bytes)
  }

  /// The first part of a name is a registry's where it could be no folder of Docker Hub's.
  private static func registry(of image: String) -> String {
    let parts = image.split(separator: "/", maxSplits: 1)
    guard parts.count == 2, let first = parts.first, first.contains(".") || first.contains(":") || first == "localhost" else { return hub }
    return String(first)
  }

  /// Without scheme and path, which the file may have or not.
  private static func host(_ server: String) -> Substring {
    let rest = server.split(separator: "://", maxSplits: 1).last ?? ""
    return rest.prefix { $0 != "/" }
  }

  private static func decoded(_ text: String) -> String? {
    var bytes = [UInt8](repeating: 0, count: text.utf8.count)
    var count = 0
    let variant = sodium_base64_VARIANT_ORIGINAL
    guard sodium_base642bin(&bytes, bytes.count, text, text.utf8.count, nil, &count, nil, variant) == 0 else { return nil }
    return String(validating: bytes[..<count], as: UTF8.self)
  }

  private static func encoded(_ bytes: [UInt8]) -> String {
    var text = [CChar](repeating: 0, count: sodium_base64_encoded_len(bytes.count, sodium_base64_VARIANT_URLSAFE))
    sodium_bin2base64(&text, text.count, bytes, bytes.count, sodium_base64_VARIANT_URLSAFE)
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
