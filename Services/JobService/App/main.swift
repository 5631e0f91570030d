import Arguments
import Glibc
import JobCore
import Machine
import Model
import Reactor

/// The job service keeps nothing: all it does is on the bus.
struct JobApp: App {
  var core: JobCore
  mutating func perform(_ effects: [JobCore.Effect], at now: Now) throws(LabError) -> [JobCore.Event] { [] }
}

let options = ServiceOptions.read("archetype-jobs", "takes user operations, places nodes on hosts and drives each job to its end")
exit(
  Service.run(.jobs, options) {
    instance throws(LabError) in JobApp(core: JobCore(instance: instance))
  })
