import Model
import Runtime

extension AgentApp {
  enum OfferedRuntime: Sendable {
    case namespace
    case docker(socket: String)

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
      case .docker(let socket):
        all.append(
          try DockerRuntime(
            deployment: deployment, host: settings.host, socket: socket, wrapperProgram: settings.programs + "/archetype-runc",
            dataFolder: settings.data))
      }
    }
    return NodeRuntimes(all)
  }
}
