import Files
import Runtime
import Testing

/// What is told to a registry of whoever pulls.
struct RegistryCredentialsTests {
  private func auth(_ image: String, _ configuration: String) throws -> String {
    let folder = StoreFolder()
    let path = folder.path + "/config.json"
    try File.replace(path, with: Array(configuration.utf8), isDurable: false)
    return RegistryCredentials(path: path).auth(for: image)
  }

  @Test func aRegistryIsFoundWhicheverWayItIsWritten() throws {
    // The words of both are `user:pass:word`; the answers are JSON in base64url.
    let entry = #"{"auth": "dXNlcjpwYXNzOndvcmQ="}"#
    for (image, server) in [
      ("registry.example:5000/a/b:1", "registry.example:5000"), ("registry.example:5000/a", "https://registry.example:5000/v2/"),
      ("alpine", "https://index.docker.io/v1/"), ("frrouting/frr:v8", "https://index.docker.io/v1/"), ("localhost/a", "localhost"),
    ] {
      #expect(try !auth(image, #"{"auths": {"other.example": {}, "\#(server)": \#(entry)}}"#).isEmpty, "\(image)")
    }
    #expect(try auth("registry.example/a", #"{"auths": {"registry.example": \#(entry)}}"#).hasPrefix("eyJ"))
  }

  @Test func whatIsNotKnownIsNotTold() throws {
    let (other, damaged) = (#"{"auths": {"other.example": {"auth": "dXNlcjpwYXNz"}}}"#, #"{"auths": {"a.example": {"auth": "%%%"}}}"#)
    for configuration in ["", "{", "{}", other, damaged] {
      #expect(try auth("a.example/b", configuration) == "", "\(configuration)")
    }
    #expect(RegistryCredentials(path: "/nowhere").auth(for: "a.example/b") == "")
  }
}
