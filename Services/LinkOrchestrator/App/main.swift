import Arguments
import Glibc
import LinkCore
import Machine
import Model
import Reactor

/// The link orchestrator keeps nothing: all it does is on the bus.
struct LinkApp: App {
  var core: LinkCore
  mutating func perform(_ effects: [LinkCore.Effect], at now: Now) throws(LabError) -> [LinkCore.Event] { [] }
}

let options = ServiceOptions.read("archetype-links", "plans the cable of every link")
exit(
  Service.run(.links, options) {
    instance throws(LabError) in LinkApp(core: LinkCore(instance: instance))
  })
