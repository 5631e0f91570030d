import Engine
public import Model

/// What an engine says of itself that matters to nodes, read without changing anything.
public struct EngineReport: Sendable {
  public var version: String
  /// Its file of settings.
  public var settings: String
  /// Whether it knows our runtime; an agent tells it at its first container.
  public var knowsRuntime: Bool
  /// Why an agent couldn't tell it; nil: nothing is known against it.
  public var obstacle: LabError?
  /// Its containers live on when it ends.
  public var keepsContainers: Bool

  /// - Throws: `UNAVAILABLE` where nothing answers there.
  public init(socket: String, dataFolder: String) throws(LabError) {
    let engine = try EngineClient(socket: socket)
    let info = try engine.call(EngineRequest(.get, "/info")).json()
    version = info["ServerVersion"].text ?? "unknown"
    keepsContainers = info["LiveRestoreEnabled"].isTrue
    let wrapper = DockerWrapper(engine: engine, program: "", folder: "\(dataFolder)/bin", mayTellEngine: false)
    settings = EngineProcess.find(socket).configuration
    knowsRuntime = wrapper.isNamed(in: info)
    do throws(LabError) { _ = try wrapper.merged(settings) } catch { obstacle = error }
  }
}
