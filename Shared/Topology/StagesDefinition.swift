internal import Model

/// What one level says of its nodes' stages, as it is written.
struct StagesDefinition {
  typealias Text = TopologyFile.Text

  struct Wait {
    /// The key that it stands under.
    var stage: String
    var node: Text
    var until: Text
  }

  struct Command {
    var stage: String
    var command: Text
    var target: Text?
    var phase: Text?
  }

  private(set) var waits: [Wait] = []
  private(set) var commands: [Command] = []

  init() {}

  init(_ section: Section, _ findings: inout Findings) {
    guard let node = section.value("stages"),
      let stages = Section(node, KnownKeys.stages, "stages in \(section.place)", &findings)
    else { return }
    for entry in stages.entries where KnownKeys.stages.supported.contains(entry.key) {
      guard let stage = Section(entry.value, KnownKeys.stage, "\(entry.key) in \(stages.place)", &findings) else { continue }
      for item in stage.list("wait-for", &findings) ?? [] { read(wait: item, entry.key, stage.place, &findings) }
      for item in stage.list("exec", &findings) ?? [] { read(command: item, entry.key, stage.place, &findings) }
    }
  }

  private mutating func read(wait item: YAMLNode, _ stage: String, _ place: String, _ findings: inout Findings) {
    guard let section = Section(item, KnownKeys.waitFor, "wait-for in \(place)", &findings) else { return }
    let (node, until) = (section.text("node", &findings), section.text("stage", &findings))
    guard let node, let until else { return findings.error(item.mark, "wait-for", "wait-for in \(place) needs a node and a stage") }
    waits.append(Wait(stage: stage, node: node, until: until))
  }

  private mutating func read(command item: YAMLNode, _ stage: String, _ place: String, _ findings: inout Findings) {
    guard let section = Section(item, KnownKeys.stageExec, "exec in \(place)", &findings) else { return }
    guard let command = section.text("command", &findings) else {
      return findings.error(item.mark, "exec", "exec in \(place) needs a command")
    }
    commands.append(
      Command(stage: stage, command: command, target: section.text("target", &findings), phase: section.text("phase", &findings)))
  }

  /// All of both levels stands, and no wait twice.
  mutating func merge(_ other: StagesDefinition) {
    for wait in other.waits
    where !waits.contains(where: { ($0.stage, $0.node.text, $0.until.text) == (wait.stage, wait.node.text, wait.until.text) }) {
      waits.append(wait)
    }
    commands += other.commands
  }
}

extension Resolver {
  /// What a node's stages say, its `exec:` commands among it.
  mutating func resolveStages(_ stages: StagesDefinition, _ variables: MagicVariables, _ spec: inout NodeSpec, _ findings: inout Findings) {
    for wait in stages.waits { resolve(wait, &spec, &findings) }
    if spec.stages.waits.count > Limits.waitsPerNode, let mark = stages.waits.first?.node.mark {
      findings.error(mark, "wait-for", "node \(spec.name) waits for more than \(Limits.waitsPerNode) stages of others")
    }
    var (before, after): ([String], [String]) = ([], [])
    for command in stages.commands {
      guard let isOnExit = isOnExit(command, spec.name, &findings),
        !self.command(command.command, "command", variables, &findings).isEmpty
      else { continue }
      let text = variables.expand(command.command.text)
      switch (command.stage, isOnExit) {
      case ("configure", false): before.append(text)
      case ("configure", true): after.append(text)
      case ("healthy", _): spec.stages.healthy.append(text)
      case _: spec.stages.started.append(text)
      }
    }
    spec.exec = before + spec.exec + after
  }

  private mutating func resolve(_ wait: StagesDefinition.Wait, _ spec: inout NodeSpec, _ findings: inout Findings) {
    guard let until = Self.stages[wait.until.text] else {
      return findings.error(
        wait.until.mark, "stage", "\(wait.until.text) is no stage (create, create-links, configure, healthy or exit)")
    }
    guard let stage = Self.stages[wait.stage], stage != .exit else {
      return findings.unsupported(
        wait.node.mark, "wait-for", "node \(spec.name) can't wait in stage exit (its process has ended by then)")
    }
    guard let node = checked(wait.node.mark, "node", &findings, { () throws(LabError) in try NodeName(wait.node.text) }) else { return }
    let resolved = StageWait(stage, for: node, until: until)
    if !spec.stages.waits.contains(resolved) { spec.stages.waits.append(resolved) }
    waits.append((spec.name, resolved, wait.node.mark))
  }

  /// A node's interfaces are there before its process, so `create-links` is over with `create`.
  private static let stages: [String: Stage] = [
    "create": .create, "create-links": .create, "configure": .configure, "healthy": .healthy, "exit": .exit,
  ]

  /// Whether a command is for the end of its stage; nil, with the reason, where it can't be run.
  private func isOnExit(_ command: StagesDefinition.Command, _ node: NodeName, _ findings: inout Findings) -> Bool? {
    let phase = command.phase?.text ?? "on-enter"
    guard ["on-enter", "on-exit"].contains(phase) else {
      findings.error(command.phase?.mark ?? command.command.mark, "phase", "phase \(phase) is neither on-enter nor on-exit")
      return nil
    }
    let target = command.target?.text ?? "container"
    let refusal: String
    switch (target, command.stage, phase) {
    case ("host", _, _): refusal = "a topology runs nothing on hosts (target: container runs it in the node)"
    case ("container", "exit", _): refusal = "its process has ended by then"
    case ("container", "create", "on-enter"): refusal = "nothing of it runs yet (phase: on-exit runs it as soon as something does)"
    case ("container", _, _): return phase == "on-exit"
    case _:
      findings.error(command.target?.mark ?? command.command.mark, "target", "target \(target) is neither container nor host")
      return nil
    }
    let mark = target == "host" ? command.target?.mark : nil
    findings.unsupported(
      mark ?? command.command.mark, "exec", "the command at stage \(command.stage) of node \(node) can't be run: \(refusal)")
    return nil
  }

  /// Each node that is waited for is another one of the lab, and none waits for itself by way of others.
  func checkWaits(_ lab: LabSpec, _ findings: inout Findings) {
    for (node, wait, mark) in waits {
      if wait.node == node {
        findings.error(mark, "wait-for", "node \(node) waits for itself")
      } else if ends[wait.node.text] == nil {
        findings.error(mark, "wait-for", "node \(node) waits for \(wait.node), which is no node of this lab")
      }
    }
    guard let circle = lab.circleOfWaits, circle.count > 2 else { return }
    let mark = waits.first { $0.node == circle[0] && $0.wait.node == circle[1] }?.mark
    guard let mark else { return }
    findings.error(
      mark, "wait-for",
      "nodes wait for each other in a circle: \(circle.map(\.text).joined(separator: " → ")) (none of them would ever start)")
  }
}
