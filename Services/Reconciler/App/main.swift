import Arguments
import Glibc
import Model
import Reactor

let options = ServiceOptions.read("archetype-reconciler", "keeps hosts' sessions, what is observed, link verdicts and the event log")
exit(
  Service.run(.reconciler, options) {
    instance throws(LabError) in try ReconcilerApp(folder: options.data, instance: instance)
  })
