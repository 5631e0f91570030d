import Model

extension ContainerOptions: WireValue {
  init(_ message: Proto.ContainerOptions) throws(LabError) {
    self.init()
    entrypoint = message.entrypoint
    user = message.user
    hostName = message.hostName
    labels = try Setting.list(message.labels)
    capabilities = message.capabilities
    isPrivileged = message.privileged
    devices = message.devices
    settings = try Setting.list(message.settings)
    ulimits = try Ulimit.list(message.ulimits)
    memory = message.memory
    processors = message.processors
    processorSet = message.processorSet
    sharedMemory = message.sharedMemory
    tmpfs = message.tmpfs
    security = message.security
    nameServers = message.nameServers
    searchDomains = message.searchDomains
    resolverOptions = message.resolverOptions
    extraHosts = message.extraHosts
    pull = try PullPolicy(message.pull)
  }

  var message: Proto.ContainerOptions {
    Proto.ContainerOptions(
      entrypoint: entrypoint, user: user, hostName: hostName, labels: labels.messages, capabilities: capabilities, privileged: isPrivileged,
      devices: devices, settings: settings.messages, ulimits: ulimits.messages, memory: memory, processors: processors,
      processorSet: processorSet, sharedMemory: sharedMemory, tmpfs: tmpfs, security: security, nameServers: nameServers,
      searchDomains: searchDomains, resolverOptions: resolverOptions, extraHosts: extraHosts, pull: pull.message)
  }
}

extension PullPolicy: WireEnumeration {
  var message: Proto.PullPolicy {
    switch self {
    case .ifMissing: .ifMissing
    case .always: .always
    case .never: .never
    }
  }
}

extension Setting: WireValue {
  init(_ message: Proto.Setting) throws(LabError) { self.init(message.name, message.value) }
  var message: Proto.Setting { Proto.Setting(name: name, value: value) }
}

extension Ulimit: WireValue {
  init(_ message: Proto.Ulimit) throws(LabError) { self.init(name: message.name, soft: message.soft, hard: message.hard) }
  var message: Proto.Ulimit { Proto.Ulimit(name: name, soft: soft, hard: hard) }
}
