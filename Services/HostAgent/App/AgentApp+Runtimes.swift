import Model
import Runtime

extension AgentApp {
  enum OfferedRuntime: Sendable {
    case namespace
    /// - mayTellEngine: whether its settings may be touched.
    case docker(socket: String, mayTellEngine: Bool)

    var name: String {
      switch self {
      case .namespace: NamespaceRuntime.name
      case .docker: DockerRuntime.name
      }
    }
  }

  static func makeRuntime(_ deployment: Deployment, _ settings: Settings) throws(LabError) -> NodeRuntimes {
    var all: [any NodeRuntime] = []
    for runtime in settings.runtimes {
      switch runtime {
      case .namespace:
        all.append(
          try NamespaceRuntime(
            deployment: deployment, host: settings.host, programPath: settings.programs + "/archetype-init",
            dataFolder: settings.data + "/nodes"))
      case .docker(let socket, let mayTellEngine):
        all.append(
          try DockerRuntime(
            deployment: deployment, host: settings.host, socket: socket, programs: settings.programs, dataFolder: settings.data,
            mayTellEngine: mayTellEngine))
      }
    }
    return NodeRuntimes(all)
  }
}
